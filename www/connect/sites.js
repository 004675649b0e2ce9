// The choices in the list of sites: TD's sites, the accounts of the terminal, and other endpoints.
import { SITES } from '../../pkg-scripts/shared/sites.js';
import { extraEndpoints, servedAccounts } from '../relay.js';

/** The choice of any other endpoint. */
export const CUSTOM = 'custom';
/** Prefix of the choices that are accounts of the terminal. */
const SERVED = 'account:';

export const SITE_OPTIONS = [
  ...servedAccounts.map(({ label, endpoint }) => ({
    value: `${SERVED}${label}`,
    title: `${label} of the terminal (${new URL(endpoint).host})`,
  })),
  ...SITES.map(({ names, title }) => ({
    value: /** @type {string} */ (names[0]),
    title: `${title} (${names[0]})`,
  })),
  ...extraEndpoints.map((endpoint) => ({ value: endpoint, title: endpoint })),
  { value: CUSTOM, title: 'Custom endpoint…' },
];

/**
 * The account of the terminal that a choice stands for.
 * @param {string} choice
 */
export const servedAccount = (choice) => servedAccounts.find(({ label }) => choice === `${SERVED}${label}`);

/** @param {string | undefined} choice */
export const isOffered = (choice) => SITE_OPTIONS.some(({ value }) => value === choice);

/**
 * TD's console at a site.
 * @param {string} choice
 */
export const consoleOf = (choice) => SITES.find(({ names }) => names.includes(choice))?.consoleUrl;

/**
 * The account of the terminal that a side starts with: the one of its own variable, else for the source that of the general
 * one. petit writes only to an account that the user names as the destination.
 * @param {'source' | 'destination'} side
 */
export function firstChoice(side) {
  const labels =
    side === 'source' ? ['SOURCE_API_KEY', 'TD_API_KEY', 'TREASURE_DATA_API_KEY'] : ['DEST_API_KEY'];
  return labels.map((label) => `${SERVED}${label}`).find(isOffered);
}
