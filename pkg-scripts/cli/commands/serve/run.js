import open from 'open';
import { serve } from '../../../node.js';
import { removeKeys } from '../../config/child-env.js';
import { configureFetch } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { createReporter } from '../../output/reporter.js';

/** @import { Reporter } from '../../output/reporter.js' */
/** @import { CommandContext } from '../../program.js' */
/** @import { ServeCommandOptions } from './command.js' */

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
    removeKeys(process.env);
    const server = await serve({ port: options.port, endpoints: options.endpoint });
    reporter.output(server.url);
    reporter.log('Press Ctrl-C to stop. Keys stay in the page; petit relays its calls and stores nothing.');
    if (options.open) await openBrowser(server.url, reporter);
    await aborted(signal);
    await server.close();
    return EXIT.ok;
  } catch (error) {
    return reporter.fail(error);
  }
}

/**
 * @param {string} url
 * @param {Reporter} reporter
 */
async function openBrowser(url, reporter) {
  const onError = () => reporter.log(`The browser could not be opened. Open ${url} yourself.`);
  try {
    const opener = await open(url);
    opener.once('error', onError);
  } catch {
    onError();
  }
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
