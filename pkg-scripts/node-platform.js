import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PetitError } from './driver/errors.js';

/** @import { Platform, Sink } from './driver/types.js' */

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/** What Node does for petit.
 * @type {Platform} */
export const nodePlatform = {
  workerScript: fileURLToPath(new URL('./driver/worker.js', import.meta.url)),
  cores: availableParallelism(),

  loadWasm() {
    const path = new URL('../dist/wasm/petit_bg.wasm', import.meta.url);
    compiled ??= readFile(path).then((bytes) => WebAssembly.compile(bytes));
    return compiled;
  },

  async existing(paths) {
    return paths.filter((path) => existsSync(path));
  },

  async openSink(path, { overwrite }) {
    if (!overwrite && existsSync(path)) throw fileExists(path);
    const partial = `${path}.partial`;
    await makeFolder(dirname(path));
    const file = await open(partial, 'w');
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
      await file.sync();
      if (!overwrite && existsSync(path)) throw fileExists(path);
      await file.close();
      await rename(partial, path);
    };
    const writable = new WritableStream(
      {
        write: (chunk) => orDiscard(file.writeFile(chunk)),
        close: () => orDiscard(publish()),
        abort: discard,
      },
      { highWaterMark: 1 },
    );
    return { writable, path };
  },
};

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
