/**
 * Replaces what the driver takes from the global scope: `fetch`, and everything random.
 * @param {import('../support/random.js').Random} random
 * @param {(request: Request, init: RequestInit) => Promise<Response>} fetch
 * @returns {() => void} restores them
 */
export function replaceGlobals(random, fetch) {
  const replaced = [
    replace(Math, 'random', () => random.next()),
    replace(crypto, 'randomUUID', () => uuid(random)),
    replace(crypto, 'getRandomValues', (/** @type {Uint32Array} */ values) =>
      values.fill(random.below(2 ** 32)),
    ),
    replace(globalThis, 'fetch', fetch),
  ];
  return () => {
    for (const restore of replaced) restore();
  };
}

/**
 * @param {any} object
 * @param {string} name
 * @param {unknown} value
 */
function replace(object, name, value) {
  const original = object[name];
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  return () => Object.defineProperty(object, name, { value: original, configurable: true, writable: true });
}

/** @param {import('../support/random.js').Random} random */
function uuid(random) {
  const digits = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`;
}
