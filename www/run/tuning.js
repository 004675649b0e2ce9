// Options that are numbers, as the user types them. An empty text means the library's default.

/** @import { Signal } from '@preact/signals' */

/** @typedef {Record<string, Signal<string>>} Tuning */

/**
 * Why numbers cannot be used, by their names.
 * @param {Tuning} tuning
 * @param {string[]} [zeroAllowed] names of numbers that may be 0
 * @returns {Record<string, string>}
 */
export function tuningErrors(tuning, zeroAllowed = []) {
  return Object.fromEntries(
    Object.entries(tuning).flatMap(([name, { value }]) => {
      const min = zeroAllowed.includes(name) ? 0 : 1;
      const isValid = value.trim() === '' || (/^\d{1,9}$/.test(value.trim()) && Number(value) >= min);
      return isValid ? [] : [[name, `Enter an integer ≥ ${min}.`]];
    }),
  );
}

/**
 * The numbers that the user has typed, by their names.
 * @param {Tuning} tuning valid ones
 * @returns {Record<string, number>}
 */
export function tuningNumbers(tuning) {
  return Object.fromEntries(
    Object.entries(tuning).flatMap(([name, { value }]) =>
      value.trim() === '' ? [] : [[name, Number(value)]],
    ),
  );
}
