/** @import { ErrorData } from '../../pkg-scripts/types.js' */
/** @import { TableRun } from '../run/run-state.js' */
/** @import { CloneRun } from './run-state.js' */

/**
 * The report of all attempts: the fields that `petit clone-db --report` writes, plus `state`, the status of the run, and
 * `notReached`, the tables that were not started.
 * @param {CloneRun} run
 */
export function buildReport(run) {
  const { source, destination, sourceDatabase, destinationDatabase } = run.plan;
  const tables = [...run.tables.values()];
  const done = tables.flatMap(({ result }) => (result ? [result] : []));
  return {
    ...{ source, destination, sourceDatabase, destinationDatabase },
    state: run.status,
    rows: sum(done.map(({ rows }) => rows)),
    bytes: sum(done.map(({ bytes }) => bytes)),
    seconds: run.seconds,
    tables: done,
    skipped: namesOf(tables, 'skipped'),
    notReached: namesOf(tables, 'waiting'),
    errors: errorsOf(run, tables),
  };
}

/**
 * @param {CloneRun} run
 * @param {TableRun[]} tables
 * @returns {ErrorData[]}
 */
const errorsOf = (run, tables) => [
  ...tables.flatMap(({ error }) => (error ? [error] : [])),
  ...(run.error ? [run.error] : []),
];

/**
 * @param {TableRun[]} tables
 * @param {TableRun['state']} wanted
 */
const namesOf = (tables, wanted) => tables.filter(({ state }) => state === wanted).map(({ table }) => table);

/** @param {bigint[]} counts */
const sum = (counts) => counts.reduce((total, count) => total + count, 0n);
