import { runQuery } from '../td/job.js';
import { wasm } from '../wasm.js';
import { downloadSmallResult } from './query.js';

/** @import { ViewInfo } from '../../core.js' */
/** @import { CallContext, TdClient } from '../td/client.js' */

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
  const rows = wasm.readRows(await downloadSmallResult(td, job, calls));
  return rows.map(([name = '', text]) => ({ name, ...(text !== undefined && { text }) }));
}
