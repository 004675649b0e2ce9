/**
 * TD's sites: the names that petit accepts, as its clients do, the preferred one first, a title for people, and the address of
 * TD's console.
 * @type {{ names: [string, ...string[]], title: string, consoleUrl: string }[]}
 */
export const SITES = [
  { names: ['aws', 'us01', 'us'], title: 'US', consoleUrl: 'https://console.treasuredata.com/' },
  {
    names: ['aws-tokyo', 'ap01', 'jp01', 'jp', 'tokyo'],
    title: 'Tokyo',
    consoleUrl: 'https://console.treasuredata.co.jp/',
  },
  { names: ['eu01', 'eu'], title: 'EU', consoleUrl: 'https://console.eu01.treasuredata.com/' },
  { names: ['ap02'], title: 'Korea', consoleUrl: 'https://console.ap02.treasuredata.com/' },
  { names: ['ap03'], title: 'Tokyo 2', consoleUrl: 'https://console.ap03.treasuredata.com/' },
];
