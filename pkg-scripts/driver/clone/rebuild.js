import { countRows } from '../result/query.js';
import { copyServerSide } from './server-side.js';
import { verifyCount } from './staging.js';
import { checkAlone, checkUnchanged } from './update-conflict.js';

/** @import { CloneTask, TableRun } from './table.js' */

/**
 * The rows that a rebuild keeps.
 * @typedef {object} KeptRows
 * @property {bigint} rows
 * @property {() => Promise<void>} checkUnchanged fails if the existing table has changed since, or another run is at work
 */

/**
 * Copies the rows of the existing table that did not differ into the staging table, by a job of the destination. No row passes
 * through petit.
 * @param {TableRun} run
 * @param {CloneTask} task
 * @returns {Promise<KeptRows>}
 */
export async function keepRows(run, task) {
  const { table, copy, update } = task;
  const { destination: source, destinationDatabase: sourceDatabase } = run;
  await checkAlone(run, table);
  const totalSql = String(update?.totalSql);
  const total = await countRows(source, sourceDatabase, totalSql, run.calls);
  const { keptSql, countSql } = copy;
  const isUnchanged = async () => {
    await checkAlone(run, table);
    await checkUnchanged(run, totalSql, total);
  };
  if (keptSql === undefined) return { rows: 0n, checkUnchanged: isUnchanged };
  run.progress.setPhase('keeping equal rows');
  const keptCopy = {
    ...copy,
    method: /** @type {const} */ ('insert-select'),
    sql: keptSql,
    sourceCountSql: String(update?.keptCountSql),
  };
  const slices = [{ sql: keptSql, countSql }];
  const keptRun = { ...run, source, sourceDatabase, id: `${run.id}-kept` };
  const { rows } = await copyServerSide(keptRun, { ...task, copy: keptCopy }, slices);
  if (run.verify !== 'none') await verifyCount(run, countSql, rows);
  return { rows, checkUnchanged: isUnchanged };
}
