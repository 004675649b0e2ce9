/** @import { ExportTask } from '../../types.js' */
/** @import { TableRun } from './table.js' */

/**
 * The origin of a file: what the plan says, and the schema of the table.
 * @param {TableRun} run
 * @param {ExportTask} task
 * @returns {[string, string][]}
 */
export function fileMetadata({ tables }, { table, metadata, isView }) {
  // The columns of a view are known only to its query.
  const schema = isView ? undefined : tables?.schemaText(table);
  return schema === undefined ? metadata : [...metadata, ['td.table_schema', schema]];
}
