import { toPetitError } from '../../driver/errors.js';
import { findOwnUploads } from './marker.js';
import { openStore } from './open-store.js';

/** @import { PetitError } from '../../driver/errors.js' */
/** @import { FileCleanupRequest, FileCleanupSummary, PartialFileInfo } from '../../types.js' */
/** @import { OwnUpload } from './marker.js' */
/** @import { Store } from './store.js' */

/**
 * Lists the unfinished uploads of petit below an address, and aborts those of runs that are gone if requested.
 * @param {FileCleanupRequest} request
 * @returns {Promise<FileCleanupSummary>}
 */
export async function cleanUpStore({ folder, remove = false, signal, onEvent = () => {} }) {
  const { store, key } = await openStore(folder, { signal });
  const uploads = await findUploads(store, key);
  const files = await Promise.all(uploads.map((own) => describe(store, own)));
  onEvent({ type: 'plan', command: 'cleanup-files', folder, files });
  /** @type {FileCleanupSummary} */
  const summary = { folder, files, removed: 0, errors: [] };
  if (!remove) return summary;
  for (const own of uploads.filter(({ live }) => !live)) {
    signal?.throwIfAborted();
    try {
      if (await removeUpload(store, own)) summary.removed += 1;
    } catch (error) {
      summary.errors.push(/** @type {PetitError} */ (toPetitError(error)));
    }
  }
  const errors = summary.errors.map((error) => error.toJSON());
  onEvent({ type: 'summary', command: 'cleanup-files', ...summary, errors });
  return summary;
}

/**
 * The uploads whose keys are the address's, or below it.
 * @param {Store} store
 * @param {string} key
 */
async function findUploads(store, key) {
  const own = findOwnUploads(await store.listUploads(key), Date.now());
  return own.filter(({ upload }) => key === '' || upload.key === key || upload.key.startsWith(`${key}/`));
}

/** @param {Store} store @param {OwnUpload} own @returns {Promise<PartialFileInfo>} */
async function describe(store, { upload: { key, uploadId, initiated }, live }) {
  const bytes = await store.uploadedBytes(key, uploadId);
  return { path: store.url(key), bytes, modified: new Date(initiated).toISOString(), live };
}

/**
 * Aborts an upload, unless a run has renewed its marker meanwhile. The markers go last: they prove whose it is.
 * @param {Store} store
 * @param {OwnUpload} own
 */
async function removeUpload(store, { upload, markers }) {
  const [now] = (await findUploads(store, upload.key)).filter(
    (own) => own.upload.uploadId === upload.uploadId,
  );
  if (now?.live) return false;
  const wasThere = await store.abortUpload(upload.key, upload.uploadId);
  for (const { key, uploadId } of markers) await store.abortUpload(key, uploadId);
  return wasThere;
}
