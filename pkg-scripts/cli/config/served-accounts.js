import { PetitError } from '../../driver/errors.js';
import { DEFAULTS } from '../../driver/run/options.js';
import { DESTINATION, ENDPOINT_VARIABLES, KEY_VARIABLES, SOURCE } from './accounts.js';
import { checkKey } from './api-key.js';
import { readTdConf } from './td-conf.js';

/** @typedef {{ label: string, endpoint: string, apikey: string }} TerminalAccount */

/**
 * The accounts of this terminal, from the variables and the file that the other commands read, each under the name of its
 * source. An unusable one is left out, with a line that says why.
 * @param {Record<string, string | undefined>} env
 * @param {(text: string) => void} log
 * @returns {Promise<TerminalAccount[]>}
 */
export async function terminalAccounts(env, log) {
  const conf = await readTdConf(env).catch((/** @type {unknown} */ error) => {
    if (!(error instanceof PetitError)) throw error;
    log(`The page does not offer the account of td.conf: ${error.message}.`);
    return undefined;
  });
  if (conf?.warning) log(conf.warning);
  const server = ENDPOINT_VARIABLES.map((name) => env[name]).find(Boolean) || conf?.endpoint;
  const found = [
    ...[SOURCE, DESTINATION].map(({ keyVariable }) => {
      const side = keyVariable.replace(/_API_KEY$/, '');
      return fromEnv(keyVariable, env[`PETIT_${side}_ENDPOINT`] || env[`PETIT_${side}_SITE`]);
    }),
    ...KEY_VARIABLES.map((name) => fromEnv(name, server)),
    { label: 'td.conf', apikey: conf?.apikey, endpoint: conf?.endpoint },
  ].flatMap(({ label, apikey, endpoint }) =>
    apikey && isUsable(apikey, label) ? [{ label, apikey, endpoint: endpoint || DEFAULTS.site }] : [],
  );
  return found.filter((account, index) => index === found.findIndex((other) => isSame(other, account)));

  /** @param {string} name @param {string | undefined} endpoint */
  function fromEnv(name, endpoint) {
    return { label: name, apikey: env[name], endpoint };
  }

  /** @param {string} apikey @param {string} label */
  function isUsable(apikey, label) {
    try {
      checkKey(apikey, label);
      return true;
    } catch (error) {
      log(`The page does not offer ${label}: ${/** @type {Error} */ (error).message}.`);
      return false;
    }
  }
}

/** @param {TerminalAccount} a @param {TerminalAccount} b */
const isSame = (a, b) => a.apikey === b.apikey && a.endpoint === b.endpoint;
