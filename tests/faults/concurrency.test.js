import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, maxConcurrency, onRequest } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';

/**
 * How many requests petit has under way at a time, as the server sees it: for each kind, as many as it is told, and never
 * more. The first requests of a kind are held until so many are there, and a moment longer for one too many to show.
 *
 * @typedef {import('../emulator/request-log.js').LogEntry} LogEntry
 */

const [prod, mirror] = readSeed('clone-shop').accounts;
assert.ok(prod && mirror);
/** More than eight ranges, more than three parts. */
const LARGE = { recipe: 'events', rows: 400_000 };
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
/** How long one too many has to show, in milliseconds. */
const MOMENT_MS = 150;

/**
 * @param {{ after: (done: () => void) => void }} test
 * @param {RegExp} kind
 * @param {number} wanted
 */
function holdUntil(test, kind, wanted) {
  let there = 0;
  /** @type {() => void} */
  let open = () => {};
  const opened = new Promise((resolve) => {
    open = () => setTimeout(resolve, MOMENT_MS);
  });
  onRequest(test, env, async ({ path }, { range }) => {
    // A result's first range tells how long it is: nothing else of it is asked for before the answer.
    if (!kind.test(path) || range?.startsWith('bytes=0-')) return;
    there += 1;
    if (there === wanted) open();
    await opened;
  });
}

/** @param {RegExp} kind @param {string} [account] @returns {LogEntry[]} */
const asked = (kind, account) =>
  env.emulator.requests().filter((one) => kind.test(one.path) && (account ?? one.account) === one.account);

/**
 * What was asked about each job, from the first to the last of it.
 * @param {string} account
 */
function jobs(account) {
  /** @type {Map<string, { startMs: number, endMs: number | null, polls: LogEntry[] }>} */
  const spans = new Map();
  for (const one of asked(/\/job\/(status|show|result)\/\d+/, account)) {
    const id = /\d+/.exec(one.path.replace('/v3', ''))?.[0] ?? '';
    const span = spans.get(id) ?? { ...one, polls: [] };
    if (/\/job\/status\//.test(one.path)) span.polls.push(one);
    spans.set(id, { ...span, endMs: one.endMs });
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
  for (const most of [1, 3]) {
    it(`are downloaded ${most} at a time by td2parquet`, async (test) => {
      holdUntil(test, RANGES, most);
      await exported('pair', 'first', '--download-parallelism', `${most}`);
      const ranges = asked(RANGES);
      assert.ok(ranges.length > 8, `${ranges.length} ranges`);
      assert.equal(maxConcurrency(ranges), most);
    });

    it(`are downloaded ${most} at a time by clone-db, and ${most} parts uploaded`, async (test) => {
      const [args, copy] = [['--download-parallelism', `${most}`], `pair_${most}`];
      holdUntil(test, UPLOADS, most);
      await cloned('pair', '--new-db', copy, '--table-parallelism', '1', ...args);
      for (const job of new Set(asked(RANGES, 'prod').map(({ path }) => path))) {
        const ranges = asked(RANGES, 'prod').filter(({ path }) => path === job);
        assert.ok(maxConcurrency(ranges) <= most, job);
      }
      assert.equal(maxConcurrency(asked(UPLOADS)), most);
    });
  }
});

describe('an account', () => {
  it('has the ranges of so many tables under way, with the defaults two tables of four ranges', async (test) => {
    holdUntil(test, RANGES, 8);
    await exported('pair');
    assert.equal(maxConcurrency(asked(/./)), 8);
  });

  it('takes no more parts at a time, of all tables, than 64 MiB', async (test) => {
    holdUntil(test, UPLOADS, 4);
    await cloned('pair', '--new-db', 'room');
    assert.equal(maxConcurrency(asked(UPLOADS)), 4);
  });
});

describe('tables', () => {
  for (const most of [1, 3]) {
    it(`are exported ${most} at a time, each waited for by one request at a time`, async (test) => {
      env.emulator.configure({ delays: { queued: 200, booting: 0, running: 0, final: 0 } });
      holdUntil(test, /\/job\/issue\//, most);
      await exported('many', '--table-parallelism', `${most}`);
      assert.equal(jobs('prod').length, tiny.length);
      assert.equal(maxConcurrency(jobs('prod')), most);
      for (const { polls } of jobs('prod')) {
        assert.ok(polls.length > 1, `${polls.length} polls`);
        assert.ok(maxConcurrency(polls) <= 1);
      }
      assert.ok(maxConcurrency(asked(/./)) <= most);
    });

    it(`are copied ${most} at a time, with as many requests to each account`, async (test) => {
      holdUntil(test, /\/bulk_import\/create\//, most);
      await cloned('many', '--new-db', `many_${most}`, '--table-parallelism', `${most}`);
      const began = asked(/\/bulk_import\/create\//)[0]?.startMs ?? 0;
      for (const account of ['prod', 'mirror']) {
        const requests = asked(/./, account).filter(({ startMs }) => startMs >= began);
        assert.ok(maxConcurrency(requests) <= most, account);
      }
      assert.equal(maxConcurrency(asked(/\/bulk_import\/create\//)), most);
      assert.ok(maxConcurrency(jobs('prod')) <= most);
    });
  }

  it('are looked at eight at a time before a clone', async (test) => {
    holdUntil(test, LAYOUTS, 8);
    await cloned('many', '--new-db', 'looked_at');
    assert.equal(asked(LAYOUTS).length, tiny.length);
    assert.equal(maxConcurrency(asked(LAYOUTS)), 8);
  });
});
