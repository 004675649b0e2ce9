import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { toJson } from '../../pkg-scripts/driver/utils/bigint-json.js';
import {
  cleanUp,
  exportTables,
  listTables,
  planClone,
  planExport,
  verifyDatabase,
} from '../../pkg-scripts/node.js';
import { count } from '../../pkg-scripts/shared/format.js';
import { Clones } from '../support/clone.js';
import { readSeed, surroundings } from '../support/index.js';

/** Rows and bytes are BigInt wherever the library tells them, and exact where no double would be. */

/** @import { RunEvent } from '../../pkg-scripts/types.js' */

const here = surroundings(readSeed('clone-shop'), 'prod');
const clones = new Clones(here, 'prod', 'prod');
/** The least that a double cannot hold, and the most that 64 bits can. */
const [BEYOND, MOST] = [2n ** 53n + 1n, 2n ** 64n - 1n];

/**
 * Has listings tell these counts, until the test ends: as text, because the emulator's own numbers are doubles.
 * @param {{ after: (done: () => void) => void }} test
 * @param {Record<string, [rows: bigint, bytes: bigint]>} counts by table
 */
function listed(test, counts) {
  for (const [name, [rows, bytes]] of Object.entries(counts)) {
    const table = here.emulator.account('prod').catalog.table('shop', name);
    const { shown } = table;
    table.shown = /** @type {any} */ ({ ...shown, count: String(rows), bytes: String(bytes) });
    test.after(() => {
      table.shown = shown;
    });
  }
}

/** Has jobs of Treasure Data's own say that they have written so many rows.
 * @param {bigint} rows */
const written = (rows) =>
  here.fail({
    path: '/job/statistics/',
    times: -1,
    action: { type: 'patch', set: { records_inserted: String(rows) } },
  });

describe('counts beyond 2^53', () => {
  it('are exact in listings and plans, and so are their sums, beyond 64 bits too', async (test) => {
    listed(test, { orders: [BEYOND, BEYOND + 2n], visits: [MOST, MOST] });
    const { account } = here;
    const tables = await listTables(account, 'shop');
    const found = (/** @type {string} */ wanted) => tables.find(({ name }) => name === wanted);
    assert.deepEqual(
      ['orders', 'visits'].map((name) => [found(name)?.count, found(name)?.estimatedStorageSize]),
      [
        [BEYOND, BEYOND + 2n],
        [MOST, MOST],
      ],
    );

    const ends = { source: account, destination: account, database: 'shop', newDatabase: 'later' };
    const plan = await planClone({ ...ends, tables: ['orders', 'visits'], splitRows: 2n ** 63n });
    assert.deepEqual(
      plan.tables.map(({ table, rows, bytes, copy }) => [table, rows, bytes, copy?.sliceRows]),
      [
        ['visits', MOST, MOST, 2n ** 63n],
        ['orders', BEYOND, BEYOND + 2n, undefined],
      ],
    );
    assert.deepEqual(plan.totals, {
      create: { tables: 2, rows: MOST + BEYOND, bytes: MOST + BEYOND + 2n },
    });

    const { tasks } = await planExport({ account, database: 'shop', tables: ['orders'], splitRows: 1000 });
    assert.deepEqual(
      tasks.map(({ rows, bytes, sliceRows }) => [rows, bytes, sliceRows]),
      [[BEYOND, BEYOND + 2n, (BEYOND + 9999n) / 10_000n]],
    );
  });

  it('are refused where they are more than 64 bits hold', async (test) => {
    listed(test, { orders: [MOST + 1n, 0n] });
    const message = /"18446744073709551616" is no count/;
    await assert.rejects(listTables(here.account, 'shop'), { code: 'unexpected_reply', message });
  });

  it('are exact in results, progress and sums of a run', async () => {
    written(MOST);
    /** @type {RunEvent[]} */
    const events = [];
    const summary = await clones.inProcess({
      ...{ database: 'shop', newDatabase: 'sums', tables: ['customers', 'orders'] },
      ...{ via: 'engine', verify: 'none', onEvent: (event) => void events.push(event) },
    });
    assert.deepEqual(
      summary.tables.map(({ rows }) => rows),
      [MOST, MOST],
    );
    assert.equal(summary.rows, 2n * MOST);
    const last = events.findLast(({ type }) => type === 'progress');
    assert.equal(last?.type === 'progress' && last.rows, MOST);
  });

  it('are printed with all digits: plans, summaries, JSON lines, reports', async (test) => {
    written(BEYOND);
    const args = ['shop', '--via', 'engine', '--verify', 'none'];
    const run = async (/** @type {string[]} */ ...more) => {
      const { code, stdout, stderr } = await clones.run([...args, ...more]);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    assert.match(await run('--new-db', 'told_1'), /4 copied.* 36,028,797,018,963,972 rows,/);
    const lines = (await run('--new-db', 'told_2', '--json', '--report', 'report.json'))
      .trimEnd()
      .split('\n');
    const summary = lines.at(-1) ?? '';
    assert.match(summary, /"type":"summary".*"rows":36028797018963972,.*"rows":9007199254740993,/);
    assert.equal(JSON.parse(summary).tables.length, 4);
    const report = await readFile(here.path('report.json'), 'utf8');
    assert.match(report, /^ {2}"rows": 36028797018963972,$.*^ {6}"rows": 9007199254740993,$/ms);

    listed(test, { orders: [MOST, BEYOND] });
    const plan = await run('--new-db', 'told_3', '--dry-run', '--json');
    assert.match(plan, /"rows":18446744073709551615,"bytes":9007199254740993,/);
    assert.match(
      await run('--new-db', 'told_3', '--dry-run'),
      /^CREATE +orders +18,446,744,073,709,551,615 +8 PiB/m,
    );
  });
});

/**
 * The types of all numbers within, by property.
 * @param {unknown} value
 * @param {Map<string, Set<string>>} found
 */
function typesIn(value, found, name = '') {
  if (typeof value === 'number' || typeof value === 'bigint') {
    found.set(name, (found.get(name) ?? new Set()).add(typeof value));
  } else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      typesIn(item, found, Array.isArray(value) ? name : key);
    }
  }
  return found;
}

