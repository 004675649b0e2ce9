// What is known of a run, as its events tell it. Pure: events and the time go in, a new state comes out.
import { count, duration, size } from '../../pkg-scripts/shared/format.js';
import { hintOf } from '../run/hints.js';
import { addSample } from '../run/samples.js';

/** @import { ClonedTable, RunEvent as Event } from '../../pkg-scripts/types.js' */
/** @import { ShownPlan } from '../worker/calls.js' */
/** @import { Trouble } from '../worker/messages.js' */
/** @import { Sample } from '../run/samples.js' */

/**
 * One table of the run.
 * @typedef {object} TableRun
 * @property {string} table
 * @property {string} action
 * @property {'waiting' | 'active' | 'done' | 'failed' | 'skipped'} state
 * @property {string} phase
 * @property {string} [trouble] what it is waiting for to pass
 * @property {bigint} rows
 * @property {bigint} [totalRows]
 * @property {bigint} bytes
 * @property {bigint} [totalBytes]
 * @property {ClonedTable} [result]
 * @property {Trouble} [error]
 */

/**
 * `running` until it `ended` by itself, was `stopped` by the user, or was `refused` before or in the middle of it.
 * @typedef {object} RunState
 * @property {'running' | 'stopping' | 'ended' | 'stopped' | 'refused'} is
 * @property {ShownPlan} plan
 * @property {Map<string, TableRun>} tables in the plan's order
 * @property {Record<TableRun['state'], number>} counts of tables
 * @property {bigint} rows done
 * @property {bigint} totalRows
 * @property {bigint} bytes downloaded
 * @property {Sample[]} samples
 * @property {string[]} log
 * @property {number} beganMs wall clock of the latest attempt's beginning
 * @property {number} seconds that the attempts took so far
 * @property {Trouble} [trouble] why it was refused
 */

/**
 * @param {ShownPlan} plan
 * @param {number} nowMs
 * @returns {RunState}
 */
export function begin(plan, nowMs) {
  const tables = new Map(plan.tables.map((planned) => [planned.table, waiting(planned)]));
  return summed({
    ...{ is: 'running', plan, tables, samples: [{ atMs: 0, rows: 0n }], beganMs: nowMs, seconds: 0 },
    log: [line(nowMs, `clone of ${plan.sourceDatabase} to ${plan.destinationDatabase} begins`)],
  });
}

/**
 * The same run, another attempt at the tables that failed or were not reached.
 * @param {RunState} run
 * @param {number} nowMs
 * @returns {RunState}
 */
export function beginAgain(run, nowMs) {
  const names = new Set(unfinished(run));
  const tables = new Map(run.tables);
  for (const planned of run.plan.tables) {
    if (names.has(planned.table)) tables.set(planned.table, waiting(planned));
  }
  const log = [...run.log, line(nowMs, `another attempt, at ${names.size} of its tables`)];
  const next = summed({ ...run, is: 'running', tables, log, beganMs: nowMs, trouble: undefined });
  return { ...next, samples: [{ atMs: 0, rows: next.rows }] };
}

/**
 * Tables that another attempt would copy.
 * @param {RunState} run
 */
export const unfinished = (run) =>
  [...run.tables.values()]
    .filter(({ state }) => state !== 'done' && state !== 'skipped')
    .map(({ table }) => table);

/** @param {ShownPlan['tables'][number]} planned
 * @returns {TableRun} */
function waiting({ table, action, rows, isCopied }) {
  return {
    table,
    action,
    state: isCopied ? 'waiting' : 'skipped',
    phase: '',
    rows: 0n,
    totalRows: rows,
    bytes: 0n,
  };
}

/**
 * @param {RunState} run
 * @param {Event[]} events
 * @param {number} nowMs
 * @returns {RunState}
 */
export function take(run, events, nowMs) {
  const tables = new Map(run.tables);
  const log = [...run.log];
  for (const event of events) {
    const said = apply(tables, event);
    if (said) log.push(line(nowMs, said));
  }
  const next = summed({ ...run, tables, log });
  return { ...next, samples: addSample(run.samples, { atMs: nowMs - run.beganMs, rows: next.rows }) };
}

