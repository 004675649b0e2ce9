import { baseName, ignore, orCannotWrite, sinkStream } from './sinks.js';

/** @import { OpenSink } from './sinks.js' */

/**
 * What only workers can do with a file; the page's types do not have it.
 * @typedef {{ createSyncAccessHandle: () => Promise<{ write: (chunk: Uint8Array, options: { at: number }) => number,
 *   truncate: (size: number) => void, flush: () => void, close: () => void }> }} WorkersFile
 */

/** What the folders in the origin's own file system are called, before a part that is each run's own. */
const PREFIX = 'petit-';

/**
 * A folder of the origin's own file system, for files that are then downloaded from there: no file is ever in memory as a
 * whole. It lives as long as the page or worker that opened it; what an earlier one left is removed by the next.
 * @typedef {object} PrivateFolder
 * @property {string} name
 * @property {OpenSink} openSink writes by a synchronous access handle, which only workers have
 * @property {(path: string) => Promise<File>} file that was written: on disk, not in memory
 * @property {(path: string) => Promise<void>} remove
 */

/**
 * Opens the folder, and cleans up after those that are gone.
 * @returns {Promise<PrivateFolder>}
 */
export async function openPrivateFolder() {
  const root = await navigator.storage.getDirectory();
  const name = `${PREFIX}${crypto.randomUUID()}`;
  await hold(name);
  const folder = await root.getDirectoryHandle(name, { create: true });
  await removeLeftovers(root);
  return {
    name,
    openSink: (path) => openFile(folder, baseName(path)),
    file: async (path) => (await folder.getFileHandle(baseName(path))).getFile(),
    remove: (path) => folder.removeEntry(baseName(path)),
  };
}

/**
 * Holds a lock until this page or worker ends, however it ends: the sign that the folder is in use.
 * @param {string} name
 * @returns {Promise<void>}
 */
function hold(name) {
  return new Promise((resolve, reject) => {
    const forever = () => {
      resolve();
      return new Promise(() => {});
    };
    navigator.locks.request(name, forever).catch(reject);
  });
}

/**
 * Removes the folders that nobody holds.
 * @param {FileSystemDirectoryHandle} root
 */
async function removeLeftovers(root) {
  for await (const name of root.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      // One that cannot be removed now will be tried again the next time.
      if (lock) await root.removeEntry(name, { recursive: true }).catch(ignore);
    });
  }
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @param {string} name
 * @returns {Promise<import('../driver/types.js').Sink>}
 */
async function openFile(folder, name) {
  const file = await orCannotWrite(name, async () => {
    const handle = await folder.getFileHandle(name, { create: true });
    return /** @type {WorkersFile} */ (/** @type {unknown} */ (handle)).createSyncAccessHandle();
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
