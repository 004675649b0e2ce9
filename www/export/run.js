import { computed, signal } from '@preact/signals';
import { baseName } from '../../pkg-scripts/sinks/sinks.js';
import { show } from '../parquet/open-file.js';
import { ask, CallError } from '../worker/rpc-client.js';
import { database, request, soundPlan } from './export-state.js';
import { lookForPlaces, pickPlace } from './places.js';
import { keepExportRecord } from './record.js';
import { begin, end, take } from './run-state.js';

/** @import { ExportedFile } from '../worker/export-calls.js' */
/** @import { ExportRun } from './run-state.js' */

/** The export that is shown, if any. */
export const run = signal(/** @type {ExportRun | undefined} */ (undefined));

export const isRunning = computed(() => run.value?.is === 'running' || run.value?.is === 'stopping');

/** @type {AbortController | undefined} */
let stopping;

/** Starts the plan that is shown, once there is a place for its files. */
export async function start() {
  const plan = soundPlan.peek();
  const wanted = request.peek();
  if (!plan || !wanted) return;
  const place = await pickPlace(plan.tasks.map(({ outputPath }) => baseName(outputPath)));
  if (!place) return;
  const isDownload = place.is === 'private' || place.is === 'memory';
  run.value = begin(database.peek(), plan, { isDownload, nowMs: Date.now() });
  stopping = new AbortController();
  const { signal } = stopping;
  const change = (/** @type {(state: ExportRun) => ExportRun} */ next) => {
    if (run.value) run.value = next(run.value);
    if (run.value) keepExportRecord(run.value);
  };
  window.addEventListener('beforeunload', askFirst);
  try {
    const written = await ask(
      'exportTables',
      { request: wanted, place },
      { signal, onEvents: (events) => change((state) => take(state, events, Date.now())) },
    );
    change((state) => end(state, Date.now(), { written }));
    if (isDownload) for (const file of written) download(file);
    if (written.length === 1 && written[0]) show(written[0].name, written[0].file);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    change((state) => end(state, Date.now(), { trouble: error.trouble }));
  } finally {
    window.removeEventListener('beforeunload', askFirst);
    lookForPlaces();
  }
}

/** Stops the export: jobs are stopped, half files removed. */
export function stop() {
  if (run.value?.is !== 'running') return;
  run.value = { ...run.value, is: 'stopping' };
  stopping?.abort();
}

/** Leaves the outcome, back to the plan. */
export function leave() {
  if (isRunning.peek()) return;
  run.value = undefined;
  show();
}

/**
 * Has the browser download a file, from its own files on disk.
 * @param {ExportedFile} exported
 */
export function download({ name, file }) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
}

/** The browser asks whether to leave the page: the export would stop.
 * @param {BeforeUnloadEvent} event */
const askFirst = (event) => event.preventDefault();
