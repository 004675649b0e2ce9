import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, it } from 'node:test';
import { exportTables } from '../../pkg-scripts/node.js';
import { readSeed, setUpEnv, tableOf } from '../support/index.js';
import { READERS, readParquet } from '../support/readers.js';
import { binary, float, integer, mapOf, rowsOfSeed } from '../support/values.js';

/** @import { ExportRequest } from '../../pkg-scripts/types.js' */
/** @import { Value } from '../support/values.js' */

const seed = readSeed('edges');
const env = setUpEnv(seed, 'acme');

/**
 * Exports a table or a query of the database `edges` in this process.
 * @param {Partial<ExportRequest>} request
 */
async function exported(request) {
  const fullRequest = {
    workers: 0,
    ...request,
    database: 'edges',
    account: env.account,
    outputDir: env.folder,
  };
  const { tables, errors } = await exportTables(fullRequest);
  const [table] = tables;
  if (!table) throw errors[0];
  return table;
}

/**
 * Exports a query, and returns its first row as hyparquet reads it.
 * @param {string} sql
 */
async function firstRow(sql) {
  const { outputPath, notes } = await exported({ query: sql });
  const { columns, rows } = await readParquet('hyparquet', outputPath);
  return { columns, notes, row: rows[0] };
}

/** @param {string} name of a table in `edges` */
const expected = (name) => rowsOfSeed(tableOf(seed, 'edges', name));

describe('a table of every type and every edge value', () => {
  const table = tableOf(seed, 'edges', 'every_type');
  const rows = rowsOfSeed(table);

  it('has a NULL and a value in every column', () => {
    const columns = rows[0]?.map((_, place) => rows.map((row) => row[place])) ?? [];
    for (const column of columns.slice(0, -1)) assert.ok(column.includes(null), 'a NULL');
    for (const column of columns)
      assert.ok(
        column.some((value) => value !== null),
        'a value',
      );
  });

  for (const compression of /** @type {const} */ (['zstd', 'snappy', 'gzip', 'lz4', 'none'])) {
    it(`is equal for every reader with --compression ${compression}`, async () => {
      const { outputPath } = await exported({ tables: ['every_type'], compression });
      for (const reader of READERS) {
        const file = await readParquet(reader, outputPath);
        assert.deepEqual(file.columns, [...(table.schema ?? []).map(([key]) => key), 'time'], reader);
        assert.deepEqual(file.rows, rows, reader);
      }
    });
  }

  it('has the types of its schema, not those of its values', async () => {
    const { outputPath } = await exported({ tables: ['every_type'] });
    const { types } = await readParquet('duckdb', outputPath);
    const scalars = ['BIGINT', 'BIGINT', 'DOUBLE', 'DOUBLE', 'VARCHAR'];
    const lists = ['BIGINT[]', 'DOUBLE[]', 'VARCHAR[]', 'VARCHAR[][]', 'MAP(VARCHAR, BIGINT[])[]'];
    const maps = ['MAP(VARCHAR, BIGINT)', 'MAP(BIGINT, DOUBLE[])', 'MAP(VARCHAR, MAP(VARCHAR, VARCHAR))'];
    assert.deepEqual(types, [...scalars, ...lists, ...maps, 'BIGINT']);
  });

  it('is the same file byte for byte with any number of workers and parallel downloads', async () => {
    const { job: jobId } = await exported({ query: 'SELECT * FROM every_type' });
    const files = new Set();
    for (const workers of [0, 1, 2]) {
      for (const downloadParallelism of [1, 4]) {
        const bounds = { chunkSize: 2, rowGroupRows: 3 };
        const request = { jobId, workers, downloadParallelism, ...bounds, overwrite: true };
        const { outputPath } = await exported(request);
        files.add(await readFile(outputPath, 'hex'));
        const { rows: read, rowGroups } = await readParquet('hyparquet', outputPath);
        assert.deepEqual([read, rowGroups], [rows, [3, 3, 3, 3]]);
      }
    }
    assert.equal(files.size, 1);
  });

  it('is the same file with any number of workers if it is one row group', async () => {
    const { job: jobId } = await exported({ query: 'SELECT * FROM every_type' });
    const files = [];
    for (const workers of [0, 1, 2]) {
      const { outputPath } = await exported({ jobId, workers, overwrite: true });
      files.push(await readFile(outputPath, 'hex'));
    }
    assert.deepEqual([files[1] === files[0], files[2] === files[0]], [true, true]);
  });
});

