import { plannedJobs } from '../../shared/totals.js';
import { PetitError, toPetitError } from '../errors.js';
import { listViews } from '../result/list-views.js';
import { checkMasking } from '../run/masking.js';
import { DEFAULTS } from '../run/options.js';
import { resolveTimes } from '../run/resolve-times.js';
import { sinkContext } from '../run/run.js';
import { checkSampling, sampleOf } from '../run/sampling.js';
import { withSourceAccessError } from '../td/access-errors.js';
import { omitUndefined } from '../utils/omit-undefined.js';
import { wasm } from '../wasm.js';

/** @import * as core from '../../core.js' */
/** @import { ExportPlanner, ExportRequest, MaskOptions, Problem, SampleRequest } from '../../types.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { TableList, TdClient } from '../td/client.js' */

/**
 * Lists the database's tables, unless a query or a job is exported. Writes nothing.
 * @param {RunContext} run
 * @param {Pick<ExportRequest, 'account' | 'database' | 'query' | 'jobId' | keyof MaskOptions | keyof SampleRequest>} request
 * @returns {Promise<{ source: TdClient, tables?: TableList, plan: ExportPlanner }>}
 */
export async function inspectExport(run, request) {
  checkMasking(run, request);
  checkSampling(request);
  const { account, database } = request;
  const { platform, calls } = run;
  const source = run.connect(account);
  const tables = hasTables(request)
    ? await withSourceAccessError(() => source.listTables(database, calls))
    : undefined;
  /** @type {string[] | undefined} */
  let views;
  /** @type {ExportPlanner} */
  const plan = async (options) => {
    const listing = hasTables(options) ? tables : undefined;
    const site = source.site ?? source.endpoint;
    const times = resolveTimes(options, platform);
    const wanted = { site, ...wantedOf({ ...options, database }), ...times };
    const planned = await planWithOutputs(run, { ...wanted, views }, listing);
    if (!planned.needsViews) return withJobs(planned);
    // Only a name that no table has takes the query for views.
    views = await listViewNames(run, source, database);
    return withJobs(await planWithOutputs(run, { ...wanted, views }, listing));
  };
  return { source, tables, plan };
}

/**
 * Adds the number of jobs. A finished job is not run again.
 * @param {core.ExportPlan} plan
 */
const withJobs = (plan) => ({
  ...plan,
  jobs: plan.tasks.reduce(
    (sum, task) => sum + (task.jobId === undefined ? plannedJobs(task.rows, task) : 0),
    0,
  ),
});

/**
 * The names of the database's logical views; none if the key may not query, or the engine has no views.
 * @param {RunContext} run
 * @param {TdClient} source
 * @param {string} database
 */
async function listViewNames({ calls }, source, database) {
  try {
    return (await listViews(source, database, calls)).map(({ name }) => name);
  } catch (thrown) {
    const error = toPetitError(thrown, { database });
    if (!(error instanceof PetitError) || error.retryable) throw error;
    return [];
  }
}

/**
 * @param {Omit<ExportRequest, 'account'>} request
 */
function wantedOf({ outputDir = DEFAULTS.outputDir, ...request }) {
  const { database, tables, exclude, query, jobId, output, overwrite } = request;
  const { timeColumn, splitRows, partition, fileSize, update, verify, mask } = request;
  return {
    ...{ database, tables, exclude, query, jobId, output, outputDir, overwrite, splitRows, partition },
    ...{ timeColumn, fileSize, update, checksum: verify === 'full', mask, sample: sampleOf(request) },
    ...{ columns: request.columns, limit: request.limit, timestampColumns: request.timestampColumns },
    ...(update && { invalidUtf8: request.invalidUtf8 ?? DEFAULTS.invalidUtf8 }),
  };
}

/**
 * Inspects the output paths, and plans with what is there.
 * @param {RunContext} run
 * @param {core.ExportRequest} wanted
 * @param {TableList} [listing]
 * @returns {Promise<core.ExportPlan>}
 */
async function planWithOutputs(run, wanted, listing) {
  const { platform } = run;
  const request = omitUndefined({ ...wanted, pathStyle: platform.pathStyle });
  const existing = await platform.inspectOutputs(
    wasm.exportOutputs(request, listing?.share()),
    sinkContext(run),
  );
  return wasm.planExport({ ...request, existing }, listing?.share());
}

/**
 * The problems of the output paths, before the first request. A time column, rules of masking and keys of
 * a sample are checked later, with the listing.
 * @param {RunContext} run
 * @param {ExportRequest} request
 * @returns {Promise<Problem[]>}
 */
export async function checkPaths(run, { timeColumn, mask, sample, sampleBy, sampleOthers, ...request }) {
  const wanted = wantedOf(request);
  const { tasks, problems } = await planWithOutputs(run, wanted);
  if (tasks.length > 0 || problems.length > 0) return problems;
  const reason = await run.platform.whyNoFileIn?.(wanted.outputDir, sinkContext(run));
  if (reason === undefined) return [];
  return [{ code: 'cannot_write', message: `nothing can be written to ${wanted.outputDir}: ${reason}` }];
}

/** @param {Problem[]} problems */
export function throwFirst([problem]) {
  if (problem) throw new PetitError(problem.code, problem.message, { table: problem.table });
}

/** @param {Pick<ExportRequest, 'query' | 'jobId'>} options */
const hasTables = ({ query, jobId }) => query === undefined && jobId === undefined;
