import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startEmulator } from './index.js';
import { Td } from './td.js';

/** @type {Awaited<ReturnType<typeof startEmulator>>} */
let emulator;
/** @type {Td} */
let td;

before(async () => {
  emulator = await startEmulator();
  td = new Td(emulator.url('prod'), emulator.key('prod'));
});
after(() => emulator.close());

/**
 * @param {string} sql
 * @param {Record<string, string>} [form]
 * @returns {Promise<[schema: string, row: any]>} the reported schema, and the only row
 */
async function first(sql, form) {
  const job = await td.query('shop', sql, form);
  assert.equal(job.status, 'success', job.debug.stderr);
  const { body } = await td.get(`/v3/job/result/${job.job_id}?format=json`);
  return [job.hive_result_schema, body];
}

describe('types of results', () => {
  /** @type {[sql: string, schema: string, values: string][]} */
  const cases = [
    ['TRUE', '["_col0", "boolean"]', '[true]'],
    [
      'CAST(1 AS tinyint), CAST(2 AS smallint), 3',
      '["_col0", "tinyint"], ["_col1", "smallint"], ["_col2", "integer"]',
      '[1,2,3]',
    ],
    ['3000000000, SUM(1)', '["_col0", "bigint"], ["_col1", "bigint"]', '[3000000000,1]'],
    ['CAST(9223372036854775808 AS ubigint) AS u', '["u", "bigint"]', '[9223372036854775808]'],
    [
      'CAST(0.1 AS real), 1.5, 1e0',
      '["_col0", "real"], ["_col1", "double"], ["_col2", "double"]',
      '[0.10000000149011612,1.5,1.0]',
    ],
    ["DECIMAL '12.340'", '["_col0", "decimal(5,3)"]', '["12.340"]'],
    [
      "'five5', CAST('x' AS varchar), 'é' AS e",
      '["_col0", "varchar(5)"], ["_col1", "varchar"], ["e", "varchar(1)"]',
      '["five5","x","é"]',
    ],
    ["X'00ff'", '["_col0", "varbinary"]', '["AP8="]'],
    ["DATE '2020-02-29'", '["_col0", "date"]', '["2020-02-29"]'],
    ["TIMESTAMP '2020-02-29 01:02:03.4'", '["_col0", "timestamp"]', '["2020-02-29 01:02:03.400"]'],
    [
      "CAST('2020-02-29 01:02:03+09:00' AS timestamp with time zone)",
      '["_col0", "timestamp with time zone"]',
      '["2020-02-28 16:02:03.000 UTC"]',
    ],
    [`CAST('{"a":1}' AS json)`, '["_col0", "json"]', '["{\\"a\\":1}"]'],
    ["ARRAY[DATE '2020-01-01', NULL]", '["_col0", "array(date)"]', '[["2020-01-01",null]]'],
    ["MAP(ARRAY[1, 2], ARRAY['a', NULL])", '["_col0", "map(integer, varchar)"]', '[{"1":"a","2":null}]'],
    ["ROW(1, 'a')", '["_col0", "row(integer, varchar)"]', '[[1,"a"]]'],
    [
      `CAST(ROW(1, 'a') AS row(n bigint, "odd name" varchar))`,
      '["_col0", "row(n bigint, \\"odd name\\" varchar)"]',
      '[[1,"a"]]',
    ],
    ['CAST(ARRAY[ARRAY[1]] AS array(array(bigint)))', '["_col0", "array(array(bigint))"]', '[[[1]]]'],
    [
      'CAST(MAP(ARRAY[1], ARRAY[ARRAY[2]]) AS map(varchar, array(double)))',
      '["_col0", "map(varchar, array(double))"]',
      '[{"1":[2.0]}]',
    ],
    [
      'nan(), infinity(), -infinity()',
      '["_col0", "double"], ["_col1", "double"], ["_col2", "double"]',
      '[NaN,Infinity,-Infinity]',
    ],
    ['7 / 2, 7.0 / 2, 7 % 2', '["_col0", "integer"], ["_col1", "double"], ["_col2", "integer"]', '[3,3.5,1]'],
  ];
  for (const [sql, schema, values] of cases) {
    it(sql, async () => {
      const job = await td.query('shop', `SELECT ${sql}`);
      assert.equal(job.hive_result_schema, `[${schema}]`, job.debug.stderr);
      const path = `${td.url}/v3/job/result/${job.job_id}?format=json`;
      const answer = await fetch(path, { headers: { authorization: `TD1 ${td.key}` } });
      assert.equal(await answer.text(), `${values}\n`);
    });
  }
});

