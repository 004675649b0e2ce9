import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** Where a user's files of a kind are: a variable with the folder and the default below the home folder, by the XDG
 * specification and on Windows. */
const FOLDERS = {
  config: { xdg: 'XDG_CONFIG_HOME', unix: '.config', windows: 'APPDATA', roaming: 'AppData\\Roaming' },
  cache: { xdg: 'XDG_CACHE_HOME', unix: '.cache', windows: 'LOCALAPPDATA', roaming: 'AppData\\Local' },
};

/**
 * The path of a configuration or cache file of the user.
 * @param {keyof typeof FOLDERS} kind
 * @param {string} name
 * @param {{ env: Record<string, string | undefined>, platform: NodeJS.Platform }} process
 * @param {() => string} [home] throws for a user without a home folder, as in some containers
 * @returns {string | undefined} undefined if there is no place for it
 */
export function userFile(kind, name, { env, platform }, home = homedir) {
  const { xdg, unix, windows, roaming } = FOLDERS[kind];
  try {
    if (platform === 'win32') return win32.join(env[windows] || `${home()}\\${roaming}`, 'petit', name);
    // The XDG specification ignores relative paths.
    const stated = env[xdg]?.startsWith('/') ? env[xdg] : undefined;
    return posix.join(stated ?? `${home()}/${unix}`, 'petit', name);
  } catch {
    return undefined;
  }
}
