// A page that uses petit's library in a worker, as any page could. The tests call `window.petit`.
import { findSaveTargets, relayOfPage } from '../../../pkg-scripts/browser.js';

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
/** @type {Map<number, { resolve: (value: any) => void, reject: (error: any) => void }>} */
const pending = new Map();
let lastId = 0;

/** @param {MessageEvent} message */
worker.onmessage = ({ data: { id, value, error } }) => {
  const waiting = pending.get(id);
  pending.delete(id);
  if (error) waiting?.reject(Object.assign(new Error(error.message), error));
  else waiting?.resolve(value);
};

/**
 * Calls a method in the worker.
 * @param {string} name of a method in worker.js
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

Object.assign(window, { petit: { call, download, findSaveTargets, relayOfPage } });
