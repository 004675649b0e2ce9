// The state of a run, derived from its events. Pure functions: they take a state, events and the time, and return a
// new state. Clones and exports add fields of their own.
import { count, duration, size } from '../../pkg-scripts/shared/format.js';
import { plural } from '../components/plural.js';
import { clockTime } from './clock.js';
import { runProgress } from './progress.js';
import { addSample } from './samples.js';

/** @import { ErrorData, RunEvent } from '../../pkg-scripts/types.js' */
/** @import { Sample } from './samples.js' */

/** @typedef {{ rows: bigint, bytes: bigint, downloadedBytes: bigint, seconds: number }} TableResult */

/**
 * One table of a run; for a query, its file.
 * @template {TableResult} [R=TableResult]
 * @typedef {object} TableRun
 * @property {string} table
 * @property {'waiting' | 'active' | 'done' | 'failed' | 'skipped'} state
 * @property {string} phase
 * @property {string} [job] the latest job of Treasure Data that worked on the table
 * @property {string} [consoleUrl] URL of that job in TD's console
 * @property {string} [waitReason] why the table waits at the moment, such as the error that is being retried
 * @property {bigint} rows
 * @property {bigint} [totalRows]
 * @property {bigint} bytes downloaded
 * @property {bigint} [totalBytes]
 * @property {R} [result]
 * @property {ErrorData} [error]
 */

/**
 * Sums over the tables. Skipped tables do not count.
 * @typedef {{ counts: Record<TableRun['state'], number>, rows: bigint, totalRows: bigint, bytes: bigint }} Totals
 */

/**
 * The status is `running` or `stopping` until the run has `ended`, was `stopped` by the user, or `failed` as a whole.
 * A run in which only some tables failed has `ended`.
 * @template {TableResult} [R=TableResult]
 * @typedef {object} RunFields
 * @property {'running' | 'stopping' | 'ended' | 'stopped' | 'failed'} status
 * @property {string} doneVerb what the run has done with a finished table, such as `copied`
 * @property {Map<string, TableRun<R>>} tables by name, in the plan's order
 * @property {Sample[]} samples
 * @property {string[]} log
 * @property {number} startedMs wall clock time at which the latest attempt started
 * @property {number} startProgress share of the run that was done when the latest attempt started, from 0 to 1
 * @property {number} seconds duration of all finished attempts
 * @property {ErrorData} [error] why the run failed
 */

/**
 * @template {TableResult} [R=TableResult]
 * @typedef {RunFields<R> & Totals} RunState
 */

/** @param {Pick<RunState, 'status'> | undefined} run */
export const isRunning = (run) => run?.status === 'running' || run?.status === 'stopping';

/**
 * @template {TableResult} R
 * @template F
 * @param {{ name: string, doneVerb: string, tables: TableRun<R>[] }} run
 * @param {F} fields further fields of the state
 * @param {number} nowMs
 * @returns {RunState<R> & F}
 */
export function startRun({ name, doneVerb, tables }, fields, nowMs) {
  return withTotals({
    ...fields,
    status: /** @type {const} */ ('running'),
    doneVerb,
    tables: new Map(tables.map((table) => [table.table, table])),
    samples: [{ atMs: 0, rows: 0n }],
    log: [logLine(nowMs, `${name} started`)],
    startedMs: nowMs,
    startProgress: 0,
    seconds: 0,
  });
}

/**
 * A table that has not started.
 * @param {string} table
 * @param {bigint | null | undefined} totalRows
 * @param {'waiting' | 'skipped'} [state]
 * @returns {TableRun<never>} without a result
 */
export const newTable = (table, totalRows, state = 'waiting') => ({
  ...{ table, state, phase: '', rows: 0n, bytes: 0n },
  totalRows: totalRows ?? undefined,
});

/**
 * Starts another attempt, with some tables reset.
 * @template {RunState} S
 * @param {S} run
 * @param {TableRun[]} tables
 * @param {number} nowMs
 * @returns {S}
 */
export function restartRun(run, tables, nowMs) {
  const next = withTotals({
    ...run,
    status: 'running',
    tables: new Map([...run.tables, ...tables.map((table) => /** @type {const} */ ([table.table, table]))]),
    log: [...run.log, logLine(nowMs, `retry of ${plural(tables.length, 'table')} started`)],
    startedMs: nowMs,
    error: undefined,
  });
  return { ...next, startProgress: runProgress(next), samples: [{ atMs: 0, rows: next.rows }] };
}

/**
 * @template {RunState} S
 * @param {S} run
 * @param {RunEvent[]} events
 * @param {number} nowMs
 * @returns {S}
 */
