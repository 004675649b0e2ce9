import {
  all,
  always,
  CALLS,
  clients,
  complete,
  copies,
  fails,
  GIVEN_UP,
  on,
  once,
  REST_SAME,
  RESULT,
  RETRIED,
  SAME,
  SHORT_RETRY,
  STAGING,
} from './case-types.js';

/** @import { Case } from './case-types.js' */

/** @type {Case[]} */
export const answers = [
  {
    fault: 'each call gets one 500 with a JSON body',
    does: RETRIED,
    rules: once(CALLS, { type: 'status', status: 500 }),
    outcomes: { ...all(complete), ...REST_SAME },
  },
  {
    fault: 'each call gets one 502 with an HTML body',
    does: RETRIED,
    rules: once(CALLS, { type: 'status', status: 502, body: 'html' }),
    outcomes: { ...all(complete), ...REST_SAME },
  },
  {
    fault: 'each call gets one 503 with an empty body',
    does: RETRIED,
    rules: once(CALLS, { type: 'status', status: 503, body: 'empty' }),
    outcomes: all(complete),
  },
  {
    fault: 'each call gets one 504 with a JSON body',
    does: RETRIED,
    rules: once(CALLS, { type: 'status', status: 504 }),
    outcomes: { ...all(complete), ...REST_SAME },
  },
  {
    fault: '429 with Retry-After in seconds',
    does: 'waits for that time',
    rules: once(['job/issue', 'job/result', 'upload_part', 'table/rename'], {
      ...{ type: 'status', status: 429, retryAfter: { seconds: 1 } },
    }),
    progress: /HTTP 429\); next attempt in 1\.\d s/,
    outcomes: { ...all(complete), slices: SAME },
  },
  {
    fault: '429 with Retry-After as a date',
    does: 'waits until that time',
    rules: once(['job/issue', 'job/result', 'upload_part', 'table/rename'], {
      ...{ type: 'status', status: 429, retryAfter: { seconds: 1, as: 'date' } },
    }),
    progress: /HTTP 429\); next attempt in [12]\.\d s/,
    outcomes: { ...all(complete), ...REST_SAME },
  },
  {
    fault: '429 with a Retry-After beyond --retry-timeout',
    does: 'fails the table immediately, because the wait would exceed the limit',
    rules: always(
      'job/issue/presto/{source}',
      { type: 'status', status: 429, retryAfter: { seconds: 3600 } },
      { skip: 1 },
    ),
    outcomes: { ...all(fails('too_many_requests')), slices: SAME },
  },
  {
    fault: 'the listing of the source always gets 503',
    does: 'retries until --retry-timeout; nothing was started',
    rules: always('table/list/{source}', { type: 'status', status: 503 }, { account: 'origin' }),
    args: SHORT_RETRY,
    outcomes: { ...all(fails('server_error', 1)), ...REST_SAME },
  },
  {
    fault: 'result downloads always get 503',
    does: GIVEN_UP,
    rules: always(RESULT, { type: 'status', status: 503 }, { account: 'origin' }),
    args: SHORT_RETRY,
    outcomes: all(fails('server_error')),
  },
  ...['upload_part', 'bulk_import/perform', 'bulk_import/commit'].map((path) => ({
    fault: `${path} of one table always gets 503`,
    does: GIVEN_UP,
    rules: always(`${path}/${STAGING}`, { type: 'status', status: 503 }),
    args: SHORT_RETRY,
    outcomes: clients(fails('server_error')),
  })),
  {
    fault: 'the rename of one table always gets 503',
    does: GIVEN_UP,
    rules: always(`table/rename/{copy}/${STAGING}`, { type: 'status', status: 503 }),
    args: SHORT_RETRY,
    outcomes: { ...copies(fails('server_error')), slices: SAME },
  },
  {
    fault: 'a proxy answers instead of Treasure Data, with 200 and HTML',
    does: 'fails the table, because it is not an API answer',
    rules: on('/v3/job/show/', { type: 'status', status: 200, body: 'html' }, { skip: 1 }),
    outcomes: { ...all(fails('unexpected_reply')), slices: SAME },
  },
];

/** @type {Case[]} */
export const connections = [
  {
    fault: 'connections to the source are refused for one second',
    does: RETRIED,
    rules: on('/v3/job/status/', { type: 'refuse', ms: 1000 }, { account: 'origin' }),
    outcomes: { ...all(complete), ...REST_SAME },
  },
  {
    fault: 'connections to the source are always refused after the first result download starts',
    does: GIVEN_UP,
    rules: on(RESULT, { type: 'refuse', ms: -1 }, { account: 'origin' }),
    args: SHORT_RETRY,
    outcomes: all(fails('network')),
  },
  {
    fault: 'connections to the destination are refused for one second',
    does: RETRIED,
    rules: on('{delivers}', { type: 'refuse', ms: 1000 }),
    outcomes: { ...copies(complete), slices: SAME },
  },
  {
    fault: 'connections to the destination are always refused after the transfer of rows starts',
    does: GIVEN_UP,
    rules: on('{delivers}', { type: 'refuse', ms: -1 }),
    args: SHORT_RETRY,
    outcomes: { ...copies(fails('network')), slices: SAME },
  },
  {
    fault: 'the connection of each call is reset once, before the call takes effect',
    does: RETRIED,
    rules: once(CALLS, { type: 'reset' }),
    outcomes: all(complete),
  },
];
