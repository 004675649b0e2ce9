/** @import { ServedBy } from '../types.js' */

/** Name of the `<meta>` by which `petit serve` passes the relay to its page. */
export const META_NAME = 'petit-serve';

/**
 * Returns the relay that `petit serve` provides to this page. For the page itself: workers have no document.
 * @returns {ServedBy | undefined} undefined if another server served the page
 */
export function relayOfPage() {
  const meta = document.querySelector(`meta[name="${META_NAME}"]`);
  const content = meta?.getAttribute('content');
  if (!content) return undefined;
  const { token, endpoints } = JSON.parse(content);
  return { relay: { url: location.origin, token }, endpoints };
}
