import { configure as configurePlatform, platform } from '#platform';
import {
  checkAccount as check,
  findPersonalColumns as findPersonal,
  listTables as list,
  listDatabases as listAll,
} from './driver/account.js';
import { cleanUp as clean } from './driver/cleanup.js';
import { addPersonal, cloneDatabase as clone } from './driver/clone/index.js';
import { inspectClone as inspectBoth } from './driver/clone/inspect.js';
import { checkConformance as askQuestions } from './driver/conformance/index.js';
import { describeSchema as describe } from './driver/describe-schema.js';
import { diagnose as diagnoseAccount } from './driver/doctor/index.js';
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
export const checkAccount = async (account, options = {}) => check(await runFor(options), account);

/** @type {typeof api.checkConformance} */
export const checkConformance = (request) => start(request, askQuestions);

/** @type {typeof api.diagnose} */
export const diagnose = (request) => start(request, diagnoseAccount);

/** @type {typeof api.listDatabases} */
export const listDatabases = async (account, options = {}) => listAll(await runFor(options), account);

/** @type {typeof api.listTables} */
export const listTables = async (account, database, options = {}) =>
  list(await runFor(options), account, database);

/** @type {typeof api.findPersonalColumns} */
export const findPersonalColumns = async (account, database, options = {}) =>
  findPersonal(await runFor(options), account, database, options);

/** @type {typeof api.cloneDatabase} */
export const cloneDatabase = (request) => start(request, clone);

/** @type {typeof api.inspectClone} */
export async function inspectClone(request) {
  const { plan, compare, partitioningChecked } = await inspectBoth(await runFor(request), request);
  return { plan, compare, partitioningChecked };
}

/** @type {typeof api.planClone} */
export async function planClone(request) {
  const run = await runFor(request);
  const inspection = await inspectBoth(run, request);
  await inspection.partitioningChecked;
  await inspection.compare(request);
  return addPersonal(run, { ...request, dryRun: true }, inspection, inspection.plan(request));
}

/** @type {typeof api.exportTables} */
export const exportTables = (request) => start(request, exportAll);

/** @type {typeof api.inspectExport} */
export async function inspectExport(request) {
  const { tables, plan } = await inspectDatabase(await runFor(request), request);
  return { tables: tables?.toData() ?? [], plan };
}

/** @type {typeof api.planExport} */
export async function planExport(request) {
  const run = await runFor(request);
  const inspection = await inspectDatabase(run, request);
  const planned = await inspection.plan(request);
  const personal = await personalColumnsOfExport(
    run,
    { ...request, dryRun: true },
    inspection,
    planned.tasks,
  );
  return { ...planned, ...(personal && { personal }) };
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
export const checkAttempt = async (request) => readAttempt(await runFor(request), request);

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
