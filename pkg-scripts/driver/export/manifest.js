/** @import { ManifestFile } from '../../core.js' */
/** @import { ExportTask } from '../../types.js' */
/** @import { ExportedPart } from './folder.js' */
/** @import { TableRun } from './table.js' */

/** Version of the manifest's format. */
const MANIFEST_VERSION = 1;

/**
 * What a manifest says.
 * @typedef {object} ManifestContent
 * @property {ExportedPart[]} parts
 * @property {ManifestFile[]} kept files of an update that stay
 * @property {string} [schema] of the results that the kept files have
 * @property {string} startedAt
 */

/**
 * What the manifest beside a folder says about its files.
 * @param {TableRun} run
 * @param {ExportTask} task
 * @param {ManifestContent} content
 */
export function manifestOf(run, task, { parts, kept, schema, startedAt }) {
  const { database, table, sql, partitioning, isView, metadata, timestampColumns, limit } = task;
  const masks = parts[0]?.masks ?? [];
  const files = [...kept, ...parts.flatMap(filesOf)].sort(byTime);
  const sum = (/** @type {'rows' | 'bytes'} */ field) =>
    files.reduce((total, file) => total + file[field], 0n);
  return {
    version: MANIFEST_VERSION,
    ...{ site: metadata.find(([name]) => name === 'td.site')?.[1], database, table, startedAt, sql },
    ...(!isView && { tableSchema: run.tables?.schemaText(table) }),
    ...(masks.length > 0 && { masks }),
    invalidUtf8: run.parquet.invalidUtf8,
    ...(timestampColumns.length > 0 && { timestampColumns }),
    ...(limit !== undefined && { limit }),
    partitioning: partitioning ? { ...partitioning, column: 'time', timeZone: 'UTC' } : null,
    schema: parts[0]?.schema ?? schema,
    ...{ rows: sum('rows'), bytes: sum('bytes') },
    files,
  };
}

/** @param {ExportedPart} part */
const filesOf = ({ value, start, end, checksum, jobs, files }) =>
  files.map(({ path, rows, bytes, sha256 }) => ({
    ...{ path, value: value ?? null, start: start ?? null, end: end ?? null },
    ...{ rows, bytes, sha256, jobs, ...(checksum !== undefined && { checksum }) },
  }));

/**
 * In the order of time; rows without a time are last.
 * @param {{ start?: number | null }} one
 * @param {{ start?: number | null }} other
 */
const byTime = (one, other) =>
  (one.start ?? Number.POSITIVE_INFINITY) - (other.start ?? Number.POSITIVE_INFINITY) || 0;
