import { runQuery } from '../td/job.js';
import { wasm } from '../wasm.js';
import { downloadSmallResult } from './query.js';

/** @import { CallContext, TdClient } from '../td/client.js' */

/**
 * A logical view as the engine's catalog shows it.
 * @typedef {{ name: string, text?: string }} ViewInfo
 */

/**
 * The logical views of a database. The REST API has no call for them.
 * @param {TdClient} td
 * @param {string} database
 * @param {CallContext} calls
 * @returns {Promise<ViewInfo[]>}
 */
export async function listViews(td, database, calls) {
  const job = await runQuery(td, { database, sql: wasm.listViewsSql(database) }, calls);
  // Most databases have none.
  if (job.numRecords === 0n) return [];
  /** @type {(string | undefined)[][]} */
  const rows = wasm.readRows(await downloadSmallResult(td, job, calls));
  return rows.map(([name = '', text]) => ({ name, ...(text !== undefined && { text }) }));
}
