// The Parquet file that is looked at.
import { signal } from '@preact/signals';
import { ask, CallError } from '../worker/rpc-client.js';

/** @import { Trouble } from '../worker/messages.js' */
/** @import { ParquetLook } from './read-parquet.js' */

export const opened = signal(
  /** @type {{ is: 'none' } | { is: 'reading', name: string } | { is: 'open', name: string, look: ParquetLook }
   *   | { is: 'failed', name: string, trouble: Trouble }} */ ({ is: 'none' }),
);

/** Name of the file that somebody asked to see, and has not been brought to yet. */
export const wanted = signal('');

/** Counts what is shown: only the latest is of interest. */
let latest = 0;

/**
 * Shows what is in a file that somebody asks to see.
 * @param {string} name
 * @param {Blob} file
 */
export function lookInto(name, file) {
  wanted.value = name;
  return show(name, file);
}

/**
 * Shows what is in a file; without one, nothing.
 * @param {string} [name]
 * @param {Blob} [file]
 */
export async function show(name = '', file) {
  latest += 1;
  const turn = latest;
  if (!file) {
    opened.value = { is: 'none' };
    return;
  }
  opened.value = { is: 'reading', name };
  try {
    const look = await ask('openParquet', file);
    if (turn === latest) opened.value = { is: 'open', name, look };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (turn === latest) opened.value = { is: 'failed', name, trouble: error.trouble };
  }
}
