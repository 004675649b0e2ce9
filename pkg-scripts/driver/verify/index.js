import pLimit from 'p-limit';
import { tablesOrNone } from '../clone/inspect.js';
import { PetitError, toPetitError } from '../errors.js';
import { destinationRefused, sourceRefused } from '../td/access-errors.js';
import { connect } from '../td/client.js';
import { defined } from '../utils/omit-undefined.js';
import { instantiate } from '../wasm.js';
import { compareTables } from './compare.js';

/** @import { Side, SideQueries } from './compare.js' */
/** @import { Account, ComparisonEvent, OnEvent, Platform } from '../types.js' */

/**
 * Which databases to compare, and how.
 * @typedef {object} VerifyRequest
 * @property {Account} source
 * @property {Account} destination
 * @property {string} database
 * @property {string} [newDatabase] its name in the destination, if another
 * @property {string[]} [tables] only these
 * @property {'full' | 'count'} [compare] contents too, or rows and schemas only (`full`)
 * @property {'auto' | 'server' | 'stream'} [method] of a full comparison: checksums by both sides' SQL, or every row read
 *   (`auto`: the first, where SQL can)
 * @property {number} [tableParallelism] tables at a time (2)
 * @property {number} [retryTimeoutMs] how long trouble may last
 * @property {number} [idleTimeoutMs] how long an answer, or the next bytes of one, may take (60,000)
 * @property {Partial<Platform>} [platform] services to use instead of the platform's own
 * @property {AbortSignal} [signal]
 * @property {OnEvent} [onEvent]
 */

/** How a table came out: `=` the same, `*` different, `+` only in the source, `-` only in the destination, `!` it could not
 * be compared.
 * @typedef {'=' | '*' | '+' | '-' | '!'} Sign */

/** @typedef {Omit<ComparisonEvent, 'type'>} Comparison */

/**
 * @typedef {object} VerifySummary
 * @property {string} sourceDatabase
 * @property {string} destinationDatabase
 * @property {string} source endpoint of the source
 * @property {string} destination endpoint of the destination
 * @property {Comparison[]} tables
 * @property {PetitError[]} errors of tables that could not be compared
 * @property {number} seconds
 */

/**
 * @typedef {object} ComparedTable
 * @property {string} table
 * @property {'both' | 'source' | 'destination'} foundIn
 * @property {string[]} schemaDifferences
 * @property {SideQueries} [source]
 * @property {SideQueries} [destination]
 */

/**
 * Compares two databases, table by table. Nothing is written. There is no snapshot: rows that come meanwhile are a
 * difference.
 * @param {Platform} platform
 * @param {VerifyRequest} request
 * @returns {Promise<VerifySummary>}
 */
export async function runVerify(platform, request) {
  const began = performance.now();
  const { database, newDatabase = database, onEvent = () => {}, tableParallelism = 2 } = request;
  const signal = request.signal ?? new AbortController().signal;
  const wasm = instantiate(await platform.loadWasm());
  const source = connect(platform, wasm, request.source, request);
  const destination = connect(platform, wasm, request.destination, request);
  const [sourceTables, destinationTables] = await Promise.all([
    sourceRefused(() => source.call({ call: 'list_tables', database }, { signal })),
    destinationRefused(() => tablesOrNone(destination, newDatabase, { signal })),
  ]);
  const { tables: wanted } = request;
  /** @type {{ tables: ComparedTable[], problems: { code: string, message: string, table: string }[] }} */
  const plan = wasm.planVerify(
    defined({
      ...{ sourceDatabase: database, destinationDatabase: newDatabase },
      ...{ sourceTables, destinationTables, tables: wanted },
    }),
  );
  const [problem] = plan.problems;
  if (problem) throw new PetitError(problem.code, problem.message, { table: problem.table });

  /** @type {VerifySummary} */
  const summary = {
    ...{ sourceDatabase: database, destinationDatabase: newDatabase },
    ...{ source: source.endpoint, destination: destination.endpoint, tables: [], errors: [], seconds: 0 },
  };
  const { compare = 'full', method = 'auto' } = request;
  const one = async (/** @type {ComparedTable} */ planned) => {
    signal.throwIfAborted();
    const sides = {
      source: { td: source, database, queries: planned.source },
      destination: { td: destination, database: newDatabase, queries: planned.destination },
    };
    const { table } = planned;
    onEvent({ type: 'progress', table, phase: 'comparing', rows: 0n, bytes: 0n });
    try {
      const compared = await comparison(wasm, planned, sides, compare === 'count' ? 'count' : method, signal);
      summary.tables.push(compared);
      onEvent({ type: 'comparison', ...compared });
    } catch (thrown) {
      signal.throwIfAborted();
      const error = /** @type {PetitError} */ (toPetitError(thrown, { table }));
      const failed = { table, sign: /** @type {const} */ ('!'), differences: [error.message] };
      summary.errors.push(error);
      summary.tables.push(failed);
      onEvent({ type: 'comparison', ...failed });
      onEvent({ type: 'error', ...error.toJSON() });
    }
  };
  const limit = pLimit(tableParallelism);
  const runs = await Promise.allSettled(plan.tables.map((planned) => limit(one, planned)));
  signal.throwIfAborted();
  const defect = runs.find((run) => run.status === 'rejected');
  if (defect) throw defect.reason;
  summary.tables.sort((a, b) => (a.table < b.table ? -1 : 1));
  summary.seconds = (performance.now() - began) / 1000;
  const { errors, ...told } = summary;
  onEvent({ type: 'summary', command: 'verify', ...told, errors: errors.map((error) => error.toJSON()) });
  return summary;
}

/**
 * @param {import('../wasm.js').Wasm} wasm
 * @param {ComparedTable} planned
 * @param {{ source: Omit<Side, 'queries'> & { queries?: SideQueries }, destination: Omit<Side, 'queries'> & { queries?: SideQueries } }} sides
 * @param {'count' | 'auto' | 'server' | 'stream'} method
 * @param {AbortSignal} signal
 * @returns {Promise<Comparison>}
 */
async function comparison(
  wasm,
  { table, foundIn, schemaDifferences },
  { source, destination },
  method,
  signal,
) {
  if (foundIn === 'source') return { table, sign: '+', differences: ['only in the source'] };
  if (foundIn === 'destination') return { table, sign: '-', differences: ['only in the destination'] };
  const [here, there] = /** @type {Side[]} */ ([source, destination]);
  const compared = await compareTables(
    wasm,
    /** @type {Side} */ (here),
    /** @type {Side} */ (there),
    method,
    {
      signal,
    },
  );
  const differences = [...schemaDifferences, ...compared.differences];
  return { ...compared, table, sign: differences.length === 0 ? '=' : '*', differences };
}
