import { PetitError } from '../errors.js';
import { splitRows } from '../result/split-rows.js';
import { countBytes } from '../run/progress.js';
import { formatRows } from '../utils/format-rows.js';
import { wasm } from '../wasm.js';
import { maskOf } from '../workers/mask.js';
import { encodeRowGroups, rowBounds, stitchFile } from './parquet.js';
import { splitFiles } from './split-files.js';

/** @import { PlannedMask } from '../../core.js' */
/** @import { ExportTask, Sink } from '../../types.js' */
/** @import { Result } from '../result/job-result.js' */
/** @import { Mask } from '../workers/mask.js' */
/** @import { FinishedJob } from '../td/job.js' */
/** @import { TableRun } from './table.js' */

/** The schema of a job without a result, because it is no SELECT. */
const NO_COLUMNS = '[]';

/**
 * Files to write.
 * @template {Sink} S
 * @typedef {object} FileTask
 * @property {(index: number) => Promise<S>} open
 * @property {() => Promise<Result>} openResult the result that the files get
 * @property {(result: Result, job: FinishedJob) => void} onResult called when the result's first job has ended
 * @property {[string, string][]} metadata key/value metadata of each file
 * @property {number} [fileSize] approximate maximum size of a file in bytes; default: one file
 * @property {ExportTask} task the table, query or job that the rows are of
 */

/** A file that is complete.
 * @template {Sink} S
 * @typedef {{ sink: S, rows: bigint, bytes: bigint }} WrittenFile */

/**
 * Exports a result to Parquet files. If anything fails, none of them is complete but those that `open` keeps back.
 * @template {Sink} S
 * @param {TableRun} run
 * @param {FileTask<S>} task
 */
export async function exportFiles(run, task) {
  const { timestampColumns } = task.task;
  const fileRun = { ...run, parquet: { ...run.parquet, timestampColumns } };
  // The file comes first: a folder that cannot be written should not cost a job.
  const sink = await task.open(0);
  /** @type {Result | undefined} */
  let result;
  try {
    result = await task.openResult();
    const job = await result.first();
    task.onResult(result, job);
    return await writeResult(fileRun, result, job, sink, task);
  } catch (error) {
    // The sink may be closed or have failed already.
    await sink.writable.abort(error).catch(() => {});
    await sink.abort?.();
    await result?.close();
    throw error;
  }
}

/**
 * @template {Sink} S
 * @param {TableRun} run
 * @param {Result} result
 * @param {FinishedJob} job its first job
 * @param {S} first
 * @param {FileTask<S>} task
 */
async function writeResult(run, result, job, first, { open, metadata, fileSize, task }) {
  const { jobId } = job;
  if (job.schema === NO_COLUMNS) throw new PetitError('no_result', 'the job has no result');
  const { schema, mask, masks } = maskResult(run, job.schema, task);
  const { invalidUtf8, timestampColumns } = run.parquet;
  const { notes } = wasm.describeSchema(schema, { invalidUtf8, timestampColumns });
  throwIfNameHasKey(run, schema);
  let downloadedBytes = 0;
  const groups = encodeResult(run, result, { schema, mask }, (bytes) => {
    downloadedBytes += bytes;
    run.progress.increment({ bytes });
  });
  const files = await writeFiles(run, splitFiles(groups, fileSize), {
    open: async (index) => (index === 0 ? first : open(index)),
    schema,
    metadata: withoutKeys(run, [
      ...metadata,
      ['td.job_id', jobId],
      ['td.result_schema', schema],
      ...maskMetadata(masks),
    ]),
    onRows: (rows) => run.progress.increment({ rows }),
    check: (rows) => checkRowCount(result.numRecords, rows),
  });
  const sum = (/** @type {'rows' | 'bytes'} */ field) =>
    files.reduce((total, file) => total + file[field], 0n);
  return {
    ...{ rows: sum('rows'), bytes: sum('bytes'), downloadedBytes: BigInt(downloadedBytes) },
    ...{ jobs: result.jobs.map(({ jobId }) => jobId), notes, schema, masks, files },
  };
}

/**
 * Writes the row groups to files, one after the other.
 * @template {Sink} S
 * @param {TableRun} run
 * @param {ReturnType<typeof splitFiles>} groups
 * @param {object} options
 * @param {(index: number) => Promise<S>} options.open
 * @param {string} options.schema the job's `hive_result_schema`
 * @param {[string, string][]} options.metadata
 * @param {(rows: number) => void} options.onRows called with the rows of each row group
 * @param {(rows: bigint) => void} options.check called with all rows, before the last file is complete
 * @returns {Promise<WrittenFile<S>[]>}
 */