describe('text that is not UTF-8', () => {
  const table = tableOf(seed, 'edges', 'broken_text');

  it('causes an error with table, column and row, and no file', async () => {
    await assert.rejects(exported({ tables: ['broken_text'] }), {
      name: 'PetitError',
      ...{ code: 'invalid_utf8', database: 'edges', table: 'broken_text', column: 'note', row: 1 },
      message: /column "note", row 1: /,
      hint: /--invalid-utf8 replace/,
    });
    assert.deepEqual(await env.files(), []);
  });

  it('is shown in the error only if values may be shown', async () => {
    for (const workers of [0, 1]) {
      const request = { tables: ['broken_text'], workers };
      await assert.rejects(exported(request), { message: 'column "note", row 1: text is not UTF-8' });
      await assert.rejects(exported({ ...request, showValues: true }), {
        message: /^column "note", row 1: the text ".+" is not UTF-8$/,
      });
    }
  });

  it('is also found in arrays, in any row group and by any encoder', async () => {
    const query = 'SELECT notes FROM broken_text';
    for (const workers of [0, 1]) {
      await assert.rejects(exported({ query, workers, rowGroupRows: 1 }), {
        ...{ code: 'invalid_utf8', column: 'notes[]', row: 2 },
      });
    }
    assert.deepEqual(await env.files(), []);
  });

  for (const invalidUtf8 of /** @type {const} */ (['replace', 'binary'])) {
    it(`is kept with --invalid-utf8 ${invalidUtf8}`, async () => {
      const { outputPath } = await exported({ tables: ['broken_text'], invalidUtf8 });
      const rows = rowsOfSeed(table, { invalidUtf8 });
      for (const reader of READERS) {
        assert.deepEqual((await readParquet(reader, outputPath)).rows, rows, reader);
      }
    });
  }
});

describe('values of SQL types', () => {
  /** @type {[sql: string, value: Value][]} */
  const cases = [
    ['TRUE', true],
    ['CAST(NULL AS boolean)', null],
    ['CAST(-128 AS tinyint)', integer(-128)],
    ['CAST(-32768 AS smallint)', integer(-32768)],
    ['CAST(-2147483648 AS integer)', integer(-2147483648)],
    ['9223372036854775807', integer(9223372036854775807n)],
    ['CAST(0.1 AS real)', float(Math.fround(0.1))],
    ['-0e0', float(-0)],
    ['infinity()', float(Number.POSITIVE_INFINITY)],
    ['nan()', float(Number.NaN)],
    [
      "CAST('-99999999999999999999999999999999.123456' AS decimal(38,6))",
      'd:-99999999999999999999999999999999.123456',
    ],
    ["DECIMAL '12.340'", 'd:12.340'],
    ["CAST('-7' AS decimal(5,0))", 'd:-7'],
    ["DATE '2020-02-29'", 'd:2020-02-29'],
    ["DATE '0001-01-01'", 'd:0001-01-01'],
    ["DATE '9999-12-31'", 'd:9999-12-31'],
    ["TIMESTAMP '2020-02-29 01:02:03.456'", 'd:2020-02-29 01:02:03.456000'],
    ["TIMESTAMP '1969-12-31 23:59:59.999'", 'd:1969-12-31 23:59:59.999000'],
    ["TIMESTAMP '0001-01-01 00:00:00'", 'd:0001-01-01 00:00:00'],
    ["TIME '01:02:03.5'", 's:01:02:03.5'],
    [`CAST('2020-02-29 01:02:03+09:00' AS timestamp with time zone)`, 's:2020-02-28 16:02:03.000 UTC'],
    ["'it''s'", "s:it's"],
    ["X'00ff80'", binary(Buffer.from('00ff80', 'hex'))],
    ["X''", binary(Buffer.alloc(0))],
    [`CAST('{"a": [1, null]}' AS json)`, 's:{"a": [1, null]}'],
    ["ARRAY[DATE '2020-01-01', NULL]", ['d:2020-01-01', null]],
    ["ARRAY[X'00', NULL]", [binary(Buffer.alloc(1)), null]],
    ['ARRAY[ARRAY[TRUE], NULL, ARRAY[]]', [[true], null, []]],
    [
      "MAP(ARRAY['a', 'b'], ARRAY[DECIMAL '1.5', NULL])",
      mapOf([
        ['s:a', 'd:1.5'],
        ['s:b', null],
      ]),
    ],
    [
      `CAST(ROW(9007199254740993, 'a', NULL) AS row(n bigint, "odd name" varchar, none double))`,
      { row: { n: integer(9007199254740993n), 'odd name': 's:a', none: null } },
    ],
    [
      "ARRAY[CAST(ROW(1, ARRAY['x']) AS row(n integer, l array(varchar))), NULL]",
      [{ row: { n: integer(1), l: ['s:x'] } }, null],
    ],
  ];
  const query = `SELECT ${cases.map(([sql], place) => `${sql} AS c${place}`).join(', ')}`;
  /** @type {Record<string, Value[]>} */
  const read = {};

  before(async () => {
    const { outputPath } = await exported({ query });
    for (const reader of READERS) read[reader] = (await readParquet(reader, outputPath)).rows[0] ?? [];
  });

  for (const [place, [sql, value]] of cases.entries()) {
    it(sql, () => {
      for (const reader of READERS) assert.deepEqual(read[reader]?.[place], value, reader);
    });
  }

  it('a number beyond bigint causes an error with column and row', async () => {
    const sql = 'SELECT CAST(n AS ubigint) AS big FROM (VALUES (1), (18446744073709551615)) AS t(n)';
    await assert.rejects(exported({ query: sql }), {
      ...{ code: 'out_of_range', column: 'big', row: 1 },
      message: /column "big", row 1: an integer does not fit bigint/,
    });
    assert.deepEqual(await env.files(), []);
  });

  it('an unknown type becomes text, with a note', async () => {
    const { notes, row } = await firstRow("SELECT INTERVAL '1' DAY AS how_long");
    assert.match(notes.join('\n'), /"how_long".*is written as text/);
    assert.match(String(row?.[0]), /^s:1 day/);
  });
});