/**
 * The end of an attempt. `trouble`: why it did not come to its own end.
 * @param {RunState} run
 * @param {number} nowMs
 * @param {Trouble} [trouble]
 * @returns {RunState}
 */
export function end(run, nowMs, trouble) {
  const seconds = run.seconds + (nowMs - run.beganMs) / 1000;
  const tables = new Map(run.tables);
  for (const [name, table] of tables) {
    if (table.state === 'active')
      tables.set(name, { ...table, state: 'waiting', phase: '', rows: 0n, bytes: 0n });
  }
  const is = trouble === undefined ? 'ended' : trouble.code === 'interrupted' ? 'stopped' : 'refused';
  const samples = [...run.samples, { atMs: nowMs - run.beganMs, rows: run.rows }];
  const next = summed({
    ...run,
    is,
    tables,
    seconds,
    samples,
    trouble: is === 'refused' ? trouble : undefined,
  });
  return { ...next, log: [...next.log, line(nowMs, farewell(next, trouble))] };
}

/**
 * @param {RunState} run
 * @param {Trouble | undefined} trouble
 */
function farewell({ counts, rows, seconds }, trouble) {
  const why = trouble
    ? `${trouble.code === 'interrupted' ? 'stopped' : `stopped: ${trouble.message}`}; `
    : '';
  return (
    `${why}${counts.done} copied, ${counts.skipped} skipped, ${counts.failed} failed; ` +
    `${count(rows)} rows in ${duration(seconds)}`
  );
}

/**
 * @param {Map<string, TableRun>} tables
 * @param {Event} event
 * @returns {string | undefined} what the log says about it
 */
function apply(tables, event) {
  if (event.type !== 'progress' && event.type !== 'table') return undefined;
  const table = tables.get(event.table);
  if (!table) return undefined;
  if (event.type === 'progress') {
    const { phase, rows, totalRows, bytes, totalBytes, waiting: trouble } = event;
    tables.set(event.table, {
      ...table,
      state: 'active',
      phase,
      rows,
      totalRows,
      bytes,
      totalBytes,
      trouble,
    });
    if (trouble !== undefined) return `${event.table}: waiting: ${trouble}`;
    return phase === table.phase ? undefined : `${event.table}: ${phase}`;
  }
  tables.set(event.table, ended(table, event));
  return told(event);
}

/**
 * @param {TableRun} table
 * @param {Extract<Event, { type: 'table' }>} event
 * @returns {TableRun}
 */
function ended(table, event) {
  const { state } = event;
  const shared = { ...table, state, phase: '', trouble: undefined };
  if (state === 'done') {
    const result = /** @type {ClonedTable} */ (/** @type {unknown} */ (event));
    return { ...shared, rows: result.rows, totalRows: result.rows, result, error: undefined };
  }
  // A table that failed has nothing ahead of it, and nothing of it is there.
  if (state === 'failed') return { ...shared, rows: 0n, error: /** @type {Trouble} */ (event.error) };
  return shared;
}

/** @param {Extract<Event, { type: 'table' }>} event */
function told(event) {
  const { table, state } = event;
  if (state === 'done') {
    const { rows, bytes, seconds } = /** @type {ClonedTable} */ (/** @type {unknown} */ (event));
    return `${table}: verified and published: ${count(rows)} rows, ${size(bytes)} in ${duration(seconds)}`;
  }
  if (state === 'skipped') return `${table}: left as it is`;
  const error = /** @type {Trouble} */ (event.error);
  return `${table}: failed: ${error.message.replace(/\.$/, '')}. ${hintOf(error) ?? ''}`.trimEnd();
}

/**
 * With the sums over the tables.
 * @param {Omit<RunState, 'counts' | 'rows' | 'totalRows' | 'bytes'>} run
 * @returns {RunState}
 */
function summed(run) {
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
function line(nowMs, text) {
  const time = new Date(nowMs).toISOString().slice(11, 19);
  return `${time}Z  ${text}`;
}
