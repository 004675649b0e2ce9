import { PetitError } from '../errors.js';
import { splitRows } from '../result/split-rows.js';
import { countBytes } from '../run/progress.js';
import { formatRows } from '../utils/format-rows.js';
import { wasm } from '../wasm.js';
import { maskOf } from '../workers/mask.js';
import { encodeRowGroups, rowBounds, stitchFile } from './parquet.js';

/** @import { PlannedMask } from '../../core.js' */
/** @import { ExportTask, Sink } from '../../types.js' */
/** @import { Result } from '../result/job-result.js' */
/** @import { Mask } from '../workers/mask.js' */
/** @import { FinishedJob } from '../td/job.js' */
/** @import { TableRun } from './table.js' */

/** The schema of a job without a result, because it is no SELECT. */
const NO_COLUMNS = '[]';

/**
 * A file to write.
 * @typedef {object} FileTask
 * @property {() => Promise<Sink>} open
 * @property {() => Promise<Result>} openResult the result that the file gets
 * @property {(result: Result, job: FinishedJob) => void} onResult called when the result's first job has ended
 * @property {[string, string][]} metadata key/value metadata of the file
 * @property {ExportTask} task the table, query or job that the rows are of
 */

/**
 * Exports a result to a Parquet file. If anything fails, no file is left.
 * @param {TableRun} run
 * @param {FileTask} task
 */
export async function exportFile(run, { open, openResult, onResult, metadata, task }) {
  // The file comes first: a folder that cannot be written should not cost a job.
  const sink = await open();
  /** @type {Result | undefined} */
  let result;
  try {
    result = await openResult();
    const job = await result.first();
    onResult(result, job);
    return await writeResult(run, result, job, sink, { metadata, task });
  } catch (error) {
    // The sink may be closed or have failed already.
    await sink.writable.abort(error).catch(() => {});
    await result?.close();
    throw error;
  }
}

/**
 * @param {TableRun} run
 * @param {Result} result
 * @param {FinishedJob} job its first job
 * @param {Sink} sink
 * @param {Pick<FileTask, 'metadata' | 'task'>} file
 */
async function writeResult(run, result, job, sink, { metadata, task }) {
  const { jobId } = job;
  if (job.schema === NO_COLUMNS) throw new PetitError('no_result', 'the job has no result');
  const { schema, mask, masks } = maskResult(run, job.schema, task);
  const { notes } = wasm.describeSchema(schema, { invalidUtf8: run.parquet.invalidUtf8 });
  throwIfNameHasKey(run, schema);
  let [rows, downloadedBytes] = [0, 0];
  const file = encodeFile(run, result, {
    ...{ schema, mask },
    metadata: withoutKeys(run, [
      ...metadata,
      ['td.job_id', jobId],
      ['td.result_schema', schema],
      ...maskMetadata(masks),
    ]),
    onBytes: (bytes) => {
      downloadedBytes += bytes;
      run.progress.increment({ bytes });
    },
    onRows: (encoded) => {
      rows += encoded;
      run.progress.increment({ rows: encoded });
    },
  });
  const bytes = await writeFile(run, file, sink, (written) => checkRowCount(result.numRecords, written));
  return {
    ...{ rows: BigInt(rows), bytes: BigInt(bytes), downloadedBytes: BigInt(downloadedBytes) },
    ...{ jobs: result.jobs.map(({ jobId }) => jobId), notes, schema, masks },
  };
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
 * The origin of a file: what the plan says, and the schema of the table.
 * @param {TableRun} run
 * @param {ExportTask} task
 * @returns {[string, string][]}
 */
export function fileMetadata({ tables }, { table, metadata, isView }) {
  // The columns of a view are known only to its query.
  const schema = isView ? undefined : tables?.schemaText(table);
  return schema === undefined ? metadata : [...metadata, ['td.table_schema', schema]];
}

/**
 * Metadata that repeats no API key: its text comes from a server.
 * @param {TableRun} run
 * @param {[string, string][]} metadata
 * @returns {[string, string][]}
 */
const withoutKeys = ({ outlet }, metadata) => metadata.map(([name, text]) => [name, outlet.text(text)]);

/**
 * The pipeline from the job result to the bytes of the file. Each stage takes the next item when it is ready for it, so
 * that memory stays bounded: by the ranges and the row groups in flight.
 *
 * @param {TableRun} run
 * @param {Result} result
 * @param {object} options
 * @param {string} options.schema of the masked rows
 * @param {Mask} [options.mask]
 * @param {[string, string][]} options.metadata
 * @param {(bytes: number) => void} options.onBytes called with the bytes of each downloaded chunk
 * @param {(rows: number) => void} options.onRows called with the rows of each row group
 */
function encodeFile({ profile, pool, parquet }, result, { onBytes, ...file }) {
  const { stage } = profile;
  const chunks = countBytes(stage('download', () => result.chunks())(), onBytes);
  const groups = stage('gunzip, split', splitRows)(
    chunks,
    rowBounds(file.schema, parquet),
    () => result.promisedRows,
  );
  const encoded = encodeRowGroups(groups, pool, file, parquet);
  return stage('stitch', stitchFile)(encoded, parquet, file);
}

/**
 * Writes the bytes of a file, and closes the sink if `check` accepts the number of rows. Otherwise aborts it.
 * @param {TableRun} run
 * @param {AsyncGenerator<Uint8Array, number>} file returns its rows
 * @param {Sink} sink
 * @param {(rows: number) => void} check
 * @returns {Promise<number>} bytes
 */
async function writeFile({ signal, profile }, file, { writable }, check) {
  const writer = writable.getWriter();
  const write = profile.task('write', (/** @type {Uint8Array} */ chunk) => writer.write(chunk));
  const close = profile.task('write', () => writer.close());
  let written = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await file.next();
      if (done) {
        check(value);
        break;
      }
      written += value.length;
      await write(value);
    }
    await close();
  } catch (error) {
    await file.return(0);
    // A sink that failed rejects with the error that is thrown here.
    await writer.abort(error).catch(() => {});
    throw error;
  }
  return written;
}

/**
 * @param {bigint | undefined} numRecords of the job, or of the jobs of all slices
 * @param {number} rows
 */
function checkRowCount(numRecords, rows) {
  if (numRecords === undefined || numRecords === BigInt(rows)) return;
  throw new PetitError(
    'row_count_mismatch',
    `the job has ${formatRows(numRecords)}, but ${rows} were received`,
  );
}