describe('tables with unusual shapes', () => {
  it('an empty table becomes a file with its columns and no rows', async () => {
    const { outputPath, rows } = await exported({ tables: ['empty'] });
    assert.equal(rows, 0n);
    for (const reader of READERS) {
      const file = await readParquet(reader, outputPath);
      assert.deepEqual([file.columns, file.rows], [['a', 'b', 'time'], []], reader);
    }
    const { types } = await readParquet('duckdb', outputPath);
    assert.deepEqual(types, ['BIGINT', 'MAP(VARCHAR, DOUBLE)[]', 'BIGINT']);
  });

  it('a table with only the column time', async () => {
    const { outputPath } = await exported({ tables: ['only_time'] });
    for (const reader of READERS) {
      const file = await readParquet(reader, outputPath);
      assert.deepEqual([file.columns, file.rows], [['time'], expected('only_time')], reader);
    }
  });

  it('a table of 300 columns', async () => {
    const { outputPath, rows } = await exported({ tables: ['wide'], chunkSize: 7, rowGroupRows: 50 });
    assert.equal(rows, 200n);
    for (const reader of READERS) {
      const file = await readParquet(reader, outputPath);
      assert.equal(file.columns.length, 301, reader);
      assert.deepEqual(file.rowGroups, [50, 50, 50, 50], reader);
      // The recipe: longs are i * (place + 1), doubles i / (place + 1), texts NULL for each fifth row.
      for (const [i, row] of file.rows.entries()) {
        assert.equal(row[297], integer(i * 298), reader);
        assert.equal(row[298], float(i / 299), reader);
        assert.equal(row[299], i % 5 === 0 ? null : `s:v${i % 306}`, reader);
      }
    }
  });

  it('names of tables and columns that need quotes', async () => {
    const { outputPath } = await exported({ tables: ['select'] });
    for (const reader of READERS) {
      const file = await readParquet(reader, outputPath);
      const aliases = ['from', 'group_by', '_1st', '_', 'a_b', 'quote_d', 'time'];
      assert.deepEqual([file.columns, file.rows], [aliases, expected('select')], reader);
    }
  });

  it('column names of a query with any characters', async () => {
    const names = ['a.b', 'quote"d', "it's", 'Group By', '表', '😀', 'UPPER', ' blank ', 'line\nbreak'];
    const items = names.map((name, place) => `${place} AS "${name.replaceAll('"', '""')}"`);
    const query = `SELECT ${items.join(', ')}`;
    const { outputPath } = await exported({ query });
    for (const reader of READERS) {
      const file = await readParquet(reader, outputPath);
      assert.deepEqual(file.columns, names, reader);
      assert.deepEqual(file.rows, [names.map((_, place) => integer(place))], reader);
    }
  });

  it('columns with the same name are renamed, with a note', async () => {
    const { columns, notes, row } = await firstRow('SELECT a, a, 3 AS a_2, a FROM (SELECT 1 AS a)');
    assert.equal(new Set(columns).size, 4);
    assert.deepEqual([columns[0], columns[2]], ['a', 'a_2']);
    assert.deepEqual(row, [1, 1, 3, 1].map(integer));
    assert.equal(notes.length, 2);
    assert.match(notes[0] ?? '', /column 2, "a", is renamed to "a_3"/);
  });

  it('columns that are NULL in the first rows, batches and row groups', async () => {
    for (const bounds of [{ chunkSize: 1, rowGroupRows: 2 }, { chunkSize: 3, rowGroupRows: 8 }, {}]) {
      const { outputPath } = await exported({ tables: ['late_values'], ...bounds, overwrite: true });
      for (const reader of READERS) {
        assert.deepEqual((await readParquet(reader, outputPath)).rows, expected('late_values'), reader);
      }
    }
  });
});

