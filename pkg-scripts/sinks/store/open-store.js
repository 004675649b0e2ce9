import { PetitError } from '../../driver/errors.js';
import { wasm } from '../../driver/wasm.js';
import { S3Store } from './s3/store.js';

/** @import { SinkContext } from '../../types.js' */

/**
 * Opens the store of an address. Sends nothing yet.
 * @param {string} url
 * @param {SinkContext} context
 * @returns {Promise<{ store: S3Store, key: string }>} `key` without a slash at its end
 */
export async function openStore(url, context) {
  const parsed = wasm.parseStoreUrl(url);
  if (!parsed) throw new PetitError('invalid_option', 'this is a path, and not the address of an object');
  return { store: await S3Store.open(parsed.bucket, context, process.env), key: parsed.key };
}
