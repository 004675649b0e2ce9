/** @import { Relay } from '../driver/types.js' */

/** Name of the `<meta>` in which `petit serve` hands a page what it needs. */
export const META_NAME = 'petit-serve';

/**
 * What `petit serve` offers the page it serves.
 * @typedef {object} ServedBy
 * @property {Relay} relay for `Account.relay`
 * @property {string[]} endpoints that it was told to pass calls on to, besides Treasure Data's own
 */

/**
 * The relay that serves this page; nothing when another server does. For the page itself: its workers have no document.
 * @returns {ServedBy | undefined}
 */
export function relayOfPage() {
  const meta = document.querySelector(`meta[name="${META_NAME}"]`);
  const content = meta?.getAttribute('content');
  if (!content) return undefined;
  const { token, endpoints } = JSON.parse(content);
  return { relay: { url: location.origin, token }, endpoints };
}
