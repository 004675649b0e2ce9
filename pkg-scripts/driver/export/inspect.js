import { DEFAULTS } from '../run/options.js';
import { withSourceAccessError } from '../td/access-errors.js';
import { omitUndefined } from '../utils/omit-undefined.js';
import { wasm } from '../wasm.js';

/** @import { ExportPlanner, ExportRequest, ExportTask, TableInfo } from '../../types.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { TdClient } from '../td/client.js' */

/**
 * Lists the database's tables, unless a query or a job is exported. Writes nothing.
 * @param {RunContext} run
 * @param {Pick<ExportRequest, 'account' | 'database' | 'query' | 'jobId'>} request
 * @returns {Promise<{ source: TdClient, tables?: TableInfo[], plan: ExportPlanner }>}
 */
export async function inspectExport(run, request) {
  const { account, database } = request;
  const { platform, calls } = run;
  const source = run.connect(account);
  /** @type {TableInfo[] | undefined} */
  const tables = hasTables(request)
    ? await withSourceAccessError(() => source.call({ call: 'list_tables', database }, calls))
    : undefined;
  /** @type {ExportPlanner} */
  const plan = async (options) => {
    const { tables: names, query, jobId, output, outputDir = DEFAULTS.outputDir, overwrite } = options;
    const { timeColumn, startTime, endTime, splitRows, partition } = options;
    const wanted = omitUndefined({
      site: source.site ?? source.endpoint,
      ...{ database, tables: names, query, jobId, output, outputDir, overwrite, splitRows, partition },
      ...{ timeColumn, startTime, endTime },
      listing: hasTables(options) ? tables : undefined,
    });
    const paths = wasm.planExport(wanted).tasks.map((/** @type {ExportTask} */ task) => task.outputPath);
    return wasm.planExport({ ...wanted, existing: await platform.existingPaths(paths) });
  };
  return { source, tables, plan };
}

/** @param {Pick<ExportRequest, 'query' | 'jobId'>} options */
const hasTables = ({ query, jobId }) => query === undefined && jobId === undefined;
