import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from 'commander';
import { PetitError } from '../driver/errors.js';
import { instantiate } from '../driver/wasm.js';
import { nodePlatform } from '../node-platform.js';
import { EXIT } from './exit-codes.js';
import { createFace } from './face.js';
import { wholeNumber } from './options.js';

/** @import { Command } from 'commander' */
/** @import { Surroundings } from './program.js' */

const PAGE = fileURLToPath(new URL('../../dist/www/', import.meta.url));

const EXAMPLES = `
Examples:
  petit serve                                      opens the page in the browser
  petit serve --no-open --port 8080                only serves it, at http://127.0.0.1:8080/
  petit serve --endpoint http://localhost:8008     for a host that is not Treasure Data's own, too

Keys are typed into the page and stay in its memory. Calls go from the page to Treasure Data through this command,
which stores and logs nothing. Only this computer can reach it. Ctrl-C ends it.
`;

/**
 * @param {Command} program
 * @param {Surroundings} surroundings
 */
export function addServe(program, surroundings) {
  program
    .command('serve')
    .summary('serve the page that previews, clones and exports in a browser')
    .description('Serves the page at 127.0.0.1 and passes its calls on to Treasure Data.')
    .option('--port <port>', 'port to listen at (default: a free one)', port, 0)
    .option('--no-open', 'do not open the browser')
    .option('--endpoint <url>', 'another host that calls may go to; can be repeated', collect, [])
    .addHelpText('before', EXAMPLES)
    .action(async (options) => {
      surroundings.end(await serve(options, surroundings));
    });
}

/**
 * @param {{ port: number, open: boolean, endpoint: string[] }} options
 * @param {Surroundings} surroundings
 * @returns {Promise<number>} the exit code
 */
async function serve(options, { process, signal }) {
  const face = createFace(process, { json: false });
  try {
    if (!existsSync(`${PAGE}index.html`)) {
      throw new PetitError('cannot_load', 'the page is not there', { hint: 'Build it: npm run build' });
    }
    const wasm = instantiate(await nodePlatform.loadWasm());
    const endpoints = options.endpoint.map((text) => endpointUrl(wasm, text));
    // Only this command needs them.
    const { startServer } = await import('../serve/server.js');
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
    const { default: open } = await import('open');
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

/** @param {string} text */
function port(text) {
  const number = wholeNumber(0)(text);
  if (number < 2 ** 16) return number;
  throw new InvalidArgumentError('It has to be a port: at most 65535.');
}

/**
 * @param {string} text
 * @param {string[]} before
 */
const collect = (text, before) => [...before, text];
