import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KeyWatch } from './secrets.js';

const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));
const SCRIPT = fileURLToPath(new URL('./terminal.py', import.meta.url));

/**
 * Runs petit in a new terminal, in the test's folder.
 * @param {import('./index.js').TestEnv} env
 * @param {string[]} args
 * @param {object} options
 * @param {Record<string, string>} [options.variables] environment variables (default: the account's key)
 * @param {'CLOSE' | 'TYPE' | 'WATCH'} options.action once petit has written `text`: close the terminal, or press Ctrl-C
 * @param {string} [options.text]
 * @returns {Promise<{ code: number | null, acted: boolean, output: string }>}
 */
export async function inTerminal(env, args, { variables, action, text = '' }) {
  const keys = variables ?? { TD_API_KEY: env.account.apikey };
  const command = [SCRIPT, action, text, process.execPath, CLI, ...args];
  const { PATH, NODE_V8_COVERAGE = '' } = process.env;
  const { stdout } = await promisify(execFile)('python3', command, {
    cwd: env.folder,
    env: { PATH, NODE_V8_COVERAGE, ...keys },
    maxBuffer: 2 ** 26,
  });
  const watch = KeyWatch.of(env.seed, keys);
  watch.assertNoneIn(stdout, 'what the terminal shows');
  await watch.assertNoneInFiles(env.folder);
  return JSON.parse(stdout);
}
