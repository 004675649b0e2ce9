import { inRows } from '../../shared/format.js';
import { escapeControlChars } from './sanitize.js';

/** @import { PlannedMask, PlannedSample } from '../../types.js' */

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

/**
 * The lines of a dry run about sampled tables.
 * @param {{ table: string, sample?: PlannedSample | undefined }[]} tables
 * @returns {string[]}
 */
export function sampleLines(tables) {
  const lines = tables.flatMap(({ table, sample }) => {
    if (!sample) return [];
    const rows = sample.rows === undefined ? '' : `, about ${inRows(sample.rows)}`;
    return [escapeControlChars(`  ${table}: ${sample.share} by ${sample.by ?? 'all columns'}${rows}`)];
  });
  return lines.length > 0 ? ['SAMPLED:', ...lines] : [];
}
