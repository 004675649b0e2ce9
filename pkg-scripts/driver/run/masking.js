import { wasm } from '../wasm.js';

/** @import { MaskOptions } from '../../types.js' */
/** @import { Outlet } from '../utils/redact.js' */

/**
 * Checks the rules and the secret before the first request, and hides the secret from what leaves the run.
 * @param {{ outlet: Outlet }} run
 * @param {MaskOptions} options
 */
export function checkMasking({ outlet }, { mask = [], maskKey }) {
  if (maskKey !== undefined) outlet.hide(maskKey);
  if (mask.length > 0) wasm.checkMasks(mask, maskKey);
}