describe('row groups', () => {
  it('have at most --row-group-rows', async () => {
    for (const [rowGroupRows, chunkSize, groups] of /** @type {[number, number, number[]][]} */ ([
      [4, 10_000, [4, 4, 3]],
      [4, 3, [4, 4, 3]],
      [1, 1, Array(11).fill(1)],
      [11, 2, [11]],
      [1_000_000, 10_000, [11]],
    ])) {
      const request = { tables: ['late_values'], rowGroupRows, chunkSize, overwrite: true };
      const { outputPath } = await exported(request);
      assert.deepEqual((await readParquet('hyparquet', outputPath)).rowGroups, groups);
    }
  });

  it('end at --row-group-bytes; a row is never split', async () => {
    const { outputPath } = await exported({ tables: ['every_type'], rowGroupBytes: 2 ** 20 });
    const { rowGroups, rows } = await readParquet('hyparquet', outputPath);
    assert.deepEqual(rows, expected('every_type'));
    // The rows: eight small, one of just over 1 MiB, one of just over 1 MB, two small.
    assert.equal(
      rowGroups.reduce((sum, count) => sum + count, 0),
      12,
    );
    assert.ok(rowGroups.length >= 3 && rowGroups.length <= 4, `${rowGroups}`);
    const single = await exported({ tables: ['every_type'], rowGroupBytes: 2 ** 26, overwrite: true });
    assert.deepEqual((await readParquet('hyparquet', single.outputPath)).rowGroups, [12]);
  });
});

describe('the footer', () => {
  it('records the source of the rows, without a key', async () => {
    const range = { startTime: '2026-01-01', endTime: '2026-02-01' };
    const { outputPath, job } = await exported({ tables: ['late_values'], ...range });
    const { metadata } = await readParquet('hyparquet', outputPath);
    const schema = tableOf(seed, 'edges', 'late_values').schema;
    const {
      'ARROW:schema': arrow,
      'td.result_schema': resultSchema = '',
      pandas = '',
      ...recorded
    } = metadata;
    assert.ok(arrow);
    assert.deepEqual(JSON.parse(resultSchema)[0], ['l', 'bigint']);
    assert.equal(JSON.parse(pandas).columns[0].numpy_type, 'Int64');
    assert.deepEqual(recorded, {
      'td.site': env.account.endpoint,
      'td.database': 'edges',
      'td.table': 'late_values',
      'td.table_schema': JSON.stringify(schema),
      'td.time_column': 'time',
      'td.start_time': '2026-01-01',
      'td.end_time': '2026-02-01',
      'td.job_id': job,
    });
    assert.ok(!JSON.stringify(metadata).includes(env.account.apikey));
  });

  it('records the query', async () => {
    const { outputPath } = await exported({ query: 'SELECT 1 AS one' });
    const { metadata } = await readParquet('hyparquet', outputPath);
    assert.equal(metadata['td.query'], 'SELECT 1 AS one');
  });
});
