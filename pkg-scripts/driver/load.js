import { pMapIterable } from 'p-map';
import { download } from './download.js';
import { PetitError, toPetitError } from './errors.js';
import { counted } from './export.js';
import { rowGroups } from './row-groups.js';
import { concatenated, isDoubtful, unless } from './settle.js';
import { sleep } from './sleep.js';

/** @import { CloneContext, CloneOptions, CopyTask } from './clone.js' */
/** @import { Segment } from './encode.js' */
/** @import { FinishedJob } from './job.js' */
/** @import { RowGroup } from './row-groups.js' */
/** @import { Run } from './td.js' */
/** @import { Wasm } from './wasm.js' */

/** Compressed bytes of a part: what TD's own importers cut at. */
const PART_BYTES = 16 * 2 ** 20;
/** Parts of a session, roughly, from which on they get larger, up to the bytes below: 16 GB, the most that TD hands out,
 * are some 500 parts. */
const MOST_PARTS = 300;
/** Compressed bytes of a part at most: several are held at a time. */
const MOST_PART_BYTES = 32 * 2 ** 20;
/** Uncompressed bytes that a worker deflates at a time. */
const SEGMENT_BYTES = 4 * 2 ** 20;
/** Most bytes of rows decoded at a time. */
const STEP_BYTES = 2 * 2 ** 20;
/** Deflate level of the parts: by far the fastest for some 15 % more bytes; see bench/. */
const DEFLATE_LEVEL = 1;
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
 * Loads a finished job's rows into a table by one bulk import session, and checks on the way that as many rows are read
 * as the job has, and as many are valid as were sent.
 *
 * @param {CloneContext} context
 * @param {FinishedJob} job
 * @param {CopyTask} copy
 * @param {CloneOptions} options
 * @param {LoadListener} listener
 * @returns {Promise<{ rows: number, bytes: number, parts: number }>}
 */
export async function loadRows(context, job, copy, options, listener) {
  const { destination, destinationDatabase: database } = context;
  const { run, enter } = listener;
  const loaded = { rows: 0, bytes: 0, parts: 0 };
  if (job.numRecords === 0) return loaded;
  await createSession(context, { session: copy.session, database, table: copy.stagingTable }, run);
  enter('copying');
  const partBytes = partBytesOf(job);
  // Larger parts, fewer at a time: memory stays as it is.
  const uploads = Math.max(1, Math.floor((options.downloadParallelism * PART_BYTES) / partBytes));
  const parts = pMapIterable(
    partsOf(context, job, copy, options, listener, partBytes),
    async ({ bytes, rows, name }) => {
      await destination.call(
        { call: 'upload_part', session: copy.session, part: name },
        { ...run, part: bytes },
      );
      return { bytes: bytes.length, rows };
    },
    { concurrency: uploads, backpressure: uploads },
  );
  for await (const { bytes, rows } of parts) {
    loaded.parts += 1;
    loaded.bytes += bytes;
    loaded.rows += rows;
    listener.onRows(rows);
  }
  if (job.numRecords !== undefined && job.numRecords !== loaded.rows) {
    throw new PetitError(
      'row_count_mismatch',
      `the source job has ${job.numRecords} rows, but ${loaded.rows} were received`,
      { job: job.jobId },
    );
  }
  if (loaded.rows > 0) await settleSession(context, copy.session, loaded.rows, listener);
  const { session } = copy;
  await unless('not_found', () => destination.call({ call: 'delete_session', session }, run));
  return loaded;
}

/**
 * @param {CloneContext} context
 * @param {{ session: string, database: string, table: string }} session
 * @param {Run} run
 */
async function createSession({ destination }, session, run) {
  try {
    await destination.call({ call: 'create_session', ...session }, run);
  } catch (error) {
    if (/** @type {PetitError} */ (error).code !== 'conflict') throw error;
    // Nobody else has a session of this name: it is of a create whose answer was lost, or of a run that died.
    const { session: name } = session;
    await unless('not_found', () => destination.call({ call: 'delete_session', session: name }, run));
    await destination.call({ call: 'create_session', ...session }, run);
  }
}

/**
 * The job's rows as parts: row arrays re-framed as maps by the pool, several segments at a time, joined in order.
 * @param {CloneContext} context
 * @param {FinishedJob} job
 * @param {CopyTask} copy
 * @param {CloneOptions} options
 * @param {LoadListener} listener
 * @param {number} partBytes compressed, at which a part is cut
 */
async function* partsOf({ wasm, source, pool }, job, { keys }, options, { run, onBytes }, partBytes) {
  const { downloadParallelism: parallelism, chunkSize } = options;
  const chunks = counted(download(source, job, { parallelism, run }), onBytes);
  const bounds = {
    stepRows: chunkSize,
    stepBytes: STEP_BYTES,
    groupRows: 2 ** 31,
    groupBytes: SEGMENT_BYTES,
  };
  const segments = pMapIterable(
    rowGroups(wasm, chunks, bounds),
    ({ firstRow, steps }) => pool.encodeSegment({ keys, options: { level: DEFLATE_LEVEL, firstRow }, steps }),
    { concurrency: pool.inFlight, backpressure: pool.inFlight },
  );
  /** @type {Segment[]} */
  let gathered = [];
  let gatheredBytes = 0;
  let number = 0;
  const cut = () => {
    number += 1;
    const part = { name: wasm.partName(number), ...joined(wasm, gathered) };
    gathered = [];
    gatheredBytes = 0;
    return part;
  };
  for await (const segment of segments) {
    gathered.push(segment);
    gatheredBytes += segment.deflated.length;
    if (gatheredBytes >= partBytes) yield cut();
  }
  if (gathered.length > 0) yield cut();
}

/**
 * The bytes at which a job's parts are cut.
 * @param {FinishedJob} job
 */
function partBytesOf({ resultSize = 0 }) {
  return Math.min(MOST_PART_BYTES, Math.max(PART_BYTES, Math.ceil(resultSize / MOST_PARTS)));
}

/**
 * Segments as one part: an ordinary gzip member.
 * @param {Wasm} wasm
 * @param {Segment[]} segments
 * @returns {{ bytes: Uint8Array, rows: number }}
 */
function joined(wasm, segments) {
  const part = new wasm.Part();
  let rows = 0;
  try {
    const head = part.head();
    for (const { crc, byteLength, rowCount } of segments) {
      part.append(crc, byteLength);
      rows += rowCount;
    }
    const deflated = segments.map((segment) => segment.deflated);
    return { bytes: concatenated([head, ...deflated, part.finish()]), rows };
  } finally {
    part.free();
  }
}

/**
 * Brings a session whose parts are all uploaded to its end: the core says what to do next from what TD shows.
 * @param {CloneContext} context
 * @param {string} session
 * @param {number} rowsSent
 * @param {LoadListener} listener
 */
async function settleSession({ wasm, destination }, session, rowsSent, { run, enter }) {
  const progress = { rowsSent, performs: 0, commits: 0 };
  const freeze = () => destination.call({ call: 'freeze_session', session }, run);
  let freezes = 0;
  let since = performance.now();
  const send = async (/** @type {string} */ call) => {
    since = performance.now();
    try {
      await destination.call({ call, session }, run);
    } catch (error) {
      if (!isDoubtful(error)) throw error;
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
        progress.performs += 1;
        await send('perform_session');
        break;
      case 'commit':
        enter('committing');
        progress.commits += 1;
        await send('commit_session');
        break;
      case 'wait':
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
 * @param {{ errorRecords?: number }} shown
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
