/** What Windows does not allow in a name. A colon would write to a hidden stream of another file. */
const FORBIDDEN = /[<>:"|?*\p{Cc}]/u;
/** Names of devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|(?:com|lpt)[1-9¹²³])(?:\.|$)/i;
/** What precedes the names of a path: `\\?\C:`, `\\.\` or `C:`. */
const PREFIX = /^(?:[\\/]{2}[?.][\\/](?:[a-z]:)?|[a-z]:)/i;

/**
 * Why Windows would take a path for another one, or refuse it.
 * @param {string} path
 * @returns {string | undefined} undefined for a path that names a file or a folder
 */
export function whyNotWindowsPath(path) {
  const names = path.replace(PREFIX, '').split(/[\\/]/);
  for (const name of names) {
    if (['', '.', '..'].includes(name)) continue;
    if (FORBIDDEN.test(name)) return 'Windows allows none of < > : " | ? * in a name';
    if (/[. ]$/.test(name)) return 'Windows removes a dot or a blank at the end of a name';
    if (DEVICE.test(name)) return 'it is the name of a device of Windows';
  }
  return undefined;
}
