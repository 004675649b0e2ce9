// A record of the latest run, kept in the session storage: it survives a reload, which ends the run. It contains no key
// and no data.
import { isRunning } from './run-state.js';

/** @import { RunState } from './run-state.js' */

/** @typedef {Pick<RunState, 'status'> & { done: number, failed: number }} RunRecord */

/** @typedef {{ tone: 'good' | 'warn', title: string, text: string }} Notice */

/**
 * @param {string} key
 * @param {RunRecord} record
 */
export function saveRecord(key, record) {
  try {
    sessionStorage.setItem(key, JSON.stringify(record));
  } catch {
    // Without storage there is no notice after a reload. The run does not need it.
  }
}

/**
 * Reads and removes the record, so that the notice is shown once.
 * @param {string} key
 * @returns {unknown} undefined if there is none
 */
export function popRecord(key) {
  try {
    const text = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined; // Without storage there is no notice.
  }
}

/**
 * The notice about a run that a reload has ended or removed.
 * @param {RunRecord} record
 * @param {{ name: string, counts: string, resume: string, note?: string }} texts `name` of the run, its `counts`, how
 *   to `resume` a run that was stopped, and a `note` on one that had ended
 * @returns {Notice}
 */
export function describeRecord(record, { name, counts, resume, note = '' }) {
  if (isRunning(record)) {
    const title = `${name} stopped when the page was closed or reloaded`;
    return { tone: 'warn', title, text: `Until then, ${counts}. ${resume}` };
  }
  return {
    tone: record.status === 'ended' && record.failed === 0 ? 'good' : 'warn',
    title: `${name} had ended before the page was reloaded`,
    text: `${counts}. ${note}`.trimEnd(),
  };
}
