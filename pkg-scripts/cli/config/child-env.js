/** Variables with keys and other secrets, and those that petit reads. */
const SECRETS = /API_?KEY|ACCESS_KEY|SECRET|TOKEN|PASSWORD|^TD_|^TREASURE_DATA_|^PETIT_/i;
/** Variables of the desktop, which a browser needs. */
const DESKTOP = /^XDG_/;

/**
 * Removes the variables with keys from this process's environment, so that no program that it starts inherits them.
 * @param {NodeJS.ProcessEnv} env
 */
export function removeKeys(env) {
  for (const name of Object.keys(env)) {
    if (SECRETS.test(name) && !DESKTOP.test(name)) delete env[name];
  }
}
