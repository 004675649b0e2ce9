import { version } from '../../config/user-agent.js';

/** @import { Check } from '../../../types.js' */

/** The oldest Node that petit supports, as in package.json. */
const MIN_NODE = [20, 19];
/** Variables of a proxy, in the order in which petit reads them. */
const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];

/**
 * The checks of this machine, which need no account.
 * @param {Pick<NodeJS.Process, 'env' | 'versions' | 'platform' | 'arch'>} process
 * @returns {Check[]}
 */
export const machineChecks = (process) => [nodeCheck(process), proxyCheck(process)];

/** @param {Pick<NodeJS.Process, 'versions' | 'platform' | 'arch'>} process @returns {Check} */
function nodeCheck({ versions, platform, arch }) {
  const message = `petit ${version}, Node.js ${versions.node} on ${platform} ${arch}`;
  const [major = 0, minor = 0] = versions.node.split('.').map(Number);
  const [minMajor = 0, minMinor = 0] = MIN_NODE;
  const isSupported = major > minMajor || (major === minMajor && minor >= minMinor);
  if (isSupported) return { check: 'node', state: 'ok', message };
  return { check: 'node', state: 'failed', message, hint: `Use Node.js ${MIN_NODE.join('.')} or later.` };
}

/**
 * Names the variable and the host. The rest of the value may be a password.
 * @param {Pick<NodeJS.Process, 'env'>} process
 * @returns {Check}
 */
function proxyCheck({ env }) {
  const variable = PROXY_VARIABLES.find((name) => env[name]);
  if (variable === undefined) return { check: 'proxy', state: 'ok', message: 'none' };
  const value = env[variable] ?? '';
  const url = value.includes('://') ? value : `http://${value}`;
  const host = URL.canParse(url) ? new URL(url).host : 'not a URL';
  return { check: 'proxy', state: 'ok', message: `${variable} (${host})` };
}