it('of rows and bytes are BigInt in all that the library tells, and everything else is a number', async () => {
  const { account, folder } = here;
  /** @type {unknown[]} */
  const told = [];
  const onEvent = (/** @type {RunEvent} */ event) => void told.push(event);
  const run = { onEvent, profile: true, workers: 0 };
  told.push(await listTables(account, 'shop'));
  for (const via of /** @type {const} */ (['client', 'engine'])) {
    told.push(
      await clones.inProcess({ ...run, database: 'shop', newDatabase: `types_${via}`, via, splitRows: 900 }),
    );
  }
  const again = {
    database: 'shop',
    newDatabase: 'types_client',
    onExisting: /** @type {const} */ ('overwrite'),
  };
  told.push(await clones.inProcess({ ...again, dryRun: true, shard: { index: 1, count: 1 } }));
  const from = { account, database: 'shop', outputDir: folder };
  told.push(await exportTables({ ...run, ...from }));
  told.push(await exportTables({ ...run, ...from, tables: ['visits'], partition: 'year', splitRows: 900 }));
  const sides = { source: account, destination: account, database: 'shop', newDatabase: 'types_client' };
  for (const compare of /** @type {const} */ (['full', 'count'])) {
    told.push(await verifyDatabase({ ...sides, compare, onEvent }));
  }
  const [planned] = (await planClone({ ...sides, onExisting: 'overwrite' })).tables;
  await clones.destination.post(`/v3/table/create/types_client/${planned?.copy?.stagingTable}/log`, {});
  const left = await cleanUp({ account, database: 'types_client', onEvent });
  assert.equal(typeof left.found.tables[0]?.bytes, 'bigint');

  const found = typesIn(told, new Map());
  const isCount = (/** @type {string} */ name) => /rows$|bytes$|^estimatedStorageSize$/i.test(name);
  for (const [name, types] of found) {
    // Of a listed table rows, of shares tables.
    const expected = name === 'count' ? ['bigint', 'number'] : [isCount(name) ? 'bigint' : 'number'];
    assert.deepEqual([...types].sort(), expected, name);
  }
  const names = ['rows', 'bytes', 'totalRows', 'totalBytes', 'downloadedBytes', 'sliceRows'];
  for (const name of [...names, 'sourceRows', 'destinationRows']) assert.ok(found.has(name), name);
});

describe('JSON', () => {
  it('has each BigInt as a whole number with all its digits, and everything else as ever', () => {
    const value = {
      a: [1n, -BEYOND, { b: MOST * MOST }],
      c: '12n',
      'd"1"': '"3"',
      e: undefined,
      f: 1.5,
      g: null,
    };
    const text = `{"a":[1,-9007199254740993,{"b":${MOST * MOST}}],"c":"12n","d\\"1\\"":"\\"3\\"","f":1.5,"g":null}`;
    assert.equal(toJson(value), text);
    const plain = {
      date: new Date(0),
      nested: [[], {}, [null, undefined, true]],
      text: '\ud800 "1" \\"2\\"',
    };
    for (const indent of [undefined, 2]) {
      assert.equal(toJson(plain, indent), JSON.stringify(plain, undefined, indent));
    }
    assert.equal(toJson([1n], 1), '[\n 1\n]');
  });
});

it('is told to people in threes of digits', () => {
  const told = [undefined, 0, 7n, 999, 1000, 100_000n, 1_234_567, MOST].map(count);
  const expected = ['?', '0', '7', '999', '1,000', '100,000', '1,234,567', '18,446,744,073,709,551,615'];
  assert.deepEqual(told, expected);
});
