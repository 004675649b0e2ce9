import { all, always, clients, complete, copies, fails, on, RESULT, STAGING } from './case-types.js';

/** @import { Case } from './case-types.js' */

/** @type {Case[]} */
export const keys = [
  {
    fault: 'the source’s key is revoked during the run',
    does: 'fails the unfinished tables',
    rules: on(RESULT, { type: 'revoke_key' }, { account: 'origin' }),
    outcomes: all(fails('unauthorized')),
  },
  {
    fault: 'the destination’s key is revoked during the run',
    does: 'fails the unfinished tables',
    rules: on('{delivers}', { type: 'revoke_key' }),
    outcomes: copies(fails('unauthorized')),
  },
  {
    fault: 'the destination’s key is revoked before petit issues the result output job',
    does: 'fails the unfinished tables',
    rules: on(`table/show/{copy}/${STAGING}`, { type: 'revoke_key' }),
    outcomes: { output: fails('unauthorized') },
  },
];

/** @type {Case[]} */
export const jobs = [
  {
    fault: 'a query fails',
    does: 'fails the table with the engine’s message; repeats the job of a slice',
    rules: on('{moves}', { type: 'job_fails', message: 'Query exceeded memory' }),
    outcomes: { ...all(fails('job_failed')), slices: complete },
  },
  {
    fault: 'another client kills a query',
    does: 'fails the table',
    rules: on('{moves}', { type: 'job_killed' }),
    outcomes: all(fails('job_killed')),
  },
  {
    fault: 'a query stays queued for a while',
    does: 'waits and reports the wait',
    rules: on('{moves}', { type: 'job_queued', ms: 6500 }),
    progress: /job \d+ has been queued for \d+ s/,
    outcomes: all(complete),
  },
  {
    fault: 'a query stays queued until the user stops the run',
    does: 'waits and reports the wait; kills the job when the run is stopped',
    rules: on('{moves}', { type: 'job_queued', ms: -1 }),
    stopAt: /has been queued for/,
    outcomes: all(fails('interrupted', 130)),
  },
];

/** @type {Case[]} */
export const loading = [
  {
    fault: 'performing an import fails',
    does: 'fails the table',
    rules: on(STAGING, { type: 'perform_fails', message: 'disk full' }),
    outcomes: clients(fails('perform_failed')),
  },
  {
    fault: 'the job of an import is killed',
    does: 'fails the table',
    rules: on(`LOAD DATA SESSION '${STAGING}`, { type: 'job_killed' }),
    outcomes: clients(fails('perform_failed')),
  },
  {
    fault: 'the job of an import stays queued for a while',
    does: 'waits and reports the wait',
    rules: on(`LOAD DATA SESSION '${STAGING}`, { type: 'job_queued', ms: 6500 }),
    progress: /job \d+ has been queued for \d+ s/,
    outcomes: clients(complete),
  },
  {
    fault: 'a commit fails and the session returns to `ready`',
    does: 'reads the state and commits again',
    rules: on(STAGING, { type: 'commit_fails' }),
    outcomes: clients(complete),
  },
  {
    fault: 'each commit fails',
    does: 'fails the table after the third attempt',
    rules: always(STAGING, { type: 'commit_fails' }),
    outcomes: clients(fails('commit_failed')),
  },
  {
    fault: '`error_records` > 0',
    does: 'fails the table and commits nothing',
    rules: on(STAGING, { type: 'error_records', count: 2 }),
    outcomes: clients(fails('verification_failed', 4)),
  },
  {
    fault: 'fewer records are valid than were sent',
    does: 'fails the table and commits nothing',
    rules: always(`bulk_import/show/${STAGING}`, { type: 'patch', set: { valid_records: 1 } }),
    outcomes: clients(fails('verification_failed', 4)),
  },
];
