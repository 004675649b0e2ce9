import { wasm } from '../wasm.js';

/** @import { MaskedColumn } from '../../core.js' */

/**
 * How the rows of one table are masked.
 * @typedef {object} Mask
 * @property {MaskedColumn[]} columns of a row before masking
 * @property {string} [secret]
 */

/**
 * @param {MaskedColumn[] | undefined} columns undefined if no column is masked
 * @param {string} [secret]
 * @returns {Mask | undefined}
 */
export const maskOf = (columns, secret) => columns && { columns, ...(secret && { secret }) };

/**
 * A function that masks consecutive batches of whole rows, and `free`, which must be called at the end.
 * @param {Mask | undefined} mask
 * @param {number} firstRow index of the first row in the result
 */
export function openMask(mask, firstRow) {
  if (!mask) return { apply: (/** @type {Uint8Array} */ rows) => rows, free: () => {} };
  const masker = new wasm.Masker(mask.columns, mask.secret, firstRow);
  return {
    apply: (/** @type {Uint8Array} */ rows) => masker.mask(rows),
    free: () => masker.free(),
  };
}
