import { platform } from '#platform';
import { checkAccount as check, listTables as list } from './driver/account.js';
import { runCleanup } from './driver/cleanup.js';
import { runClone } from './driver/clone/index.js';
import { surveyClone as survey } from './driver/clone/inspect.js';
import { describeSchema as describe } from './driver/describe-schema.js';

import { planExport as planOf, runExport, surveyExport as surveyTables } from './driver/export/index.js';
import { startRun } from './driver/run/run.js';
import { runVerify } from './driver/verify/index.js';
import { checkAttempt as attemptNow, startWorkflow } from './driver/workflow.js';

export { configure } from '#platform';
export { TreasureData } from './account.js';
export { PetitError } from './driver/errors.js';

/** @import { AccountCheck, TableInfo } from './driver/account.js' */
/** @import { ExportedTable } from './driver/export/table.js' */
/** @import { ClonePlan, Planner } from './driver/clone/inspect.js' */
/** @import { Run } from './driver/run/run.js' */
/** @import { CloneRequest, CloneSummary } from './driver/clone/index.js' */
/** @import { ExportPlan, ExportPlanner, ExportRequest, ExportSummary } from './driver/export/index.js' */
/** @import { ColumnTypes } from './driver/describe-schema.js' */
/** @import { CleanupRequest, CleanupSummary } from './driver/cleanup.js' */
/** @import { VerifyRequest, VerifySummary } from './driver/verify/index.js' */
/** @import { Attempt, AttemptRequest, WorkflowRequest } from './driver/workflow.js' */
/** @import { Account, CallOptions, Platform } from './driver/types.js' */

/**
 * Who an API key is, which databases it opens, and what it may do there.
 * @param {Account} account
 * @param {CallOptions} [options]
 * @returns {Promise<AccountCheck>}
 */
export function checkAccount(account, options = {}) {
  return check(platformFor(options), account, options);
}

/**
 * The tables of a database, as TD lists them.
 * @param {Account} account
 * @param {string} database
 * @param {CallOptions} [options]
 * @returns {Promise<TableInfo[]>}
 */
export function listTables(account, database, options = {}) {
  return list(platformFor(options), account, database, options);
}

/**
 * Clones a database into another account, site or name. A table that fails does not stop the others: what failed is in
 * the summary's `errors`. What stops the whole run is thrown.
 * @param {CloneRequest} request
 * @returns {Run<CloneSummary>}
 */
export function cloneDatabase(request) {
  return startRun(request, (run) => runClone(platformFor(request), run));
}

/**
 * What a clone would do. Nothing is written anywhere.
 * @param {CloneRequest} request
 * @returns {Promise<ClonePlan>}
 */
export async function planClone(request) {
  const { plan, layouts } = await survey(platformFor(request), request);
  await layouts;
  return plan(request);
}

/**
 * Looks at both sides once, to plan as often as options change. Nothing is written anywhere.
 * @param {CloneRequest} request
 * @returns {Promise<{ plan: Planner, layouts: Promise<void> }>} `layouts`: when plans warn of how tables are laid out, too
 */
export async function surveyClone(request) {
  const { plan, layouts } = await survey(platformFor(request), request);
  return { plan, layouts };
}

/**
 * Exports tables, a query or a finished job's result to Parquet files. A table that fails does not stop the others: what
 * failed is in the summary's `errors`. What stops the whole run is thrown.
 * @param {ExportRequest} request
 * @returns {Run<ExportSummary>}
 */
export function exportTables(request) {
  return startRun(request, (run) => runExport(platformFor(request), run));
}

/**
 * What an export would do. Nothing is written.
 * @param {ExportRequest} request
 * @returns {Promise<ExportPlan>}
 */
export function planExport(request) {
  return planOf(platformFor(request), request);
}

/**
 * Looks at a database's tables once, to plan as often as options change. Nothing is written.
 * @param {Pick<ExportRequest, 'account' | 'database' | 'signal' | 'retryTimeoutMs' | 'idleTimeoutMs' | 'onEvent' | 'platform'>} request
 * @returns {Promise<{ tables: TableInfo[], plan: ExportPlanner }>}
 */
