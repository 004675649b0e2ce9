/**
 * TD's sites, by the names that petit tells of, and what people call them.
 * @type {{ names: [string, ...string[]], title: string }[]}
 */
export const SITES = [
  { names: ['aws', 'us01'], title: 'US' },
  { names: ['aws-tokyo', 'ap01'], title: 'Tokyo' },
  { names: ['eu01'], title: 'EU' },
  { names: ['ap02'], title: 'Korea' },
  { names: ['ap03'], title: 'Tokyo 2' },
];
