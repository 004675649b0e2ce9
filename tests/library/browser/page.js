// petit's library in a page as anybody may build one: all work in a worker. `window.petit` is what the tests call.
import { findSaveTargets, relayOfPage } from '../../../pkg-scripts/browser.js';

const thread = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
/** @type {Map<number, { resolve: (value: any) => void, reject: (error: any) => void }>} */
const pending = new Map();
let lastId = 0;

/** @param {MessageEvent} message */
thread.onmessage = ({ data: { id, value, error } }) => {
  const call = pending.get(id);
  pending.delete(id);
  if (error) call?.reject(Object.assign(new Error(error.message), error));
  else call?.resolve(value);
};

/**
 * @param {string} name of a call in thread.js
 * @param {unknown[]} args
 * @returns {Promise<any>}
 */
function ask(name, ...args) {
  lastId += 1;
  const id = lastId;
  thread.postMessage({ id, name, args });
  return new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
}

/**
 * Has the browser download a file.
 * @param {File} file
 */
function download(file) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
}

Object.assign(window, { petit: { ask, download, findSaveTargets, relayOfPage } });
