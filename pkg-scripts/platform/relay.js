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
  const { token, page, key, endpoints, accounts, cleanUpUrls } = JSON.parse(content);
  storePath();
  return { relay: { url: location.origin, token, page, key }, endpoints, accounts, cleanUpUrls };
}

/** Stores the path of this page, so that a second tab at `/` finds it: see serve/documents.js. */
function storePath() {
  try {
    localStorage.setItem('petit.page', location.pathname);
  } catch {
    // Without storage, the second tab explains how to get in.
  }
}
