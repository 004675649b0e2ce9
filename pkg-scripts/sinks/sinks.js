import { PetitError } from '../driver/errors.js';

/** @import { MemorySink, OpenSink, SaveTargets } from '../types.js' */

/** Maximum size of a file that is held in memory, in bytes. */
export const MEMORY_LIMIT = 256 * 2 ** 20;

/**
 * Finds where this browser can save files. Works in pages and workers, but a worker sees no pickers.
 * @returns {Promise<SaveTargets>}
 */
export async function findSaveTargets() {
  const picker = 'showSaveFilePicker' in globalThis && 'showDirectoryPicker' in globalThis;
  const isPrivate = await hasPrivateFiles();
  if (!isPrivate) return { picker, private: false, ...(picker ? {} : { limit: MEMORY_LIMIT }) };
  const { quota, usage = 0 } = await navigator.storage.estimate();
  return { picker, private: true, room: quota === undefined ? undefined : Math.max(0, quota - usage) };
}

/** Whether the origin has a private file system. */
async function hasPrivateFiles() {
  try {
    await navigator.storage.getDirectory();
    return true;
  } catch {
    return false; // In a private window, or without HTTPS.
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
    const exists = await has(folder, name);
    if (exists && !overwrite) throw new PetitError('file_exists', `${name} already exists in ${folder.name}`);
    const handle = await orCannotWrite(name, () => folder.getFileHandle(name, { create: true }));
    // The browser creates an empty file at once. If the run fails, it is removed again.
    const undo = async () => {
      if (!exists) await folder.removeEntry(name).catch(ignore);
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
 * A stream that the browser writes beside the file, and moves there when it is closed.
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
 * Holds files in memory, for browsers without a better place.
 * @param {number} [limit] maximum size of a file in bytes; default: 256 MiB
 * @returns {MemorySink}
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
              const message = `${name} is larger than the ${limit} bytes that this browser can hold in memory`;
              throw new PetitError('no_output', message);
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
 * A stream to a file. Discards the file if a write or the close fails, or if the stream is aborted.
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
    const reason = error.name === 'QuotaExceededError' ? 'no space is left' : error.message;
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

/** The file is abandoned, so that this error does not matter. */
export function ignore() {}
