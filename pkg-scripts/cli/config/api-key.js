import { PetitError } from '../../driver/errors.js';

/** @type {[test: RegExp, reason: string][]} */
const FAULTS = [
  [/^["'`“”‘’]|["'`“”‘’]$/u, 'is in quotes'],
  [/\p{Cc}/u, 'contains a control character, such as a line end'],
  [/\s/u, 'contains white space'],
  [/["'`]/u, 'contains a quote'],
  [/[^\x21-\x7e]/u, 'contains a character that is not ASCII'],
];

/**
 * Refuses a key that cannot be one, instead of a request that fails with "unauthorized". The message never shows the key.
 * @param {string} key
 * @param {string} origin where the key comes from
 */
export function checkKey(key, origin) {
  const [, reason] = FAULTS.find(([test]) => test.test(key)) ?? [];
  if (reason === undefined) return;
  throw new PetitError('bad_key', `the API key in ${origin} ${reason}`);
}
