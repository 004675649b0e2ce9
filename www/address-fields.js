// The options that the address of a view keeps, each with the signal that holds it.

/** @import { Signal } from '@preact/signals' */
/** @import { Options } from './address.js' */

/**
 * One option in an address.
 * @typedef {object} AddressField
 * @property {string} name
 * @property {() => Options} read the option, unless it has its default
 * @property {(options: URLSearchParams) => void} write takes the option, or its default
 * @property {boolean} [isList] whether it can occur many times
 */

/**
 * @template {string} V
 * @param {string} name
 * @param {Signal<V>} signal
 * @param {readonly V[]} [allowed] values; default: any
 * @returns {AddressField}
 */
export function textField(name, signal, allowed) {
  const initial = signal.peek();
  return {
    name,
    read: () => (signal.value === initial ? [] : [[name, signal.value]]),
    write: (options) => {
      const value = /** @type {V} */ (options.get(name) ?? initial);
      signal.value = allowed && !allowed.includes(value) ? initial : value;
    },
  };
}

/**
 * @param {string} name
 * @param {Signal<ReadonlySet<string>>} signal of names
 * @returns {AddressField}
 */
export const listField = (name, signal) => ({
  name,
  isList: true,
  read: () => [...signal.value].map((value) => [name, value]),
  write: (options) => {
    signal.value = new Set(options.getAll(name));
  },
});

/**
 * @param {Record<string, Signal<string>>} signals by the names of their options
 * @returns {AddressField[]}
 */
export const textFields = (signals) =>
  Object.entries(signals).map(([name, signal]) => textField(name, signal));
