// What is known of an export, as its events tell it. Pure: events and the time go in, a new state comes out.
import { count, duration, size } from '../../pkg-scripts/shared/format.js';
import { hintOf } from '../run/hints.js';
import { addSample } from '../run/samples.js';

/** @import { ExportedTable, ExportPlan, RunEvent as Event } from '../../pkg-scripts/types.js' */
/** @import { Sample } from '../run/samples.js' */
/** @import { ExportedFile } from '../worker/export-calls.js' */
/** @import { Trouble } from '../worker/messages.js' */

/**
 * One file of the run.
 * @typedef {object} FileRun
 * @property {string} table
 * @property {'waiting' | 'active' | 'done' | 'failed'} state
 * @property {string} phase
 * @property {string} [trouble] what it is waiting for to pass
 * @property {bigint} rows
 * @property {bigint} [totalRows]
 * @property {bigint} bytes downloaded
 * @property {bigint} [totalBytes]
 * @property {ExportedTable} [result]
 * @property {Trouble} [error]
 */

/**
 * `running` until it `ended` by itself, was `stopped` by the user, or was `refused` before or in the middle of it.
 * @typedef {object} ExportRun
 * @property {'running' | 'stopping' | 'ended' | 'stopped' | 'refused'} is
 * @property {string} database
 * @property {Map<string, FileRun>} files by table
 * @property {Record<FileRun['state'], number>} counts
 * @property {bigint} rows encoded
 * @property {bigint} totalRows
 * @property {bigint} bytes downloaded
 * @property {Sample[]} samples
 * @property {string[]} log
 * @property {number} beganMs
 * @property {number} seconds that it took
 * @property {ExportedFile[]} written the files, once it ended
 * @property {boolean} isDownload whether they have to be downloaded yet
 * @property {Trouble} [trouble] why it was refused
 */

/**
 * @param {string} database
 * @param {ExportPlan} plan
 * @param {{ isDownload: boolean, nowMs: number }} options
 * @returns {ExportRun}
 */
export function begin(database, plan, { isDownload, nowMs }) {
  const files = new Map(plan.tasks.map(({ table, rows }) => [table, waiting(table, rows)]));
  return summed({
    ...{ is: 'running', database, files, isDownload, samples: [], beganMs: nowMs, seconds: 0, written: [] },
    log: [line(nowMs, `export from ${database} begins`)],
  });
}

/**
 * @param {string} table
 * @param {bigint} [totalRows]
 * @returns {FileRun}
 */
const waiting = (table, totalRows) => ({
  ...{ table, state: 'waiting', phase: '', rows: 0n, bytes: 0n },
  totalRows: totalRows ?? undefined,
});

/**
 * @param {ExportRun} run
 * @param {Event[]} events
 * @param {number} nowMs
 * @returns {ExportRun}
 */
export function take(run, events, nowMs) {
  const files = new Map(run.files);
  const log = [...run.log];
  for (const event of events) {
    const said = apply(files, event);
    if (said) log.push(line(nowMs, said));
  }
  const next = summed({ ...run, files, log });
  return { ...next, samples: addSample(run.samples, { atMs: nowMs - run.beganMs, rows: next.rows }) };
}

/**
 * The end. `trouble`: why it did not come to its own end.
 * @param {ExportRun} run
 * @param {number} nowMs
 * @param {{ written?: ExportedFile[], trouble?: Trouble }} outcome
 * @returns {ExportRun}
 */
export function end(run, nowMs, { written = [], trouble }) {
  const files = new Map(run.files);
  for (const [name, file] of files) {
    if (file.state === 'active') files.set(name, waiting(name, file.totalRows));
  }
  const is = trouble === undefined ? 'ended' : trouble.code === 'interrupted' ? 'stopped' : 'refused';
  const seconds = (nowMs - run.beganMs) / 1000;
  const next = summed({
    ...run,
    is,
    files,
    written,
    seconds,
    trouble: is === 'refused' ? trouble : undefined,
  });
  const { counts, rows } = next;
  const why = is === 'refused' ? `stopped: ${trouble?.message}; ` : is === 'stopped' ? 'stopped; ' : '';
  const said = `${why}${counts.done} exported, ${counts.failed} failed; ${count(rows)} rows in ${duration(seconds)}`;
  return { ...next, log: [...next.log, line(nowMs, said)] };
}

/**
 * @param {Map<string, FileRun>} files
 * @param {Event} event
 * @returns {string | undefined} what the log says about it
 */
function apply(files, event) {
  if (event.type !== 'progress' && event.type !== 'table') return undefined;
  const file = files.get(event.table);
  if (!file) return undefined;
  if (event.type === 'progress') {
    const { phase, rows, totalRows, bytes, totalBytes, waiting: trouble } = event;
    files.set(event.table, { ...file, state: 'active', phase, rows, totalRows, bytes, totalBytes, trouble });
    if (trouble !== undefined) return `${event.table}: waiting: ${trouble}`;
    return phase === file.phase ? undefined : `${event.table}: ${phase}`;
  }
  if (event.state === 'failed') {
    const error = /** @type {Trouble} */ (event.error);
    files.set(event.table, { ...file, state: 'failed', phase: '', trouble: undefined, rows: 0n, error });
    return `${event.table}: failed: ${error.message} ${hintOf(error) ?? ''}`.trimEnd();
  }
  const result = /** @type {ExportedTable} */ (/** @type {unknown} */ (event));
  const { rows, bytes, seconds } = result;
  files.set(event.table, {
    ...{ ...file, state: 'done', phase: '', trouble: undefined },
    ...{ rows, totalRows: rows, bytes: result.downloadedBytes, result },
  });
  return `${event.table}: ${count(rows)} rows, ${size(bytes)} in ${duration(seconds)}`;
}

/**
 * With the sums over the files.
 * @param {Omit<ExportRun, 'counts' | 'rows' | 'totalRows' | 'bytes'>} run
 * @returns {ExportRun}
 */
function summed(run) {
  const counts = { waiting: 0, active: 0, done: 0, failed: 0 };
  let [rows, totalRows, bytes] = [0n, 0n, 0n];
  for (const file of run.files.values()) {
    counts[file.state] += 1;
    rows += file.rows;
    bytes += file.bytes;
    totalRows += file.state === 'failed' ? 0n : (file.totalRows ?? file.rows);
  }
  return { ...run, counts, rows, totalRows, bytes };
}

/**
 * @param {number} nowMs
 * @param {string} text
 */
const line = (nowMs, text) => `${new Date(nowMs).toISOString().slice(11, 19)} ${text}`;
