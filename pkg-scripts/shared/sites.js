/**
 * TD's sites: the names that petit accepts, as its clients do, the preferred one first, and a title for people.
 * @type {{ names: [string, ...string[]], title: string }[]}
 */
export const SITES = [
  { names: ['aws', 'us01', 'us'], title: 'US' },
  { names: ['aws-tokyo', 'ap01', 'jp01', 'jp', 'tokyo'], title: 'Tokyo' },
  { names: ['eu01', 'eu'], title: 'EU' },
  { names: ['ap02'], title: 'Korea' },
  { names: ['ap03'], title: 'Tokyo 2' },
];
