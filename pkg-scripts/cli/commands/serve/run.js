import open from 'open';
import { serve } from '../../../node.js';
import { useNetwork } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { createFace } from '../../output/reporter.js';

/** @import { Surroundings } from '../../program.js' */

/**
 * @param {{ port: number, open: boolean, endpoint: string[], caFile?: string }} options
 * @param {Surroundings} surroundings
 * @returns {Promise<number>} the exit code
 */
export async function runServe(options, { process, signal }) {
  const face = createFace(process, { json: false });
  try {
    await useNetwork(process.env, options);
    const server = await serve({ port: options.port, endpoints: options.endpoint });
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
 * @param {string} url
 * @param {import('../../output/reporter.js').Face} face
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
