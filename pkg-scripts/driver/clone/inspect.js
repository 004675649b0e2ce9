import pLimit from 'p-limit';
import { toPetitError } from '../errors.js';
import { listEndedProcesses } from '../run/ended-processes.js';
import { checkMasking } from '../run/masking.js';
import { DEFAULTS } from '../run/options.js';
import { resolveTimes } from '../run/resolve-times.js';
import { checkSampling, sampleOf } from '../run/sampling.js';
import { withDestinationAccessError, withSourceAccessError } from '../td/access-errors.js';
import { listActiveJobs } from '../td/active-jobs.js';
import { listTablesIfExists } from '../td/list-tables.js';
import { omitUndefined } from '../utils/omit-undefined.js';
import { wasm } from '../wasm.js';
import { compareTables } from './compare-tables.js';
import { completePlan } from './complete-plan.js';
import { readViews } from './views.js';

/** @import * as core from '../../core.js' */
/** @import { CloneInspection, CloneRequest, PetitError, PlannedTable, Planner } from '../../types.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { TableList, TdClient } from '../td/client.js' */
/** @import { KnownViews } from './views.js' */

/** Maximum jobs of each status that are searched for leftovers. */
const MAX_JOBS = 100;

/** Maximum tables whose partitioning is read. Each one takes a request, and a database may have 10,000 tables. */
const MAX_PARTITIONING_CHECKS = 200;

/**
 * Reads both sides. Writes nothing.
 * @param {RunContext} run
 * @param {CloneRequest} request
 * @returns {Promise<CloneInspection & { source: TdClient, destination: TdClient, canQuerySource: () => boolean, sourceTables: TableList,
 *   failures: Map<string, PetitError> }>}
 *   `canQuerySource`: whether a query of the source has succeeded, once `partitioningChecked` is settled
 */
export async function inspectClone(run, request) {
  checkMasking(run, request);
  checkSampling(request);
  const source = run.connect(request.source);
  const destination = run.connect(request.destination);
  const { database, newDatabase = database } = request;
  const hasSameKey =
    request.source.apikey === request.destination.apikey && source.endpoint === destination.endpoint;
  const found = await readBothSides(run, { source, destination, hasSameKey }, database, newDatabase);
  const { sourceTables, destinationTables, ...facts } = found;
  const checked = sourceTables.largest(MAX_PARTITIONING_CHECKS);
  facts.partitioningUnchecked = sourceTables.length - checked.length;
  const partitioningChecked = Promise.all([
    listUserPartitioned(run, source, database, checked).then((names) => {
      facts.userPartitioned = names;
    }),
    readViews(
      run,
      { td: source, database },
      destinationTables && { td: destination, database: newDatabase },
    ).then((views) => {
      facts.views = views;
    }),
  ]).then(() => {});
  // A caller that waits for it gets the error. Nobody else needs it.
  partitioningChecked.catch(() => {});
  /** Why tables could not be compared. @type {Map<string, PetitError>} */
  const failures = new Map();
  /** @type {Planner} */
  const plan = (request) => {
    const { tables, exclude, onExisting = DEFAULTS.onExisting, via = DEFAULTS.via } = request;
    const { allowKeyInJob, splitRows, shard, views, onDrift, mask, verify } = request;
    const [runNumber = 0] = crypto.getRandomValues(new Uint32Array(1));
    const { startTime, endTime } = resolveTimes(request, run.platform);
    const { views: knownViews, ...inspected } = facts;
    try {
      const choice = { tables, exclude, startTime, endTime, views };
      const how = {
        onExisting,
        onDrift,
        via,
        allowKeyInJob,
        splitRows,
        shard,
        mask,
        sample: sampleOf(request),
        checksum: verify === 'full',
      };
      const options = { ...choice, ...how, run: runNumber };
      const wanted = omitUndefined({ ...inspected, ...knownViews, ...options });
      const planned = wasm.planClone(wanted, sourceTables, destinationTables?.share());
      const withStatements = { ...planned, tables: addStatements(planned, sourceTables) };
      for (const planned of withStatements.tables) {
        const error = planned.action === 'compare' ? failures.get(planned.table) : undefined;
        if (error) planned.problem = { code: error.code, table: planned.table, message: error.message };
      }
      const [from, to] = [source.endpoint, destination.endpoint];
      return completePlan({ ...withStatements, run: runNumber, source: from, destination: to });
    } catch (error) {
      throw toPetitError(error, { database });
    }
  };
  const compare = async (/** @type {Parameters<CloneInspection['compare']>[0]} */ request) => {
    if (request.onExisting !== 'update') return;
    await partitioningChecked;
    facts.comparisons = [];
    const sides = { source, destination, sourceTables };
    failures.clear();
    const compared = await compareTables(run, sides, plan(request), request);
    facts.comparisons = compared.comparisons;
    for (const [table, error] of compared.failures) failures.set(table, error);
  };
  const canQuerySource = () => facts.views.viewsUnknown === undefined;
  return { source, destination, sourceTables, plan, compare, failures, partitioningChecked, canQuerySource };
}

