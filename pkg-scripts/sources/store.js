import { PetitError } from '../driver/errors.js';
import { concatBytes } from '../driver/utils/concat-bytes.js';
import { openStore } from '../sinks/store/open-store.js';

/** @import { ByteSource, SinkContext } from '../types.js' */

/** Bytes of one request: an answer is bounded. */
const MAX_RANGE_BYTES = 8 * 2 ** 20;

/**
 * An object of a store.
 * @param {string} url
 * @param {SinkContext} context
 * @returns {Promise<ByteSource>}
 */
export async function openStoreSource(url, context) {
  const { store, key } = await openStore(url, context);
  const found = await store.head(key);
  if (found === 'absent') throw new PetitError('cannot_read', `${url}: there is no such object`);
  if (found === 'hidden') throw new PetitError('cannot_read', `${url}: the credentials may not read it`);
  const { etag } = found;
  return {
    name: url,
    byteLength: Number(found.bytes),
    async slice(start, end) {
      const ranges = [];
      for (let at = start; at < end; at += MAX_RANGE_BYTES) {
        const until = Math.min(at + MAX_RANGE_BYTES, end);
        const bytes = await store.range(key, at, until, etag);
        if (bytes?.length !== until - at)
          throw new PetitError('cannot_read', `${url} has changed while it was read`, { retryable: true });
        ranges.push(bytes);
      }
      return concatBytes(ranges);
    },
  };
}
