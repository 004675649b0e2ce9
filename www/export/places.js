// Where the exported files go.
import { computed, signal } from '@preact/signals';
import { findSaveTargets } from '../../pkg-scripts/sinks/sinks.js';

/** @import { SaveTargets } from '../../pkg-scripts/types.js' */
/** @import { Place } from '../worker/export-calls.js' */

/** What this browser offers; undefined until it is known. */
export const places = signal(/** @type {SaveTargets | undefined} */ (undefined));

/** What the user wants, if that is not the best the browser has. */
const wish = signal(/** @type {'picker' | 'download' | undefined} */ (undefined));

/** Whether files go where the user picks, or are downloaded. */
export const way = computed(() => wish.value ?? (places.value?.picker ? 'picker' : 'download'));

/** @param {'picker' | 'download'} chosen */
export function choose(chosen) {
  wish.value = chosen;
}

/** Looks what this browser offers: room may have become less. */
export async function lookForPlaces() {
  places.value = await findSaveTargets();
}

/** File types as the browser's dialog wants them. */
const TYPES = [{ description: 'Parquet', accept: { 'application/vnd.apache.parquet': ['.parquet'] } }];

/**
 * Has the user pick where the files go, if that is the way.
 * @param {string[]} names of the files
 * @returns {Promise<Place | undefined>} undefined: the user thought better of it
 */
export async function pickPlace(names) {
  if (way.peek() === 'download') return places.peek()?.private ? { is: 'private' } : { is: 'memory' };
  const { showSaveFilePicker, showDirectoryPicker } = /** @type {Pickers} */ (
    /** @type {unknown} */ (window)
  );
  try {
    const [name = ''] = names;
    if (names.length === 1) {
      return { is: 'file', handle: await showSaveFilePicker({ suggestedName: name, types: TYPES }) };
    }
    return { is: 'folder', handle: await showDirectoryPicker({ mode: 'readwrite' }) };
  } catch (error) {
    if (/** @type {DOMException} */ (error).name === 'AbortError') return undefined;
    throw error;
  }
}

/**
 * Not every browser has them.
 * @typedef {{ showSaveFilePicker: (options: object) => Promise<FileSystemFileHandle>,
 *   showDirectoryPicker: (options: object) => Promise<FileSystemDirectoryHandle> }} Pickers
 */
