import { PetitError } from '../../driver/errors.js';

/** Most bytes that are read for keys: some more than any has. */
const MOST_BYTES = 16 * 1024;

/**
 * Reads API keys from standard input, a line each.
 * @param {NodeJS.ReadStream} stdin
 * @param {string[]} owners whose keys they are, in order: `source`, `destination`
 * @returns {Promise<string[]>}
 */
export async function readKeys(stdin, owners) {
  const wanted =
    owners.length === 1
      ? 'one line, the API key'
      : `${owners.length} lines, the API keys of ${owners.join(' and ')}`;
  if (stdin.isTTY) {
    // Typed, the key would stand on the screen.
    throw new PetitError(
      'missing_key',
      `--api-key-stdin reads ${wanted}, from a file or a pipe, not from a terminal`,
    );
  }
  const lines = (await textOf(stdin)).split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '');
  if (keys.length === owners.length) return keys;
  throw new PetitError('missing_key', `--api-key-stdin reads ${wanted}; there were ${keys.length || 'none'}`);
}

/** @param {NodeJS.ReadStream} stdin */
async function textOf(stdin) {
  const chunks = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MOST_BYTES) throw new PetitError('missing_key', 'standard input holds more than API keys');
  }
  return Buffer.concat(chunks).toString('utf8');
}
