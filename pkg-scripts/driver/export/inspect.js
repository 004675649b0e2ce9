import { PetitError } from '../errors.js';
import { DEFAULTS } from '../run/options.js';
import { withSourceAccessError } from '../td/access-errors.js';
import { omitUndefined } from '../utils/omit-undefined.js';
import { wasm } from '../wasm.js';

/** @import * as core from '../../core.js' */
/** @import { ExportPlan, ExportPlanner, ExportRequest, Platform, Problem, TableInfo } from '../../types.js' */
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
    const listing = hasTables(options) ? tables : undefined;
    const site = source.site ?? source.endpoint;
    return planWithOutputs(platform, { site, ...wantedOf({ ...options, database }), listing });
  };
  return { source, tables, plan };
}

/**
 * @param {Omit<ExportRequest, 'account'>} request
 */
function wantedOf({ outputDir = DEFAULTS.outputDir, ...request }) {
  const { database, tables, query, jobId, output, overwrite } = request;
  const { timeColumn, startTime, endTime, splitRows, partition } = request;
  return {
    ...{ database, tables, query, jobId, output, outputDir, overwrite, splitRows, partition },
    ...{ timeColumn, startTime, endTime },
  };
}

/**
 * Plans, inspects the output paths of the plan, and plans again with what is there.
 * @param {Platform} platform
 * @param {core.ExportRequest} wanted
 * @returns {Promise<ExportPlan>}
 */
async function planWithOutputs(platform, wanted) {
  const request = omitUndefined(wanted);
  const { tasks } = wasm.planExport(request);
  return wasm.planExport({ ...request, existing: await platform.inspectOutputs(tasks) });
}

/** Codes of problems that no listing and no --overwrite changes. */
const PATH_PROBLEMS = new Set(['invalid_option', 'cannot_write', 'path_conflict', 'file_clash']);

/**
 * The problems of the output paths, before the first request. A time column is checked later, with the listing.
 * @param {RunContext} run
 * @param {ExportRequest} request
 * @returns {Promise<Problem[]>}
 */
export async function checkPaths({ platform }, { startTime, endTime, timeColumn, ...request }) {
  const wanted = wantedOf(request);
  const { tasks, problems } = await planWithOutputs(platform, wanted);
  if (tasks.length > 0 || problems.length > 0) return problems.filter(({ code }) => PATH_PROBLEMS.has(code));
  const reason = await platform.whyNoFileIn?.(wanted.outputDir);
  if (reason === undefined) return [];
  return [{ code: 'cannot_write', message: `nothing can be written to ${wanted.outputDir}: ${reason}` }];
}

/** @param {Problem[]} problems */
export function throwFirst([problem]) {
  if (problem) throw new PetitError(problem.code, problem.message, { table: problem.table });
}

/** @param {Pick<ExportRequest, 'query' | 'jobId'>} options */
const hasTables = ({ query, jobId }) => query === undefined && jobId === undefined;
