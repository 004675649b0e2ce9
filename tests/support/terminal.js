import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KeyWatch } from './secrets.js';

const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));
const SCRIPT = fileURLToPath(new URL('./terminal.py', import.meta.url));

/**
 * Runs petit in a terminal of its own, in the test's folder.
 * @param {import('./index.js').Surroundings} here
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, action: 'CLOSE' | 'TYPE' | 'WATCH', text?: string }} options `action` is done as
 *   soon as petit has written `text`: the terminal is closed, or Ctrl-C is pressed
 * @returns {Promise<{ code: number | null, acted: boolean, output: string }>}
 */
export async function inTerminal(here, args, { env, action, text = '' }) {
  const keys = env ?? { TD_API_KEY: here.account.apikey };
  const command = [SCRIPT, action, text, process.execPath, CLI, ...args];
  const { PATH, NODE_V8_COVERAGE = '' } = process.env;
  const { stdout } = await promisify(execFile)('python3', command, {
    cwd: here.folder,
    env: { PATH, NODE_V8_COVERAGE, ...keys },
    maxBuffer: 2 ** 26,
  });
  const watch = KeyWatch.of(here.seed, keys);
  watch.assertNoneIn(stdout, 'what the terminal shows');
  await watch.assertNoneInFiles(here.folder);
  return JSON.parse(stdout);
}
