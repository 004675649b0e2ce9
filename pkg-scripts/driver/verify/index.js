import { PetitError } from '../errors.js';
import { forEachTable } from '../run/for-each-table.js';
import { checkMasking } from '../run/masking.js';
import { DEFAULTS } from '../run/options.js';
import { resolveTimes } from '../run/resolve-times.js';
import { checkSampling, sampleOf } from '../run/sampling.js';
import { withDestinationAccessError, withSourceAccessError } from '../td/access-errors.js';
import { listTablesIfExists } from '../td/list-tables.js';
import { omitUndefined } from '../utils/omit-undefined.js';
import { wasm } from '../wasm.js';
import { maskOf } from '../workers/mask.js';
import { compareTables } from './compare.js';
import { compareInDetail } from './detail.js';

/** @import { ComparedTable, VerifyPlan } from '../../core.js' */
/** @import { Comparison, VerifyRequest, VerifySummary } from '../../types.js' */
/** @import { Mask } from '../workers/mask.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { TdClient } from '../td/client.js' */
/** @import { Side } from './compare.js' */

/** Both databases.
 * @typedef {Record<'source' | 'destination', { td: TdClient, database: string }>} Sides */

/**
 * Compares two databases, table by table. Writes nothing. TD has no snapshots: rows that are added meanwhile are a
 * difference.
 * @param {RunContext} run
 * @param {VerifyRequest} request
 * @returns {Promise<VerifySummary>}
 */
export async function verifyDatabase(run, request) {
  const { database, newDatabase = database } = request;
  const { onEvent } = run;
  checkMasking(run, request);
  checkSampling(request);
  const sides = {
    source: { td: run.connect(request.source), database },
    destination: { td: run.connect(request.destination), database: newDatabase },
  };
  const { detail = false, compare = DEFAULTS.compare, method = DEFAULTS.method } = request;
  if (detail && method === 'stream') {
    throw new PetitError(
      'invalid_option',
      'a comparison in detail computes in SQL, and cannot read every row',
    );
  }
  if (detail && request.mask?.length) {
    throw new PetitError(
      'invalid_option',
      'a comparison in detail cannot apply masks, because it computes in SQL',
    );
  }
  if (detail && sampleOf(request) !== undefined) {
    throw new PetitError('invalid_option', 'a comparison in detail compares all rows, and no sample');
  }
  const { tables, notChosen, timeRange, condition } = await planComparison(run, sides, request);
  /** @type {VerifySummary} */
  const summary = {
    ...{ sourceDatabase: database, destinationDatabase: newDatabase },
    ...{ source: sides.source.td.endpoint, destination: sides.destination.td.endpoint },
    ...{ tables: [], notChosen, ...(timeRange && { timeRange }), errors: [], seconds: 0 },
  };
  const report = (/** @type {Comparison} */ comparison) => {
    summary.tables.push(comparison);
    onEvent({ type: 'comparison', ...comparison });
  };
  summary.errors = await forEachTable(
    run,
    tables,
    async (task) => {
      onEvent({ type: 'progress', table: task.table, phase: 'comparing', rows: 0n, bytes: 0n });
      const mask = maskOf(task.masked, request.maskKey);
      const wanted = compare === 'count' ? 'count' : method;
      report(await compareTable(run, { ...task, mask }, sides, { method: wanted, detail, condition }));
    },
    ({ table }, error) => report({ table, sign: '!', differences: [error.message] }),
  );
  summary.tables.sort((a, b) => (a.table < b.table ? -1 : 1));
  summary.seconds = run.seconds();
  const { errors, ...rest } = summary;
  onEvent({ type: 'summary', command: 'verify', ...rest, errors: errors.map((error) => error.toJSON()) });
  return summary;
}

/**
 * @param {RunContext} run
 * @param {Sides} sides
 * @param {VerifyRequest} request
 * @returns {Promise<VerifyPlan>}
 */
async function planComparison({ calls, platform }, { source, destination }, request) {
  const { tables, exclude, mask } = request;
  const { startTime, endTime } = resolveTimes(request, platform);
  const { database } = source;
  const [sourceTables, destinationTables] = await Promise.all([
    withSourceAccessError(() => source.td.listTables(database, calls)),
    withDestinationAccessError(() => listTablesIfExists(destination.td, destination.database, calls)),
  ]);
  const plan = wasm.planVerify(
    omitUndefined({
      ...{ sourceDatabase: database, destinationDatabase: destination.database },
      ...{ tables, exclude, startTime, endTime, mask, sample: sampleOf(request) },
    }),
    sourceTables,
    destinationTables?.share(),
  );
  const [problem] = plan.problems;
  if (problem) throw new PetitError(problem.code, problem.message, { table: problem.table });
  if (!destinationTables) throw noDatabase(destination);
  return plan;
}

/**
 * Without its database there is nothing to compare.
 * @param {Sides['destination']} destination
 */
function noDatabase({ td, database }) {
  const message = `the destination has no database ${JSON.stringify(database)} that the key can see`;
  const hint =
    'Check the name, --new-db and the destination’s endpoint, or copy it first with petit clone-db.';
  return new PetitError('not_found', message, { status: 404, endpoint: td.endpoint, database, hint });
}

/**
 * @param {RunContext} run
 * @param {ComparedTable & { mask: Mask | undefined }} task
 * @param {Sides} sides
 * @param {{ method: 'count' | 'auto' | 'server' | 'stream', detail: boolean, condition: string | undefined }} options
 * @returns {Promise<Comparison>}
 */
async function compareTable(run, task, sides, { method, detail, condition }) {
  const { table, foundIn, schemaDifferences } = task;
  if (foundIn === 'source') return { table, sign: '+', differences: ['only in the source'] };
  if (foundIn === 'destination') return { table, sign: '-', differences: ['only in the destination'] };
  const source = /** @type {Side} */ ({ ...sides.source, queries: task.source, mask: task.mask });
  const destination = /** @type {Side} */ ({ ...sides.destination, queries: task.destination });
  const compared = detail
    ? await compareInDetail(run, task, sides, { condition, hasChecksum: method !== 'count' })
    : await compareTables(source, destination, method, run.calls);
  const differences = [...schemaDifferences, ...compared.differences];
  return { ...compared, table, sign: differences.length === 0 ? '=' : '*', differences };
}