export async function surveyExport(request) {
  const { tables = [], plan } = await surveyTables(platformFor(request), request);
  return { tables, plan };
}

/**
 * What the columns of a result become in a Parquet file.
 * @param {string} schema the job's `hive_result_schema`, which petit's files have under the key `td.result_schema`
 * @param {{ invalidUtf8?: 'error' | 'replace' | 'binary', platform?: Partial<Platform> }} [options]
 * @returns {Promise<ColumnTypes[]>}
 */
export function describeSchema(schema, options = {}) {
  return describe(platformFor(options), schema, options);
}

/**
 * Where one table, query or job is exported to: in Node the path of a file, anywhere a stream. A file appears when it is
 * complete; a stream is closed then, and aborted when the export fails.
 * @typedef {object} Target
 * @property {string | WritableStream<Uint8Array>} to
 */

/** @typedef {'tables' | 'query' | 'jobId' | 'output' | 'outputDir' | 'openSink' | 'dryRun'} Chosen */
/** @typedef {Omit<ExportRequest, Chosen> & Target & { table: string }} ExportTableRequest */
/** @typedef {Omit<ExportRequest, Chosen> & Target & { query: string }} ExportQueryRequest */
/** @typedef {Omit<ExportRequest, Chosen> & Target & { jobId: string }} ExportJobRequest */

/**
 * Exports one table to a file or a stream. A failure is thrown.
 * @param {ExportTableRequest} request
 * @returns {Run<ExportedTable>}
 */
export function exportTable({ table, ...request }) {
  return exportOne({ ...request, tables: [table] });
}

/**
 * Exports the result of a query (Trino) to a file or a stream. A failure is thrown.
 * @param {ExportQueryRequest} request
 * @returns {Run<ExportedTable>}
 */
export function exportQuery(request) {
  return exportOne(request);
}

/**
 * Exports the result of a finished job, without running it again, to a file or a stream. A failure is thrown.
 * @param {ExportJobRequest} request
 * @returns {Run<ExportedTable>}
 */
export function exportJob(request) {
  return exportOne(request);
}

/**
 * @param {Omit<ExportRequest, 'output' | 'outputDir' | 'openSink' | 'dryRun'> & Target} request
 * @returns {Run<ExportedTable>}
 */
function exportOne({ to, ...request }) {
  const target =
    typeof to === 'string' ? { output: to } : { openSink: async () => ({ writable: to, path: '' }) };
  return startRun({ ...request, ...target }, async (run) => {
    const { tables, errors } = await runExport(platformFor(request), run);
    const [exported] = tables;
    if (!exported) throw errors[0];
    return exported;
  });
}

/**
 * Compares two databases, table by table: schemas, rows and contents. Nothing is written.
 * @param {VerifyRequest} request
 * @returns {Run<VerifySummary>}
 */
export function verifyDatabase(request) {
  return startRun(request, (run) => runVerify(platformFor(request), run));
}

/**
 * Finds what clones that died have left in an account, and removes it if asked to.
 * @param {CleanupRequest} request
 * @returns {Run<CleanupSummary>}
 */
export function cleanUp(request) {
  return startRun(request, (run) => runCleanup(platformFor(request), run));
}

/**
 * Starts a workflow, and waits for its end if asked to.
 * @param {WorkflowRequest} request
 * @returns {Run<Attempt>}
 */
export function triggerWorkflow(request) {
  return startRun(request, (run) => startWorkflow(platformFor(request), run));
}

/**
 * An attempt of a workflow as it is now.
 * @param {AttemptRequest} request
 * @returns {Promise<Attempt>}
 */
export function checkAttempt(request) {
  return attemptNow(platformFor(request), request);
}

/**
 * @param {{ platform?: Partial<Platform> }} request
 * @returns {Platform}
 */
const platformFor = (request) => ({ ...platform, ...request.platform });
