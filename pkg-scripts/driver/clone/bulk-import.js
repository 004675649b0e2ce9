import { pMapIterable } from 'p-map';
import { PetitError, toPetitError } from '../errors.js';
import { timed } from '../run/profile.js';
import { createAnew, isDoubtful, unless } from '../td/idempotent.js';
import { release } from '../utils/free-buffer.js';
import { rowCount } from '../utils/omit-undefined.js';
import { sleep } from '../utils/sleep.js';
import { partSizes, partsOf } from './parts.js';

/** @import { CloneContext, CloneOptions, CopyTask } from './table.js' */
/** @import { Part } from './parts.js' */
/** @import { Room } from '../utils/byte-semaphore.js' */
/** @import { SlicedResult } from '../result/job-result.js' */
/** @import { Run } from '../td/client.js' */

/** Refused records that are shown, and bytes of them that are fetched for it. */
const SAMPLE = { records: 3, bytes: 64 * 1024 };

/**
 * What is told while rows are loaded.
 * @typedef {object} LoadListener
 * @property {Run} run
 * @property {(phase: string) => void} enter
 * @property {(bytes: number) => void} onBytes downloaded
 * @property {(rows: number) => void} onRows uploaded
 */

/**
 * Loads the rows of finished jobs into a table by one bulk import session, and checks on the way that as many rows are
 * read as the jobs have, and as many are valid as were sent.
 *
 * @param {CloneContext} context
 * @param {SlicedResult} result
 * @param {CopyTask} copy
 * @param {CloneOptions} options
 * @param {LoadListener} listener
 * @returns {Promise<{ rows: bigint, bytes: bigint, parts: number }>}
 */
export async function loadRows(context, result, copy, options, listener) {
  const { destination, destinationDatabase: database } = context;
  const { run, enter } = listener;
  const loaded = { rows: 0n, bytes: 0n, parts: 0 };
  const first = await result.first();
  if (result.numRecords === 0n) return loaded;
  const { session, stagingTable: table } = copy;
  await createAnew(
    () => destination.call({ call: 'create_session', session, database, table }, run),
    () => destination.call({ call: 'delete_session', session }, run),
  );
  enter('copying');
  for await (const { byteLength, rows } of uploads(context, result, copy, options, listener)) {
    loaded.parts += 1;
    loaded.bytes += BigInt(byteLength);
    loaded.rows += BigInt(rows);
    listener.onRows(rows);
  }
  if (result.numRecords !== undefined && result.numRecords !== loaded.rows) {
    throw new PetitError(
      'row_count_mismatch',
      `the source job has ${rowCount(result.numRecords)}, but ${loaded.rows} were received`,
      { job: first.jobId },
    );
  }
  if (loaded.rows > 0n) await settleSession(context, copy.session, loaded.rows, listener);
  await unless('not_found', () => destination.call({ call: 'delete_session', session }, run));
  return loaded;
}

/**
 * Uploads the rows, several parts at a time.
 * @param {CloneContext} context
 * @param {SlicedResult} result
 * @param {CopyTask} copy
 * @param {CloneOptions} options
 * @param {LoadListener} listener
 * @returns {AsyncGenerator<Pick<Part, 'byteLength' | 'rows'>>} the parts that are there, in order
 */
async function* uploads(context, result, copy, options, { run, onBytes }) {
  const { partBytes, uploads: atATime } = partSizes(result, options);
  const share = context.partRoom.share();
  const upload = async (/** @type {Part} */ part) => {
    const { name, chunks, byteLength, rows } = part;
    const call = { call: 'upload_part', session: copy.session, part: name };
    const send = () => context.destination.call(call, { ...run, part });
    await timed(context.profile?.stage('upload'), byteLength, send);
    for (const chunk of chunks) release(chunk);
    share.give(partBytes);
    return { byteLength, rows };
  };
  const parts = inRoom(share, partBytes, partsOf(context, result, copy, options, onBytes));
  try {
    yield* pMapIterable(parts, upload, { concurrency: atATime, backpressure: atATime });
  } finally {
    share.close();
  }
}

/**
 * The same parts, each when there is room for it.
 * @param {ReturnType<Room['share']>} share
 * @param {number} partBytes
 * @param {AsyncIterable<Part>} parts
 */
async function* inRoom(share, partBytes, parts) {
  for await (const part of parts) {
    if (!(await share.take(partBytes))) return;
    yield part;
  }
}

/**
 * Brings a session whose parts are all uploaded to its end: the core says what to do next from what TD shows.
 * @param {CloneContext} context
 * @param {string} session
 * @param {bigint} rowsSent
 * @param {LoadListener} listener
 */
async function settleSession({ wasm, destination }, session, rowsSent, { run, enter }) {
  const progress = { rowsSent, performs: 0, performInDoubt: false, commits: 0, commitInDoubt: false };
  const patience = destination.patience(run);
  const freeze = () => destination.call({ call: 'freeze_session', session }, run);
  let freezes = 0;
  let since = performance.now();
  /** Calls, and says whether that is in doubt. */
  const send = async (/** @type {string} */ call) => {
    since = performance.now();
    try {
      await destination.call({ call, session }, run);
      patience.renew();
      return false;
    } catch (error) {
      if (!isDoubtful(error)) throw error;
      await patience.waitOut(/** @type {PetitError} */ (error));
      return true;
    }
  };
  for (;;) {
    const shown = await destination.call({ call: 'show_session', session }, run);
    const job = shown.jobId && (await destination.call({ call: 'show_job', jobId: shown.jobId }, run));
    const sinceLastMs = Math.round(performance.now() - since);
    const next = wasm.nextSessionStep(shown, job || undefined, { ...progress, sinceLastMs });
    switch (next.step) {
      case 'freeze':
        freezes += 1;
        // A conflict may say that the answer to an earlier try was lost: then the next look shows it frozen.
        await (freezes === 1 ? unless('conflict', freeze) : freeze());
        break;
      case 'perform':
        enter('performing');
        progress.performInDoubt = await send('perform_session');
        if (!progress.performInDoubt) progress.performs += 1;
        break;
      case 'commit':
        enter('committing');
        progress.commitInDoubt = await send('commit_session');
        if (!progress.commitInDoubt) progress.commits += 1;
        break;
      case 'wait':
        if (job) run.onLook?.(job, performance.now() - since);
        await sleep(wasm.pollDelayMs(performance.now() - since), run.signal);
        break;
      case 'done':
        return;
      case 'fail':
        throw await withRefusedRecords({ wasm, destination }, session, shown, next.error, run);
      default:
        throw new PetitError('unexpected_reply', `bulk import session ${session} asks for "${next.step}"`);
    }
  }
}

/**
 * The error of a session, with some of the records that TD refused.
 * @param {Pick<CloneContext, 'wasm' | 'destination'>} context
 * @param {string} session
 * @param {{ errorRecords?: bigint }} shown
 * @param {unknown} failure
 * @param {Run} run
 */
async function withRefusedRecords({ wasm, destination }, session, { errorRecords }, failure, run) {
  const error = toPetitError(failure);
  if (!errorRecords) return error;
  try {
    const bytes = await destination.call({ call: 'error_records', session }, run);
    const records = wasm.sampleRecords(bytes.subarray(0, SAMPLE.bytes), SAMPLE.records);
    error.message += `; for example ${records.join(', ')}`;
  } catch {
    error.message += '; TD does not show them';
  }
  return error;
}
