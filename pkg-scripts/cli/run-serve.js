import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import open from 'open';
import { PetitError } from '../driver/errors.js';
import { instantiate } from '../driver/wasm.js';
import { nodePlatform } from '../node-platform.js';
import { startServer } from '../serve/server.js';
import { EXIT } from './exit-codes.js';
import { createFace } from './face.js';

/** @import { Surroundings } from './program.js' */

const PAGE = fileURLToPath(new URL('../../dist/www/', import.meta.url));

/**
 * @param {{ port: number, open: boolean, endpoint: string[] }} options
 * @param {Surroundings} surroundings
 * @returns {Promise<number>} the exit code
 */
export async function serve(options, { process, signal }) {
  const face = createFace(process, { json: false });
  try {
    if (!existsSync(`${PAGE}index.html`)) {
      throw new PetitError('cannot_load', 'the page is not there', { hint: 'Build it: npm run build' });
    }
    const wasm = instantiate(await nodePlatform.loadWasm());
    const endpoints = options.endpoint.map((text) => endpointUrl(wasm, text));
    const server = await startServer({
      ...{ folder: PAGE, port: options.port, hosts: wasm.knownHosts(), endpoints },
    }).catch((error) => {
      throw cannotListen(error, options.port);
    });
    face.result(server.url);
    face.say('Ctrl-C ends it. Keys stay in the page; calls go through here, and nothing of them is kept.');
    if (options.open) await openBrowser(server.url, face);
    await ended(signal);
    await server.close();
    return EXIT.ok;
  } catch (error) {
    return face.fail(error);
  }
}

/**
 * @param {import('../driver/wasm.js').Wasm} wasm
 * @param {string} text
 */
function endpointUrl(wasm, text) {
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
function cannotListen(error, port) {
  if (error.syscall !== 'listen') return error;
  const reason = error.code === 'EADDRINUSE' ? 'another program has it' : error.message;
  return new PetitError('cannot_listen', `port ${port} cannot be used: ${reason}`, {
    cause: error,
  });
}

/**
 * @param {string} url
 * @param {import('./face.js').Face} face
 */
async function openBrowser(url, face) {
  try {
    const opener = await open(url);
    opener.once('error', () => face.say(`No browser could be opened: open ${url} yourself.`));
  } catch {
    face.say(`No browser could be opened: open ${url} yourself.`);
  }
}

/** @param {AbortSignal} signal
 * @returns {Promise<void>} */
function ended(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
