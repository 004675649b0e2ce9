// The options of an export, and the plan for them.
import { computed, effect, signal } from '@preact/signals';
import { DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { listField, textField, textFields } from '../address-fields.js';
import { clearWhenMissing, source } from '../connect/accounts.js';
import { tuningErrors, tuningNumbers } from '../run/tuning.js';
import { CallState } from '../worker/call-state.js';
import { call } from '../worker/rpc-client.js';

/** @import { ReadonlySignal } from '@preact/signals' */
/** @import { ExportPlan, ExportRequest } from '../../pkg-scripts/types.js' */
/** @import { ListedTable } from '../worker/export-calls.js' */

/** Typing restarts the planning after a pause of this length, in milliseconds. */
const PAUSE_MS = 250;
const MIB = 2 ** 20;

export const database = signal('');
/** Whether tables or the result of a query are exported. */
export const mode = signal(/** @type {'tables' | 'query'} */ ('tables'));
/** The names of the chosen tables. */
export const selected = signal(/** @type {ReadonlySet<string>} */ (new Set()));
export const query = signal('');
export const fileName = signal('');
/** In UTC, in the format of `datetime-local`: `2026-01-31T12:00`. */
export const timeRange = { start: signal(''), end: signal('') };
export const timeColumn = signal('');
export const compression = signal(/** @type {string} */ (DEFAULTS.compression));
export const invalidUtf8 = signal(/** @type {string} */ (DEFAULTS.invalidUtf8));
/** Whether existing files in the picked folder are overwritten. */
export const overwrite = signal(false);

export const tuning = {
  rowGroupRows: signal(''),
  rowGroupMiB: signal(''),
  tableParallelism: signal(''),
  downloadParallelism: signal(''),
};

/** What the address keeps. The query is not part of it: it can contain values. */
export const addressFields = [
  textField('db', database),
  textField('what', mode, ['tables', 'query']),
  ...textFields({ file: fileName, from: timeRange.start, until: timeRange.end, timeColumn }),
  ...textFields({ compression, invalidUtf8 }),
  listField('table', selected),
  ...textFields(tuning),
];

/** @typedef {{ status: 'none' } | { status: 'inspecting' } | { status: 'listed', tables: ListedTable[] }} Listing */

/** The tables of the database. */
export const listing = new CallState(/** @type {Listing} */ ({ status: 'none' }));

/** @typedef {{ status: 'none' } | { status: 'planned', plan: ExportPlan }} PlanOrNone */

/** The plan for the current options. */
export const planning = new CallState(/** @type {PlanOrNone} */ ({ status: 'none' }));

export const errors = computed(() => tuningErrors(tuning));

/** The options that the plan depends on; undefined while something is missing. */
const planOptions = computed(() => {
  if (listing.value.status !== 'listed') return undefined;
  return mode.value === 'query' ? queryOptions() : tableOptions();
});

function queryOptions() {
  if (query.value.trim() === '') return undefined;
  const output = fileName.value.trim() || 'query';
  return { query: query.value, output: output.endsWith('.parquet') ? output : `${output}.parquet` };
}

function tableOptions() {
  if (selected.value.size === 0) return undefined;
  const [startTime, endTime] = [toUtc(timeRange.start.value), toUtc(timeRange.end.value)];
  const column = timeColumn.value.trim();
  return {
    tables: [...selected.value],
    outputDir: '.',
    ...(startTime && { startTime }),
    ...(endTime && { endTime }),
    ...(column && (startTime || endTime) && { timeColumn: column }),
  };
}

/**
 * The time as the library takes it.
 * @param {string} local in the format of `datetime-local`, in UTC
 */
export function toUtc(local) {
  if (local === '') return '';
  return `${local.length === 16 ? `${local}:00` : local}Z`;
}

/** The plan, if a run can start with it. */
export const runnablePlan = computed(() => {
  const { value } = planning;
  if (value.status !== 'planned' || Object.keys(errors.value).length > 0) return undefined;
  return value.plan.problems.length === 0 && value.plan.tasks.length > 0 ? value.plan : undefined;
});

/** The request of a run; undefined while something is missing.
 * @type {ReadonlySignal<ExportRequest | undefined>} */
export const request = computed(() => {
  const options = planOptions.value;
  if (!options || !runnablePlan.value) return undefined;
  const { rowGroupMiB, ...numbers } = tuningNumbers(tuning);
  return /** @type {ExportRequest} */ ({
    account: source.account,
    database: database.value,
    ...options,
    compression: compression.value,
    invalidUtf8: invalidUtf8.value,
    overwrite: overwrite.value,
    ...numbers,
    ...(rowGroupMiB !== undefined && { rowGroupBytes: rowGroupMiB * MIB }),
  });
});

/** Lists the tables of the database again. */
export async function inspect() {
  if (!source.info.peek() || database.peek() === '') {
    listing.set({ status: 'none' });
    return;
  }
  listing.set({ status: 'inspecting' });
  await listing.run(async () => ({
    status: 'listed',
    tables: await call('inspectExport', { account: source.account, database: database.peek() }),
  }));
}

/** @param {NonNullable<typeof planOptions.value>} options */
const plan = (options) =>
  planning.run(async () => ({ status: 'planned', plan: await call('planExport', options) }));

/** Lists and plans again whenever options change. */
export function watchExportOptions() {
  clearWhenMissing(database);
  effect(() => {
    if (database.value && source.info.value) inspect();
    else listing.set({ status: 'none' });
  });
  effect(() => {
    if (listing.value.status !== 'listed') return;
    const names = new Set(listing.value.tables.map(({ name }) => name));
    const known = [...selected.peek()].filter((name) => names.has(name));
    if (known.length < selected.peek().size) selected.value = new Set(known);
  });
  effect(() => {
    const options = planOptions.value;
    if (!options) {
      planning.set({ status: 'none' });
      return undefined;
    }
    const timer = setTimeout(() => plan(options), PAUSE_MS);
    return () => clearTimeout(timer);
  });
}
