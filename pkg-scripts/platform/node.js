import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { hasEnded, processId } from './process-id.js';
import { toRequestBody } from './request-body.js';

/** @import { AssetLocations, Platform } from '../types.js' */

/** @type {Required<AssetLocations>} */
const locations = {
  wasm: new URL('../../dist/www/wasm/petit_bg.wasm', import.meta.url),
  worker: new URL('../driver/workers/worker.js', import.meta.url),
};

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

  toRequestBody,

  prepareNetwork() {
    const current = net.getDefaultAutoSelectFamilyAttemptTimeout?.() ?? ADDRESS_TIMEOUT_MS;
    net.setDefaultAutoSelectFamilyAttemptTimeout?.(Math.max(current, ADDRESS_TIMEOUT_MS));
  },

  // Files are handled by modules that load on demand: other commands need none.
  async inspectOutputs(tasks, context) {
    if (tasks.some(({ outputPath }) => isStoreUrl(outputPath))) {
      const { inspectObjects } = await import('../sinks/store/inspect.js');
      return inspectObjects(tasks, context);
    }
    const { inspectOutputs } = await import('../sinks/disk/inspect.js');
    return inspectOutputs(tasks);
  },

  processId,
  hasEnded,

  async whyNoFileIn(folder, context) {
    if (isStoreUrl(folder)) {
      const { whyNoObjectIn } = await import('../sinks/store/inspect.js');
      return whyNoObjectIn(folder, context);
    }
    const { whyNoFileIn } = await import('../sinks/disk/inspect.js');
    return whyNoFileIn(folder);
  },

  async openSink(path, options) {
    if (isStoreUrl(path)) {
      const { openObject } = await import('../sinks/store/object.js');
      return openObject(path, options);
    }
    const { openDiskFile } = await import('../sinks/disk/file.js');
    return openDiskFile(path, options);
  },

  async openAddress(address, context) {
    const { presignedTarget } = await import('../sinks/web/presigned.js');
    return presignedTarget(address, context);
  },

  async readFolder(path, context) {
    if (isStoreUrl(path)) {
      const { readFolderState } = await import('../sinks/store/folder-state.js');
      return readFolderState(path, context);
    }
    const { readFolderState } = await import('../sinks/disk/folder-state.js');
    return readFolderState(path);
  },

  async openFolder(path, options) {
    if (isStoreUrl(path)) {
      const { openObjectFolder } = await import('../sinks/store/folder.js');
      return openObjectFolder(path, options);
    }
    const { openDiskFolder } = await import('../sinks/disk/folder.js');
    return openDiskFolder(path, options);
  },
};

/** Whether an output is in a store, and not on this computer.
 * @param {string} path */
const isStoreUrl = (path) => /^(s3|gs|az):\/\//.test(path);

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
