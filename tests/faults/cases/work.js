import { all, always, clients, complete, copies, fails, on, RESULT, STAGING } from './case-types.js';

/** @import { Case } from './case-types.js' */

/** @type {Case[]} */
export const keys = [
  {
    fault: 'the source’s key is revoked half-way',
    does: 'fails what is not done yet',
    rules: on(RESULT, { type: 'revoke_key' }, { account: 'origin' }),
    ends: all(fails('unauthorized')),
  },
  {
    fault: 'the destination’s key is revoked half-way',
    does: 'fails what is not done yet',
    rules: on('{delivers}', { type: 'revoke_key' }),
    ends: copies(fails('unauthorized')),
  },
  {
    fault: 'the destination’s key is revoked before Treasure Data is asked to bring the rows',
    does: 'fails what is not done yet',
    rules: on(`table/show/{copy}/${STAGING}`, { type: 'revoke_key' }),
    ends: { output: fails('unauthorized') },
  },
];

/** @type {Case[]} */
export const jobs = [
  {
    fault: 'a query fails',
    does: 'fails the table, with what the engine said; runs the job of a slice again',
    rules: on('{moves}', { type: 'job_fails', message: 'Query exceeded memory' }),
    ends: { ...all(fails('job_failed')), slices: complete },
  },
  {
    fault: 'a query is killed by somebody else',
    does: 'fails the table',
    rules: on('{moves}', { type: 'job_killed' }),
    ends: all(fails('job_killed')),
  },
  {
    fault: 'a query stays queued for a while',
    does: 'waits, and says so',
    rules: on('{moves}', { type: 'job_queued', ms: 6500 }),
    tells: /job \d+ has been queued for \d+ s/,
    ends: all(complete),
  },
  {
    fault: 'a query stays queued until somebody has enough of it and stops the run',
    does: 'waits, and says so; when it is stopped, kills the job',
    rules: on('{moves}', { type: 'job_queued', ms: -1 }),
    stopAt: /has been queued for/,
    ends: all(fails('interrupted', 130)),
  },
];

/** @type {Case[]} */
export const loading = [
  {
    fault: 'an import cannot be performed',
    does: 'fails the table',
    rules: on(STAGING, { type: 'perform_fails', message: 'disk full' }),
    ends: clients(fails('perform_failed')),
  },
  {
    fault: 'the job of an import is killed',
    does: 'fails the table',
    rules: on(`LOAD DATA SESSION '${STAGING}`, { type: 'job_killed' }),
    ends: clients(fails('perform_failed')),
  },
  {
    fault: 'the job of an import stays queued for a while',
    does: 'waits, and says so',
    rules: on(`LOAD DATA SESSION '${STAGING}`, { type: 'job_queued', ms: 6500 }),
    tells: /job \d+ has been queued for \d+ s/,
    ends: clients(complete),
  },
  {
    fault: 'a commit fails: back to `ready`',
    does: 'commits again, after a look',
    rules: on(STAGING, { type: 'commit_fails' }),
    ends: clients(complete),
  },
  {
    fault: 'each commit fails',
    does: 'fails the table after the third',
    rules: always(STAGING, { type: 'commit_fails' }),
    ends: clients(fails('commit_failed')),
  },
  {
    fault: '`error_records` > 0',
    does: 'fails the table: commits nothing',
    rules: on(STAGING, { type: 'error_records', count: 2 }),
    ends: clients(fails('verification_failed', 4)),
  },
  {
    fault: 'fewer records are valid than were sent',
    does: 'fails the table: commits nothing',
    rules: always(`bulk_import/show/${STAGING}`, { type: 'patch', set: { valid_records: 1 } }),
    ends: clients(fails('verification_failed', 4)),
  },
];
