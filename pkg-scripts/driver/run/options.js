// Imports nothing, so that the command line can read the defaults at start-up.

/** The default of every option that petit's JavaScript decides. */
export const DEFAULTS = /** @type {const} */ ({
  /** Tables at a time. */
  tableParallelism: 2,
  /** Jobs, ranges of a result and uploads at a time, for each table. */
  downloadParallelism: 4,
  /** Maximum rows decoded at a time. */
  chunkSize: 10_000,
  retryTimeoutMs: 300_000,
  idleTimeoutMs: 60_000,
  onExisting: 'error',
  /** What an update does about a table whose columns have changed. */
  onDrift: 'fail',
  via: 'auto',
  /** What a clone does about logical views. */
  views: 'skip',
  /** What a clone verifies before it publishes a table. */
  verify: 'count',
  /** Of a source and of a destination. */
  site: 'aws',
  outputDir: 'dataset',
  compression: 'zstd',
  invalidUtf8: 'error',
  /** Encodings of columns that a dictionary does not make smaller. */
  encodings: 'compatible',
  /** Maximum rows in a row group. */
  rowGroupRows: 1_000_000,
  /** What a comparison compares, and how. */
  compare: 'full',
  method: 'auto',
  /** Time between two polls of a workflow attempt. */
  waitIntervalMs: 5_000,
  /** How long a workflow start is retried while the account runs too many attempts. */
  queueTimeoutMs: 60_000,
});

/** Defaults that the core or the platform decides, as help and the page show them. A test compares the core's. */
export const SHOWN_DEFAULTS = /** @type {const} */ ({
  timeColumn: 'time',
  /** For up to 1,024 columns; more columns get more. */
  rowGroupMiB: 8,
  workers: 'one per core',
  splitRows: 'only large tables',
});

/** API calls at a time that only list or read. */
const MAX_READS = 8;

/**
 * How much runs at a time, for each layer.
 * @typedef {object} Limits
 * @property {number} tables
 * @property {number} partitions of a table, written to files
 * @property {number} jobs of a table
 * @property {number} ranges of a job's result, downloaded
 * @property {number} uploads of parts, for each table
 * @property {number} reads API calls that only list or read
 */

/**
 * The limits that two options set. `downloadParallelism` limits three layers: more jobs than downloads would only wait.
 * @param {{ tableParallelism?: number, downloadParallelism?: number, partition?: string }} request
 * @returns {Limits}
 */
export function limitsOf({ tableParallelism, downloadParallelism, partition }) {
  const tables = tableParallelism ?? DEFAULTS.tableParallelism;
  const perTable = downloadParallelism ?? DEFAULTS.downloadParallelism;
  return {
    // A partitioned table writes as many files at a time as there would be tables.
    tables: partition ? 1 : tables,
    partitions: tables,
    ...{ jobs: perTable, ranges: perTable, uploads: perTable },
    reads: MAX_READS,
  };
}
