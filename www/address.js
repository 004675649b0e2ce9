// The part of the page's address behind the `#`: the view and its options. Never a key. Pure functions.

/** @typedef {[name: string, value: string][]} Options in the order of the address */

/** Longer addresses are cut by some programs. Then the choice of tables is left out. */
const MAX_LENGTH = 4000;

/**
 * @param {string} view
 * @param {Options} options those that differ from their defaults
 * @returns {string} empty for the first view without options
 */
export function toHash(view, options) {
  const query = new URLSearchParams(options).toString();
  if (view === 'connect') return '';
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}

/**
 * The address of a view. Names of tables are left out of one that would be too long.
 * @param {string} view
 * @param {Options} options
 * @param {string[]} lists names of options that can occur many times
 */
export function shortHash(view, options, lists) {
  const hash = toHash(view, options);
  if (hash.length <= MAX_LENGTH) return hash;
  return toHash(
    view,
    options.filter(([name]) => !lists.includes(name)),
  );
}

/**
 * @param {string} hash of any origin
 * @param {readonly string[]} views
 * @returns {{ view: string, options: URLSearchParams }} the first view if there is no such one
 */
export function fromHash(hash, views) {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const view = views.find((name) => name === path) ?? views[0] ?? '';
  return { view, options: new URLSearchParams(view === path ? query : '') };
}
