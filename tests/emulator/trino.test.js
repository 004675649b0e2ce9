import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startEmulator } from './index.js';

/** @type {Awaited<ReturnType<typeof startEmulator>>} */
let emulator;
before(async () => {
  emulator = await startEmulator();
});
after(() => emulator.close());

const key = (name = 'master') => emulator.key('prod', name);

/** @param {string} sql @param {Record<string, string>} [headers] @returns {Promise<Response>} */
const post = (sql, headers = { 'x-trino-user': key(), 'x-trino-schema': 'shop' }) =>
  fetch(`${emulator.url('prod')}/v1/statement`, { method: 'POST', body: sql, headers });

/**
 * All pages of a statement.
 * @param {string} sql
 * @param {Record<string, string>} [headers]
 */
async function pages(sql, headers) {
  const all = [await (await post(sql, headers)).json()];
  while (all.at(-1).nextUri) all.push(await (await fetch(all.at(-1).nextUri)).json());
  return all;
}

const lastOf = async (/** @type {string} */ sql) => (await pages(sql)).at(-1);

describe('Trino’s client protocol', () => {
  it('answers a statement by pages, whose columns have a type signature', async () => {
    const all = await pages('SELECT id, url FROM page_views ORDER BY id LIMIT 2500');
    const rows = all.flatMap(({ data = [] }) => data);
    assert.equal(rows.length, 2500);
    assert.ok(all.every(({ data = [] }) => data.length <= 1000));
    assert.equal(all.at(-1).stats.state, 'FINISHED');
    const [id] = all.at(-1).columns;
    assert.deepEqual(id, { name: 'id', type: 'bigint', typeSignature: { rawType: 'bigint', arguments: [] } });
  });

  it('hashes text as Trino does', async () => {
    const texts = ['abc', '', 'Nobody inspects the spammish repetition'];
    const hashes = texts.map((text) => `TO_HEX(XXHASH64(TO_UTF8('${text}')))`);
    const { data } = (await pages(`SELECT ${hashes.join(', ')}, XXHASH64(NULL)`)).find(({ data }) => data);
    assert.deepEqual(data, [['44BC2CF5AD770999', 'EF46DB3751D8E999', 'FBCEA83C8A378BF1', null]]);
  });

  it('keeps integers, NaN and nested types', async () => {
    const sql = `SELECT 9007199254740993 AS i, nan() AS f, 'NaN' AS s, ARRAY[1] AS a, MAP(ARRAY['k'], ARRAY[1.5]) AS m,
      CAST(ROW(1, 'x') AS ROW(n BIGINT, t VARCHAR)) AS r`;
    let response = await (await post(sql)).json();
    let text = '';
    while (response.nextUri) {
      text = await (await fetch(response.nextUri)).text();
      response = JSON.parse(text);
    }
    assert.ok(text.includes('"data":[[9007199254740993,"NaN","NaN",[1],{"k":1.5},[1,"x"]]]'), text);
    const row = response.columns[5];
    assert.equal(row.type, 'row(n bigint, t varchar)');
    assert.deepEqual(
      row.typeSignature.arguments.map((/** @type {any} */ { value }) => [
        value.fieldName.name,
        value.typeSignature.rawType,
      ]),
      [
        ['n', 'bigint'],
        ['t', 'varchar'],
      ],
    );
  });

  it('tells the rows that a statement wrote', async () => {
    await lastOf('CREATE TABLE trino_written AS SELECT 1 AS n');
    const last = await lastOf('INSERT INTO trino_written SELECT 2 AS n UNION ALL SELECT 3');
    assert.deepEqual([last.updateType, last.updateCount, last.data], ['INSERT', 2, [[2]]]);
    assert.equal((await lastOf('DROP TABLE trino_written')).updateType, 'DDL');
  });

  it('names errors as Trino does', async () => {
    const errorOf = async (/** @type {string} */ sql) => (await lastOf(sql)).error.errorName;
    assert.equal(await errorOf('SELECT * FROM missing'), 'TABLE_NOT_FOUND');
    assert.equal(await errorOf('SELECT missing FROM orders'), 'COLUMN_NOT_FOUND');
    assert.equal(await errorOf('SELEC 1'), 'SYNTAX_ERROR');
    const [missing] = await pages('SELECT 1', { 'x-presto-user': key(), 'x-presto-schema': 'missing' });
    assert.equal(missing.error.errorName, 'SCHEMA_NOT_FOUND');
  });

  it('takes the key as the user, also by Basic authentication, and refuses others', async () => {
    assert.equal((await post('SELECT 1', { 'x-trino-user': '1/wrong' })).status, 401);
    const basic = Buffer.from(`${key()}:`).toString('base64');
    assert.equal((await post('SELECT 1', { authorization: `Basic ${basic}` })).status, 200);
    const headers = { 'x-trino-user': key('query_only'), 'x-trino-schema': 'shop' };
    const last = (await pages('DROP TABLE returns', headers)).at(-1);
    assert.equal(last.error.errorName, 'PERMISSION_DENIED');
  });

  it('repeats the last page, cancels a statement by DELETE, and needs the address of its pages', async () => {
    const { nextUri } = await (await post('SELECT 1')).json();
    const first = await (await fetch(nextUri)).text();
    assert.equal(await (await fetch(nextUri)).text(), first);
    const running = await (await post('SELECT COUNT(1) FROM page_views a, page_views b')).json();
    assert.equal((await fetch(running.nextUri, { method: 'DELETE' })).status, 204);
    let last = running;
    while (last.nextUri) last = await (await fetch(last.nextUri)).json();
    assert.equal(last.error.errorName, 'USER_CANCELED');
    assert.equal((await fetch(nextUri.replace(/[^/]+\/0$/, 'guessed/0'))).status, 404);
  });
});
