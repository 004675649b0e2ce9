// Where the exported files are saved.
import { computed, signal } from '@preact/signals';
import { findSaveTargets } from '../../pkg-scripts/sinks/sinks.js';
import { addFolder } from './private-files.js';

/** @import { SaveTargets } from '../../pkg-scripts/types.js' */
/** @import { SaveTarget } from '../worker/export-calls.js' */

/** How this browser can save files; undefined until it is known. */
export const support = signal(/** @type {SaveTargets | undefined} */ (undefined));

/** @typedef {'picker' | 'download'} SaveMethod */

const userChoice = signal(/** @type {SaveMethod | undefined} */ (undefined));

/** Whether files are written where the user picks, or downloaded. */
export const saveMethod = computed(() => userChoice.value ?? (support.value?.picker ? 'picker' : 'download'));

/** @param {SaveMethod} method */
export function chooseSaveMethod(method) {
  userChoice.value = method;
}

/** Checks how this browser can save files. The free space changes with each export. */
export async function updateSupport() {
  support.value = await findSaveTargets();
}

/** File types as the browser's dialog takes them. */
const TYPES = [{ description: 'Parquet', accept: { 'application/vnd.apache.parquet': ['.parquet'] } }];

/**
 * Chooses where to save the files. Opens the browser's dialog if the user picks the place.
 * @param {string[]} names of the files
 * @returns {Promise<SaveTarget | undefined>} undefined if the user cancelled the dialog
 */
export async function pickTarget(names) {
  if (saveMethod.peek() === 'download')
    return support.peek()?.private ? { type: 'private', folder: addFolder() } : { type: 'memory' };
  const { showSaveFilePicker, showDirectoryPicker } = /** @type {Pickers} */ (
    /** @type {unknown} */ (window)
  );
  try {
    const [name = ''] = names;
    if (names.length === 1) {
      return { type: 'file', handle: await showSaveFilePicker({ suggestedName: name, types: TYPES }) };
    }
    return { type: 'folder', handle: await showDirectoryPicker({ mode: 'readwrite' }) };
  } catch (error) {
    if (/** @type {DOMException} */ (error).name === 'AbortError') return undefined;
    throw error;
  }
}

/**
 * Not in TypeScript's DOM library, because only Chromium has them.
 * @typedef {{ showSaveFilePicker: (options: object) => Promise<FileSystemFileHandle>,
 *   showDirectoryPicker: (options: object) => Promise<FileSystemDirectoryHandle> }} Pickers
 */
