// The query of an export: why it failed, and its first rows.
import { effect, signal } from '@preact/signals';
import { source } from '../connect/accounts.js';
import { CallState } from '../worker/call-state.js';
import { call } from '../worker/rpc-client.js';
import { database, query } from './export-state.js';
import { ofUsersQuery } from './first-rows-sql.js';

/** @import { ErrorData, RunEvent } from '../../pkg-scripts/types.js' */
/** @import { FirstRowsOfQuery } from '../worker/export-calls.js' */

/** Why the query failed, and the page of its job in TD's console.
 * @typedef {{ error: ErrorData, consoleUrl?: string | undefined }} QueryFailure */

export const queryFailure = signal(/** @type {QueryFailure | undefined} */ (undefined));

/** A job in progress. @typedef {{ job?: string, consoleUrl?: string | undefined, phase: string }} RunningJob */

/**
 * @typedef {{ status: 'none' } | { status: 'running', startedMs: number }
 *   | { status: 'shown', query: string, result: FirstRowsOfQuery }} Preview
 */

/** The first rows of the query. Only the page has their values. */
export const preview = new CallState(/** @type {Preview} */ ({ status: 'none' }));
/** The job that computes them. */
export const previewJob = signal(/** @type {RunningJob} */ ({ phase: '' }));

/** @type {AbortController | undefined} */
let controller;

/** Runs the query for its first rows. */
export async function showFirstRows() {
  cancelFirstRows();
  const text = query.peek();
  if (text.trim() === '' || database.peek() === '') return;
  controller = new AbortController();
  const { signal } = controller;
  queryFailure.value = undefined;
  previewJob.value = { phase: 'preparing' };
  preview.set({ status: 'running', startedMs: Date.now() });
  const params = { account: source.account, database: database.peek(), query: text };
  await preview.run(async () => ({
    status: 'shown',
    query: text,
    result: await call('firstRows', params, { signal, onEvents: followJob }),
  }));
  const state = preview.peek();
  if (signal.aborted || state.status !== 'failed') return;
  preview.set({ status: 'none' });
  queryFailure.value = { error: ofUsersQuery(state.error), consoleUrl: previewJob.peek().consoleUrl };
}

/** Stops the query for the first rows, and removes them. */
export function cancelFirstRows() {
  controller?.abort();
  preview.set({ status: 'none' });
}

/** @param {RunEvent[]} events */
function followJob(events) {
  for (const event of events) {
    if (event.type !== 'progress') continue;
    const { phase, job, consoleUrl } = event;
    previewJob.value = { ...previewJob.peek(), phase, ...(job !== undefined && { job, consoleUrl }) };
  }
}

/** The text of the query survives a reload of this tab. It is not in the address, because it can contain values. */
const KEY = 'petit.query';

/** Keeps the text of the query, and removes what belongs to another database or account. */
export function watchQuery() {
  try {
    query.value = sessionStorage.getItem(KEY) ?? '';
    effect(() => sessionStorage.setItem(KEY, query.value));
  } catch {
    // Without storage, a reload empties the editor.
  }
  effect(() => {
    const owners = [database.value, source.info.value];
    if (owners.length > 0) queryFailure.value = undefined;
    cancelFirstRows();
  });
}
