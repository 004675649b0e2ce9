import { parseManifest } from '../disk/manifest.js';
import { manifestKey } from './folder.js';
import { journaledFiles } from './journal.js';
import { openStore } from './open-store.js';

/** @import { FolderState } from '../../core.js' */
/** @import { SinkContext } from '../../types.js' */
/** @import { Store } from './store.js' */

/** @typedef {{ path: string, bytes: number }} ListedFile */

/**
 * What is in a folder of a store before an update: its manifest, and which of the listed objects are not as it says. Changes
 * nothing.
 * @param {string} url
 * @param {SinkContext} context
 * @returns {Promise<FolderState>}
 */
export async function readFolderState(url, context) {
  const { store, key } = await openStore(url, context);
  const unfinished = [...new Set(await journaledFiles(store, key))];
  const manifest = await store.get(manifestKey(key));
  if (!manifest) return { path: url, unfinished };
  // Fails if the manifest is not petit's.
  parseManifest(store.url(manifestKey(key)), manifest.text);
  /** @type {{ files: ListedFile[] }} */
  const { files } = JSON.parse(manifest.text);
  const found = await listObjects(store, key);
  const writtenAt = found.get(manifestKey(key))?.modified ?? '';
  const isChanged = (/** @type {ListedFile} */ { path, bytes }) => {
    const object = found.get(`${key}/${path}`);
    // petit writes the manifest last: an object that is newer was written by somebody else.
    return !object || object.bytes !== String(bytes) || object.modified > writtenAt;
  };
  const changed = files.filter(isChanged).map(({ path }) => path);
  return { path: url, manifest: manifest.text, changed, unfinished };
}

/**
 * The objects of a folder and its manifest, by key.
 * @param {Store} store
 * @param {string} key of the folder
 */
async function listObjects(store, key) {
  /** @type {Map<string, { bytes: string, modified: string }>} */
  const found = new Map();
  for (const prefix of [`${key}/`, manifestKey(key)]) {
    for await (const object of store.list(prefix)) found.set(object.key, object);
  }
  return found;
}
