import { signal } from '@preact/signals';

/** The views, by the names of their tabs. */
export const VIEWS = /** @type {const} */ (['connect', 'clone', 'export']);

/** @typedef {(typeof VIEWS)[number]} View */

/** The view that is shown. */
export const view = signal(/** @type {View} */ ('connect'));
