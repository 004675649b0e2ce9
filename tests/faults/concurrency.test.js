import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, maxConcurrency, onRequest } from '../support/clone.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { readSeed, setUpEnv } from '../support/index.js';

/**
 * The number of parallel requests, as the server sees it: for each kind exactly the limit. The server holds the first
 * requests of a kind until the limit is reached, and a moment longer, in which an excess request would arrive.
 *
 * @typedef {import('../emulator/request-log.js').LogEntry} LogEntry
 */

const [prod, mirror] = readSeed('clone-shop').accounts;
assert.ok(prod && mirror);
/** More than eight ranges, more than three parts. */
const LARGE = { recipe: 'events', rows: 700_000 };
const FEW = { recipe: 'tiny', rows: 20 };
const tiny = Array.from({ length: 12 }, (_, place) => ({ name: `tiny_${place + 10}`, generate: FEW }));
const pair = [
  { name: 'first', generate: LARGE },
  { name: 'second', generate: LARGE },
];
const seed = {
  accounts: [
    {
      ...prod,
      databases: [
        { name: 'pair', tables: pair },
        { name: 'many', tables: tiny },
      ],
    },
    { ...mirror, databases: [] },
  ],
};
const env = setUpEnv(seed, 'prod');
const clones = new Clones(env, 'prod', 'mirror');

const RANGES = /\/job\/result\/\d+/;
const UPLOADS = /\/upload_part\//;
const LAYOUTS = /\/table\/distribution\//;
const LONG = 'copies 1,400,000 rows';
/** How long the server waits for an excess request, in milliseconds. */
const EXCESS_WAIT_MS = 150;

/**
 * Holds requests of a kind until `limit` of them have arrived.
 * @param {{ after: (done: () => void) => void }} test
 * @param {RegExp} kind
 * @param {number} limit
 */
function holdUntil(test, kind, limit) {
  let arrived = 0;
  /** @type {() => void} */
  let release = () => {};
  const released = new Promise((resolve) => {
    release = () => setTimeout(resolve, EXCESS_WAIT_MS);
  });
  onRequest(test, env, async ({ path }, { range }) => {
    // The first range of a result shows its size, so petit requests no other range before it.
    if (!kind.test(path) || range?.startsWith('bytes=0-')) return;
    arrived += 1;
    if (arrived === limit) release();
    await released;
  });
}

/** @param {RegExp} kind @param {string} [account] @returns {LogEntry[]} */
const requestsOf = (kind, account) =>
  env.emulator
    .requests()
    .filter((entry) => kind.test(entry.path) && (account ?? entry.account) === entry.account);

/**
 * The time span of the requests about each job, and its status requests.
 * @param {string} account
 */
function jobs(account) {
  /** @type {Map<string, { startMs: number, endMs: number | null, polls: LogEntry[] }>} */
  const spans = new Map();
  for (const entry of requestsOf(/\/job\/(status|show|result)\/\d+/, account)) {
    const id = /\d+/.exec(entry.path.replace('/v3', ''))?.[0] ?? '';
    const span = spans.get(id) ?? { ...entry, polls: [] };
    if (/\/job\/status\//.test(entry.path)) span.polls.push(entry);
    spans.set(id, { ...span, endMs: entry.endMs });
  }
  return [...spans.values()];
}

/** @param {string[]} args */
async function exported(...args) {
  const { code, stderr } = await env.td2parquet([...args, '--workers', '1']);
  assert.equal(code, 0, stderr);
}

/** @param {string[]} args */
async function cloned(...args) {
  const { code, stderr } = await clones.run([...args, '--workers', '1']);
  assert.equal(code, 0, stderr);
  await clones.destination.drop(args[args.indexOf('--new-db') + 1] ?? '');
}

describe('ranges of a table', () => {
  // One at a time holds if three at a time does, and takes the longest.
  for (const limit of EXHAUSTIVE ? [1, 3] : [3]) {
    it(`are downloaded ${limit} at a time by td2parquet`, async (test) => {
      holdUntil(test, RANGES, limit);
      await exported('pair', 'first', '--download-parallelism', `${limit}`);
      const ranges = requestsOf(RANGES);
      assert.ok(ranges.length > 8, `${ranges.length} ranges`);
      assert.equal(maxConcurrency(ranges), limit);
    });

    it(`are downloaded ${limit} at a time by clone-db, which uploads ${limit} parts at a time`, async (test) => {
      const [args, copy] = [['--download-parallelism', `${limit}`], `pair_${limit}`];
      holdUntil(test, UPLOADS, limit);
      await cloned('pair', '--new-db', copy, '--table-parallelism', '1', ...args);
      for (const job of new Set(requestsOf(RANGES, 'prod').map(({ path }) => path))) {
        const ranges = requestsOf(RANGES, 'prod').filter(({ path }) => path === job);
        assert.ok(maxConcurrency(ranges) <= limit, job);
      }
      assert.equal(maxConcurrency(requestsOf(UPLOADS)), limit);
    });
  }
});

describe('an account', () => {
  it('has by default eight parallel range downloads: two tables of four ranges', async (test) => {
    holdUntil(test, RANGES, 8);
    await exported('pair');
    assert.equal(maxConcurrency(requestsOf(/./)), 8);
  });

  it('has at most 64 MiB of parts in upload, over all tables', {
    skip: !EXHAUSTIVE && LONG,
  }, async (test) => {
    holdUntil(test, UPLOADS, 4);
    await cloned('pair', '--new-db', 'upload_limit');
    assert.equal(maxConcurrency(requestsOf(UPLOADS)), 4);
  });
});

describe('tables', () => {
  for (const limit of [1, 3]) {
    it(`are exported ${limit} at a time, with one status request at a time per table`, async (test) => {
      env.emulator.configure({ delays: { queued: 200, booting: 0, running: 0, final: 0 } });
      holdUntil(test, /\/job\/issue\//, limit);
      await exported('many', '--table-parallelism', `${limit}`);
      assert.equal(jobs('prod').length, tiny.length);
      assert.equal(maxConcurrency(jobs('prod')), limit);
      for (const { polls } of jobs('prod')) {
        assert.ok(polls.length > 1, `${polls.length} polls`);
        assert.ok(maxConcurrency(polls) <= 1);
      }
      assert.ok(maxConcurrency(requestsOf(/./)) <= limit);
    });

    it(`are copied ${limit} at a time, with at most ${limit} parallel requests to each account`, async (test) => {
      holdUntil(test, /\/bulk_import\/create\//, limit);
      await cloned('many', '--new-db', `many_${limit}`, '--table-parallelism', `${limit}`);
      const startMs = requestsOf(/\/bulk_import\/create\//)[0]?.startMs ?? 0;
      for (const account of ['prod', 'mirror']) {
        const requests = requestsOf(/./, account).filter((entry) => entry.startMs >= startMs);
        assert.ok(maxConcurrency(requests) <= limit, account);
      }
      assert.equal(maxConcurrency(requestsOf(/\/bulk_import\/create\//)), limit);
      assert.ok(maxConcurrency(jobs('prod')) <= limit);
    });
  }

  it('are inspected eight at a time before a clone', async (test) => {
    holdUntil(test, LAYOUTS, 8);
    await cloned('many', '--new-db', 'inspected');
    assert.equal(requestsOf(LAYOUTS).length, tiny.length);
    assert.equal(maxConcurrency(requestsOf(LAYOUTS)), 8);
  });
});
