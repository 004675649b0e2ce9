// The files that this page has in the browser's private storage.
import { newPrivateFolderName, removeAbandonedFolders } from '../../pkg-scripts/sinks/private-folder.js';
import { ignore } from '../../pkg-scripts/sinks/sinks.js';
import { cleanUpUrls } from '../relay.js';

/** Opened early, because nothing can wait for it while the page is closed.
 * @type {FileSystemDirectoryHandle | undefined} */
let root;

/** The folders of this page's exports. @type {Set<string>} */
const folders = new Set();

/** Removes what closed pages have left, and removes this page's files when it is closed. */
export async function watchPrivateFiles() {
  try {
    root = await navigator.storage.getDirectory();
  } catch {
    return; // In a private window there is no such storage.
  }
  window.addEventListener('pagehide', ({ persisted }) => {
    // A browser can restore the page from its memory.
    if (!persisted) for (const folder of folders) removeFolder(folder);
  });
  for (const url of cleanUpUrls) document.body.append(hiddenFrame(url));
  await removeAbandonedFolders();
}

/** A frame for a port of an earlier run, at which another program may answer now. @param {string} url */
function hiddenFrame(url) {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts allow-same-origin');
  frame.hidden = true;
  frame.src = url;
  return frame;
}

/** The name of the folder for a new export. */
export function addFolder() {
  const name = newPrivateFolderName();
  folders.add(name);
  return name;
}

/**
 * Removes a folder with its files. What cannot be removed now is removed by the next page.
 * @param {string} folder
 */
export async function removeFolder(folder) {
  folders.delete(folder);
  await root?.removeEntry(folder, { recursive: true }).catch(ignore);
}

/**
 * Removes one file, or leaves it to `removeFolder`.
 * @param {string} folder
 * @param {string} name
 */
export async function removeFile(folder, name) {
  try {
    const handle = await root?.getDirectoryHandle(folder);
    await handle?.removeEntry(name);
  } catch {
    // Another removal may have been faster.
  }
}
