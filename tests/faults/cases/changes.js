import { all, CHANGES, clones, complete, fails, IMPATIENT, LOOKED, on, once, STAGING } from './words.js';

/** @import { Action, Case } from './words.js' */

/** @type {Case[]} */
export const lost = [
  {
    fault: 'a query is issued, the answer lost',
    does: 'issues it again under the same domain key: that gives the same job',
    rules: on('job/issue', { type: 'reset', carriedOut: true }, { times: 2 }),
    ends: all(complete),
  },
  {
    fault: 'a query is issued, the answer lost, and the next one only says that the domain key is taken',
    does: 'asks for the job by its domain key',
    rules: [
      ...on('job/issue', { type: 'reset', carriedOut: true }),
      ...on('job/issue', { type: 'status', status: 409, body: 'empty' }),
    ],
    args: ['--table-parallelism', '1'],
    ends: all(complete),
  },
  ...['database/create', 'bulk_import/perform', 'bulk_import/commit', 'table/rename'].map((path) => ({
    fault: `${path} is done, the answer lost`,
    does: LOOKED,
    rules: on(path, /** @type {Action} */ ({ type: 'reset', carriedOut: true }), { times: 2 }),
    ends: path === 'database/create' ? { create: complete } : clones(complete),
  })),
  {
    fault: 'each call that changes something is done once and answered with 504',
    does: LOOKED,
    rules: once(CHANGES, { type: 'status', status: 504, carriedOut: true }),
    ends: all(complete),
  },
  {
    fault: 'each call that changes something is done once and answered too late',
    does: LOOKED,
    rules: once(CHANGES, { type: 'stall', ms: 20_000 }),
    args: IMPATIENT,
    ends: all(complete),
  },
];

/** @type {Case[]} */
export const tables = [
  {
    fault: 'a table of the source vanishes between listing and query',
    does: 'fails the table',
    rules: on('job/issue/presto/{source}', {
      ...{ type: 'drop_table', account: 'origin', database: '{source}', table: 'orders' },
    }),
    changesSource: true,
    uncompared: ['orders'],
    ends: all(fails('job_failed')),
  },
  {
    fault: 'a table appears in the source after the listing',
    does: 'copies what was listed',
    rules: on('job/issue/presto/{source}', {
      ...{ type: 'create_table', account: 'origin', database: '{source}', table: 'newcomer' },
    }),
    changesSource: true,
    uncompared: ['newcomer'],
    ends: all(complete),
  },
  {
    fault: 'the destination gets a table of the same name meanwhile',
    does: 'leaves it as it is and fails the table; with --overwrite, replaces it',
    rules: on(`table/rename/{copy}/${STAGING}/orders`, {
      ...{ type: 'create_table', account: 'target', database: '{copy}', table: 'orders' },
    }),
    uncompared: ['orders'],
    ends: { create: fails('already_exists') },
  },
  {
    fault: 'the table to be replaced vanishes meanwhile',
    does: 'puts the new one there',
    rules: on(`table/rename/{copy}/${STAGING}/orders`, {
      ...{ type: 'drop_table', account: 'target', database: '{copy}', table: 'orders' },
    }),
    ends: { overwrite: complete },
  },
  {
    fault: 'the destination has a table of the staging name',
    does: 'removes it: no other run has that name',
    rules: on(`table/create/({copy})/(${STAGING})`, {
      ...{ type: 'create_table', account: 'target', database: '$1', table: '$2' },
    }),
    ends: clones(complete),
  },
  {
    fault: 'a staging table vanishes while rows are loaded into it',
    does: 'fails the table',
    rules: on(`bulk_import/freeze/(${STAGING})`, {
      ...{ type: 'drop_table', account: 'target', database: '{copy}', table: '$1' },
    }),
    ends: clones(fails('staging_lost')),
  },
];

/** @type {Case[]} */
export const counts = [
  {
    fault: 'listings show old counts for a minute',
    does: 'verifies by COUNT(1)',
    rules: [],
    settings: { countLagMs: 60_000 },
    ends: all(complete),
  },
  {
    fault: 'COUNT(1) lags behind the commit',
    does: 'counts again, for up to 10 s',
    rules: on(STAGING, { type: 'count_lags', ms: 1500 }),
    ends: clones(complete),
  },
  {
    fault: 'COUNT(1) never shows what was committed',
    does: 'fails the table',
    rules: on(STAGING, { type: 'count_lags', ms: 600_000 }),
    ends: clones(fails('verification_failed', 4)),
  },
];
