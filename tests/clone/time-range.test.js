import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, it } from 'node:test';
import { planClone, planExport } from '../../pkg-scripts/node.js';
import { Clones } from '../support/clone.js';
import { eventsOf, seedForClones, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

// A clone, an export and a comparison of the rows of a time range.

const DAY = 86_400;
/** 2026-01-01. */
const START = 1_767_225_600;
const times = [START - 1, START, START + DAY - 1, START + DAY, START + 3 * DAY];
const records = times.map((time, n) => ({ time, n, at: new Date(time * 1000).toISOString() }));
const schema = [
  ['n', 'long'],
  ['at', 'string'],
];
const databases = [{ name: 'shop', tables: [{ name: 'visits', schema, records }] }];
const env = setUpEnv(seedForClones(databases), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const DAY_ONE = ['--start-time', '2026-01-01', '--end-time', '2026-01-02'];

afterEach(async () => {
  for (const name of await clones.destination.databases()) await clones.destination.drop(name);
});

/** The numbers of the rows in the copy. */
async function copied() {
  const { rows } = await clones.destination.contents('shop', 'visits');
  return rows.length;
}

/** @param {string[]} args */
function verify(args) {
  const { source, destination } = clones;
  const keys = { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key };
  return env.start(['verify', 'shop', ...args, '--se', source.url, '--de', destination.url], keys).ended;
}

/** Both accounts, for calls of the library. */
function accounts() {
  const [source, destination] = [clones.source, clones.destination].map(({ url, key }) => ({
    endpoint: url,
    apikey: key,
  }));
  assert.ok(source && destination);
  return { source, destination };
}

describe('a time range', () => {
  it('is copied, said and compared', async () => {
    const dry = await clones.run(['shop', ...DAY_ONE, '--dry-run']);
    assert.equal(dry.code, 0, dry.stderr);
    const said = /^Only rows with time from 2026-01-01 \(inclusive\) to 2026-01-02 \(exclusive\)\.$/m;
    assert.match(dry.stdout, said);
    assert.match(dry.stdout, /a copy has only the rows with a time from 2026-01-01/);

    const report = env.path('report.json');
    const clone = await clones.run(['shop', ...DAY_ONE, '--verify', 'full', '--report', report]);
    assert.equal(clone.code, 0, clone.stderr);
    assert.match(clone.stdout, said);
    assert.equal(await copied(), 2);
    const range = { column: 'time', startTime: '2026-01-01', endTime: '2026-01-02' };
    assert.deepEqual(JSON.parse(await readFile(report, 'utf8')).timeRange, range);

    assert.equal((await verify(DAY_ONE)).code, 0);
    const other = await verify(['--start-time', '2026-01-01']);
    assert.equal(other.code, 4);
    assert.match(other.stdout, /^\* visits +4 rows in the source, 2 in the destination$/m);
    assert.match(other.stdout, /^Only rows with time from 2026-01-01 \(inclusive\)\.$/m);
    assert.equal((await verify([])).code, 4);
  });

  it('is copied by jobs of Treasure Data, and in slices', async () => {
    const keys = { DEST_API_KEY: clones.source.key };
    const ends = ['--de', clones.source.url, '--new-db', 'shop_part'];
    const engine = await clones.run(
      ['shop', ...ends, ...DAY_ONE, '--verify', 'full', '--split-rows', '1', '--json'],
      keys,
    );
    assert.equal(engine.code, 0, engine.stderr);
    const summary = eventsOf(engine.stdout).at(-1);
    assert.deepEqual([summary.rows, summary.tables[0].via], [2, 'engine']);
    await clones.source.drop('shop_part');

    const sliced = await clones.run(['shop', ...DAY_ONE, '--split-rows', '1', '--verify', 'full']);
    assert.equal(sliced.code, 0, sliced.stderr);
    assert.equal(await copied(), 2);
  });

  it('begins some days before now, on the clock of the zone', async () => {
    // 2026-03-29 12:00 in Berlin, where the day before had 24 hours and this one has 23.
    const platform = { now: () => Date.parse('2026-03-29T10:00:00Z') };
    const plans = await Promise.all(
      [
        { since: '36h' },
        { since: '1d', timezone: 'Europe/Berlin' },
        { since: '1d' },
        { startTime: '2026-03-29', endTime: '2026-03-30T00:00', timezone: 'Asia/Kolkata' },
      ].map((range) => planClone({ ...accounts(), database: 'shop', platform, ...range })),
    );
    assert.deepEqual(
      plans.map(({ timeRange }) => [timeRange?.startTime, timeRange?.endTime]),
      [
        ['2026-03-27T22:00:00Z', undefined],
        ['2026-03-28T11:00:00Z', undefined],
        ['2026-03-28T10:00:00Z', undefined],
        ['2026-03-28T18:30:00Z', '2026-03-29T18:30:00Z'],
      ],
    );
    const { source: account } = accounts();
    const exported = await planExport({ account, database: 'shop', since: '2w', platform });
    assert.match(exported.tasks[0]?.sql ?? '', /TD_TIME_RANGE\(time, 1773568800, NULL\)$/);
  });

  it('ends an export where it says', async () => {
    const { code, stdout, stderr } = await env.td2parquet([
      ...['shop', 'visits', ...DAY_ONE, '--timezone', 'UTC', '--output', 'day.parquet'],
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Only rows with time from 2026-01-01T00:00:00Z \(inclusive\) to /m);
    assert.equal((await readParquet('hyparquet', env.path('day.parquet'))).rows.length, 2);
  });

  it('is refused if it is invalid or ambiguous, before anything is written', async () => {
    const cases = /** @type {[string[], RegExp][]} */ ([
      [['--since', '7x'], /"7x" is not a period such as 36h, 7d or 2w/],
      [['--since', '7d', '--start-time', '2026-01-01'], /mutually exclusive/],
      [['--since', '7d', '--timezone', 'Mars/Base'], /unknown time zone "Mars\/Base"/],
      [['--start-time', '2026-01-02', '--end-time', '2026-01-01'], /not before the end time/],
    ]);
    for (const [args, message] of cases) {
      for (const run of [clones.run(['shop', ...args]), env.td2parquet(['shop', ...args]), verify(args)]) {
        const { code, stderr } = await run;
        assert.equal(code, 1, stderr);
        assert.match(stderr, message);
      }
    }
    const text = await env.td2parquet(['shop', '--since', '7d', '--time-column', 'at']);
    assert.equal(text.code, 1);
    assert.match(text.stderr, /the time column "at" is a string, whose format petit does not know/);
    assert.deepEqual(await clones.destination.databases(), []);
  });
});
