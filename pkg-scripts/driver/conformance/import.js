import { PetitError } from '../errors.js';
import { callIdempotently } from '../td/idempotent.js';
import { runQuery, waitForJob } from '../td/job.js';
import { concatBytes } from '../utils/concat-bytes.js';
import { omitUndefined } from '../utils/omit-undefined.js';
import { sleep } from '../utils/sleep.js';
import { wasm } from '../wasm.js';
import { cleanupCalls } from './cleanup.js';
import { codeOf } from './read.js';

/** @import { ProbeContext, Seen } from './index.js' */

const TABLE = 'imported';
const SCHEMA = '[["i","int"],["f","float"]]';
/** A record in MessagePack: time 1, i 1, f 1.5. */
const RECORD = Uint8Array.of(
  ...[0x83, 0xa4, 0x74, 0x69, 0x6d, 0x65, 1, 0xa1, 0x69, 1],
  ...[0xa1, 0x66, 0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0],
);
/** Records that are committed. */
const ROWS = 2n;
/** How long a commit may take, in milliseconds. */
const MAX_COMMIT_MS = 10 * 60_000;
/** How long the row count in the list of tables may lag behind, in milliseconds. */
const MAX_LAG_MS = 60_000;

/**
 * Loads a table through bulk import sessions, in ways that TD does not document.
 * @param {ProbeContext} context whose database is made for the probes
 * @returns {Promise<Seen>}
 */
export async function probeImport(context) {
  const { run, td, database } = context;
  await td.call({ call: 'create_table', database, table: TABLE, schema: SCHEMA }, run.calls);
  const record = await gzip(RECORD);
  const records = await gzip(concatBytes([RECORD, RECORD]));
  const ofMembers = await inSession(context, 'members', (session) => performTwice(context, session, record));
  const empty = await inSession(context, 'empty', async (session) => {
    await upload(context, session, 'part', await gzip(new Uint8Array()));
    await upload(context, session, 'other', record);
    return Number((await perform(context, session)).errorParts ?? 0);
  });
  const ofReplaced = await inSession(context, 'replaced', async (session) => {
    await upload(context, session, 'part', record);
    await upload(context, session, 'part', records);
    const replaced = Number((await perform(context, session)).validRecords ?? 0);
    return { replaced, ...(await commitTwice(context, session)) };
  });
  const { schema } = await runQuery(td, { database, sql: `SELECT i, f FROM ${TABLE}` }, run.calls);
  return {
    observation: omitUndefined({ kind: 'import', ...ofMembers, ...ofReplaced, empty, schema }),
  };
}

/**
 * Performs a session of a part of two gzip members, without a freeze, and then again.
 * @param {ProbeContext} context
 * @param {string} session
 * @param {Uint8Array} record
 */
async function performTwice(context, session, record) {
  const { run, td } = context;
  const performOnce = () => codeOf(td.callOnce({ call: 'perform_session', session }, run.calls));
  await upload(context, session, 'part', concatBytes([record, record]));
  const unfrozen = await performOnce();
  const shown = unfrozen === undefined ? await ended(context, session) : await perform(context, session);
  const performedAgain = await performOnce();
  if (performedAgain === undefined) await ended(context, session);
  return { unfrozen, members: Number(shown.validRecords ?? 0), performedAgain };
}

/**
 * Commits a session, waits for the row count, and commits it again.
 * @param {ProbeContext} context
 * @param {string} session
 */
async function commitTwice(context, session) {
  const { run, td } = context;
  const commit = () => td.callOnce({ call: 'commit_session', session }, run.calls);
  await commit();
  const countedMs = await committed(context, session);
  return { countedMs, committedAgain: await codeOf(commit()) };
}

/**
 * Runs `work` with a session that is created for it and deleted afterwards, also after a failure or an abort.
 * @template T
 * @param {ProbeContext} context
 * @param {string} name
 * @param {(session: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function inSession({ run, td, database }, name, work) {
  const session = `${database}_${name}`;
  // Once: a conflict after a repeat would leave open whose the session is.
  await td.callOnce({ call: 'create_session', session, database, table: TABLE }, run.calls);
  try {
    return await work(session);
  } finally {
    await callIdempotently(td, { call: 'delete_session', session }, cleanupCalls(run));
  }
}

/**
 * @param {ProbeContext} context
 * @param {string} session
 * @param {string} part
 * @param {Uint8Array} bytes
 */
function upload({ run, td }, session, part, bytes) {
  const { byteLength } = bytes;
  return td.upload({ call: 'upload_part', session, part }, { chunks: [bytes], byteLength }, run.calls);
}

/**
 * Freezes and performs a session, and shows it afterwards.
 * @param {ProbeContext} context
 * @param {string} session
 */
async function perform(context, session) {
  const { run, td } = context;
  await td.call({ call: 'freeze_session', session }, run.calls);
  await td.callOnce({ call: 'perform_session', session }, run.calls);
  return ended(context, session);
}

/**
 * Waits until the job that performs a session has ended, and shows the session.
 * @param {ProbeContext} context
 * @param {string} session
 */
async function ended({ run, td }, session) {
  const { jobId } = await td.call({ call: 'show_session', session }, run.calls);
  if (!jobId) throw new PetitError('unexpected_reply', 'the session has no job');
  await waitForJob(td, jobId, run.calls);
  return td.call({ call: 'show_session', session }, run.calls);
}

/**
 * Waits for a commit, and then for the row count in the list of tables.
 * @param {ProbeContext} context
 * @param {string} session
 * @returns {Promise<number | undefined>} how long the count took after the commit; undefined for more than a minute
 */
async function committed(context, session) {
  const { run, td, database } = context;
  const isCommitted = async () =>
    (await td.call({ call: 'show_session', session }, run.calls)).status === 'committed';
  if ((await until(context, MAX_COMMIT_MS, isCommitted)) === undefined)
    throw new PetitError('commit_failed', 'the session was not committed');
  return until(context, MAX_LAG_MS, async () => {
    const tables = (await td.listTables(database, run.calls)).toData();
    return tables.find(({ name }) => name === TABLE)?.count === ROWS;
  });
}

/**
 * Polls until something is the case.
 * @param {ProbeContext} context
 * @param {number} maxMs
 * @param {() => Promise<boolean>} isDone
 * @returns {Promise<number | undefined>} after how many milliseconds; undefined if it was not the case in time
 */
async function until({ run }, maxMs, isDone) {
  const began = run.clock.nowMs();
  for (;;) {
    const elapsedMs = run.clock.nowMs() - began;
    if (await isDone()) return elapsedMs;
    if (elapsedMs >= maxMs) return undefined;
    await sleep(wasm.pollDelayMs(elapsedMs), run.signal, run.clock);
  }
}

/** @param {Uint8Array} bytes */
async function gzip(bytes) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)])
    .stream()
    .pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