export function applyEvents(run, events, nowMs) {
  const tables = new Map(run.tables);
  const log = [...run.log];
  for (const event of events) {
    const text = applyEvent(tables, event, run.doneVerb);
    if (text) log.push(logLine(nowMs, text));
  }
  const next = withTotals({ ...run, tables, log });
  return { ...next, samples: addSample(run.samples, { atMs: nowMs - run.startedMs, rows: next.rows }) };
}

/**
 * Ends an attempt. Tables in progress wait again.
 * @template {RunState} S
 * @param {S} run
 * @param {number} nowMs
 * @param {ErrorData} [error] why the run did not come to its end; `interrupted` if the user stopped it
 * @returns {S}
 */
export function finishRun(run, nowMs, error) {
  const status = error === undefined ? 'ended' : error.code === 'interrupted' ? 'stopped' : 'failed';
  const tables = new Map(run.tables);
  for (const [name, table] of tables) {
    if (table.state === 'active') tables.set(name, newTable(name, table.totalRows));
  }
  const next = withTotals({
    ...run,
    status,
    tables,
    seconds: run.seconds + (nowMs - run.startedMs) / 1000,
    samples: [...run.samples, { atMs: nowMs - run.startedMs, rows: run.rows }],
    error: status === 'failed' ? error : undefined,
  });
  return { ...next, log: [...next.log, logLine(nowMs, summaryLine(next))] };
}

/** @param {RunState} run */
function summaryLine({ status, error, doneVerb, counts, rows, seconds }) {
  const reason = status === 'ended' ? '' : `${status}${error ? `: ${error.message}` : ''}; `;
  const skipped = counts.skipped > 0 ? `${counts.skipped} skipped, ` : '';
  return (
    `${reason}${counts.done} ${doneVerb}, ${skipped}${counts.failed} failed; ` +
    `${count(rows)} rows in ${duration(seconds)}`
  );
}

/**
 * @param {Map<string, TableRun>} tables
 * @param {RunEvent} event
 * @param {string} doneVerb
 * @returns {string | undefined} text for the log
 */
function applyEvent(tables, event, doneVerb) {
  if (event.type !== 'progress' && event.type !== 'table') return undefined;
  const table = tables.get(event.table);
  if (!table) return undefined;
  if (event.type === 'table') {
    tables.set(event.table, finishedTable(table, event));
    return finishedText(event, doneVerb);
  }
  const { phase, rows, totalRows, bytes, totalBytes, waiting, job } = event;
  tables.set(event.table, {
    ...{ ...table, state: 'active', phase, rows, totalRows, bytes, totalBytes },
    ...(job !== undefined && { job, consoleUrl: event.consoleUrl }),
    waitReason: waiting,
  });
  if (waiting !== undefined) return `${event.table}: waiting: ${waiting}`;
  if (phase === table.phase) return undefined;
  return `${event.table}: ${phase}${job === undefined ? '' : ` (job ${job})`}`;
}

/** @typedef {Extract<RunEvent, { type: 'table' }>} TableEvent */

/**
 * @param {TableRun} table
 * @param {TableEvent} event
 * @returns {TableRun}
 */
function finishedTable(table, event) {
  const finished = { ...table, state: event.state, phase: '', waitReason: undefined };
  if (event.state === 'done') {
    const { rows, downloadedBytes: bytes } = event;
    return { ...finished, rows, totalRows: rows, bytes, result: event, error: undefined };
  }
  // The rows of a failed table are deleted or were never published.
  if (event.state === 'failed') return { ...finished, rows: 0n, error: event.error };
  return finished;
}

/**
 * @param {TableEvent} event
 * @param {string} doneVerb
 */
function finishedText(event, doneVerb) {
  if (event.state === 'skipped') return `${event.table}: skipped`;
  if (event.state === 'failed') {
    // The list of failures has the hint.
    const { code, message } = event.error;
    return `${event.table}: ${code === 'publish_unknown' ? 'unknown' : 'failed'}: ${message}`;
  }
  const { table, rows, bytes, seconds } = event;
  return `${table}: ${doneVerb} ${count(rows)} rows, ${size(bytes)} in ${duration(seconds)}`;
}

/**
 * @template {RunFields} S
 * @param {S} run
 * @returns {S & Totals}
 */
function withTotals(run) {
  const counts = { waiting: 0, active: 0, done: 0, failed: 0, skipped: 0 };
  let [rows, totalRows, bytes] = [0n, 0n, 0n];
  for (const table of run.tables.values()) {
    counts[table.state] += 1;
    if (table.state === 'skipped') continue;
    rows += table.rows;
    bytes += table.bytes;
    totalRows += table.state === 'failed' ? 0n : (table.totalRows ?? table.rows);
  }
  return { ...run, counts, rows, totalRows, bytes };
}

/**
 * @param {number} nowMs
 * @param {string} text
 */
const logLine = (nowMs, text) => `${clockTime(nowMs)}  ${text}`;
