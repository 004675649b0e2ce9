/**
 * The words that the cases are written in.
 *
 * @typedef {import('../../emulator/faults.js').Rule} Rule
 * @typedef {import('../../emulator/faults.js').Action} Action
 *
 * @typedef {'td2parquet' | 'create' | 'overwrite' | 'slices' | 'insert' | 'output'} Command
 *
 * @typedef {Partial<Record<Command, Ending | typeof SAME>>} Ends
 *
 * @typedef {object} Ending
 * @property {number | null} exit the exit code; null when it was killed
 * @property {string} [code] of the error that is told; none: everything is there and equal
 *
 * @typedef {object} Case
 * @property {string} fault what goes wrong
 * @property {string} does what petit does about it
 * @property {Rule[]} rules in which `{source}` and `{copy}` stand for the databases, `{to}` for the copy's account, `{table}`
 *   for a table, `{moves}` for what the job that moves its rows says, `{delivers}` for the call at the destination that does
 * @property {Partial<import('../../emulator/emulator.js').Settings>} [settings] of the emulator
 * @property {'small' | 'large'} [data] three small tables, or one whose result is several ranges long
 * @property {string[]} [args] more arguments
 * @property {RegExp} [tells] what progress says meanwhile
 * @property {RegExp} [stopAt] output at which the run is interrupted
 * @property {'SIGINT' | 'SIGKILL'} [signal] by which (SIGINT)
 * @property {boolean} [changesSource] whether it needs a source of its own
 * @property {string[]} [uncompared] tables that somebody else made or removed
 * @property {Ends} ends by command; where it is left out the fault cannot happen
 */

/** It is the same calls as of another column of the same case, so that it is not run once more. */
export const SAME = /** @type {const} */ ('same');

/** @type {Ending} */
export const complete = { exit: 0 };
/** @param {string} code @param {number} [exit] @returns {Ending} */
export const fails = (code, exit = 3) => ({ exit, code });
/** @param {Ending} ending @returns {Ends} */
export const all = (ending) => ({ td2parquet: ending, ...copies(ending) });
/** Where petit moves the rows, which cutting the table does not change. @param {Ending} ending @returns {Ends} */
export const clients = (ending) => ({ ...clones(ending), slices: SAME });
/** @param {Ending} ending */
export const clones = (ending) => ({ create: ending, overwrite: ending });
/** @param {Ending} ending */
export const copies = (ending) => ({ ...clones(ending), slices: ending, ...engine(ending) });
/** Where TD moves the rows. @param {Ending} ending */
export const engine = (ending) => ({ insert: ending, output: ending });
/** What is the same for all the ways of clone-db beyond a doubt. @type {Ends} */
export const REST_SAME = { slices: SAME, insert: SAME, output: SAME };

/** Sessions and staging tables of a table. */
export const STAGING = 'petit_staging_\\w+_{table}';
export const RESULT = '/v3/job/result/';

/** Calls that change something. */
export const CHANGES = [
  ...['database/create', 'job/issue', 'table/create', 'table/delete', 'table/rename'],
  ...['bulk_import/create', 'upload_part', 'bulk_import/freeze', 'bulk_import/perform'],
  ...['bulk_import/commit', 'bulk_import/delete'],
];
export const CALLS = [
  ...['table/list', 'table/distribution', 'job/status', 'job/show', 'job/result'],
  ...['bulk_import/list', 'bulk_import/show', ...CHANGES],
];

/** @param {string[]} paths @param {Action} action @returns {Rule[]} each of these fails once */
export const once = (paths, action) => paths.map((path) => ({ path: `/v3/${path}`, action }));
/** @param {string} path @param {Action} action @param {Partial<Rule>} [more] @returns {Rule[]} */
export const on = (path, action, more) => [{ path, action, ...more }];
/** @param {string} path @param {Action} action @param {Partial<Rule>} [more] @returns {Rule[]} */
export const always = (path, action, more) => [{ path, action, times: -1, ...more }];

export const SOON = ['--retry-timeout', '2'];
export const IMPATIENT = ['--idle-timeout', '1'];
export const RETRIED = 'retries with exponential backoff and jitter';
export const GIVEN_UP = 'retries until --retry-timeout, then fails the table';
export const RESUMED = 'resumes at the byte where the transfer stopped';
export const LOOKED = 'reads the outcome and repeats the call only if it did not take effect';
