/** @import { ExportTask } from '../../types.js' */
/** @import { ExportedPart } from './folder.js' */

/** Version of the manifest's format. */
const MANIFEST_VERSION = 1;

/**
 * What the manifest beside a folder says about its files.
 * @param {ExportTask} task
 * @param {ExportedPart[]} parts
 * @param {string} startedAt
 */
export function manifestOf({ database, table, partitioning }, parts, startedAt) {
  const sum = (/** @type {'rows' | 'bytes'} */ field) =>
    parts.reduce((total, part) => total + part[field], 0n);
  return {
    version: MANIFEST_VERSION,
    ...{ database, table, startedAt },
    partitioning: partitioning ? { ...partitioning, column: 'time', timeZone: 'UTC' } : null,
    schema: parts[0]?.schema,
    ...{ rows: sum('rows'), bytes: sum('bytes') },
    files: parts.flatMap(({ value, start, end, jobs, files }) =>
      files.map(({ path, rows, bytes, sha256 }) => ({
        ...{ path, value: value ?? null, start: start ?? null, end: end ?? null },
        ...{ rows, bytes, sha256, jobs },
      })),
    ),
  };
}
