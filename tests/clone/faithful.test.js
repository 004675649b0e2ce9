import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { decodeMulti } from '@msgpack/msgpack';
import { parseTdType } from '../emulator/td-types.js';
import { Clones } from '../support/clone.js';
import { readSeed, setUpEnv, tableOf } from '../support/index.js';
import { binary, float, integer, mapOf, rowsOfSeed } from '../support/values.js';

/** @import { TdType } from '../emulator/td-types.js' */
/** @import { Value } from '../support/values.js' */

const edges = readSeed('edges');
const settings = readSeed('clone-faithful');
const env = setUpEnv({ accounts: [...edges.accounts, ...settings.accounts] }, 'acme');
const clones = new Clones(env, 'acme', 'elsewhere');
const LONG_NAME = `tttttttttt_${'x'.repeat(117)}`;

/** @param {string[]} args */
async function cloned(...args) {
  const ended = await clones.run(args);
  assert.equal(ended.code, 0, ended.stderr);
  return ended;
}

describe('a database of every type and every edge value', () => {
  before(() => cloned('edges', '--new-db', 'edges_copy'));

  it('is copied with the same types and row bytes', async () => {
    await clones.assertEqual('edges', 'edges_copy');
    await clones.assertNoLeftovers('edges_copy');
  });

  for (const name of ['every_type', 'broken_text', 'late_values', 'only_time', 'select']) {
    it(`has the values of the seed in ${name}`, async () => {
      const table = tableOf(edges, 'edges', name);
      const types = [...(table.schema ?? []).map(([, type]) => String(type)), 'long'].map(parseTdType);
      const { rows } = await clones.destination.contents('edges_copy', name);
      const expected = rowsOfSeed(table, { invalidUtf8: 'binary' });
      assert.deepEqual(sorted(rows.map((row) => valuesOf(row, types))), sorted(expected));
    });
  }

  it('keeps the values that other tools lose', async () => {
    const { rows } = await clones.destination.contents('edges_copy', 'every_type');
    const text = rows.join('');
    const has = (/** @type {string} */ hex) => text.includes(Buffer.from(hex, 'hex').toString('latin1'));
    assert.ok(has('d38000000000000000'), 'the minimum long');
    assert.ok(has('cf7fffffffffffffff') || has('d37fffffffffffffff'), 'the maximum long');
    assert.ok(has('cf0020000000000001') || has('d30020000000000001'), '2^53 + 1');
    assert.ok(has('cb8000000000000000'), '-0.0');
    assert.ok(has('cb7ff8000000000000'), 'NaN');
    assert.ok(has('cb7ff0000000000000') && has('cbfff0000000000000'), 'infinities');
    assert.ok(
      rows.some((row) => row.length > 2 ** 20),
      'a string of 1 MB',
    );
    const { rows: broken } = await clones.destination.contents('edges_copy', 'broken_text');
    assert.ok(broken.join('').includes('\xff\xfeinvalid UTF-8\xc3('), 'bytes that are not UTF-8');
  });
});

describe('a database with settings, aliases and long names', () => {
  before(() => cloned('settings', '--new-db', 'settings_copy'));

  it('is copied with every property in the table listing', async () => {
    await clones.assertEqual('settings', 'settings_copy');
  });

  it('keeps keys, aliases and descriptions of columns', async () => {
    const [table] = (await clones.destination.tables('settings_copy')).filter(
      ({ name }) => name === 'aliased',
    );
    assert.deepEqual(JSON.parse(table.schema).slice(0, 3), [
      ['First Name', 'string', 'first_name', 'Given name, as typed'],
      ['ZIP', 'string', 'zip_code'],
      ['1st', 'long', '_1st'],
    ]);
    assert.equal(table.description, 'Keys that are no SQL names — and “words” of its owner');
  });

  it('stores records under the keys, not under the aliases', async () => {
    const table = env.emulator.account('elsewhere').catalog.table('settings_copy', 'aliased');
    const keys = table.files.flatMap((file) => file.columns.map(({ key }) => key));
    assert.deepEqual(keys.sort(), ['1st', 'First Name', 'ZIP', 'a.b', 'id', 'plain', 'time', '表'].sort());
  });

  it('keeps duplicate rows', async () => {
    const { rows } = await clones.destination.contents('settings_copy', 'aliased');
    assert.deepEqual([rows.length, new Set(rows).size], [3, 2]);
  });

  it('keeps expire_days and include_v, also of empty tables', async () => {
    const tables = await clones.destination.tables('settings_copy');
    const settings = tables.map((table) => [table.name, table.expire_days, table.include_v, table.count]);
    const expected = [
      ['expiring', 30, false, 2],
      ['hidden_v_empty', 3650, false, 0],
      ['no_columns_no_rows', null, true, 0],
    ];
    const names = expected.map(([name]) => name);
    assert.deepEqual(settings.filter(([name]) => names.includes(name)).sort(), expected);
  });

  it('distinguishes names of 128 characters that differ in the last', async () => {
    const counts = Object.fromEntries(
      (await clones.destination.tables('settings_copy')).map(({ name, count }) => [name, count]),
    );
    assert.equal(LONG_NAME.length, 128);
    assert.deepEqual([counts[LONG_NAME], counts[`${LONG_NAME.slice(0, -1)}y`]], [1, 2]);
  });

  it('keeps all of 300 columns', async () => {
    const { rows, table } = await clones.destination.contents('settings_copy', 'three_hundred_columns');
    assert.equal(JSON.parse(/** @type {any} */ (table).schema).length, 300);
    assert.equal(rows.length, 500);
  });
});