/**
 * What the planner needs to know.
 * @param {RunContext} run
 * @param {{ source: TdClient, destination: TdClient, hasSameKey: boolean }} sides
 * @param {string} sourceDatabase
 * @param {string} destinationDatabase
 */
async function readBothSides(
  { platform, calls },
  { source, destination, hasSameKey },
  sourceDatabase,
  destinationDatabase,
) {
  const isSameAccount = source.isSameAccount(destination);
  const [sourceTables, sessions, runningJobs] = await Promise.all([
    withSourceAccessError(() => source.listTables(sourceDatabase, calls)),
    withDestinationAccessError(() => destination.call({ call: 'list_sessions' }, calls)),
    listRunningJobs(isSameAccount ? destination : source, calls),
  ]);
  // After the sessions and jobs: a run creates its lease first, so that the lease of each of them is in this list.
  const [destinationTables, destinationReadsSource] = await Promise.all([
    withDestinationAccessError(() => listTablesIfExists(destination, destinationDatabase, calls)),
    isSameAccount && (hasSameKey || canRead(destination, sourceDatabase, calls)),
  ]);
  return {
    ...{ sourceDatabase, destinationDatabase, sourceTables, destinationTables },
    ...{ isSameAccount, destinationReadsSource, runningJobs },
    nowMs: destination.nowMs(),
    endedProcesses: await listEndedProcesses(platform, destinationDatabase, destinationTables),
    destinationSessions: sessions.map((session) => session.name),
    userPartitioned: /** @type {string[]} */ ([]),
    partitioningUnchecked: 0,
    comparisons: /** @type {core.TableComparison[]} */ ([]),
    views: /** @type {KnownViews} */ ({ sourceViews: [], destinationViews: [] }),
  };
}

/** What a copy has of its {@link CopyTask} only when it is read, because it is as long as the table's schema. */
const STATEMENT = /** @type {const} */ (['sql', 'keys', 'schema', 'masked']);
/** How the rows that a rebuild keeps are copied within the destination. */
const KEPT = /** @type {const} */ ('insert-select');

/**
 * Adds to each copy its statement, which is made when it is read. Returns the tables.
 * @param {core.ClonePlan} plan
 * @param {TableList} sourceTables
 * @returns {PlannedTable[]}
 */
function addStatements({ sourceDatabase, destinationDatabase, tables }, sourceTables) {
  for (const { table, copy, update, masks } of tables) {
    if (!copy) continue;
    const { method, stagingTable, condition } = copy;
    const names = { sourceDatabase, destinationDatabase, method, stagingTable, condition, masks };
    for (const property of STATEMENT) {
      const get = () => sourceTables.copyStatement(table, names)?.[property];
      Object.defineProperty(copy, property, { enumerable: true, get });
    }
    if (update?.keptCondition === undefined) continue;
    const kept = {
      ...names,
      sourceDatabase: destinationDatabase,
      method: KEPT,
      condition: update.keptCondition,
    };
    const get = () => sourceTables.copyStatement(table, kept)?.sql;
    Object.defineProperty(copy, 'keptSql', { enumerable: true, get });
  }
  return /** @type {PlannedTable[]} */ (tables);
}

/**
 * Whether the key may list the database. Then it may also query it.
 * @param {TdClient} td
 * @param {string} database
 * @param {RunContext['calls']} calls
 */
async function canRead(td, database, calls) {
  try {
    (await td.listTables(database, calls)).free();
    return true;
  } catch (error) {
    if ([403, 404].includes(/** @type {PetitError} */ (error).status ?? 0)) return false;
    throw error;
  }
}

/**
 * The active jobs of the account that writes the copies; none if the key may not list jobs.
 * @param {TdClient} td
 * @param {RunContext['calls']} calls
 * @returns {Promise<{ jobId: string, query: string }[]>}
 */
async function listRunningJobs(td, calls) {
  try {
    const jobs = await listActiveJobs(td, MAX_JOBS, calls);
    return jobs.map(({ jobId, query }) => ({ jobId, query: query ?? '' }));
  } catch (error) {
    if (/** @type {PetitError} */ (error).status === 403) return [];
    throw error;
  }
}

/**
 * Names of the tables with user-defined partitioning, which a copy does not get.
 * @param {RunContext} run
 * @param {TdClient} td
 * @param {string} database
 * @param {string[]} tables
 * @returns {Promise<string[]>}
 */
async function listUserPartitioned({ limits, calls }, td, database, tables) {
  const limit = pLimit(limits.reads);
  const found = await Promise.all(
    tables.map((name) =>
      limit(async () => {
        const distribution = await td.call({ call: 'table_distribution', database, table: name }, calls);
        return distribution ? [name] : [];
      }),
    ),
  );
  return found.flat();
}
