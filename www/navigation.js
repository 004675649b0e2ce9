import { signal } from '@preact/signals';

/** The names of the views, in the order of their tabs. */
export const VIEWS = /** @type {const} */ (['connect', 'clone', 'export']);

/** @typedef {(typeof VIEWS)[number]} View */

/** The current view. */
export const view = signal(/** @type {View} */ ('connect'));
