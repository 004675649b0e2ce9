import { always, complete, engine, fails, on } from './case-types.js';

/** @import { Case, Rule } from './case-types.js' */

/** As many rows that `visits` has four slices; the other tables are too small. */
const CUT = ['--split-rows', '100'];
/** One of the jobs, the last. */
const SLICE = '{moves}[^]*TD_TIME_RANGE\\(time, \\d+, NULL\\)';
/** @type {import('./case-types.js').Action} */
const LOSES_STAGING = { type: 'drop_tables', account: '{to}', database: '{copy}', tables: 'petit_staging_' };
const DELIVERY = 'EXPORT RESULT TO {copy}\\.petit_staging_\\w+_{table}';
/** Whether the rows were cut. @param {import('./case-types.js').Outcome} outcome */
const cut = (outcome) => ({ td2parquet: outcome, slices: outcome, ...engine(outcome) });

/** @type {Case[]} */
export const slices = [
  {
    fault: 'the query that counts rows by day fails',
    does: 'fails the table',
    rules: always('GROUP BY CASE', { type: 'job_fails' }),
    args: CUT,
    outcomes: cut(fails('job_failed')),
  },
  {
    fault: 'the job of a slice fails',
    does: 'repeats only this job',
    rules: on(SLICE, { type: 'job_fails', message: 'Query exceeded memory' }, { times: 2 }),
    args: CUT,
    outcomes: cut(complete),
  },
  {
    fault: 'the job of a slice fails each time',
    does: 'fails the table after the third attempt and kills its other jobs',
    rules: always(SLICE, { type: 'job_fails', message: 'Query exceeded memory' }),
    args: CUT,
    outcomes: cut(fails('job_failed')),
  },
  {
    fault: 'another client kills the job of a slice',
    does: 'fails the table and kills its other jobs',
    rules: on(SLICE, { type: 'job_killed' }),
    args: CUT,
    outcomes: cut(fails('job_killed')),
  },
];

/** @type {Case[]} */
export const engines = [
  {
    fault: 'a job fails after it has written its rows',
    does: 'fails the table',
    rules: on('{moves}', { type: 'job_fails', message: 'a worker was lost', late: true }),
    outcomes: engine(fails('job_failed')),
  },
  {
    fault: 'the job of a slice fails after it has written its rows',
    does: 'starts the table again',
    rules: on(SLICE, { type: 'job_fails', message: 'a worker was lost', late: true }),
    args: CUT,
    outcomes: engine(complete),
  },
  {
    fault: 'the job of a slice fails each time, after it has written its rows',
    does: 'fails the table after the second attempt',
    rules: always(SLICE, { type: 'job_fails', message: 'a worker was lost', late: true }),
    args: CUT,
    outcomes: engine(fails('partial_write')),
  },
  {
    fault: 'a job does not report how many rows it wrote',
    does: 'counts the rows',
    rules: [
      ...always('/job/statistics/', { type: 'patch', set: { records_inserted: null } }),
      ...always('/job/(show|status)/', { type: 'patch', set: { num_records: null } }),
    ],
    args: CUT,
    outcomes: engine(complete),
  },
  {
    fault: 'a job reports fewer rows than it wrote',
    does: 'fails the table, because rows are missing',
    rules: [
      ...always('/job/statistics/', { type: 'patch', set: { records_inserted: '2' } }),
      ...always('/job/show/', { type: 'patch', set: { num_records: 2 } }, { account: 'origin' }),
    ],
    outcomes: engine(fails('verification_failed', 4)),
  },
  {
    fault: 'the staging table is deleted before a job writes to it',
    does: 'fails the table',
    rules: on('job/issue/presto/{copy}', LOSES_STAGING),
    args: ['--table-parallelism', '1'],
    outcomes: { insert: fails('job_failed') },
  },
  {
    fault:
      'the staging table is deleted before a result output job writes to it, and Treasure Data creates a new one',
    does: 'fails the table, because the new table lacks the source’s settings',
    rules: on('job/issue/presto/{source}', LOSES_STAGING, { skip: 2 }),
    args: ['--table-parallelism', '1'],
    outcomes: { output: fails('staging_lost') },
  },
  {
    fault: 'the account runs one job at a time',
    does: 'waits until a slot is free',
    rules: [],
    settings: { jobSlots: 1 },
    args: CUT,
    outcomes: engine(complete),
  },
  {
    fault: 'petit is killed (SIGKILL) while the job is queued',
    does: 'the next run kills the job and deletes the leftovers',
    rules: on('{moves}', { type: 'job_queued', ms: -1 }),
    stopAt: /has been queued for/,
    signal: 'SIGKILL',
    outcomes: engine({ exit: null }),
  },
  ...[
    {
      fault: 'a separate job writes the result output',
      does: 'also waits for that job',
      rules: [],
      outcomes: complete,
    },
    {
      fault: 'the result output job fails',
      does: 'fails the table',
      rules: on(DELIVERY, { type: 'job_fails' }),
      outcomes: fails('job_failed'),
    },
    {
      fault: 'another client kills the result output job',
      does: 'fails the table',
      rules: on(DELIVERY, { type: 'job_killed' }),
      outcomes: fails('job_killed'),
    },
    {
      fault: 'the result output job stays queued until the user stops the run',
      does: 'kills the job',
      rules: on(DELIVERY, { type: 'job_queued', ms: -1 }),
      stopAt: /has been queued for/,
      outcomes: fails('interrupted', 130),
    },
    {
      fault: 'petit is killed (SIGKILL) while the result output job is queued',
      does: 'the next run kills the job and deletes the leftovers',
      rules: on(DELIVERY, { type: 'job_queued', ms: -1 }),
      stopAt: /has been queued for/,
      signal: /** @type {const} */ ('SIGKILL'),
      outcomes: { exit: null },
    },
  ].map(({ outcomes, ...faultCase }) => ({
    ...faultCase,
    settings: { linkedExport: true },
    outcomes: { output: outcomes },
  })),
];
