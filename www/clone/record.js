// What outlives a reload: that there was a run, and how far it was. No key, and nothing of the data.

/** @import { RunState } from './run-state.js' */

const KEY = 'petit.clone';

/**
 * @typedef {object} Record
 * @property {string} sourceDatabase
 * @property {string} destinationDatabase
 * @property {string} destination endpoint
 * @property {RunState['is']} is
 * @property {number} beganMs
 * @property {number} tables
 * @property {number} done
 * @property {number} skipped
 * @property {number} failed
 */

/** @param {RunState} run */
export function keepRecord({ plan, is, beganMs, tables, counts }) {
  const { sourceDatabase, destinationDatabase, destination } = plan;
  const { done, skipped, failed } = counts;
  const record = { sourceDatabase, destinationDatabase, destination, is, beganMs, tables: tables.size };
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...record, done, skipped, failed }));
  } catch {
    // Without storage a reload explains nothing; the run itself does not need it.
  }
}

/** The run of before the reload; it is told of once.
 * @returns {Record | undefined} */
export function takeRecord() {
  try {
    const text = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What happened to the run, in words.
 * @param {Record} record
 * @returns {{ tone: 'good' | 'warn', title: string, text: string }}
 */
export function explain({ is, sourceDatabase, destinationDatabase, tables, done, skipped, failed }) {
  const name = `${sourceDatabase} to ${destinationDatabase}`;
  const counts = `${done} of its ${tables} tables were copied, ${skipped} left as they were, ${failed} failed`;
  if (is === 'running' || is === 'stopping') {
    return {
      tone: 'warn',
      title: `The clone of ${name} stopped when the page was closed or reloaded`,
      text:
        `By then ${counts}. Finished tables are whole and verified, and nothing half done has a real name. ` +
        'To go on, connect again and start the same clone with “Leave them”; what the stopped run left behind is cleared away first.',
    };
  }
  return {
    tone: is === 'ended' && failed === 0 ? 'good' : 'warn',
    title: `The clone of ${name} was over before the page was reloaded`,
    text: `${counts[0]?.toUpperCase()}${counts.slice(1)}. Its report is gone with the page.`,
  };
}
