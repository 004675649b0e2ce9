import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { availableParallelism } from 'node:os';
import { ReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { hasEnded, processId } from './process-id.js';

/** @import { AssetLocations, Platform } from '../types.js' */

/** @type {Required<AssetLocations>} */
const locations = {
  wasm: new URL('../../dist/www/wasm/petit_bg.wasm', import.meta.url),
  worker: new URL('../driver/workers/worker.js', import.meta.url),
};

/** Bytes of an upload that are passed to the socket at a time. */
const CHUNK_BYTES = 64 * 1024;

/**
 * How long a connection to one address of a host may take before the next address is tried, in milliseconds. Node's own
 * 250 ms are less than a round trip to a far host. It is a default of the whole process, so that it holds for every
 * dispatcher, with and without a proxy.
 */
const ADDRESS_TIMEOUT_MS = 5_000;

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/** @param {AssetLocations} moved */
export function configure(moved) {
  Object.assign(locations, moved);
  compiled = undefined;
}

/** What Node provides.
 * @type {Platform} */
export const platform = {
  get workerScript() {
    return toPath(locations.worker);
  },

  hardwareConcurrency: availableParallelism(),
  pathStyle: process.platform === 'win32' ? 'windows' : 'posix',

  loadWasm() {
    compiled ??= compile(locations.wasm);
    return compiled;
  },

  // Node's fetch copies bytes and blobs and holds the copies for long. Copies of small chunks do not matter.
  toRequestBody(chunks, onBytes) {
    return /** @type {BodyInit} */ (ReadableStream.from(smallChunks(chunks, onBytes)));
  },

  prepareNetwork() {
    const current = net.getDefaultAutoSelectFamilyAttemptTimeout?.() ?? ADDRESS_TIMEOUT_MS;
    net.setDefaultAutoSelectFamilyAttemptTimeout?.(Math.max(current, ADDRESS_TIMEOUT_MS));
  },

  // Files are handled by modules that load on demand: other commands need none.
  async inspectOutputs(tasks) {
    const { inspectOutputs } = await import('../sinks/disk/inspect.js');
    return inspectOutputs(tasks);
  },

  processId,
  hasEnded,

  async whyNoFileIn(folder) {
    const { whyNoFileIn } = await import('../sinks/disk/inspect.js');
    return whyNoFileIn(folder);
  },

  async openSink(path, options) {
    const { openDiskFile } = await import('../sinks/disk/file.js');
    return openDiskFile(path, options);
  },

  async readFolder(path) {
    const { readFolderState } = await import('../sinks/disk/folder-state.js');
    return readFolderState(path);
  },

  async openFolder(path, options) {
    const { openDiskFolder } = await import('../sinks/disk/folder.js');
    return openDiskFolder(path, options);
  },
};

/** @param {string | URL} location */
const toPath = (location) =>
  String(location).startsWith('file:') ? fileURLToPath(location) : String(location);

/**
 * @param {Required<AssetLocations>['wasm']} source
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  const isLocation = typeof source === 'string' || source instanceof URL;
  if (isLocation) return WebAssembly.compile(await readFile(toPath(source)));
  // Last, because `Response` makes Node load all of its fetch, which takes longer than compiling.
  return WebAssembly.compile(source instanceof Response ? await source.arrayBuffer() : source);
}

/**
 * @param {Uint8Array[]} chunks
 * @param {() => void} [onBytes] called each time the socket takes bytes
 */
function* smallChunks(chunks, onBytes) {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      onBytes?.();
      yield chunk.slice(at, at + CHUNK_BYTES);
    }
  }
}
