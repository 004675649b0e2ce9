/**
 * TD's sites: the names that petit accepts, the preferred one first, and a title for people.
 * @type {{ names: [string, ...string[]], title: string }[]}
 */
export const SITES = [
  { names: ['aws', 'us01'], title: 'US' },
  { names: ['aws-tokyo', 'ap01'], title: 'Tokyo' },
  { names: ['eu01'], title: 'EU' },
  { names: ['ap02'], title: 'Korea' },
  { names: ['ap03'], title: 'Tokyo 2' },
];
