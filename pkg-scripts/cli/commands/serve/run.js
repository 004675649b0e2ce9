import { serve } from '../../../node.js';
import { removeKeys } from '../../config/child-env.js';
import { configureFetch } from '../../config/proxy.js';
import { terminalAccounts } from '../../config/served-accounts.js';
import { stateFile } from '../../config/state-file.js';
import { EXIT } from '../../exit-codes.js';
import { createReporter } from '../../output/reporter.js';
import { watchEnter } from './enter-key.js';
import { openBrowser } from './open-browser.js';

/** @import { Server } from '../../../types.js' */
/** @import { Reporter } from '../../output/reporter.js' */
/** @import { CommandContext } from '../../program.js' */
/** @import { ServeCommandOptions } from './command.js' */

/** The file that remembers the ports. */
const PORT_FILE = 'serve-ports.json';

/**
 * Serves the page until the user interrupts.
 * @param {CommandContext} context
 * @param {ServeCommandOptions} options
 * @returns {Promise<number>} the exit code
 */
export async function runServe({ process, signal }, options) {
  const reporter = createReporter(process, { json: false });
  try {
    await configureFetch(process.env, options);
    const accounts = await terminalAccounts(process.env, (text) => reporter.log(text));
    for (const { apikey } of accounts) reporter.hide(apikey);
    removeKeys(process.env);
    const { port, endpoint: endpoints } = options;
    const server = await serve({ port, endpoints, accounts, portFile: stateFile(PORT_FILE, process) });
    for (const note of server.notes) reporter.log(note);
    reporter.output(server.url);
    const stopReading = await offerNewUrls(process, server, reporter);
    reporter.log(keysText(accounts));
    const removeLauncher = options.open ? await launch(server.url, reporter) : undefined;
    await aborted(signal);
    await removeLauncher?.();
    stopReading?.();
    await server.close();
    return EXIT.ok;
  } catch (error) {
    return reporter.fail(error);
  }
}

/**
 * Prints a new address each time the user presses Enter, because an address works once.
 * @param {NodeJS.Process} process
 * @param {Server} server
 * @param {Reporter} reporter
 */
async function offerNewUrls(process, server, reporter) {
  const stopReading = await watchEnter(process, () => reporter.output(server.newUrl()));
  const another = stopReading ? ' Press Enter for another one.' : '';
  reporter.log(`The address works once, in one browser.${another} Press Ctrl-C to stop.`);
  return stopReading;
}

/** @param {{ label: string }[]} accounts */
function keysText(accounts) {
  const text = 'Keys that you type stay in the page; petit relays its calls and stores nothing.';
  if (accounts.length === 0) return text;
  const labels = accounts.map(({ label }) => label).join(', ');
  return `The page can use ${labels} of this terminal; these keys stay in this process. ${text}`;
}

/**
 * @param {string} url
 * @param {Reporter} reporter
 */
function launch(url, reporter) {
  reporter.log('If no page appears in your browser, open the address yourself.');
  return openBrowser(url, () => reporter.log('The browser could not be opened.'));
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
