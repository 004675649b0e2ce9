import { count } from '../../pkg-scripts/shared/format.js';

/**
 * A number with its noun: `1 table`, `2 tables`.
 * @param {number} number
 * @param {string} noun that takes an s in the plural
 */
export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
