// A page with petit's library, which does all work in a worker. The tests use `window.petit`.
import { placesForFiles, relayOfPage } from '../../../pkg-scripts/browser.js';

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
/** @type {Map<number, { resolve: (value: any) => void, reject: (error: any) => void }>} */
const pending = new Map();
let lastId = 0;

/** @param {MessageEvent} message */
worker.onmessage = ({ data: { id, value, error } }) => {
  const request = pending.get(id);
  pending.delete(id);
  if (error) request?.reject(Object.assign(new Error(error.message), error));
  else request?.resolve(value);
};

/**
 * @param {string} name of a function in worker.js
 * @param {unknown[]} args
 * @returns {Promise<any>}
 */
function call(name, ...args) {
  lastId += 1;
  const id = lastId;
  worker.postMessage({ id, name, args });
  return new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
}

/**
 * Downloads a file.
 * @param {File} file
 */
function download(file) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
}

Object.assign(window, { petit: { call, download, placesForFiles, relayOfPage } });
