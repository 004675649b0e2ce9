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
  SOON,
  STAGING,
} from './case-types.js';

/** @import { Case } from './case-types.js' */

/** @type {Case[]} */
export const answers = [
  {
    fault: 'each call is answered once with 500, the body JSON',
    does: RETRIED,
    rules: once(CALLS, { type: 'status', status: 500 }),
    ends: { ...all(complete), ...REST_SAME },
  },
  {
    fault: 'each call is answered once with 502, the body HTML',
    does: RETRIED,
    rules: once(CALLS, { type: 'status', status: 502, body: 'html' }),
    ends: { ...all(complete), ...REST_SAME },
  },
  {
    fault: 'each call is answered once with 503, the body empty',
    does: RETRIED,
    rules: once(CALLS, { type: 'status', status: 503, body: 'empty' }),
    ends: all(complete),
  },
  {
    fault: 'each call is answered once with 504, the body JSON',
    does: RETRIED,
    rules: once(CALLS, { type: 'status', status: 504 }),
    ends: { ...all(complete), ...REST_SAME },
  },
  {
    fault: '429 with Retry-After in seconds',
    does: 'waits as long as it is asked to',
    rules: once(['job/issue', 'job/result', 'upload_part', 'table/rename'], {
      ...{ type: 'status', status: 429, retryAfter: { seconds: 1 } },
    }),
    tells: /HTTP 429\); next attempt in 1\.\d s/,
    ends: { ...all(complete), slices: SAME },
  },
  {
    fault: '429 with Retry-After as a date',
    does: 'waits until then',
    rules: once(['job/issue', 'job/result', 'upload_part', 'table/rename'], {
      ...{ type: 'status', status: 429, retryAfter: { seconds: 1, as: 'date' } },
    }),
    tells: /HTTP 429\); next attempt in [12]\.\d s/,
    ends: { ...all(complete), ...REST_SAME },
  },
  {
    fault: '429 with a Retry-After beyond --retry-timeout',
    does: 'fails the table at once, rather than come too early or wait for hours',
    rules: always(
      'job/issue/presto/{source}',
      { type: 'status', status: 429, retryAfter: { seconds: 3600 } },
      { skip: 1 },
    ),
    ends: { ...all(fails('too_many_requests')), slices: SAME },
  },
  {
    fault: '503 to the listing of the source, for ever',
    does: 'tries again until --retry-timeout; nothing was begun',
    rules: always('table/list/{source}', { type: 'status', status: 503 }, { account: 'origin' }),
    args: SOON,
    ends: { ...all(fails('server_error', 1)), ...REST_SAME },
  },
  {
    fault: '503 to result downloads, for ever',
    does: GIVEN_UP,
    rules: always(RESULT, { type: 'status', status: 503 }, { account: 'origin' }),
    args: SOON,
    ends: all(fails('server_error')),
  },
  ...['upload_part', 'bulk_import/perform', 'bulk_import/commit'].map((path) => ({
    fault: `503 to ${path} of one table, for ever`,
    does: GIVEN_UP,
    rules: always(`${path}/${STAGING}`, { type: 'status', status: 503 }),
    args: SOON,
    ends: clients(fails('server_error')),
  })),
  {
    fault: '503 to the rename of one table, for ever',
    does: GIVEN_UP,
    rules: always(`table/rename/{copy}/${STAGING}`, { type: 'status', status: 503 }),
    args: SOON,
    ends: { ...copies(fails('server_error')), slices: SAME },
  },
  {
    fault: 'a proxy answers in Treasure Data’s place, with 200 and HTML',
    does: 'fails the table: that is no answer',
    rules: on('/v3/job/show/', { type: 'status', status: 200, body: 'html' }, { skip: 1 }),
    ends: { ...all(fails('unexpected_reply')), slices: SAME },
  },
];

/** @type {Case[]} */
export const connections = [
  {
    fault: 'connections to the source are refused for a second',
    does: RETRIED,
    rules: on('/v3/job/status/', { type: 'refuse', ms: 1000 }, { account: 'origin' }),
    ends: { ...all(complete), ...REST_SAME },
  },
  {
    fault: 'connections to the source are refused for ever, when the first result is fetched',
    does: GIVEN_UP,
    rules: on(RESULT, { type: 'refuse', ms: -1 }, { account: 'origin' }),
    args: SOON,
    ends: all(fails('network')),
  },
  {
    fault: 'connections to the destination are refused for a second',
    does: RETRIED,
    rules: on('{delivers}', { type: 'refuse', ms: 1000 }),
    ends: { ...copies(complete), slices: SAME },
  },
  {
    fault: 'connections to the destination are refused for ever, when rows are to come there',
    does: GIVEN_UP,
    rules: on('{delivers}', { type: 'refuse', ms: -1 }),
    args: SOON,
    ends: { ...copies(fails('network')), slices: SAME },
  },
  {
    fault: 'the connection of each call is reset once, before anything is done',
    does: RETRIED,
    rules: once(CALLS, { type: 'reset' }),
    ends: all(complete),
  },
];
