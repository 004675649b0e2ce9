import { PetitError } from '../../driver/errors.js';
import { wasm } from '../../driver/wasm.js';

/** @import { StoreKind } from '../../core.js' */
/** @import { SinkContext } from '../../types.js' */
/** @import { Store } from './store.js' */

/**
 * Opens the store of an address. Sends nothing yet.
 * @param {string} url
 * @param {SinkContext} context
 * @returns {Promise<{ store: Store, key: string }>} `key` without a slash at its end
 */
export async function openStore(url, context) {
  const parsed = wasm.parseStoreUrl(url);
  if (!parsed) throw new PetitError('invalid_option', 'this is a path, and not the address of an object');
  const { kind, bucket, key } = parsed;
  return { store: await openBucket(kind, bucket, context), key };
}

/**
 * @param {StoreKind} kind
 * @param {string} bucket
 * @param {SinkContext} context
 * @returns {Promise<Store>}
 */
async function openBucket(kind, bucket, context) {
  switch (kind) {
    case 's3': {
      const { S3Store } = await import('./s3/store.js');
      return S3Store.open(bucket, context, process.env);
    }
    case 'gs': {
      const { GcsStore } = await import('./gs/store.js');
      return GcsStore.open(bucket, context, process.env);
    }
    case 'az': {
      const { AzureStore } = await import('./az/store.js');
      return AzureStore.open(bucket, context, process.env);
    }
  }
}
