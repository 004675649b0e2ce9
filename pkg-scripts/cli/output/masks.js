import { escapeControlChars } from './sanitize.js';

/** @import { PlannedMask } from '../../types.js' */

/**
 * The lines of a dry run about masked columns.
 * @param {{ table: string, masks: PlannedMask[], requiredMasks?: string[] }[]} tables
 * @returns {string[]}
 */
export function maskLines(tables) {
  const planned = tables.flatMap(({ table, masks }) =>
    masks.map(({ column, method }) => `  ${table}.${column}: ${method}`),
  );
  const required = tables.flatMap(({ table, requiredMasks = [] }) =>
    requiredMasks.map((rule) => `  ${table}: the rule ${rule}, which must match a column of the result`),
  );
  const lines = [...planned, ...required].map(escapeControlChars);
  return lines.length > 0 ? ['MASKED:', ...lines] : [];
}
