import { InvalidArgumentError, Option } from 'commander';
import { DEFAULTS } from '../driver/run/options.js';
import { SITES } from '../shared/sites.js';

/** @import { Command } from 'commander' */

/**
 * An option that names a site. A slip is refused here: the core takes any other word for a host, and the key would go there.
 * @param {string} flags
 * @param {string} description
 */
export const siteOption = (flags, description) =>
  new Option(flags, description).choices(SITES.flatMap(({ names }) => names)).default('aws');

/**
 * The options of a command with two accounts.
 * @param {Command} command
 */
export function addPairOptions(command) {
  return command
    .option('--se, --source-endpoint <url>', 'API endpoint of the source (a host without scheme gets https)')
    .addOption(siteOption('--source-site <site>', 'site of the source'))
    .option('--de, --dest-endpoint <url>', 'API endpoint of the destination')
    .addOption(siteOption('--dest-site <site>', 'site of the destination'));
}

/**
 * The options of every command that talks to Treasure Data.
 * @param {Command} command
 * @param {string} keys what standard input holds with --api-key-stdin
 */
export function addConnectionOptions(command, keys) {
  command
    .option(
      '--retry-timeout <seconds>',
      'how long trouble at Treasure Data may last',
      wholeNumber(0),
      DEFAULTS.retryTimeoutMs / 1000,
    )
    .option(
      '--idle-timeout <seconds>',
      'how long an answer, or its next bytes, may take',
      wholeNumber(1),
      DEFAULTS.idleTimeoutMs / 1000,
    )
    .option('--allow-http', 'send API keys over plain http too, where others can read them')
    .option('--api-key-stdin', `read ${keys} from standard input`)
    .option('--ca-file <file>', 'also trust the certificates in this PEM file');
}

/**
 * How long trouble and silence may last, as the library takes it.
 * @param {Record<string, any>} options
 */
export const persistence = ({ retryTimeout, idleTimeout }) => ({
  retryTimeoutMs: retryTimeout * 1000,
  idleTimeoutMs: idleTimeout * 1000,
});

/** An id as TD gives them: digits, of any number.
 * @param {string} text */
export function idNumber(text) {
  if (/^\d{1,19}$/.test(text)) return text;
  throw new InvalidArgumentError('It has to be an id: a whole number.');
}

/** @type {Record<string, number>} */
const UNITS = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/**
 * A whole number of at least `least`.
 * @param {number} least
 */
export const wholeNumber = (least) => (/** @type {string} */ text) => {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
  throw new InvalidArgumentError(`It has to be a whole number of at least ${least}.`);
};

/** A share of the work: `2/5`.
 * @param {string} text */
export function shard(text) {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (index && count) return { index: Number(index), count: Number(count) };
  throw new InvalidArgumentError('It has to be i/n, such as 2/5.');
}

/** A number of bytes: `16777216`, `16384k`, `16MiB`.
 * @param {string} text */
export function byteSize(text) {
  const [, digits = '', unit = ''] = /^(\d+) ?([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  if (digits !== '' && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidArgumentError('It has to be a number of bytes, such as 16777216 or 16MiB.');
}
