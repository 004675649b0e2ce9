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
import { readSeed, setUpEnv } from '../support/index.js';

/** All row and byte counts of the library are BigInts, and exact beyond 2^53. */

/** @import { RunEvent } from '../../pkg-scripts/types.js' */

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'prod');
/** The first integer that a double cannot represent, and the maximum of 64 bits. */
const [BEYOND, MAX] = [2n ** 53n + 1n, 2n ** 64n - 1n];

/**
 * Makes listings show these counts until the end of the test. They are text, because the emulator's numbers are doubles.
 * @param {{ after: (done: () => void) => void }} test
 * @param {Record<string, [rows: bigint, bytes: bigint]>} counts by table
 */
function setListedCounts(test, counts) {
  for (const [name, [rows, bytes]] of Object.entries(counts)) {
    const table = env.emulator.account('prod').catalog.table('shop', name);
    const { listed } = table;
    table.listed = /** @type {any} */ ({ ...listed, count: String(rows), bytes: String(bytes) });
    test.after(() => {
      table.listed = listed;
    });
  }
}

/** Makes engine jobs report this number of written rows.
 * @param {bigint} rows */
const setWrittenRows = (rows) =>
  env.fail({
    path: '/job/statistics/',
    times: -1,
    action: { type: 'patch', set: { records_inserted: String(rows) } },
  });

describe('plans', () => {
  it('have tasks, problems and jobs, in clones and exports', async () => {
    const { account } = env;
    const request = { source: account, destination: account, database: 'shop', newDatabase: 'copy_of_shop' };
    const clone = await planClone({ ...request, splitRows: 2 });
    assert.equal(clone.tasks, clone.tables);
    assert.deepEqual(clone.problems, []);
    const { create } = clone.totals;
    assert.equal(create?.jobs, clone.jobs);
    assert.ok(clone.jobs > clone.tasks.length, `${clone.jobs} jobs`);
    assert.doesNotMatch(toJson(clone), /"tasks"/, 'JSON has the tables once');
    const existing = await planClone({ ...request, newDatabase: 'shop_later' });
    for (const { table, code } of existing.problems) {
      const task = existing.tasks.find((planned) => planned.table === table);
      assert.equal(task?.problem?.code, code);
    }
    const plan = await planExport({ account, database: 'shop', tables: ['orders'], outputDir: env.folder });
    assert.deepEqual([plan.tasks.length, plan.problems, plan.jobs], [1, [], 1]);
  });

  it('and listings have the same names for the same numbers', async () => {
    const [listed] = await listTables(env.account, 'shop');
    assert.ok(listed);
    const { table, rows, bytes, name, count: formerRows, estimatedStorageSize } = listed;
    assert.deepEqual([table, rows, bytes], [name, formerRows, estimatedStorageSize]);
  });
});

