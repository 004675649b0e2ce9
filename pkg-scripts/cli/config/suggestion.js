import { instantiate, wasm } from '../../driver/wasm.js';
import { platform } from '../../platform/node.js';

/** Maximum number of names in a message. */
const MAX_NAMES = 20;

/**
 * The end of a message about a name that does not exist: similar names, or all.
 * @param {string} name
 * @param {string[]} names that exist
 */
export async function suggestion(name, names) {
  await instantiate(await platform.loadWasm());
  const quoted = (/** @type {string[]} */ list) => list.map((one) => JSON.stringify(one)).join(', ');
  const similar = wasm.nearest(name, names);
  if (similar.length > 0) return `did you mean ${quoted(similar)}?`;
  const hidden = names.length - MAX_NAMES;
  return `there is ${quoted(names.slice(0, MAX_NAMES))}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}
