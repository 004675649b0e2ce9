import {
  all,
  CHANGES,
  CHECKED,
  clients,
  clones,
  complete,
  copies,
  engine,
  fails,
  on,
  once,
  REST_SAME,
  SAME,
  SHORT_IDLE,
  STAGING,
} from './case-types.js';

/** @import { Action, Case } from './case-types.js' */

/** The jobs of the source; the third of a run moves rows, or counts them. */
const READS = 'job/issue/presto/{source}';
/** The jobs of the destination: those that insert, or that count. */
const WRITES = 'job/issue/presto/{copy}';

/** @type {Case[]} */
export const lost = [
  {
    fault: 'a query is issued and the answer is lost',
    does: 'issues it again with the same domain key and gets the same job',
    rules: [
      ...on(READS, { type: 'reset', carriedOut: true }, { skip: 2, times: 2 }),
      ...on(WRITES, { type: 'reset', carriedOut: true }, { times: 2 }),
    ],
    args: ['--table-parallelism', '1'],
    outcomes: all(complete),
  },
  {
    fault:
      'a query is issued, the answer is lost, and the second request reports that the domain key is taken',
    does: 'looks up the job by its domain key',
    rules: [
      ...on(READS, { type: 'reset', carriedOut: true }, { skip: 2 }),
      ...on(READS, { type: 'status', status: 409, body: 'empty' }, { skip: 2 }),
      ...on(WRITES, { type: 'reset', carriedOut: true }),
      ...on(WRITES, { type: 'status', status: 409, body: 'empty' }),
    ],
    args: ['--table-parallelism', '1', '--download-parallelism', '1'],
    outcomes: all(complete),
  },
  ...['database/create', 'bulk_import/perform', 'bulk_import/commit', 'table/rename'].map((path) => ({
    fault: `${path} takes effect and the answer is lost`,
    does: CHECKED,
    rules: on(path, /** @type {Action} */ ({ type: 'reset', carriedOut: true }), { times: 2 }),
    outcomes:
      path === 'database/create'
        ? { create: complete, ...REST_SAME }
        : path === 'table/rename'
          ? { ...copies(complete), slices: SAME }
          : clients(complete),
  })),
  {
    fault: 'each call that changes something takes effect once and gets a 504',
    does: CHECKED,
    rules: once(CHANGES, { type: 'status', status: 504, carriedOut: true }),
    outcomes: all(complete),
  },
  {
    fault: 'each call that changes something takes effect once and gets a late answer',
    does: CHECKED,
    rules: once(CHANGES, { type: 'stall', ms: 20_000 }),
    args: SHORT_IDLE,
    outcomes: all(complete),
  },
];

/** @type {Case[]} */
export const tables = [
  {
    fault: 'a source table is deleted between listing and query',
    does: 'fails the table',
    rules: on('job/issue/presto/{source}', {
      ...{ type: 'drop_table', account: 'origin', database: '{source}', table: '{table}' },
    }),
    changesSource: true,
    uncompared: ['{table}'],
    outcomes: all(fails('job_failed')),
  },
  {
    fault: 'a table appears in the source after the listing',
    does: 'copies the listed tables',
    rules: on('job/issue/presto/{source}', {
      ...{ type: 'create_table', account: 'origin', database: '{source}', table: 'newcomer' },
    }),
    changesSource: true,
    uncompared: ['newcomer'],
    outcomes: { ...all(complete), ...REST_SAME },
  },
  {
    fault: 'a table with the same name appears in the destination during the run',
    does: 'keeps that table and fails; with --overwrite, replaces it',
    rules: on(`table/rename/{copy}/${STAGING}/{table}`, {
      ...{ type: 'create_table', account: '{to}', database: '{copy}', table: '{table}' },
    }),
    uncompared: ['{table}'],
    outcomes: { create: fails('already_exists'), slices: SAME, ...engine(fails('already_exists')) },
  },
  {
    fault: 'the table to be replaced is deleted during the run',
    does: 'publishes the new table',
    rules: on(`table/rename/{copy}/${STAGING}/{table}`, {
      ...{ type: 'drop_table', account: '{to}', database: '{copy}', table: '{table}' },
    }),
    outcomes: { overwrite: complete },
  },
  {
    fault: 'the destination has a table with the staging name',
    does: 'deletes that table, because no other run uses this name',
    rules: on(`table/create/({copy})/(${STAGING})`, {
      ...{ type: 'create_table', account: '{to}', database: '$1', table: '$2' },
    }),
    outcomes: { ...copies(complete), slices: SAME },
  },
  {
    fault: 'a staging table is deleted while petit loads rows into it',
    does: 'fails the table',
    rules: on(`bulk_import/freeze/(${STAGING})`, {
      ...{ type: 'drop_table', account: '{to}', database: '{copy}', table: '$1' },
    }),
    outcomes: { ...clones(fails('staging_lost')), slices: fails('staging_lost') },
  },
];

/** @type {Case[]} */
export const counts = [
  {
    fault: 'listings show old counts for one minute',
    does: 'verifies with COUNT(1)',
    rules: [],
    settings: { countLagMs: 60_000 },
    outcomes: { ...all(complete), ...REST_SAME },
  },
  {
    fault: 'COUNT(1) lags behind the commit, or the job that writes',
    does: 'counts again, for up to 10 s',
    rules: [
      ...on(STAGING, { type: 'count_lags', ms: 1500 }),
      ...on('{moves}', { type: 'rows_lag', ms: 1500 }),
    ],
    outcomes: { ...copies(complete), slices: SAME },
  },
  {
    fault: 'COUNT(1) never shows the committed or written rows',
    does: 'fails the table',
    rules: [
      ...on(STAGING, { type: 'count_lags', ms: 600_000 }),
      ...on('{moves}', { type: 'rows_lag', ms: 600_000 }),
    ],
    outcomes: { ...copies(fails('verification_failed', 4)), slices: SAME },
  },
];
