import {
  always,
  clients,
  complete,
  fails,
  GIVEN_UP,
  on,
  RESULT,
  RESUMED,
  RETRIED,
  SHORT_IDLE,
  SHORT_RETRY,
} from './case-types.js';

/** @import { Action, Case, Outcome, Outcomes } from './case-types.js' */

/** @param {Outcome} outcome @returns {Outcomes} */
const client = (outcome) => ({ td2parquet: outcome, ...clients(outcome) });
/** @param {Outcome} outcome @returns {Outcomes} */
const cut = (outcome) => ({ ...client(outcome), slices: outcome });

/** @type {Case[]} */
export const bodies = [
  {
    fault: 'the connection is reset in the middle of a result',
    does: RESUMED,
    rules: on(RESULT, { type: 'reset', afterBytes: 1_000_000 }, { times: 2 }),
    outcomes: cut(complete),
  },
  {
    fault: 'the connection is always reset at the start of a result',
    does: GIVEN_UP,
    rules: always(RESULT, { type: 'reset', afterBytes: 0 }, { account: 'origin' }),
    args: SHORT_RETRY,
    outcomes: client(fails('network')),
  },
  {
    fault: 'a result is truncated, with the correct Content-Length',
    does: RESUMED,
    rules: on(RESULT, { type: 'truncate', afterBytes: 1_000_000 }, { skip: 1, times: 2 }),
    outcomes: client(complete),
  },
  {
    fault: 'a range of a result is truncated, with a matching Content-Length',
    does: RESUMED,
    rules: on(RESULT, { type: 'truncate', afterBytes: 1_000_000, lies: true }, { skip: 1, times: 2 }),
    outcomes: client(complete),
  },
  {
    fault: 'a whole result is truncated, with a matching Content-Length',
    does: 'continues until it has as many bytes as the job',
    data: /** @type {const} */ ('small'),
    rules: on(RESULT, { type: 'truncate', afterBytes: 50, lies: true }, { account: 'origin' }),
    outcomes: client(complete),
  },
  {
    fault: 'a byte of a result is flipped',
    does: 'fails the table, because a row is malformed or the checksum is wrong',
    rules: on(RESULT, { type: 'corrupt', atByte: 1_000_000 }, { skip: 1 }),
    outcomes: cut(fails('malformed_msgpack')),
  },
  {
    fault: 'a result is not gzip',
    does: 'fails the table',
    data: /** @type {const} */ ('small'),
    rules: on(RESULT, { type: 'status', status: 200, body: 'html' }, { account: 'origin' }),
    outcomes: client(fails('corrupt_gzip')),
  },
  {
    fault: 'a result stalls for longer than --idle-timeout',
    does: `closes the silent connection and ${RESUMED}`,
    rules: on(RESULT, { type: 'stall', ms: 60_000, afterBytes: 1_000_000 }, { times: 2 }),
    args: SHORT_IDLE,
    progress: /no response for 1 s; next attempt/,
    outcomes: client(complete),
  },
  {
    fault: 'results always stall before the first byte',
    does: GIVEN_UP,
    rules: always(RESULT, { type: 'stall', ms: 60_000 }, { account: 'origin' }),
    args: [...SHORT_IDLE, ...SHORT_RETRY],
    outcomes: client(fails('network')),
  },
  {
    fault: 'the first byte of a result is slow',
    does: 'waits',
    rules: on(RESULT, { type: 'delay', ms: 700 }, { times: 2 }),
    outcomes: client(complete),
  },
  {
    fault: 'the first byte of a result takes longer than --idle-timeout',
    does: RETRIED,
    rules: on(RESULT, { type: 'delay', ms: 2500 }, { account: 'origin' }),
    args: SHORT_IDLE,
    outcomes: client(complete),
  },
  {
    fault: 'Range is ignored; the answer is 200 with the whole result',
    does: 'reads the result as one body',
    rules: always(RESULT, { type: 'ignore_range' }),
    outcomes: client(complete),
  },
  {
    fault: 'a range has a wrong Content-Range',
    does: 'fails the table, because these are other bytes',
    rules: on(
      RESULT,
      { type: 'headers', headers: { 'content-range': 'bytes 0-4194303/9999999' } },
      { skip: 1 },
    ),
    outcomes: client(fails('result_changed')),
  },
  {
    fault: 'a range has another ETag',
    does: 'fails the table, because the result changed',
    rules: on(RESULT, { type: 'headers', headers: { etag: '"another"' } }, { skip: 1 }),
    outcomes: client(fails('result_changed')),
  },
  {
    fault: 'ranges have no ETag and no Content-Range',
    does: 'uses the size from the job',
    rules: always(RESULT, { type: 'headers', headers: { etag: null, 'content-range': null } }),
    outcomes: client(complete),
  },
  {
    fault: '`result_size` is absent',
    does: 'reads the result as one body',
    rules: always('/job/(show|status)/', { type: 'patch', set: { result_size: null } }),
    outcomes: client(complete),
  },
  {
    fault: '`result_size` is too small',
    does: 'fails the table: petit reads no more than the job promised',
    rules: always('/job/(show|status)/', { type: 'patch', set: { result_size: 1000 } }),
    outcomes: client(fails('result_changed')),
  },
  {
    fault: '`result_size` is too large',
    does: 'uses the sizes in the answers',
    rules: always('/job/(show|status)/', { type: 'patch', set: { result_size: 50_000_000 } }),
    outcomes: client(complete),
  },
  {
    fault: '`num_records` is absent',
    does: 'counts the rows itself',
    rules: always('/job/(show|status)/', { type: 'patch', set: { num_records: null } }),
    outcomes: client(complete),
  },
  {
    fault: '`num_records` differs from the rows of the result',
    does: 'fails the table, because rows are missing',
    rules: always('/job/show/', { type: 'patch', set: { num_records: 7777 } }, { account: 'origin' }),
    outcomes: cut(fails('row_count_mismatch', 4)),
  },
  ...[302, 307].map((status) => ({
    fault: `results are redirected to another origin with ${status}`,
    does: 'follows the redirect without the key',
    rules: always(RESULT, /** @type {Action} */ ({ type: 'redirect', status })),
    outcomes: client(complete),
  })),
].map((faultCase) => ({ data: /** @type {const} */ ('large'), ...faultCase }));
