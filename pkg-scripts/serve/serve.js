import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PetitError } from '../driver/errors.js';
import { instantiate, wasm } from '../driver/wasm.js';
import { platform } from '../platform/node.js';
import { portNotes, portsToTry, readPorts, withPort, writePorts } from './ports.js';
import { startServer } from './server.js';

/** @import { ServeOptions, Server } from '../types.js' */

const PAGE = fileURLToPath(new URL('../../dist/www/', import.meta.url));

/** Why a port cannot be used while another one may be: it is in use, or reserved. */
const UNAVAILABLE = new Set(['EADDRINUSE', 'EACCES']);

/**
 * Serves petit's page.
 * @param {ServeOptions} [options]
 * @returns {Promise<Server>}
 */
export async function startPage({ port, portFile, endpoints = [], accounts = [] } = {}) {
  if (!existsSync(`${PAGE}index.html`)) {
    throw new PetitError('cannot_load', 'the page has not been built', { hint: 'Build it: npm run build' });
  }
  platform.prepareNetwork?.();
  await instantiate(await platform.loadWasm());
  const { offered, notes } = offerAccounts(accounts);
  const site = {
    ...{ folder: PAGE, hosts: wasm.knownHosts(), endpoints: endpoints.map(toEndpointUrl) },
    accounts: offered,
  };
  const start = (/** @type {number} */ port, /** @type {number[]} */ formerPorts = []) =>
    startServer({ ...site, port, formerPorts });
  if (port !== undefined || portFile === undefined) {
    return { ...(await startAtOneOf([port ?? 0], (port) => start(port))), notes };
  }
  const server = await startAtRemembered(portFile, start);
  return { ...server, notes: [...notes, ...server.notes] };
}

/**
 * The accounts that the page can use: with a valid endpoint, and over https or on this machine.
 * @param {NonNullable<ServeOptions['accounts']>} accounts
 */
function offerAccounts(accounts) {
  /** @type {string[]} */
  const notes = [];
  const offered = accounts.flatMap((account) => {
    try {
      const endpoint = toEndpointUrl(account.endpoint);
      const { protocol, hostname } = new URL(endpoint);
      if (protocol === 'https:' || wasm.isThisMachine(hostname)) return [{ ...account, endpoint }];
      notes.push(`The page does not offer ${account.label}: its endpoint ${endpoint} is not https.`);
    } catch (error) {
      notes.push(`The page does not offer ${account.label}: ${/** @type {Error} */ (error).message}.`);
    }
    return [];
  });
  return { offered, notes };
}

/**
 * @param {string} portFile
 * @param {(port: number, formerPorts: number[]) => ReturnType<typeof startServer>} start
 * @returns {Promise<Server>}
 */
async function startAtRemembered(portFile, start) {
  const remembered = await readPorts(portFile);
  const server = await startAtOneOf(portsToTry(remembered, Math.random), (port) => start(port, remembered));
  const notes = portNotes(remembered, server.port);
  const ports = withPort(remembered, server.port);
  if (ports !== remembered) {
    await writePorts(portFile, ports).catch(({ message }) => {
      notes.push(`The port could not be remembered for the next start: ${message}`);
    });
  }
  return { ...server, notes };
}

/**
 * Starts at the first port that is available.
 * @template T
 * @param {number[]} ports
 * @param {(port: number) => Promise<T>} start
 * @returns {Promise<T>}
 */
async function startAtOneOf([port = 0, ...others], start) {
  try {
    return await start(port);
  } catch (error) {
    const { code, syscall } = /** @type {NodeJS.ErrnoException} */ (error);
    if (others.length > 0 && syscall === 'listen' && UNAVAILABLE.has(code ?? '')) {
      return startAtOneOf(others, start);
    }
    throw toListenError(/** @type {NodeJS.ErrnoException} */ (error), port);
  }
}

/** @param {string} text */
function toEndpointUrl(text) {
  try {
    return wasm.endpointUrl(text);
  } catch (error) {
    throw new PetitError('bad_endpoint', /** @type {{ message: string }} */ (error).message);
  }
}

/**
 * @param {NodeJS.ErrnoException} error
 * @param {number} port
 */
function toListenError(error, port) {
  if (error.syscall !== 'listen') return error;
  const reason = error.code === 'EADDRINUSE' ? 'another program uses it' : error.message;
  return new PetitError('port_unavailable', `port ${port} cannot be used: ${reason}`, { cause: error });
}
