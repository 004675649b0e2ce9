// Downloads of exported files.
import { signal } from '@preact/signals';
import { verifyRelay } from '../../pkg-scripts/driver/utils/relay-proof.js';
import { relay } from '../relay.js';

/** @import { Relay } from '../../pkg-scripts/types.js' */
/** @import { ExportedFile } from '../worker/export-calls.js' */

/** @typedef {'waiting' | 'active' | 'done' | 'failed'} DownloadState */

/** Whether the page learns that a download has finished: only a server can tell. */
export const canFollowDownloads = relay !== undefined;

/** The states of the followed downloads.
 * @type {import('@preact/signals').Signal<ReadonlyMap<ExportedFile, DownloadState>>} */
export const downloads = signal(new Map());

/** The end of the last download. Each holds two of the browser's few connections, so they follow one another. */
let last = Promise.resolve();

/** Ends the download that is active. */
let controller = new AbortController();

/**
 * Downloads a file.
 * @param {ExportedFile} exported
 * @param {() => Promise<void>} onDone called when the browser has taken the whole file, if the page learns of it
 */
export function download(exported, onDone) {
  const { name, file } = exported;
  const server = relay;
  if (!server) {
    click(URL.createObjectURL(file), name);
    return;
  }
  // The user may have rejected it in the browser, which does not tell the page.
  if (downloads.peek().get(exported) === 'active') controller.abort();
  setState(exported, 'waiting');
  last = last.then(() => follow(exported, server, onDone));
}

/** Whether downloads are waiting or active. */
export const isDownloading = () =>
  [...downloads.peek().values()].some((state) => state === 'waiting' || state === 'active');

/**
 * Sends the file to the server, from which the browser downloads it: the server answers when the browser has taken all of it.
 * @param {ExportedFile} exported
 * @param {Relay} relay
 * @param {() => Promise<void>} onDone
 */
async function follow(exported, relay, onDone) {
  const { name, file } = exported;
  controller = new AbortController();
  const { signal } = controller;
  setState(exported, 'active');
  try {
    await verifyRelay(relay, signal);
    const url = `${relay.url}/download/${crypto.randomUUID()}/${encodeURIComponent(name)}`;
    const headers = { 'x-petit-token': relay.token };
    await fetch(url, { method: 'PUT', headers, signal });
    const taken = fetch(url, { method: 'POST', headers, body: file, signal });
    click(url, name);
    const { ok } = await taken;
    if (ok) await onDone();
    setState(exported, ok ? 'done' : 'failed');
  } catch {
    // A restarted download is waiting already.
    if (!signal.aborted) setState(exported, 'failed');
  }
}

/** @param {ExportedFile} exported @param {DownloadState} state */
function setState(exported, state) {
  downloads.value = new Map(downloads.peek()).set(exported, state);
}

/** @param {string} url @param {string} name */
function click(url, name) {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}

/** Makes the browser ask before the page is left, because that would stop the downloads.
 * @param {BeforeUnloadEvent} event */
function confirmLeave(event) {
  if (isDownloading()) event.preventDefault();
}

window.addEventListener('beforeunload', confirmLeave);
