/**
 * The types of the cases and helpers to write them.
 *
 * @typedef {import('../../emulator/faults.js').Rule} Rule
 * @typedef {import('../../emulator/faults.js').Action} Action
 *
 * @typedef {'td2parquet' | 'create' | 'overwrite' | 'slices' | 'insert' | 'output'} Command
 *
 * @typedef {Partial<Record<Command, Outcome | typeof SAME>>} Outcomes
 *
 * @typedef {object} Outcome
 * @property {number | null} exit the exit code; null if the run was killed
 * @property {string} [code] of the reported error; without it every table is complete and equal
 *
 * @typedef {object} Case
 * @property {string} fault what goes wrong
 * @property {string} does what petit does about it
 * @property {Rule[]} rules with placeholders: `{source}` and `{copy}` for the databases, `{to}` for the copy's account,
 *   `{table}` for a table, `{moves}` for the SQL of the job that copies its rows, `{delivers}` for the call that sends them
 * @property {Partial<import('../../emulator/emulator.js').Settings>} [settings] of the emulator
 * @property {'small' | 'large'} [data] three small tables (the default), or one whose result has several ranges
 * @property {string[]} [args] more arguments
 * @property {RegExp} [progress] matches a progress message
 * @property {RegExp} [stopAt] matches the output at which the run gets a signal
 * @property {'SIGINT' | 'SIGKILL'} [signal] the signal (default: SIGINT)
 * @property {boolean} [changesSource] whether the run needs its own source database
 * @property {string[]} [uncompared] tables that the fault creates or deletes
 * @property {Outcomes} outcomes by command; without an outcome the fault cannot occur
 */

/** The same calls as in another column of the case, so the test does not repeat the run. */
export const SAME = /** @type {const} */ ('same');

/** @type {Outcome} */
export const complete = { exit: 0 };
/** @param {string} code @param {number} [exit] @returns {Outcome} */
export const fails = (code, exit = 3) => ({ exit, code });
/** @param {Outcome} outcome @returns {Outcomes} */
export const all = (outcome) => ({ td2parquet: outcome, ...copies(outcome) });
/** The columns where petit copies the rows; slices make no difference. @param {Outcome} outcome @returns {Outcomes} */
export const clients = (outcome) => ({ ...clones(outcome), slices: SAME });
/** @param {Outcome} outcome */
export const clones = (outcome) => ({ create: outcome, overwrite: outcome });
/** @param {Outcome} outcome */
export const copies = (outcome) => ({ ...clones(outcome), slices: outcome, ...engine(outcome) });
/** The columns where TD's engine copies the rows. @param {Outcome} outcome */
export const engine = (outcome) => ({ insert: outcome, output: outcome });
/** For cases where all ways of clone-db make the same calls. @type {Outcomes} */
export const REST_SAME = { slices: SAME, insert: SAME, output: SAME };

/** Sessions and staging tables of a table. */
export const STAGING = 'petit_staging_\\w+_{table}';
export const RESULT = '/v3/job/result/';

/** Calls that change data. */
export const CHANGES = [
  ...['database/create', 'job/issue', 'table/create', 'table/delete', 'table/rename'],
  ...['bulk_import/create', 'upload_part', 'bulk_import/freeze', 'bulk_import/perform'],
  ...['bulk_import/commit', 'bulk_import/delete'],
];
export const CALLS = [
  ...['table/list', 'table/distribution', 'job/status', 'job/show', 'job/result'],
  ...['bulk_import/list', 'bulk_import/show', ...CHANGES],
];

/** @param {string[]} paths @param {Action} action @returns {Rule[]} rules that fail each path once */
export const once = (paths, action) => paths.map((path) => ({ path: `/v3/${path}`, action }));
/** @param {string} path @param {Action} action @param {Partial<Rule>} [more] @returns {Rule[]} */
export const on = (path, action, more) => [{ path, action, ...more }];
/** @param {string} path @param {Action} action @param {Partial<Rule>} [more] @returns {Rule[]} */
export const always = (path, action, more) => [{ path, action, times: -1, ...more }];

export const SHORT_RETRY = ['--retry-timeout', '2'];
export const SHORT_IDLE = ['--idle-timeout', '1'];
export const RETRIED = 'retries with exponential backoff and jitter';
export const GIVEN_UP = 'retries until --retry-timeout, then fails the table';
export const RESUMED = 'resumes at the byte where the transfer stopped';
export const CHECKED = 'reads the outcome and repeats the call only if it did not take effect';
