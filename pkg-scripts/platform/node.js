import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { PetitError } from '../driver/errors.js';
import { DiskFile } from '../sinks/disk-file.js';

/** @import { Places, Platform, Sink } from '../driver/types.js' */

/** @type {Required<Places>} */
const places = {
  wasm: new URL('../../dist/wasm/petit_bg.wasm', import.meta.url),
  worker: new URL('../driver/workers/worker.js', import.meta.url),
};

/** Bytes of an upload that are handed to the socket at a time. */
const PIECE_BYTES = 64 * 1024;

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/**
 * Says where petit's own files are, if a bundler put them elsewhere than the package has them. Before the first use.
 * @param {Places} elsewhere
 */
export function configure(elsewhere) {
  Object.assign(places, elsewhere);
  compiled = undefined;
}

/** What Node does for petit.
 * @type {Platform} */
export const platform = {
  get workerScript() {
    return pathOf(places.worker);
  },
  cores: availableParallelism(),

  loadWasm() {
    compiled ??= compile(places.wasm);
    return compiled;
  },

  // Of bytes and of blobs, Node's fetch has copies of its own, and for long: of small pieces they do not matter.
  bodyOf(chunks) {
    return /** @type {BodyInit} */ (ReadableStream.from(pieces(chunks)));
  },

  async existing(paths) {
    return paths.filter((path) => existsSync(path));
  },

  async openSink(path, { overwrite }) {
    if (!overwrite && existsSync(path)) throw fileExists(path);
    const partial = `${path}.partial`;
    await makeFolder(dirname(path));
    const file = await open(partial, 'w');
    const disk = new DiskFile(file);
    // A stream whose write or close failed never calls abort: whatever happens, the half file has to go.
    const discard = async () => {
      await file.close();
      await rm(partial, { force: true });
    };
    const orDiscard = (/** @type {Promise<void>} */ step) =>
      step.catch(async (error) => {
        await discard();
        throw error;
      });
    const publish = async () => {
      await disk.sync();
      if (!overwrite && existsSync(path)) throw fileExists(path);
      await file.close();
      await rename(partial, path);
    };
    const writable = new WritableStream(
      {
        write: (chunk) => orDiscard(disk.write(chunk)),
        close: () => orDiscard(publish()),
        abort: discard,
      },
      { highWaterMark: 1 },
    );
    return { writable, path };
  },

  async openFolder(path, { overwrite }) {
    const [partial, replaced] = [`${path}.partial`, `${path}.replaced`];
    // A run that was killed while it published has left the folder under this name.
    if (existsSync(replaced) && !existsSync(path)) await rename(replaced, path);
    const refuse = () => {
      if (!overwrite && existsSync(path)) throw fileExists(path);
    };
    const remove = (/** @type {string} */ folder) => rm(folder, { recursive: true, force: true });
    refuse();
    await remove(partial);
    await makeFolder(partial);
    return {
      openSink: (name) => platform.openSink(join(partial, name), { overwrite: true }),
      async publish() {
        refuse();
        await remove(replaced);
        if (existsSync(path)) await rename(path, replaced);
        await rename(partial, path);
        await remove(replaced);
      },
      discard: () => remove(partial),
    };
  },
};

/** @param {string | URL} place */
const pathOf = (place) => (String(place).startsWith('file:') ? fileURLToPath(place) : String(place));

/**
 * @param {Required<Places>['wasm']} source
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  const isPlace = typeof source === 'string' || source instanceof URL;
  if (isPlace) return WebAssembly.compile(await readFile(pathOf(source)));
  // Asked last: Node loads all of its fetch for it, which takes longer than to compile.
  return WebAssembly.compile(source instanceof Response ? await source.arrayBuffer() : source);
}

/** @param {Uint8Array[]} chunks */
function* pieces(chunks) {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.slice(at, at + PIECE_BYTES);
  }
}

/**
 * The folder with those above it. Node's own recursive mkdir never ends where a file system denies what it lists (/proc).
 * @param {string} path
 */
async function makeFolder(path) {
  try {
    await makeOne(path);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await makeOne(path);
  }
}

/**
 * A folder, unless it is there; another table may be making it at the same time.
 * @param {string} path
 */
async function makeOne(path) {
  try {
    await mkdir(path);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
}

/** @param {string} path */
function fileExists(path) {
  return new PetitError('file_exists', `${path} exists already`);
}