describe('a clone', () => {
  /** @param {import('../emulator/seed.js').DatabaseSeed} database */
  const add = (database) =>
    env.emulator.loadSeed({
      accounts: settings.accounts.map((acme) => ({ ...acme, databases: [database] })),
    });

  it('copies all of 100 small tables', async () => {
    const tables = Array.from({ length: 100 }, (_, place) => ({
      name: `small_${String(place).padStart(3, '0')}`,
      schema: [
        ['n', 'long'],
        ['s', 'string'],
      ],
      records: Array.from({ length: place % 4 }, (_, row) => ({
        time: row,
        n: place * 10 + row,
        s: `${place}`,
      })),
    }));
    await add({ name: 'many', tables });
    const { stdout } = await cloned('many', '--table-parallelism', '12');
    assert.match(stdout, /100 copied, 0 skipped, 0 failed; 150 rows/);
    const all = tables
      .map(({ name }) => `SELECT '${name}' AS name, n, s, time FROM ${name}`)
      .join(' UNION ALL ');
    const [expected, actual] = [
      await clones.source.rows('many', all),
      await clones.destination.rows('many', all),
    ];
    assert.equal(expected.length, 150);
    assert.deepEqual(actual.sort(), expected.sort());
    await clones.assertNoLeftovers('many');
  });

  it('copies a database without tables', async () => {
    await add({ name: 'void' });
    const { stdout } = await cloned('void');
    assert.match(stdout, /0 copied, 0 skipped, 0 failed/);
    assert.ok((await clones.destination.databases()).includes('void'));
  });

  it('copies to another database of the same account', async () => {
    const within = new Clones(env, 'acme', 'acme');
    const ended = await within.run(['settings', '--new-db', 'settings_twin']);
    assert.equal(ended.code, 0, ended.stderr);
    await within.assertEqual('settings', 'settings_twin');
  });

  it('has the same rows with --chunk-size 1', async () => {
    await cloned('edges', '--new-db', 'edges_by_one', '--chunk-size', '1', '--workers', '0');
    await clones.assertEqual('edges', 'edges_by_one');
  });
});

/**
 * @param {string} row its bytes
 * @param {TdType[]} types
 * @returns {Value[]}
 */
function valuesOf(row, types) {
  const options = {
    useBigInt64: true,
    rawStrings: true,
    mapKeyConverter: (/** @type {unknown} */ key) =>
      typeof key === 'string' ? binary(Buffer.from(key)) : integer(/** @type {bigint} */ (key)),
  };
  const [values] = [...decodeMulti(Buffer.from(row, 'latin1'), options)];
  return types.map((type, place) => valueAs(/** @type {unknown[]} */ (values)[place], type));
}

/**
 * @param {any} given
 * @param {TdType} type
 * @returns {Value}
 */
function valueAs(given, type) {
  if (given === null) return null;
  switch (type.kind) {
    case 'array':
      return given.map((/** @type {unknown} */ item) => valueAs(item, type.items));
    case 'map':
      return mapOf(Object.entries(given).map(([key, value]) => [key, valueAs(value, type.values)]));
    case 'string':
      return binary(given);
    case 'float':
    case 'double':
      return float(Number(given));
    default:
      return integer(given);
  }
}

/** @param {Value[][]} rows */
const sorted = (rows) => rows.map((row) => JSON.stringify(row)).sort();
