import { all, always, clones, complete, fails, ORDERS, on, RESULT, STAGING } from './words.js';

/** @import { Case } from './words.js' */

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
    rules: on('upload_part', { type: 'revoke_key' }),
    ends: clones(fails('unauthorized')),
  },
];

/** @type {Case[]} */
export const jobs = [
  {
    fault: 'a query fails',
    does: 'fails the table, with what the engine said',
    rules: on(ORDERS, { type: 'job_fails', message: 'Query exceeded memory' }),
    ends: all(fails('job_failed')),
  },
  {
    fault: 'a query is killed by somebody else',
    does: 'fails the table',
    rules: on(ORDERS, { type: 'job_killed' }),
    ends: all(fails('job_killed')),
  },
  {
    fault: 'a query stays queued for a while',
    does: 'waits, and says so',
    rules: on(ORDERS, { type: 'job_queued', ms: 6500 }),
    tells: /job \d+ has been queued for \d+ s/,
    ends: all(complete),
  },
  {
    fault: 'a query stays queued until somebody has enough of it and stops the run',
    does: 'waits, and says so; when it is stopped, kills the job',
    rules: on(ORDERS, { type: 'job_queued', ms: -1 }),
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
    ends: clones(fails('perform_failed')),
  },
  {
    fault: 'the job of an import is killed',
    does: 'fails the table',
    rules: on(`LOAD DATA SESSION '${STAGING}`, { type: 'job_killed' }),
    ends: clones(fails('perform_failed')),
  },
  {
    fault: 'the job of an import stays queued for a while',
    does: 'waits, and says so',
    rules: on(`LOAD DATA SESSION '${STAGING}`, { type: 'job_queued', ms: 6500 }),
    tells: /job \d+ has been queued for \d+ s/,
    ends: clones(complete),
  },
  {
    fault: 'a commit fails: back to `ready`',
    does: 'commits again, after a look',
    rules: on(STAGING, { type: 'commit_fails' }),
    ends: clones(complete),
  },
  {
    fault: 'each commit fails',
    does: 'fails the table after the third',
    rules: always(STAGING, { type: 'commit_fails' }),
    ends: clones(fails('commit_failed')),
  },
  {
    fault: '`error_records` > 0',
    does: 'fails the table: commits nothing',
    rules: on(STAGING, { type: 'error_records', count: 2 }),
    ends: clones(fails('verification_failed', 4)),
  },
  {
    fault: 'fewer records are valid than were sent',
    does: 'fails the table: commits nothing',
    rules: always(`bulk_import/show/${STAGING}`, { type: 'patch', set: { valid_records: 1 } }),
    ends: clones(fails('verification_failed', 4)),
  },
];