describe('names of results', () => {
  /** @type {[sql: string, names: string[]][]} */
  const cases = [
    ['SELECT id, COUNT(1), id AS "Mixed Case" FROM customers GROUP BY id', ['id', '_col1', 'Mixed Case']],
    ['SELECT id, id FROM customers', ['id', 'id']],
    [
      'SELECT c.*, 1 FROM customers c',
      ['id', 'first_name', 'email', 'vip', 'tags', 'prefs', 'balance', 'time', '_col8'],
    ],
    ['SELECT 1, * FROM returns', ['_col0', 'order_id', 'reason', 'time']],
    ['WITH x AS (SELECT 1 AS a, 2) SELECT a, a + 1, a plus FROM x', ['a', '_col1', 'plus']],
    [
      'SELECT CASE WHEN id = 1 THEN 2 END, NULL, TRUE, (id) FROM customers',
      ['_col0', '_col1', '_col2', '_col3'],
    ],
    ['SELECT DISTINCT "a,b" FROM (SELECT 1 AS "a,b") -- , comment', ['a,b']],
    ["SELECT 'from' /* , */ , upper('x') AS u UNION ALL SELECT 'b', 'c'", ['_col0', 'u']],
    ['VALUES (1, 2)', ['_col0', '_col1']],
  ];
  for (const [sql, names] of cases) {
    it(sql, async () => {
      const job = await td.query('shop', sql);
      assert.equal(job.status, 'success', job.debug.stderr);
      assert.deepEqual(
        JSON.parse(job.hive_result_schema).map((/** @type {string[]} */ [name]) => name),
        names,
      );
    });
  }
});

describe('Hive', () => {
  it('supports back-ticks, double-quoted strings, backslashes and its own types', async () => {
    const sql = "SELECT `id`, \"it's\", 'a\\'b', CAST(1 AS int), `tags`, `prefs` FROM customers";
    const [schema, row] = await first(`${sql} WHERE id = 1`, { type: 'hive' });
    const types = '["_c3", "int"], ["tags", "array<string>"], ["prefs", "map<string,string>"]';
    assert.equal(schema, `[["id", "bigint"], ["_c1", "string"], ["_c2", "string"], ${types}]`);
    assert.deepEqual(row.slice(1, 4), ["it's", "a'b", 1]);
  });
});

describe('time functions', () => {
  const at = 1_577_836_800; // 2020-01-01 00:00:00 UTC
  const form = { scheduled_time: String(at + 5000) };
  /** @type {[sql: string, value: unknown][]} */
  const cases = [
    ['TD_SCHEDULED_TIME()', at + 5000],
    [`TD_TIME_PARSE('2020-01-01')`, at],
    [`TD_TIME_PARSE('2020-01-01 00:00:00', 'JST')`, at - 9 * 3600],
    [`TD_TIME_PARSE('2020-01-01T00:00:00+02:00')`, at - 2 * 3600],
    [`TD_TIME_STRING(${at}, 'M!')`, '2020-01'],
    [`TD_TIME_STRING(${at}, 'h', 'PST')`, '2019-12-31 16:00:00-0800'],
    [`TD_TIME_FORMAT(${at}, 'EEE, d MMM yyyy', 'UTC')`, 'Wed, 1 Jan 2020'],
    [`TD_DATE_TRUNC('day', ${at + 100}, 'JST')`, at - 9 * 3600],
    [`TD_INTERVAL(${at - 1}, '-1d')`, true],
    [`TD_INTERVAL(${at}, '-1d')`, false],
    [`TD_INTERVAL(${at}, '1d')`, true],
    [`TD_INTERVAL(${at}, '-1d', 'JST')`, false],
    [`TD_INTERVAL(${at - 8 * 86400}, '-7d/-1d')`, true],
    [`TD_INTERVAL(${at - 86400}, '-7d/-1d')`, false],
    [`TD_INTERVAL(${at + 3599}, '-1h')`, true],
    [`TD_INTERVAL(${at + 3600}, '-1h')`, false],
    [`TD_INTERVAL(${at + 4999}, '-1h/now')`, true],
    [`TD_TIME_RANGE(${at}, NULL, NULL)`, true],
    [`TD_TIME_RANGE(${at}, '2020-01-01', '2020-01-01')`, false],
    [`TD_TIME_RANGE(NULL, '2020-01-01')`, null],
  ];
  for (const [sql, value] of cases) {
    it(sql, async () => {
      const [, row] = await first(`SELECT ${sql}`, form);
      assert.deepEqual(row, [value]);
    });
  }

  it('rejects invalid times', async () => {
    const job = await td.query('shop', "SELECT id FROM customers WHERE TD_TIME_RANGE(time, 'yesterday')");
    assert.equal(job.status, 'error');
    assert.match(job.debug.stderr, /yesterday/);
  });
});

