// What a run comes to: how far it is, how long it will take, what it has done.
import { share } from '../../pkg-scripts/shared/format.js';

/** @import { RunState, TableRun } from '../clone/run-state.js' */

/**
 * How far a table is, from 0 to 1: by bytes once the job tells them, by rows before.
 * @param {TableRun} table
 */
export function partOf({ state, rows, totalRows, bytes, totalBytes }) {
  if (state === 'done') return 1;
  if (totalBytes) return share(bytes, totalBytes);
  return totalRows ? share(rows, totalRows) : 0;
}

/** What loading and verifying a table weighs beside moving its rows. */
const TABLES_WEIGH = 0.1;

/**
 * How far the run is, from 0 to 1. Tables count beside their rows: empty ones take their time too.
 * @param {RunState} run
 */
export function partOfRun({ counts, rows, totalRows }) {
  const copied = counts.waiting + counts.active + counts.done + counts.failed;
  if (copied === 0 || counts.waiting + counts.active === 0) return 1;
  const byTables = (counts.done + counts.failed) / copied;
  if (totalRows === 0n) return byTables;
  return Math.min(1, (1 - TABLES_WEIGH) * share(rows, totalRows) + TABLES_WEIGH * byTables);
}

/**
 * Seconds that are left if it goes on like this; undefined while nobody can tell.
 * @param {RunState} run
 * @param {number} nowMs
 */
export function secondsLeft(run, nowMs) {
  const done = Number(run.rows - (run.samples[0]?.rows ?? 0n));
  const left = Number(run.totalRows - run.rows);
  return done > 0 && left > 0 ? (((nowMs - run.beganMs) / 1000) * left) / done : undefined;
}

/**
 * The outcome as plain data, of all attempts together: what `--report` writes.
 * @param {RunState} run
 */
export function reportOf(run) {
  const { source, destination, sourceDatabase, destinationDatabase } = run.plan;
  const tables = [...run.tables.values()];
  const done = tables.flatMap(({ result }) => (result ? [result] : []));
  return {
    ...{ source, destination, sourceDatabase, destinationDatabase },
    state: run.is,
    rows: sum(done.map(({ rows }) => rows)),
    bytes: sum(done.map(({ bytes }) => bytes)),
    seconds: run.seconds,
    tables: done,
    skipped: namesOf(tables, 'skipped'),
    notReached: namesOf(tables, 'waiting'),
    errors: [...tables.flatMap(({ error }) => (error ? [error] : [])), ...(run.trouble ? [run.trouble] : [])],
  };
}

/**
 * @param {TableRun[]} tables
 * @param {TableRun['state']} wanted
 */
const namesOf = (tables, wanted) => tables.filter(({ state }) => state === wanted).map(({ table }) => table);

/** @param {bigint[]} counts */
const sum = (counts) => counts.reduce((total, count) => total + count, 0n);
