import { isRefused, UNKNOWN_COLUMNS } from '../../shared/personal.js';
import { PetitError, toPetitError } from '../errors.js';
import { mapOrAbort } from '../utils/map-or-abort.js';
import { wasm } from '../wasm.js';
import { fetchSmallResult } from './query.js';

/** @import { ValuesQuery } from '../../core.js' */
/** @import { MaskCheck, MaskOptions, PersonalReport } from '../../types.js' */
/** @import { TableList, TdClient } from '../td/client.js' */
/** @import { RunContext } from '../run/run.js' */

/** Maximum tables whose values are read for a hint. Each one takes a job, and a database may have 10,000 tables. */
const MAX_QUERIES = 200;
/** Maximum columns that an error names. */
const MAX_NAMED = 5;

const STRICT_HINT =
  'Add a rule for each of these columns, such as --mask COLUMN=redact, or run without --mask-strict. See docs/masking.md.';

/**
 * Where the tables are.
 * @typedef {{ td: TdClient, database: string, tables: TableList | undefined }} Place
 */

/**
 * The columns of a run that look personal and have no rule: by their names, and before a run that asks for it also by the
 * shapes of their values. Undefined for a run without rules.
 * @param {RunContext} run
 * @param {Place} place
 * @param {string[]} names of the tables whose rows are moved
 * @param {MaskOptions & MaskCheck & { dryRun?: boolean | undefined }} request
 * @returns {Promise<PersonalReport | undefined>}
 */
export async function personalColumnsOf(run, place, names, { mask = [], maskStrict = false, dryRun }) {
  if (mask.length === 0 && !maskStrict) return undefined;
  const maxQueries = maskStrict ? Number.POSITIVE_INFINITY : MAX_QUERIES;
  return findPersonalColumns(run, place, names, { mask, maxQueries: dryRun || maskStrict ? maxQueries : 0 });
}

/**
 * @param {RunContext} run
 * @param {Place} place
 * @param {string[]} names of the tables
 * @param {{ mask?: string[], maxQueries: number }} options `maxQueries`: tables whose values are read, by a job for each
 * @returns {Promise<PersonalReport>}
 */
export async function findPersonalColumns(run, place, names, { mask = [], maxQueries }) {
  const { td, database, tables } = place;
  const unknown = names.filter((name) => !tables?.find(name));
  const judged = tables?.personalColumns(database, names, mask) ?? { columns: [], queries: [] };
  const { columns, queries } = judged;
  const asked = queries.slice(0, maxQueries);
  const unread = unknown.map((table) => ({ table, reason: UNKNOWN_COLUMNS }));
  const concurrency = run.limits.tables;
  const found = await mapOrAbort(asked, { concurrency, signal: run.signal }, async (query, _, signal) => {
    try {
      return await judgeValues({ ...run, calls: { ...run.calls, signal } }, td, database, query);
    } catch (thrown) {
      const error = toPetitError(thrown, { table: query.table });
      if (!(error instanceof PetitError) || error.retryable) throw error;
      unread.push({ table: query.table, reason: error.message });
      return [];
    }
  });
  const byTable = new Map(names.map((name, index) => [name, index]));
  const position = (/** @type {{ table: string }} */ { table }) => byTable.get(table) ?? 0;
  columns.push(...found.flat());
  columns.sort((one, other) => position(one) - position(other));
  return { columns, unread, queriedTables: asked.length, notQueriedTables: queries.length - asked.length };
}

/**
 * Judges values of a table, which are read by one job, and forgotten.
 * @param {RunContext} run
 * @param {TdClient} td
 * @param {string} database
 * @param {ValuesQuery} query
 */
async function judgeValues({ calls, onEvent }, td, database, { table, sql, columns }) {
  onEvent({ type: 'progress', table, phase: 'looking for personal data', rows: 0n, bytes: 0n });
  return wasm.judgeValues(table, columns, await fetchSmallResult(td, database, sql, calls));
}

/**
 * Refuses to start a strict run whose columns look personal, or could not be judged.
 * @param {PersonalReport | undefined} personal
 * @param {MaskCheck} request
 */
export function throwPersonal(personal, { maskStrict }) {
  if (!isRefused(personal, maskStrict)) return;
  const { columns, unread } = /** @type {PersonalReport} */ (personal);
  const named = [
    ...columns.map(({ table, column, kind }) => `${table}.${column} (${kind})`),
    ...unread.map(({ table, reason }) => `${table} (not judged: ${reason})`),
  ];
  const others = named.length > MAX_NAMED ? ` and ${named.length - MAX_NAMED} more` : '';
  throw new PetitError(
    'plan_has_errors',
    `nothing was started: columns look personal and have no rule of masking: ${named.slice(0, MAX_NAMED).join(', ')}${others}`,
    { hint: STRICT_HINT },
  );
}
