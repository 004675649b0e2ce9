import { InvalidArgumentError, Option } from 'commander';
import { SITES } from '../sites.js';

/**
 * An option that names a site. A slip is refused here: the core takes any other word for a host, and the key would go there.
 * @param {string} flags
 * @param {string} description
 */
export const siteOption = (flags, description) =>
  new Option(flags, description).choices(SITES.flatMap(({ names }) => names)).default('aws');

/** Lets API keys go over plain HTTP, which is refused otherwise. */
export const allowHttpOption = () =>
  new Option('--allow-http', 'send API keys over plain http too, where others can read them');

/** How long trouble may last. */
export const retryTimeout = () =>
  new Option('--retry-timeout <seconds>', 'how long trouble at Treasure Data may last')
    .argParser(wholeNumber(0))
    .default(300);

/** How long silence may last. */
export const idleTimeout = () =>
  new Option('--idle-timeout <seconds>', 'how long an answer, or its next bytes, may take')
    .argParser(wholeNumber(1))
    .default(60);

/**
 * Both, as the library takes them.
 * @param {Record<string, any>} options
 */
export const persistence = ({ retryTimeout, idleTimeout }) => ({
  retryTimeoutMs: retryTimeout * 1000,
  idleTimeoutMs: idleTimeout * 1000,
});

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

/** A number of bytes: `16777216`, `16384k`, `16MiB`.
 * @param {string} text */
export function byteSize(text) {
  const [, digits = '', unit = ''] = /^(\d+) ?([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  if (digits !== '' && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidArgumentError('It has to be a number of bytes, such as 16777216 or 16MiB.');
}
