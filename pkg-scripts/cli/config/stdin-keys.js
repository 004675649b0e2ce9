import { fstatSync } from 'node:fs';
import { PetitError } from '../../driver/errors.js';
import { exposureWarning } from './file-permissions.js';
import { decodeText } from './text-file.js';

/** Maximum number of bytes read from standard input: more than any two API keys have. */
const MAX_BYTES = 16 * 1024;

/**
 * Reads API keys from standard input, one per line. Blank lines are ignored.
 * @param {NodeJS.ReadStream} stdin
 * @param {string[]} labels of the accounts, in the order of their keys: `the source`, `the destination`
 * @param {(text: string) => void} log receives a warning about a file that others can read
 * @returns {Promise<string[]>}
 */
export async function readKeys(stdin, labels, log) {
  const expected =
    labels.length === 1
      ? 'one line, the API key'
      : `${labels.length} lines, the API keys of ${labels.join(' and ')}`;
  if (stdin.isTTY) {
    // A terminal would echo the key.
    throw new PetitError(
      'missing_key',
      `--api-key-stdin expects ${expected}, from a file or a pipe; standard input is a terminal`,
    );
  }
  warnOfExposedFile(stdin, log);
  const lines = (await readText(stdin)).split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '');
  if (keys.length === labels.length) return keys;
  throw new PetitError('missing_key', `--api-key-stdin expects ${expected}; received ${keys.length}`);
}

/**
 * @param {NodeJS.ReadStream & { fd?: number }} stdin
 * @param {(text: string) => void} log
 */
function warnOfExposedFile({ fd }, log) {
  if (typeof fd !== 'number') return;
  const stats = fstatSync(fd);
  const warning = stats.isFile() && exposureWarning('the file on standard input', stats);
  if (warning) log(warning);
}

/** @param {NodeJS.ReadStream} stdin */
async function readText(stdin) {
  const chunks = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BYTES)
      throw new PetitError('missing_key', 'standard input is longer than 16 KiB; expected only API keys');
  }
  return decodeText(Buffer.concat(chunks), { what: 'standard input', code: 'bad_key' });
}