describe('statements', () => {
  it('runs several, and returns the rows of the last one', async () => {
    const sql =
      'DROP TABLE IF EXISTS tbl1; CREATE TABLE tbl1 (a bigint, b array(varchar), time bigint); SELECT * FROM tbl1;';
    const job = await td.query('shop', sql);
    assert.equal(job.hive_result_schema, '[["a", "bigint"], ["b", "array(varchar)"], ["time", "bigint"]]');
    assert.equal((await td.query('shop', 'CREATE TABLE tbl1 (a bigint)')).status, 'error');
    assert.equal((await td.query('shop', 'CREATE TABLE IF NOT EXISTS tbl1 (x bigint)')).status, 'success');
  });

  it('writes by position and by name, and sets the time', async () => {
    await td.query('shop', 'CREATE TABLE tbl2 (a bigint, b varchar)');
    await td.query('shop', "INSERT INTO tbl2 SELECT 1, 'one', 11");
    await td.query('shop', "INSERT INTO shop.tbl2 (b, time, a) VALUES ('two', 22, 2)");
    await td.query('shop', 'INSERT INTO "td"."shop"."tbl2" (a) SELECT 3');
    const rows = await td.rows('shop', 'SELECT * FROM tbl2 ORDER BY a');
    assert.deepEqual(rows.slice(0, 2), [
      [1, 'one', 11],
      [2, 'two', 22],
    ]);
    assert.ok(Math.abs(rows[2][2] - Date.now() / 1000) < 60);
    const wrong = await td.query('shop', 'INSERT INTO tbl2 (a, b) SELECT 1');
    assert.match(wrong.debug.stderr, /1 expressions but expected 2/);
    assert.match((await td.query('shop', 'INSERT INTO nope SELECT 1')).debug.stderr, /nope/);
  });

  it('derives TD types from a query’s columns', async () => {
    const sql = `CREATE TABLE tbl3 WITH (bucketed_on = array['a'], bucket_count = 512) AS
      SELECT 1 AS a, true AS b, 1.5 AS c, DATE '2020-01-01' AS d, ARRAY[1] AS e, MAP(ARRAY['k'], ARRAY[2]) AS f, 9 AS time`;
    assert.equal((await td.query('shop', sql)).status, 'success');
    const { body } = await td.get('/v3/table/show/shop/tbl3');
    assert.deepEqual(JSON.parse(body.schema), [
      ['a', 'long'],
      ['b', 'string'],
      ['c', 'double'],
      ['d', 'string'],
      ['e', 'array<long>'],
      ['f', 'map<string,long>'],
    ]);
    assert.deepEqual(await td.rows('shop', 'SELECT a, b, c, d, e, time FROM tbl3'), [
      [1, 'true', 1.5, '2020-01-01', [1], 9],
    ]);
    const nameless = await td.query('shop', 'CREATE TABLE tbl4 AS SELECT 1');
    assert.match(nameless.debug.stderr, /Column name not specified/);
    assert.equal((await td.get('/v3/table/show/shop/tbl4')).status, 404);
  });

  it('deletes rows', async () => {
    await td.query(
      'shop',
      'CREATE TABLE tbl5 AS SELECT n, n AS time FROM (VALUES (1), (2), (3), (NULL)) AS v(n)',
    );
    await td.query('shop', 'DELETE FROM tbl5 WHERE n >= 2');
    assert.deepEqual(await td.rows('shop', 'SELECT n FROM tbl5 ORDER BY n'), [[1], [null]]);
    await td.query('shop', 'DELETE FROM tbl5');
    assert.deepEqual(await td.rows('shop', 'SELECT COUNT(1) FROM tbl5'), [[0]]);
  });

  it('reports the position of an error', async () => {
    /** @type {[sql: string, message: RegExp][]} */
    const cases = [
      ["SELECT 'open", /a ' is never closed/],
      ['SELECT 1 /* open', /comment does not end/],
      [' ', /empty/],
      ['GRANT ALL', /mismatched input 'GRANT'/],
      ['SELECT 1 FROM', /mismatched input|syntax/],
      ['SELECT id\nFROM nope', /line 2:6: Table 'td-presto.shop.nope' does not exist/],
    ];
    for (const [query, message] of cases) {
      const job = await td.query('shop', query);
      assert.equal(job.status, 'error', query);
      assert.match(job.debug.stderr, message);
    }
  });
});
