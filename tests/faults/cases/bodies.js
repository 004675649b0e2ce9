import {
  always,
  clients,
  complete,
  fails,
  GIVEN_UP,
  IMPATIENT,
  on,
  RESULT,
  RESUMED,
  RETRIED,
  SOON,
} from './case-types.js';

/** @import { Action, Case, Ending, Ends } from './case-types.js' */

/** @param {Ending} ending @returns {Ends} */
const client = (ending) => ({ td2parquet: ending, ...clients(ending) });
/** @param {Ending} ending @returns {Ends} */
const cut = (ending) => ({ ...client(ending), slices: ending });

/** @type {Case[]} */
export const bodies = [
  {
    fault: 'the connection is reset in the middle of a result',
    does: RESUMED,
    rules: on(RESULT, { type: 'reset', afterBytes: 1_000_000 }, { times: 2 }),
    ends: cut(complete),
  },
  {
    fault: 'the connection is reset at the start of each result, for ever',
    does: GIVEN_UP,
    rules: always(RESULT, { type: 'reset', afterBytes: 0 }, { account: 'origin' }),
    args: SOON,
    ends: client(fails('network')),
  },
  {
    fault: 'a result is cut, with the right Content-Length',
    does: RESUMED,
    rules: on(RESULT, { type: 'truncate', afterBytes: 1_000_000 }, { skip: 1, times: 2 }),
    ends: client(complete),
  },
  {
    fault: 'a range of a result is cut, with a Content-Length that says this was all',
    does: RESUMED,
    rules: on(RESULT, { type: 'truncate', afterBytes: 1_000_000, lies: true }, { skip: 1, times: 2 }),
    ends: client(complete),
  },
  {
    fault: 'a whole result is cut, with a Content-Length that says this was all',
    does: 'goes on until it has the bytes that the job has',
    data: /** @type {const} */ ('small'),
    rules: on(RESULT, { type: 'truncate', afterBytes: 50, lies: true }, { account: 'origin' }),
    ends: client(complete),
  },
  {
    fault: 'a byte of a result is flipped',
    does: 'fails the table: what comes of it is no row, or the checksum is wrong',
    rules: on(RESULT, { type: 'corrupt', atByte: 1_000_000 }, { skip: 1 }),
    ends: cut(fails('malformed_msgpack')),
  },
  {
    fault: 'something that is no gzip comes as a result',
    does: 'fails the table',
    data: /** @type {const} */ ('small'),
    rules: on(RESULT, { type: 'status', status: 200, body: 'html' }, { account: 'origin' }),
    ends: client(fails('corrupt_gzip')),
  },
  {
    fault: 'a result stalls for longer than --idle-timeout',
    does: `gives the silent connection up, and ${RESUMED}`,
    rules: on(RESULT, { type: 'stall', ms: 60_000, afterBytes: 1_000_000 }, { times: 2 }),
    args: IMPATIENT,
    tells: /no response for 1 s; next attempt/,
    ends: client(complete),
  },
  {
    fault: 'results stall before their first byte, for ever',
    does: GIVEN_UP,
    rules: always(RESULT, { type: 'stall', ms: 60_000 }, { account: 'origin' }),
    args: [...IMPATIENT, ...SOON],
    ends: client(fails('network')),
  },
  {
    fault: 'the first byte of a result is slow',
    does: 'waits',
    rules: on(RESULT, { type: 'delay', ms: 700 }, { times: 2 }),
    ends: client(complete),
  },
  {
    fault: 'the first byte of a result takes longer than --idle-timeout',
    does: RETRIED,
    rules: on(RESULT, { type: 'delay', ms: 2500 }, { account: 'origin' }),
    args: IMPATIENT,
    ends: client(complete),
  },
  {
    fault: 'Range is ignored: 200 and everything',
    does: 'reads it as one body',
    rules: always(RESULT, { type: 'ignore_range' }),
    ends: client(complete),
  },
  {
    fault: 'a range comes with a wrong Content-Range',
    does: 'fails the table: those are other bytes',
    rules: on(
      RESULT,
      { type: 'headers', headers: { 'content-range': 'bytes 0-4194303/9999999' } },
      { skip: 1 },
    ),
    ends: client(fails('result_changed')),
  },
  {
    fault: 'a range comes with another ETag',
    does: 'fails the table: the result is another one now',
    rules: on(RESULT, { type: 'headers', headers: { etag: '"another"' } }, { skip: 1 }),
    ends: client(fails('result_changed')),
  },
  {
    fault: 'ranges come without ETag and Content-Range',
    does: 'counts on the size that the job has',
    rules: always(RESULT, { type: 'headers', headers: { etag: null, 'content-range': null } }),
    ends: client(complete),
  },
  {
    fault: '`result_size` is absent',
    does: 'reads the result as one body',
    rules: always('/job/(show|status)/', { type: 'patch', set: { result_size: null } }),
    ends: client(complete),
  },
  {
    fault: '`result_size` is too small',
    does: 'goes by what the answers say',
    rules: always('/job/(show|status)/', { type: 'patch', set: { result_size: 1000 } }),
    ends: client(complete),
  },
  {
    fault: '`result_size` is too large',
    does: 'goes by what the answers say',
    rules: always('/job/(show|status)/', { type: 'patch', set: { result_size: 50_000_000 } }),
    ends: client(complete),
  },
  {
    fault: '`num_records` is absent',
    does: 'counts for itself',
    rules: always('/job/(show|status)/', { type: 'patch', set: { num_records: null } }),
    ends: client(complete),
  },
  {
    fault: '`num_records` is not what the result has',
    does: 'fails the table: rows are missing',
    rules: always('/job/show/', { type: 'patch', set: { num_records: 7777 } }, { account: 'origin' }),
    ends: cut(fails('row_count_mismatch', 4)),
  },
  ...[302, 307].map((status) => ({
    fault: `results are at another origin: ${status}`,
    does: 'follows, and leaves the key behind',
    rules: always(RESULT, /** @type {Action} */ ({ type: 'redirect', status })),
    ends: client(complete),
  })),
].map((one) => ({ data: /** @type {const} */ ('large'), ...one }));
