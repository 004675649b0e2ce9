// The Parquet file whose contents are shown.
import { signal } from '@preact/signals';
import { CallState } from '../worker/call-state.js';
import { call } from '../worker/rpc-client.js';

/** @import { ParquetSummary } from './read-parquet.js' */

/** @typedef {{ status: 'none' } | { status: 'reading' } | { status: 'open', summary: ParquetSummary }} OpenedFile */

export const openedFile = new CallState(/** @type {OpenedFile} */ ({ status: 'none' }));

export const openedName = signal('');

/** The name of the file that the page scrolls to once it is shown; empty if none. */
export const scrollTarget = signal('');

/**
 * Opens a file and scrolls to its contents.
 * @param {string} name
 * @param {Blob} file
 */
export function viewFile(name, file) {
  scrollTarget.value = name;
  return openFile(name, file);
}

/**
 * Opens a file. Its contents replace those of the file shown before.
 * @param {string} name
 * @param {Blob} file
 */
export async function openFile(name, file) {
  openedName.value = name;
  openedFile.set({ status: 'reading' });
  await openedFile.run(async () => ({ status: 'open', summary: await call('openParquet', file) }));
}

export function closeFile() {
  openedFile.set({ status: 'none' });
}
