/** Permission bits of a file that let its group or all users read it. */
const OTHERS_READ = 0o044;

/**
 * The warning about a file with an API key that other users can read, if they can. Windows has no such bits.
 * @param {string} name of the file, for the message
 * @param {{ mode: number }} stats
 * @returns {string | undefined}
 */
export function exposureWarning(name, { mode }) {
  if (process.platform === 'win32' || (mode & OTHERS_READ) === 0) return undefined;
  return `Warning: other users can read ${name}, which contains an API key. Remove their permission: chmod 600 FILE`;
}
