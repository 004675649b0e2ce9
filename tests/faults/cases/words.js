/**
 * The words that the cases are written in.
 *
 * @typedef {import('../../emulator/faults.js').Rule} Rule
 * @typedef {import('../../emulator/faults.js').Action} Action
 *
 * @typedef {'td2parquet' | 'create' | 'overwrite'} Command
 *
 * @typedef {object} Ending
 * @property {number} exit the exit code
 * @property {string} [code] of the error that is told; none: everything is there and equal
 *
 * @typedef {object} Case
 * @property {string} fault what goes wrong
 * @property {string} does what petit does about it
 * @property {Rule[]} rules in which `{source}` and `{copy}` stand for the databases
 * @property {Partial<import('../../emulator/emulator.js').Settings>} [settings] of the emulator
 * @property {'small' | 'large'} [data] three small tables, or one whose result is several ranges long
 * @property {string[]} [args] more arguments
 * @property {RegExp} [tells] what progress says meanwhile
 * @property {RegExp} [stopAt] output at which the run is interrupted
 * @property {boolean} [changesSource] whether it needs a source of its own
 * @property {string[]} [uncompared] tables that somebody else made or removed
 * @property {Partial<Record<Command, Ending>>} ends by command; where it is left out the fault cannot happen
 */

/** @type {Ending} */
export const complete = { exit: 0 };
/** @param {string} code @param {number} [exit] @returns {Ending} */
export const fails = (code, exit = 3) => ({ exit, code });
/** @param {Ending} ending */
export const all = (ending) => ({ td2parquet: ending, create: ending, overwrite: ending });
/** @param {Ending} ending */
export const clones = (ending) => ({ create: ending, overwrite: ending });

/** Sessions and staging tables of the table `orders`. */
export const STAGING = 'petit_staging_\\w+_orders';
export const RESULT = '/v3/job/result/';
export const ORDERS = 'FROM "{source}"."orders"';

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
export const RETRIED = 'tries again, after longer and longer random waits';
export const GIVEN_UP = 'tries again until --retry-timeout, then fails the table';
export const RESUMED = 'goes on at the byte where it stopped';
export const LOOKED = 'looks whether it was done, and does it again only if not';
