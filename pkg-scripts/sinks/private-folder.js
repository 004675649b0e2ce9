import { baseName, ignore, orCannotWrite, sinkStream } from './sinks.js';

/** @import { PrivateFolder, Sink } from '../types.js' */

/**
 * What a file handle has in workers only; the types of pages do not include it.
 * @typedef {{ createSyncAccessHandle: () => Promise<{ write: (chunk: Uint8Array, options: { at: number }) => number,
 *   truncate: (size: number) => void, flush: () => void, close: () => void }> }} WorkerFileHandle
 */

/** Prefix of the folders' names; each run's own id follows. */
const PREFIX = 'petit-';

export const newPrivateFolderName = () => `${PREFIX}${crypto.randomUUID()}`;

/**
 * Opens a new folder, and removes those of pages that are gone.
 * @param {string} [name] of `newPrivateFolderName`
 * @returns {Promise<PrivateFolder>}
 */
export async function openPrivateFolder(name = newPrivateFolderName()) {
  const root = await navigator.storage.getDirectory();
  await lock(name);
  const folder = await root.getDirectoryHandle(name, { create: true });
  await removeUnlocked(root);
  return {
    name,
    openSink: (path) => openFile(folder, baseName(path)),
    file: async (path) => (await folder.getFileHandle(baseName(path))).getFile(),
    remove: (path) => folder.removeEntry(baseName(path)),
  };
}

/** Removes the folders of pages and workers that are gone. A folder in use is locked. */
export async function removeAbandonedFolders() {
  await removeUnlocked(await navigator.storage.getDirectory());
}

/**
 * Takes a lock that lasts until this page or worker ends, however it ends. It marks the folder as in use.
 * @param {string} name
 * @returns {Promise<void>}
 */
function lock(name) {
  return new Promise((resolve, reject) => {
    const holdForever = () => {
      resolve();
      return new Promise(() => {});
    };
    navigator.locks.request(name, holdForever).catch(reject);
  });
}

/**
 * Removes the folders that are not locked.
 * @param {FileSystemDirectoryHandle} root
 */
async function removeUnlocked(root) {
  for await (const name of root.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      // A folder that cannot be removed now is tried again the next time.
      if (lock) await root.removeEntry(name, { recursive: true }).catch(ignore);
    });
  }
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @param {string} name
 * @returns {Promise<Sink>}
 */
async function openFile(folder, name) {
  const file = await orCannotWrite(name, async () => {
    const handle = await folder.getFileHandle(name, { create: true });
    return /** @type {WorkerFileHandle} */ (/** @type {unknown} */ (handle)).createSyncAccessHandle();
  });
  file.truncate(0);
  let at = 0;
  const writable = sinkStream(name, {
    async write(chunk) {
      const written = file.write(chunk, { at });
      if (written < chunk.length) throw new DOMException('', 'QuotaExceededError');
      at += written;
    },
    async close() {
      file.flush();
      file.close();
    },
    async discard() {
      file.close();
      await folder.removeEntry(name).catch(ignore);
    },
  });
  return { writable, path: name };
}
