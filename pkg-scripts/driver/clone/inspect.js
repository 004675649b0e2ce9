import pLimit from 'p-limit';
import { PetitError, toPetitError } from '../errors.js';
import { waiting } from '../run/waiting.js';
import { destinationRefused, sourceRefused } from '../td/access-errors.js';
import { jobsUnderWay } from '../td/active-jobs.js';
import { connect } from '../td/client.js';
import { defined } from '../utils/omit-undefined.js';
import { instantiate } from '../wasm.js';

/** @import { CopyTask } from './table.js' */
/** @import { CloneRequest } from './index.js' */
/** @import { Run, TreasureData } from '../td/client.js' */
/** @import { Platform } from '../types.js' */
/** @import { Wasm } from '../wasm.js' */

/** How many tables are asked for their layout at a time. */
const LAYOUT_PARALLELISM = 8;
/** How many of each are looked at. */
const MOST_JOBS = 100;

/**
 * One table of the plan.
 * @typedef {object} PlannedTable
 * @property {string} table
 * @property {'create' | 'overwrite' | 'skip' | 'error'} action
 * @property {bigint} rows
 * @property {bigint} bytes
 * @property {{ code: string, message: string }} [problem]
 * @property {{ rows: bigint, bytes: bigint }} [loses]
 * @property {string[]} warnings
 * @property {CopyTask} [copy]
 * @property {'client' | 'engine'} [via] what moves its rows, if it is copied
 * @property {string} [viaReason]
 */

/**
 * @typedef {object} ClonePlan
 * @property {string} sourceDatabase
 * @property {string} destinationDatabase
 * @property {string} source endpoint of the source
 * @property {string} destination endpoint of the destination
 * @property {boolean} createDatabase
 * @property {PlannedTable[]} tables
 * @property {{ sessions: string[], tables: string[], jobs: string[] }} leftovers
 * @property {string[]} warnings
 * @property {Record<string, { tables: number, rows: bigint, bytes: bigint }>} totals by action
 * @property {{ index: number, count: number }} [shard] which share of the source's tables these are, if not all
 */

/**
 * Plans from what was looked at: asks nobody, and takes no time.
 * @callback Planner
 * @param {Pick<CloneRequest, 'onExisting' | 'tables' | 'via' | 'splitRows' | 'shard'>} options
 * @returns {ClonePlan}
 */

/**
 * Both sides as they were looked at, and what a clone would do about them.
 * @typedef {object} CloneSurvey
 * @property {WebAssembly.Module} module
 * @property {Wasm} wasm
 * @property {TreasureData} source
 * @property {TreasureData} destination
 * @property {Planner} plan
 * @property {Promise<void>} layouts when it is known which tables are laid out by the user, and plans warn of them: that
 *   takes a call for each table
 */

/**
 * Looks at both sides, and writes nothing.
 * @param {Platform} platform
 * @param {CloneRequest} request
 * @returns {Promise<CloneSurvey>}
 */
export async function surveyClone(platform, request) {
  const { database, newDatabase: destinationDatabase = database, signal, onEvent = () => {} } = request;
  const module = await platform.loadWasm();
  const wasm = instantiate(module);
  const source = connect(platform, wasm, request.source, request);
  const destination = connect(platform, wasm, request.destination, request);
  const run = { signal, ...waiting((message) => onEvent({ type: 'waiting', message })) };
  const [sourceTables, destinationTables, sessions] = await Promise.all([
    sourceRefused(() => source.call({ call: 'list_tables', database }, run)),
    destinationRefused(() => tablesOrNone(destination, destinationDatabase, run)),
    destinationRefused(() => destination.call({ call: 'list_sessions' }, run)),
  ]);
  const isSameAccount = source.isSameAccount(destination);
  const [destinationReadsSource, jobs] = await Promise.all([
    isSameAccount && mayRead(destination, database, run),
    runningJobs(isSameAccount ? destination : source, run),
  ]);
  const found = {
    sourceDatabase: database,
    destinationDatabase,
    ...{ isSameAccount, destinationReadsSource, runningJobs: jobs },
    sourceTables,
    destinationTables,
    destinationSessions: sessions.map((/** @type {{ name: string }} */ session) => session.name),
    userPartitioned: /** @type {string[]} */ ([]),
  };
  const layouts = userPartitioned(source, database, sourceTables, run).then((names) => {
    found.userPartitioned = names;
  });
  layouts.catch(() => {}); // Whoever waits for them hears of it; a look that is given up does not matter.
  return {
    ...{ module, wasm, source, destination, layouts },
    plan: ({ onExisting, tables, via, splitRows, shard }) => {
      const wanted = only(found.sourceTables, tables, database);
      try {
        const [run] = crypto.getRandomValues(new Uint32Array(1));
        const asked = { onExisting, via, splitRows, shard };
        const plan = wasm.planClone(defined({ ...found, sourceTables: wanted, ...asked, run }));
        return { ...plan, source: source.endpoint, destination: destination.endpoint };
      } catch (error) {
        throw toPetitError(error, { database });
      }
    },
  };
}

/**
 * The tables of these names, or all of them.
 * @param {{ name: string }[]} tables
 * @param {string[] | undefined} names
 * @param {string} database
 */
function only(tables, names, database) {
  if (!names) return tables;
  const present = new Set(tables.map(({ name }) => name));
  const missing = names.find((name) => !present.has(name));
  if (missing !== undefined) {
    const message = `the source has no table ${JSON.stringify(missing)}`;
    throw new PetitError('not_found', message, { database, table: missing });
  }
  const wanted = new Set(names);
  return tables.filter(({ name }) => wanted.has(name));
}

/**
 * Whether the key may look into the database; then it may query it.
 * @param {TreasureData} td
 * @param {string} database
 * @param {Run} run
 */
async function mayRead(td, database, run) {
  try {
    await td.call({ call: 'list_tables', database }, run);
    return true;
  } catch (error) {
    if ([403, 404].includes(/** @type {PetitError} */ (error).status ?? 0)) return false;
    throw error;
  }
}

/**
 * The jobs that have not ended, of the account whose jobs write what is cloned; none if the key may not see them.
 * @param {TreasureData} td
 * @param {Run} run
 * @returns {Promise<{ jobId: string, query: string }[]>}
 */
async function runningJobs(td, run) {
  try {
    const jobs = await jobsUnderWay(td, MOST_JOBS, run);
    return jobs.map(({ jobId, query }) => ({ jobId, query: query ?? '' }));
  } catch (error) {
    if (/** @type {PetitError} */ (error).status === 403) return [];
    throw error;
  }
}

/**
 * The tables of a database, or undefined when there is no such database.
 * @param {TreasureData} td
 * @param {string} database
 * @param {Run} run
 */
export async function tablesOrNone(td, database, run) {
  try {
    return await td.call({ call: 'list_tables', database }, run);
  } catch (error) {
    if (/** @type {PetitError} */ (error).code === 'not_found') return undefined;
    throw error;
  }
}

/**
 * Names of the tables that are laid out by the user, which a copy is not.
 * @param {TreasureData} td
 * @param {string} database
 * @param {{ name: string }[]} tables
 * @param {Run} run
 * @returns {Promise<string[]>}
 */
async function userPartitioned(td, database, tables, run) {
  const limit = pLimit(LAYOUT_PARALLELISM);
  const found = await Promise.all(
    tables.map(({ name }) =>
      limit(async () => {
        const layout = await td.call({ call: 'table_distribution', database, table: name }, run);
        return layout ? [name] : [];
      }),
    ),
  );
  return found.flat();
}
