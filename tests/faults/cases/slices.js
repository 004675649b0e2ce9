import { always, complete, engine, fails, on } from './case-types.js';

/** @import { Case, Rule } from './case-types.js' */

/** As many rows that `visits` has four slices; the other tables are too small. */
const CUT = ['--split-rows', '100'];
/** One of the jobs, the last. */
const SLICE = '{moves}[^]*TD_TIME_RANGE\\(time, \\d+, NULL\\)';
/** @type {import('./case-types.js').Action} */
const LOSES_STAGING = { type: 'drop_tables', account: '{to}', database: '{copy}', tables: 'petit_staging_' };
const DELIVERY = 'EXPORT RESULT TO {copy}\\.petit_staging_\\w+_{table}';
/** Whether the rows were cut. @param {import('./case-types.js').Ending} ending */
const cut = (ending) => ({ td2parquet: ending, slices: ending, ...engine(ending) });

/** @type {Case[]} */
export const slices = [
  {
    fault: 'the rows by day cannot be counted',
    does: 'fails the table',
    rules: always('GROUP BY CASE', { type: 'job_fails' }),
    args: CUT,
    ends: cut(fails('job_failed')),
  },
  {
    fault: 'the job of a slice fails',
    does: 'runs it again, and no other',
    rules: on(SLICE, { type: 'job_fails', message: 'Query exceeded memory' }, { times: 2 }),
    args: CUT,
    ends: cut(complete),
  },
  {
    fault: 'the job of a slice fails each time',
    does: 'fails the table after the third, and stops its other jobs',
    rules: always(SLICE, { type: 'job_fails', message: 'Query exceeded memory' }),
    args: CUT,
    ends: cut(fails('job_failed')),
  },
  {
    fault: 'the job of a slice is killed by somebody else',
    does: 'fails the table, and stops its other jobs',
    rules: on(SLICE, { type: 'job_killed' }),
    args: CUT,
    ends: cut(fails('job_killed')),
  },
];

/** @type {Case[]} */
export const engines = [
  {
    fault: 'a job fails that has written its rows',
    does: 'fails the table',
    rules: on('{moves}', { type: 'job_fails', message: 'a worker was lost', late: true }),
    ends: engine(fails('job_failed')),
  },
  {
    fault: 'the job of a slice fails that has written its rows',
    does: 'begins the table anew',
    rules: on(SLICE, { type: 'job_fails', message: 'a worker was lost', late: true }),
    args: CUT,
    ends: engine(complete),
  },
  {
    fault: 'the job of a slice fails each time, and has written its rows',
    does: 'fails the table after the second',
    rules: always(SLICE, { type: 'job_fails', message: 'a worker was lost', late: true }),
    args: CUT,
    ends: engine(fails('half_written')),
  },
  {
    fault: 'a job does not say how many rows it has written',
    does: 'counts them',
    rules: [
      ...always('/job/statistics/', { type: 'patch', set: { records_inserted: null } }),
      ...always('/job/(show|status)/', { type: 'patch', set: { num_records: null } }),
    ],
    args: CUT,
    ends: engine(complete),
  },
  {
    fault: 'a job says that it has written fewer rows than there are',
    does: 'fails the table: rows are missing',
    rules: [
      ...always('/job/statistics/', { type: 'patch', set: { records_inserted: '2' } }),
      ...always('/job/show/', { type: 'patch', set: { num_records: 2 } }, { account: 'origin' }),
    ],
    ends: engine(fails('verification_failed', 4)),
  },
  {
    fault: 'the staging table vanishes before a job writes to it',
    does: 'fails the table',
    rules: on('job/issue/presto/{copy}', LOSES_STAGING),
    args: ['--table-parallelism', '1'],
    ends: { insert: fails('job_failed') },
  },
  {
    fault: 'the staging table vanishes before a job brings rows there, and Treasure Data makes it anew',
    does: 'fails the table: that one lacks the source’s settings',
    rules: on('job/issue/presto/{source}', LOSES_STAGING, { skip: 2 }),
    args: ['--table-parallelism', '1'],
    ends: { output: fails('staging_lost') },
  },
  {
    fault: 'the account has one job at a time',
    does: 'waits for its turn',
    rules: [],
    settings: { jobSlots: 1 },
    args: CUT,
    ends: engine(complete),
  },
  {
    fault: 'petit is killed (SIGKILL) while the job is queued',
    does: 'the next run kills the job, and removes what there is',
    rules: on('{moves}', { type: 'job_queued', ms: -1 }),
    stopAt: /has been queued for/,
    signal: 'SIGKILL',
    ends: engine({ exit: null }),
  },
  ...[
    { fault: 'a job of its own brings the rows', does: 'waits for it too', rules: [], ends: complete },
    {
      fault: 'the job that brings the rows fails',
      does: 'fails the table',
      rules: on(DELIVERY, { type: 'job_fails' }),
      ends: fails('job_failed'),
    },
    {
      fault: 'the job that brings the rows is killed by somebody else',
      does: 'fails the table',
      rules: on(DELIVERY, { type: 'job_killed' }),
      ends: fails('job_killed'),
    },
    {
      fault: 'the job that brings the rows stays queued until somebody has enough of it and stops the run',
      does: 'kills it',
      rules: on(DELIVERY, { type: 'job_queued', ms: -1 }),
      stopAt: /has been queued for/,
      ends: fails('interrupted', 130),
    },
    {
      fault: 'petit is killed (SIGKILL) while the job that brings the rows is queued',
      does: 'the next run kills the job, and removes what there is',
      rules: on(DELIVERY, { type: 'job_queued', ms: -1 }),
      stopAt: /has been queued for/,
      signal: /** @type {const} */ ('SIGKILL'),
      ends: { exit: null },
    },
  ].map(({ ends, ...one }) => ({ ...one, settings: { linkedExport: true }, ends: { output: ends } })),
];