async function writeFiles(run, groups, { open, check, ...file }) {
  const stitch = run.profile.stage('stitch', stitchFile);
  /** @type {WrittenFile<S>[]} */
  const files = [];
  let total = 0n;
  try {
    do {
      const sink = await open(files.length);
      const stitched = stitch(groups.nextFile(), run.parquet, file);
      const { rows, bytes } = await writeFile(run, stitched, sink, (written) => {
        total += BigInt(written);
        if (groups.isDone()) check(total);
      });
      files.push({ sink, rows: BigInt(rows), bytes: BigInt(bytes) });
    } while (!groups.isDone());
    return files;
  } finally {
    await groups.close();
  }
}

/**
 * The schema of the file, and how the rows of a result are masked.
 * @param {TableRun} run
 * @param {string} schema the job's `hive_result_schema`
 * @param {ExportTask} task
 * @returns {{ schema: string, mask?: Mask | undefined, masks: PlannedMask[] }}
 */
function maskResult({ masking }, schema, { table, requiredMasks }) {
  const { mask: rules = [], maskKey } = masking;
  if (rules.length === 0) return { schema, masks: [] };
  const { columns, ...masked } = wasm.maskResult(schema, rules, table, requiredMasks);
  if (masked.masks.length === 0) return { schema, masks: [] };
  return { ...masked, mask: maskOf(columns, maskKey) };
}

/**
 * @param {PlannedMask[]} masks
 * @returns {[string, string][]}
 */
const maskMetadata = (masks) => (masks.length > 0 ? [['petit.masks', JSON.stringify(masks)]] : []);

/**
 * A file must have the names of its columns as they are, and must not have a part of an API key.
 * @param {TableRun} run
 * @param {string} schema
 */
function throwIfNameHasKey({ outlet }, schema) {
  if (outlet.isClean(schema)) return;
  /** @type {unknown[]} */
  const columns = JSON.parse(schema);
  const index = columns.findIndex((column) => !outlet.isClean(JSON.stringify(column)));
  // A part of a key that only several names together have is in no name.
  if (index < 0) return;
  throw new PetitError('key_in_name', `column ${index + 1} has a part of an API key in its name`);
}

/**
 * Metadata that repeats no API key: its text comes from a server.
 * @param {TableRun} run
 * @param {[string, string][]} metadata
 * @returns {[string, string][]}
 */
const withoutKeys = ({ outlet }, metadata) => metadata.map(([name, text]) => [name, outlet.text(text)]);

/**
 * The pipeline from the job result to encoded row groups. Each stage takes the next item when it is ready for it, so that
 * memory stays bounded: by the ranges and the row groups in flight.
 *
 * @param {TableRun} run
 * @param {Result} result
 * @param {{ schema: string, mask?: Mask | undefined }} rows their schema after masking
 * @param {(bytes: number) => void} onBytes called with the bytes of each downloaded chunk
 */
function encodeResult({ profile, pool, parquet }, result, rows, onBytes) {
  const { stage } = profile;
  const chunks = countBytes(stage('download', () => result.chunks())(), onBytes);
  const groups = stage('gunzip, split', splitRows)(
    chunks,
    rowBounds(rows.schema, parquet),
    () => result.promisedRows,
  );
  return encodeRowGroups(groups, pool, rows, parquet);
}

/**
 * Writes the bytes of a file, and commits the sink if `check` accepts the number of rows. Otherwise aborts it.
 * @param {TableRun} run
 * @param {AsyncGenerator<Uint8Array, number>} file returns its rows
 * @param {Sink} sink
 * @param {(rows: number) => void} check
 * @returns {Promise<{ rows: number, bytes: number }>}
 */
async function writeFile({ signal, profile }, file, { writable, commit = async () => {} }, check) {
  const writer = writable.getWriter();
  const write = profile.task('write', (/** @type {Uint8Array} */ chunk) => writer.write(chunk));
  const close = profile.task('write', () => writer.close());
  const publish = profile.task('write', commit);
  let [rows, bytes] = [0, 0];
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await file.next();
      if (done) {
        rows = value;
        check(rows);
        break;
      }
      bytes += value.length;
      await write(value);
    }
    await close();
    signal.throwIfAborted();
    await publish();
  } catch (error) {
    await file.return(0);
    // A sink that failed rejects with the error that is thrown here.
    await writer.abort(error).catch(() => {});
    throw error;
  }
  return { rows, bytes };
}

/**
 * @param {bigint | undefined} numRecords of the job, or of the jobs of all slices
 * @param {bigint} rows
 */
function checkRowCount(numRecords, rows) {
  if (numRecords === undefined || numRecords === rows) return;
  throw new PetitError(
    'row_count_mismatch',
    `the job has ${formatRows(numRecords)}, but ${rows} were received`,
  );
}
