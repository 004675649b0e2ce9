// What to export, and the plan of it.
import { computed, effect, signal } from '@preact/signals';
import { DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { source } from '../connect/accounts.js';
import { ask, CallError } from '../worker/rpc-client.js';

/** @import { ExportPlan, ExportRequest } from '../../pkg-scripts/types.js' */
/** @import { ListedTable } from '../worker/export-calls.js' */
/** @import { Trouble } from '../worker/messages.js' */

/** How long typing has to pause before there is a new plan, in milliseconds. */
const PAUSE_MS = 250;

export const database = signal('');
/** Whether tables or the result of SQL are wanted. */
export const what = signal(/** @type {'tables' | 'query'} */ ('tables'));
/** The tables that are wanted. */
export const selected = signal(/** @type {ReadonlySet<string>} */ (new Set()));
export const query = signal('');
export const fileName = signal('');
/** As the browser's calendar has them: `2026-01-31T12:00`, in UTC. */
export const times = { start: signal(''), end: signal('') };
export const timeColumn = signal('');
export const compression = signal(/** @type {string} */ (DEFAULTS.compression));
export const invalidUtf8 = signal(/** @type {string} */ (DEFAULTS.invalidUtf8));
/** Whether files of the same names in a picked folder are replaced. */
export const replace = signal(false);

/** Numbers that few need to change, as they are typed; the library's own when empty. */
export const tuning = {
  rowGroupRows: signal(''),
  rowGroupMiB: signal(''),
  tableParallelism: signal(''),
  downloadParallelism: signal(''),
};

/** What is known of the database. */
export const looking = signal(
  /** @type {{ is: 'none' } | { is: 'looking' } | { is: 'known', tables: ListedTable[] }
   *   | { is: 'failed', trouble: Trouble }} */ ({ is: 'none' }),
);

/** The plan as it stands with the options as they are. */
export const planning = signal(
  /** @type {{ is: 'none' } | { is: 'planned', plan: ExportPlan } | { is: 'failed', trouble: Trouble }} */ ({
    is: 'none',
  }),
);

/** Why a number cannot be used, by its name. */
export const tuningTrouble = computed(() =>
  Object.fromEntries(
    Object.entries(tuning).flatMap(([name, { value }]) => {
      const isFine = value.trim() === '' || (/^\d{1,9}$/.test(value.trim()) && Number(value) >= 1);
      return isFine ? [] : [[name, 'A whole number of at least 1.']];
    }),
  ),
);

/** What the plan depends on; undefined while something is missing. */
const planOptions = computed(() => {
  if (looking.value.is !== 'known') return undefined;
  const { start, end } = { start: utc(times.start.value), end: utc(times.end.value) };
  const column = timeColumn.value.trim();
  if (what.value === 'query') {
    const output = fileName.value.trim() || 'query';
    if (query.value.trim() === '') return undefined;
    return { query: query.value, output: output.endsWith('.parquet') ? output : `${output}.parquet` };
  }
  if (selected.value.size === 0) return undefined;
  return {
    tables: [...selected.value],
    outputDir: '.',
    ...(start && { startTime: start }),
    ...(end && { endTime: end }),
    ...(column && (start || end) && { timeColumn: column }),
  };
});

/**
 * The time as the library takes it.
 * @param {string} local of the calendar, meant as UTC
 */
export function utc(local) {
  if (local === '') return '';
  return `${local.length === 16 ? `${local}:00` : local}Z`;
}

/** The plan, if it may be carried out. */
export const soundPlan = computed(() => {
  const { value } = planning;
  if (value.is !== 'planned' || Object.keys(tuningTrouble.value).length > 0) return undefined;
  return value.plan.problems.length === 0 && value.plan.tasks.length > 0 ? value.plan : undefined;
});

/** The whole request of a run; undefined while something is missing.
 * @type {import('@preact/signals').ReadonlySignal<ExportRequest | undefined>} */
export const request = computed(() => {
  const options = planOptions.value;
  if (!options || !soundPlan.value) return undefined;
  const { rowGroupRows, rowGroupMiB, tableParallelism, downloadParallelism } = tuning;
  const number = (/** @type {{ value: string }} */ { value }) =>
    value.trim() === '' ? undefined : Number(value);
  const mebibytes = number(rowGroupMiB);
  const numbers = {
    rowGroupRows: number(rowGroupRows),
    rowGroupBytes: mebibytes === undefined ? undefined : mebibytes * 2 ** 20,
    tableParallelism: number(tableParallelism),
    downloadParallelism: number(downloadParallelism),
  };
  return /** @type {ExportRequest} */ ({
    account: source.account,
    database: database.value,
    ...options,
    compression: compression.value,
    invalidUtf8: invalidUtf8.value,
    overwrite: replace.value,
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
  });
});

/** Counts what is asked: only the latest answer is of use. */
let latest = 0;

/** Looks at the database again. */
export async function look() {
  latest += 1;
  const turn = latest;
  if (!source.found.peek() || database.peek() === '') {
    looking.value = { is: 'none' };
    return;
  }
  looking.value = { is: 'looking' };
  const known = await orTrouble(async () => ({
    is: /** @type {const} */ ('known'),
    tables: await ask('surveyExport', { account: source.account, database: database.peek() }),
  }));
  if (turn === latest) looking.value = known;
}

/** @param {NonNullable<typeof planOptions.value>} options */
async function plan(options) {
  latest += 1;
  const turn = latest;
  const planned = await orTrouble(async () => ({
    is: /** @type {const} */ ('planned'),
    plan: await ask('planExport', options),
  }));
  if (turn === latest) planning.value = planned;
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | { is: 'failed', trouble: Trouble }>}
 */
async function orTrouble(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CallError) return { is: 'failed', trouble: error.trouble };
    throw error;
  }
}

/** Keeps what is known of the database, and the plan, up to date with the options. */
export function planExportsAsOptionsChange() {
  // A database of another account is another database.
  effect(() => {
    const names = source.found.value?.databases.map(({ name }) => name) ?? [];
    if (!names.includes(database.peek())) database.value = '';
  });
  effect(() => {
    if (database.value || source.found.value) selected.value = new Set();
    look();
  });
  effect(() => {
    const options = planOptions.value;
    if (!options) {
      planning.value = { is: 'none' };
      return undefined;
    }
    const timer = setTimeout(() => plan(options), PAUSE_MS);
    return () => clearTimeout(timer);
  });
}
