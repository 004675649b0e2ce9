import { pMapIterable } from 'p-map';
import { PetitError } from '../errors.js';
import { JobResult } from '../result/job-result.js';
import { splitRows } from '../result/split-rows.js';
import { countBytes, withStatusUpdates } from '../run/progress.js';
import { callIdempotently } from '../td/idempotent.js';
import { formatRows } from '../utils/format-rows.js';
import { detachBuffer } from '../utils/free-buffer.js';
import { maskOf } from '../workers/mask.js';
import { encodeInOrder } from '../workers/pool.js';
import { release } from './names.js';
import { DEFLATE_LEVEL, joinParts, partSizes, SEGMENT_BOUNDS } from './parts.js';
import { completeSession, createSession } from './session.js';

/** @import { CopyTask } from '../../types.js' */
/** @import { Slice } from '../result/job-result.js' */
/** @import { Part } from './parts.js' */
/** @import { CloneTask, CopiedRows, TableRun } from './table.js' */

/** @typedef {(session: string, rows: bigint) => Promise<void>} CompleteSession */

/**
 * Copies a table's rows through petit: downloads the results of its jobs and loads them into the staging table by one bulk
 * import session. Checks that it received as many rows as the jobs have; TD checks that as many records are valid.
 *
 * @param {TableRun} run
 * @param {CloneTask} task
 * @param {Slice[]} slices
 * @param {CompleteSession} [complete] brings the session to its end
 * @returns {Promise<CopiedRows>}
 */
export async function bulkImport(
  run,
  { copy, bytes },
  slices,
  complete = (session, rows) => completeSession(run, session, rows),
) {
  const { source: td, sourceDatabase: database, limits, progress } = run;
  const calls = slices.length > 1 ? run.calls : withStatusUpdates(run, (status) => `source job ${status}`);
  const result = new JobResult({ td, database, slices, bytes }, { limits, calls });
  try {
    await result.first();
    progress.setTotals(result.numRecords, result.resultSize);
    const imported = result.numRecords === 0n ? NOTHING : await importRows(run, copy, result, complete);
    return {
      ...{ ...imported, downloadedBytes: progress.done.bytes },
      jobs: result.jobs.map(({ jobId }) => jobId),
    };
  } finally {
    await result.close();
  }
}

const NOTHING = { rows: 0n, bytes: 0n, parts: 0 };

/**
 * @param {TableRun} run
 * @param {CloneTask['copy']} copy
 * @param {JobResult} result
 * @param {CompleteSession} complete
 */
async function importRows(run, copy, result, complete) {
  const { destination, calls, progress } = run;
  const imported = { ...NOTHING };
  const session = await createSession(run, copy);
  progress.setPhase('copying');
  for await (const { byteLength, rows } of uploadResult(run, { ...copy, session }, result)) {
    imported.parts += 1;
    imported.bytes += BigInt(byteLength);
    imported.rows += BigInt(rows);
    progress.increment({ rows });
  }
  checkReceived(result, imported.rows);
  if (imported.rows > 0n) await complete(session, imported.rows);
  await callIdempotently(destination, { call: 'delete_session', session }, calls);
  release(copy.names, session);
  return imported;
}

/**
 * The pipeline from the job result to the parts of the session. Each stage takes the next item when it is ready for it, so
 * that memory stays bounded: by the ranges, the segments in flight, and the upload budget.
 *
 * @param {TableRun} run
 * @param {CopyTask} copy
 * @param {JobResult} result
 */
function uploadResult(run, { keys, session, masked }, result) {
  const { pool, progress } = run;
  const { stage } = run.profile;
  const { partBytes, uploads } = partSizes(result.expectedBytes, run.limits.uploads);
  const bounds = { ...SEGMENT_BOUNDS, batchRows: run.chunkSize };

  const downloaded = stage('download', () => result.chunks())();
  const chunks = countBytes(downloaded, (bytes) => progress.increment({ bytes }));
  const groups = stage('gunzip, split', splitRows)(chunks, bounds, () => result.promisedRows);
  const mask = maskOf(masked, run.maskKey);
  const segments = encodeInOrder(pool, groups, ({ firstRow, batches }) =>
    pool.encodeSegment({ keys, options: { level: DEFLATE_LEVEL, firstRow }, batches, mask }),
  );
  const parts = stage('join', joinParts)(segments, partBytes);
  return uploadParts(run, session, parts, { partBytes, uploads });
}

/**
 * Uploads parts, some at a time.
 * @param {TableRun} run
 * @param {string} session
 * @param {AsyncIterable<Part>} parts
 * @param {{ partBytes: number, uploads: number }} sizes
 * @returns {AsyncGenerator<Pick<Part, 'byteLength' | 'rows'>>} the uploaded parts, in order
 */
async function* uploadParts(run, session, parts, { partBytes, uploads }) {
  const { destination, calls } = run;
  const holdings = run.uploadBudget.open();
  const send = run.profile.task('upload', (/** @type {Part} */ part) =>
    destination.upload({ call: 'upload_part', session, part: part.name }, part, calls),
  );
  const upload = async (/** @type {Part} */ part) => {
    await send(part);
    for (const chunk of part.chunks) detachBuffer(chunk);
    holdings.release(partBytes);
    return { byteLength: part.byteLength, rows: part.rows };
  };
  async function* withinBudget() {
    for await (const part of parts) {
      if (!(await holdings.acquire(partBytes))) return;
      yield part;
    }
  }
  try {
    yield* pMapIterable(withinBudget(), upload, { concurrency: uploads, backpressure: uploads });
  } finally {
    holdings.close();
  }
}

/**
 * @param {JobResult} result
 * @param {bigint} rows that were received
 */
function checkReceived({ numRecords, jobs }, rows) {
  if (numRecords === undefined || numRecords === rows) return;
  throw new PetitError(
    'row_count_mismatch',
    `the source job has ${formatRows(numRecords)}, but ${rows} were received`,
    { job: jobs[0]?.jobId },
  );
}