describe('counts beyond 2^53', () => {
  it('are exact in listings, plans and sums, even beyond 64 bits', async (test) => {
    setListedCounts(test, { orders: [BEYOND, BEYOND + 2n], visits: [MAX, MAX] });
    const { account } = env;
    const tables = await listTables(account, 'shop');
    const listedTable = (/** @type {string} */ name) => tables.find((listed) => listed.table === name);
    assert.deepEqual(
      ['orders', 'visits'].map((name) => [listedTable(name)?.rows, listedTable(name)?.bytes]),
      [
        [BEYOND, BEYOND + 2n],
        [MAX, MAX],
      ],
    );

    const sides = { source: account, destination: account, database: 'shop', newDatabase: 'later' };
    const plan = await planClone({ ...sides, tables: ['orders', 'visits'], splitRows: 2n ** 63n });
    assert.deepEqual(
      plan.tables.map(({ table, rows, bytes, copy }) => [table, rows, bytes, copy?.sliceRows]),
      [
        ['visits', MAX, MAX, 2n ** 63n],
        ['orders', BEYOND, BEYOND + 2n, undefined],
      ],
    );
    assert.deepEqual(plan.totals, {
      create: { tables: 2, rows: MAX + BEYOND, bytes: MAX + BEYOND + 2n, jobs: 3 },
    });

    const { tasks } = await planExport({ account, database: 'shop', tables: ['orders'], splitRows: 1000 });
    assert.deepEqual(
      tasks.map(({ rows, bytes, sliceRows }) => [rows, bytes, sliceRows]),
      [[BEYOND, BEYOND + 2n, (BEYOND + 9999n) / 10_000n]],
    );
  });

  it('above 64 bits are an error', async (test) => {
    setListedCounts(test, { orders: [MAX + 1n, 0n] });
    const message = /"18446744073709551616" is not a valid count/;
    await assert.rejects(listTables(env.account, 'shop'), { code: 'unexpected_reply', message });
  });

  it('are exact in results, progress and sums', async () => {
    setWrittenRows(MAX);
    /** @type {RunEvent[]} */
    const events = [];
    const summary = await clones.inProcess({
      ...{ database: 'shop', newDatabase: 'sums', tables: ['customers', 'orders'] },
      ...{ via: 'engine', allowKeyInJob: true, verify: 'none', onEvent: (event) => void events.push(event) },
    });
    assert.deepEqual(
      summary.tables.map(({ rows }) => rows),
      [MAX, MAX],
    );
    assert.equal(summary.rows, 2n * MAX);
    const last = events.findLast(({ type }) => type === 'progress');
    assert.equal(last?.type === 'progress' && last.rows, MAX);
  });

  it('have all digits in plans, summaries, JSON lines and reports', async (test) => {
    setWrittenRows(BEYOND);
    const args = ['shop', '--via', 'engine', '--allow-key-in-job', '--verify', 'none'];
    const run = async (/** @type {string[]} */ ...more) => {
      const { code, stdout, stderr } = await clones.run([...args, ...more]);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    assert.match(await run('--new-db', 'printed_1'), /4 copied.* 36,028,797,018,963,972 rows,/);
    const lines = (await run('--new-db', 'printed_2', '--json', '--report', 'report.json'))
      .trimEnd()
      .split('\n');
    const summary = lines.at(-1) ?? '';
    assert.match(summary, /"type":"summary".*"rows":36028797018963972,.*"rows":9007199254740993,/);
    assert.equal(JSON.parse(summary).tables.length, 4);
    const report = await readFile(env.path('report.json'), 'utf8');
    assert.match(report, /^ {2}"rows": 36028797018963972,$.*^ {6}"rows": 9007199254740993,$/ms);

    setListedCounts(test, { orders: [MAX, BEYOND] });
    const plan = await run('--new-db', 'printed_3', '--dry-run', '--json');
    assert.match(plan, /"rows":18446744073709551615,"bytes":9007199254740993,/);
    assert.match(
      await run('--new-db', 'printed_3', '--dry-run'),
      /^CREATE +orders +18,446,744,073,709,551,615 +8 PiB/m,
    );
  });
});

/**
 * The types of all numbers inside a value, by property.
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

it('row and byte counts are BigInts in every result and event, and other numbers are numbers', async () => {
  const { account, folder } = env;
  /** @type {unknown[]} */
  const results = [];
  const onEvent = (/** @type {RunEvent} */ event) => void results.push(event);
  const run = { onEvent, profile: true, workers: 0 };
  results.push(await listTables(account, 'shop'));
  for (const via of /** @type {const} */ (['client', 'engine'])) {
    results.push(
      await clones.inProcess({ ...run, database: 'shop', newDatabase: `types_${via}`, via, splitRows: 900 }),
    );
  }
  const overwriting = {
    database: 'shop',
    newDatabase: 'types_client',
    onExisting: /** @type {const} */ ('overwrite'),
  };
  results.push(await clones.inProcess({ ...overwriting, dryRun: true, shard: { index: 1, count: 1 } }));
  const from = { account, database: 'shop', outputDir: folder };
  results.push(await exportTables({ ...run, ...from }));
  results.push(
    await exportTables({ ...run, ...from, tables: ['visits'], partition: 'year', splitRows: 900 }),
  );
  const sides = { source: account, destination: account, database: 'shop', newDatabase: 'types_client' };
  for (const compare of /** @type {const} */ (['full', 'count'])) {
    results.push(await verifyDatabase({ ...sides, compare, onEvent }));
  }
  const [planned] = (await planClone({ ...sides, onExisting: 'overwrite' })).tables;
  await clones.destination.post(`/v3/table/create/types_client/${planned?.copy?.stagingTable}/log`, {});
  const left = await cleanUp({ account, database: 'types_client', onEvent });
  assert.equal(typeof left.found.tables[0]?.bytes, 'bigint');

  const found = typesIn(results, new Map());
  const isCount = (/** @type {string} */ name) => /rows$|bytes$|^estimatedStorageSize$/i.test(name);
  for (const [name, types] of found) {
    // The count of a listed table is rows, the count of a shard is shards.
    const expected = name === 'count' ? ['bigint', 'number'] : [isCount(name) ? 'bigint' : 'number'];
    assert.deepEqual([...types].sort(), expected, name);
  }
  const names = ['rows', 'bytes', 'totalRows', 'totalBytes', 'downloadedBytes', 'sliceRows'];
  for (const name of [...names, 'sourceRows', 'destinationRows']) assert.ok(found.has(name), name);
});

describe('JSON', () => {
  it('writes a BigInt as an integer with all digits, and other values as usual', () => {
    const value = {
      a: [1n, -BEYOND, { b: MAX * MAX }],
      c: '12n',
      'd"1"': '"3"',
      e: undefined,
      f: 1.5,
      g: null,
    };
    const text = `{"a":[1,-9007199254740993,{"b":${MAX * MAX}}],"c":"12n","d\\"1\\"":"\\"3\\"","f":1.5,"g":null}`;
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

it('counts are formatted with thousands separators', () => {
  const formatted = [undefined, 0, 7n, 999, 1000, 100_000n, 1_234_567, MAX].map(count);
  const expected = ['?', '0', '7', '999', '1,000', '100,000', '1,234,567', '18,446,744,073,709,551,615'];
  assert.deepEqual(formatted, expected);
});
