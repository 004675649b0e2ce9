// Keeps the page's address and its state the same: Back, Forward and a reload lead to what was shown.
import { effect } from '@preact/signals';
import { fromHash, shortHash } from './address.js';
import { VIEWS, view } from './navigation.js';

/** @import { AddressField } from './address-fields.js' */
/** @import { View } from './navigation.js' */

/**
 * Takes the state from the address, and writes every change of the state into it. Another view is a new entry of the
 * history; other options replace it.
 * @param {Record<View, AddressField[]>} fields of the views
 */
export function watchAddress(fields) {
  const read = () => {
    const { view: name, options } = fromHash(location.hash, VIEWS);
    const shown = /** @type {View} */ (name);
    for (const field of fields[shown]) field.write(options);
    view.value = shown;
  };
  read();
  window.addEventListener('popstate', read);
  let lastView = view.peek();
  effect(() => {
    const current = view.value;
    const options = fields[current].flatMap((field) => field.read());
    const lists = fields[current].filter(({ isList }) => isList).map(({ name }) => name);
    const hash = shortHash(current, options, lists);
    if (hash !== location.hash) {
      const url = hash === '' ? location.pathname + location.search : hash;
      if (current === lastView) history.replaceState(null, '', url);
      else history.pushState(null, '', url);
    }
    lastView = current;
  });
}
