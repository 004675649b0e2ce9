import { configure as configurePlatform, platform } from '#platform';
import {
  checkAccount as check,
  findPersonalColumns as findPersonal,
  listTables as list,
  listDatabases as listAll,
  toListedTable,
} from './driver/account.js';
import { cleanUp as clean } from './driver/cleanup.js';
import { addPersonal, cloneDatabase as clone } from './driver/clone/index.js';
import { inspectClone as inspectBoth } from './driver/clone/inspect.js';
import { checkConformance as askQuestions } from './driver/conformance/index.js';
import { describeSchema as describe } from './driver/describe-schema.js';
import { diagnose as diagnoseAccount } from './driver/doctor/index.js';
import { withInterruption } from './driver/errors.js';
import { exportTables as exportAll, personalColumnsOfExport } from './driver/export/index.js';
import { inspectExport as inspectDatabase } from './driver/export/inspect.js';
import { createRun } from './driver/run/run.js';
import { startRun } from './driver/run/start-run.js';
import { verifyDatabase as verify } from './driver/verify/index.js';
import { checkAttempt as readAttempt, startWorkflow } from './driver/workflow.js';

export { TreasureData } from './account.js';
export { PetitError } from './driver/errors.js';

/** @import * as api from './api.js' */
/** @import { ExportedTable, ExportEvent, ExportRequest, Platform, Run, RunEvent, RunOptions, Target } from './types.js' */
/** @import { RunContext } from './driver/run/run.js' */

/** @type {typeof api.configure} */
export const configure = (locations) => configurePlatform(locations);

/** @type {typeof api.checkAccount} */
export const checkAccount = (account, options) => call(options, (run) => check(run, account));

/** @type {typeof api.checkConformance} */
export const checkConformance = (request) => start(request, askQuestions);

/** @type {typeof api.diagnose} */
export const diagnose = (request) => start(request, diagnoseAccount);

/** @type {typeof api.listDatabases} */
export const listDatabases = (account, options) => call(options, (run) => listAll(run, account));

/** @type {typeof api.listTables} */
export const listTables = (account, database, options) =>
  call(options, (run) => list(run, account, database));

/** @type {typeof api.findPersonalColumns} */
export const findPersonalColumns = (account, database, options = {}) =>
  call(options, (run) => findPersonal(run, account, database, options));

/** @type {typeof api.cloneDatabase} */
export const cloneDatabase = (request) => start(request, clone);

/** @type {typeof api.inspectClone} */
export async function inspectClone(request) {
  const { signal } = request;
  const { plan, compare, partitioningChecked } = await call(request, (run) => inspectBoth(run, request));
  const stop = (/** @type {unknown} */ error) => {
    throw withInterruption(error, signal);
  };
  const checked = partitioningChecked.catch(stop);
  // The caller need not await it.
  checked.catch(() => {});
  return { plan, compare: (options) => compare(options).catch(stop), partitioningChecked: checked };
}

/** @type {typeof api.planClone} */
export async function planClone(request) {
  return call(request, async (run) => {
    const inspection = await inspectBoth(run, request);
    await inspection.partitioningChecked;
    await inspection.compare(request);
    return addPersonal(run, { ...request, dryRun: true }, inspection, inspection.plan(request));
  });
}

/** @type {typeof api.exportTables} */
export const exportTables = (request) => start(request, exportAll);

/** @type {typeof api.inspectExport} */
export async function inspectExport(request) {
  const { tables, plan } = await call(request, (run) => inspectDatabase(run, request));
  return { tables: tables?.toData().map(toListedTable) ?? [], plan };
}

/** @type {typeof api.planExport} */
export async function planExport(request) {
  return call(request, async (run) => {
    const inspection = await inspectDatabase(run, request);
    const planned = await inspection.plan(request);
    const personal = await personalColumnsOfExport(
      run,
      { ...request, dryRun: true },
      inspection,
      planned.tasks,
    );
    return { ...planned, ...(personal && { personal }) };
  });
}

/** @type {typeof api.exportTable} */
export const exportTable = ({ table, ...request }) => exportOne({ ...request, tables: [table] });

/** @type {typeof api.exportQuery} */
export const exportQuery = (request) => exportOne(request);

/** @type {typeof api.exportJob} */
export const exportJob = (request) => exportOne(request);

/** @type {typeof api.describeSchema} */
export const describeSchema = (schema, options = {}) => describe(platformFor(options), schema, options);

/** @type {typeof api.verifyDatabase} */
export const verifyDatabase = (request) => start(request, verify);

/** @type {typeof api.cleanUp} */
export const cleanUp = (request) => start(request, clean);

/** @type {typeof api.triggerWorkflow} */
export const triggerWorkflow = (request) => start(request, startWorkflow);

/** @type {typeof api.checkAttempt} */
export const checkAttempt = (request) => call(request, (run) => readAttempt(run, request));

/**
 * @param {Omit<ExportRequest, 'output' | 'outputDir' | 'openSink' | 'dryRun'> & Target} request
 * @returns {Run<ExportedTable, ExportEvent>}
 */
function exportOne({ to, ...request }) {
  const target =
    typeof to === 'string' ? { output: to } : { openSink: async () => ({ writable: to, path: '' }) };
  return start({ ...request, ...target }, async (run, request) => {
    const { tables, errors } = await exportAll(run, request);
    const [exported] = tables;
    if (!exported) throw errors[0];
    return exported;
  });
}

/**
 * Starts a command as a run.
 * @template {RunOptions} Request
 * @template Result
 * @template {RunEvent} E
 * @param {Request} request
 * @param {(run: RunContext, request: Request) => Promise<Result>} command
 * @returns {Run<Result, E>}
 */
function start(request, command) {
  return startRun(request, async (listened) => {
    const run = await runFor(listened);
    try {
      return await command(run, listened);
    } catch (error) {
      throw run.outlet.error(error);
    }
  });
}

/**
 * Does what is not a run of its own, and has no events to loop over.
 * @template T
 * @param {RunOptions & { openSink?: ExportRequest['openSink'] } | undefined} options
 * @param {(run: RunContext) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function call(options = {}, work) {
  const run = await runFor(options);
  try {
    return await work(run);
  } catch (error) {
    throw withInterruption(run.outlet.error(error), options.signal);
  }
}

/** @param {RunOptions & { openSink?: ExportRequest['openSink'] }} request */
const runFor = (request) => createRun(platformFor(request), request);

/**
 * The platform with the request's own services in place of its own. Paths of a request's own sinks are not the platform's.
 * @param {{ platform?: Partial<Platform>, openSink?: ExportRequest['openSink'] }} request
 * @returns {Platform}
 */
function platformFor({ platform: services, openSink }) {
  return {
    ...platform,
    ...services,
    ...(openSink && { openSink, inspectOutputs: async () => [], whyNoFileIn: undefined }),
  };
}
