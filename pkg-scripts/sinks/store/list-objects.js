import { childrenOf, parseAnswer, textOf } from './xml.js';

/** Pages of a listing that are read, of 1,000 entries each. */
const MAX_PAGES = 10_000;

/**
 * Lists objects by ListObjectsV2 of S3, which Google Cloud Storage has too.
 * @param {(query: Record<string, string>) => Promise<{ text: string }>} get sends a request for a page
 * @param {string} prefix
 * @param {string} version the name of the element that tells one version of an object from another
 * @returns {AsyncGenerator<{ key: string, etag: string, bytes: string, modified: string }>}
 */
export async function* listObjects(get, prefix, version) {
  let token = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { 'list-type': '2', prefix, ...(token && { 'continuation-token': token }) };
    const root = parseAnswer((await get(query)).text);
    for (const item of childrenOf(root, 'Contents'))
      yield {
        key: textOf(item, 'Key') ?? '',
        etag: textOf(item, version) ?? '',
        bytes: textOf(item, 'Size') ?? '',
        modified: textOf(item, 'LastModified') ?? '',
      };
    token = textOf(root, 'NextContinuationToken') ?? '';
    if (textOf(root, 'IsTruncated') !== 'true' || !token) return;
  }
}
