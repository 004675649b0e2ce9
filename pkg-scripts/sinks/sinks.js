import { PetitError } from '../driver/errors.js';

/** @import { Platform, Sink } from '../driver/types.js' */

/** @typedef {Platform['openSink']} OpenSink */

/** What a browser that can only hold a file in memory is trusted with, in bytes. */
export const MEMORY_LIMIT = 256 * 2 ** 20;

/**
 * Where a file can go in this browser, best first.
 * @typedef {object} FilePlaces
 * @property {boolean} picker a file or folder that the user picks
 * @property {boolean} private the origin's own file system, and from there a download
 * @property {number} [room] bytes left in it, as far as the browser tells
 * @property {number} [limit] bytes of the largest file, when neither is there and it has to be held in memory
 */

/**
 * Looks where files can go. Works in pages and in workers; a worker cannot tell of pickers.
 * @returns {Promise<FilePlaces>}
 */
export async function placesForFiles() {
  const picker = 'showSaveFilePicker' in globalThis && 'showDirectoryPicker' in globalThis;
  const isPrivate = await hasPrivateFiles();
  if (!isPrivate) return { picker, private: false, ...(picker ? {} : { limit: MEMORY_LIMIT }) };
  const { quota, usage = 0 } = await navigator.storage.estimate();
  return { picker, private: true, room: quota === undefined ? undefined : Math.max(0, quota - usage) };
}

/** Whether the origin's own file system is there. */
async function hasPrivateFiles() {
  try {
    await navigator.storage.getDirectory();
    return true;
  } catch {
    return false; // Not there in a private window, or without https.
  }
}

/**
 * Writes the one file that the user picked.
 * @param {FileSystemFileHandle} handle of `showSaveFilePicker`
 * @returns {OpenSink}
 */
export function fileSink(handle) {
  return async () => ({ writable: await writableOf(handle), path: handle.name });
}

/**
 * Writes into the folder that the user picked.
 * @param {FileSystemDirectoryHandle} folder of `showDirectoryPicker`, writable
 * @returns {OpenSink}
 */
export function folderSink(folder) {
  return async (path, { overwrite }) => {
    const name = baseName(path);
    const isThere = await has(folder, name);
    if (isThere && !overwrite)
      throw new PetitError('file_exists', `${name} exists already in ${folder.name}`);
    const handle = await orCannotWrite(name, () => folder.getFileHandle(name, { create: true }));
    // The browser makes an empty file at once; a run that fails takes it away again.
    const undo = async () => {
      if (!isThere) await folder.removeEntry(name).catch(ignore);
    };
    try {
      return { writable: await writableOf(handle, undo), path: name };
    } catch (error) {
      await undo();
      throw error;
    }
  };
}

/**
 * What the browser writes beside the file and moves there in the end.
 * @param {FileSystemFileHandle} handle
 * @param {() => Promise<void>} [undo]
 * @returns {Promise<WritableStream<Uint8Array>>}
 */
async function writableOf(handle, undo = async () => {}) {
  const { name } = handle;
  const file = await orCannotWrite(name, () => handle.createWritable());
  const discard = async () => {
    await file.abort().catch(ignore);
    await undo();
  };
  return sinkStream(name, {
    write: (chunk) => file.write(/** @type {Uint8Array<ArrayBuffer>} */ (chunk)),
    close: () => file.close(),
    discard,
  });
}

/**
 * Holds one file in memory, up to a limit: for browsers that have no better place.
 * @param {number} [limit] in bytes
 * @returns {{ openSink: OpenSink, file: (path: string) => Blob | undefined }}
 */
export function memorySink(limit = MEMORY_LIMIT) {
  /** @type {Map<string, Blob>} */
  const files = new Map();
  return {
    file: (path) => files.get(path),
    openSink: async (path) => {
      const name = baseName(path);
      /** @type {Blob[]} */
      let parts = [];
      let bytes = 0;
      return {
        path: name,
        writable: sinkStream(name, {
          async write(chunk) {
            bytes += chunk.length;
            if (bytes > limit) {
              const message = `${name} is larger than the ${limit} bytes that this browser can hold`;
              throw new PetitError('no_sink', message);
            }
            parts.push(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (chunk)]));
          },
          async close() {
            files.set(name, new Blob(parts));
            parts = [];
          },
          async discard() {
            parts = [];
          },
        }),
      };
    },
  };
}

/**
 * A stream over a file. One whose write or close failed is discarded, as is one that is aborted.
 * @param {string} name
 * @param {{ write: (chunk: Uint8Array) => Promise<unknown>, close: () => Promise<unknown>,
 *   discard: () => Promise<void> }} file
 * @returns {WritableStream<Uint8Array>}
 */
export function sinkStream(name, { write, close, discard }) {
  const orDiscard = async (/** @type {() => Promise<unknown>} */ step) => {
    try {
      await orCannotWrite(name, step);
    } catch (error) {
      await discard();
      throw error;
    }
  };
  return new WritableStream(
    { write: (chunk) => orDiscard(() => write(chunk)), close: () => orDiscard(close), abort: discard },
    { highWaterMark: 1 },
  );
}

/**
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} step
 * @returns {Promise<T>}
 */
export async function orCannotWrite(name, step) {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const reason = error.name === 'QuotaExceededError' ? 'there is no more room' : error.message;
    throw new PetitError('cannot_write', `${name} cannot be written: ${reason}`, { cause: error });
  }
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @param {string} name
 */
async function has(folder, name) {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    if (/** @type {DOMException} */ (error).name === 'NotFoundError') return false;
    if (/** @type {DOMException} */ (error).name === 'TypeMismatchError') return true;
    throw error;
  }
}

/** @param {string} path */
export const baseName = (path) => path.slice(path.lastIndexOf('/') + 1);

/** What is given up already can be in no worse state. */
export function ignore() {}
