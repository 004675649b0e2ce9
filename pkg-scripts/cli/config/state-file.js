import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/**
 * The path of a file that petit keeps between runs, by the rules of the system.
 * @param {string} name
 * @param {{ env: Record<string, string | undefined>, platform: NodeJS.Platform }} process
 * @param {() => string} [home] throws for a user without a home folder, as in some containers
 * @returns {string | undefined} undefined if there is no place for it
 */
export function stateFile(name, { env, platform }, home = homedir) {
  try {
    if (platform === 'win32')
      return win32.join(env.LOCALAPPDATA || `${home()}\\AppData\\Local`, 'petit', name);
    if (platform === 'darwin') return posix.join(home(), 'Library', 'Application Support', 'petit', name);
    // The XDG specification ignores relative paths.
    const stated = env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : undefined;
    return posix.join(stated ?? `${home()}/.local/state`, 'petit', name);
  } catch {
    return undefined;
  }
}
