import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { exportTables } from '../../pkg-scripts/node.js';
import { readSeed, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

// Which columns and how many rows an export has, and which integers become timestamps.

const DAY = 86_400;
const NOON = 20_000 * DAY + DAY / 2; // 2024-10-04
const records = [
  { time: NOON, id: 1, created_at: 0, email: 'a' },
  { time: NOON + 1, id: 2, created_at: -1, email: 'b' },
  { time: NOON + DAY, id: 3, created_at: null, email: 'c' },
  { time: NOON + DAY, id: 4, created_at: 253_402_300_799, email: 'd' },
];
const schema = [
  ['id', 'long'],
  ['created_at', 'long'],
  ['email', 'string'],
];
const [prod] = readSeed('clone-shop').accounts;
const seed = {
  accounts: [{ ...prod, databases: [{ name: 'web', tables: [{ name: 'visits', schema, records }] }] }],
};
const env = setUpEnv(/** @type {any} */ (seed), 'prod');

/** Exports in this process. @param {Partial<import('../../pkg-scripts/types.js').ExportRequest>} request */
async function exported(request) {
  const { account, folder } = env;
  const summary = await exportTables({ workers: 0, ...request, account, database: 'web', outputDir: folder });
  const [table] = summary.tables;
  if (!table) throw summary.errors[0];
  return { ...table, tasks: summary.tasks };
}

const query = 'SELECT created_at, id FROM visits ORDER BY id';

describe('td2parquet --columns --limit --timestamp-columns', () => {
  it('exports these columns in this order, and says so in the file', async () => {
    const mask = [/** @type {const} */ ('email=redact')];
    const request = { tables: ['visits'], columns: ['time', 'EMAIL'], limit: 3, mask };
    const { outputPath, rows, tasks } = await exported(request);
    assert.equal(tasks[0]?.sql, 'SELECT "time", "email" FROM "web"."visits" LIMIT 3');
    const file = await readParquet('hyparquet', outputPath);
    assert.deepEqual([file.columns, rows, file.rows.length], [['time', 'email'], 3n, 3]);
    assert.equal(file.metadata['petit.columns'], '["time","email"]');
    assert.equal(file.metadata['petit.limit'], '3');
  });

  it('with --limit 0, writes a file of the columns without rows', async () => {
    const { outputPath } = await exported({ tables: ['visits'], limit: 0 });
    const { columns, rows } = await readParquet('duckdb', outputPath);
    assert.deepEqual([columns, rows], [['id', 'created_at', 'email', 'time'], []]);
  });

  it('makes timestamps of Unix seconds, exactly, as pyarrow and DuckDB read them', async () => {
    const { outputPath } = await exported({ query, timestampColumns: ['Created_At'] });
    const times = ['1970-01-01 00:00:00', '1969-12-31 23:59:59', null, '9999-12-31 23:59:59'];
    const pyarrow = await readParquet('pyarrow', outputPath);
    assert.equal(pyarrow.types[0], 'timestamp[ms, tz=UTC]');
    const duckdb = await readParquet('duckdb', outputPath);
    assert.equal(duckdb.types[0], 'TIMESTAMP WITH TIME ZONE');
    for (const { rows } of [pyarrow, duckdb]) {
      // Python shows the zone; DuckDB that of this computer.
      const shown = rows.map(([value]) => value && String(value).replace(/^d:|\+00:00$/g, ''));
      assert.deepEqual(shown, times);
    }
    const { metadata } = await readParquet('hyparquet', outputPath);
    assert.equal(metadata['petit.timestamp_columns'], '["Created_At"]');
  });

  for (const [title, sql, code, reason] of /** @type {const} */ ([
    ['a time after the year 9999', 'SELECT id * 253402300800 AS at FROM visits', 'out_of_range', /row 0/],
    ['a column of another type', 'SELECT email AS at FROM visits', 'invalid_option', /in Unix seconds/],
    ['a column that the result lacks', 'SELECT id FROM visits', 'invalid_option', /no column "at"/],
  ])) {
    it(`refuses ${title}, without a value`, async () => {
      await assert.rejects(exported({ query: sql, timestampColumns: ['at'] }), (/** @type {any} */ error) => {
        assert.equal(error.code, code);
        assert.match(error.message, reason);
        assert.match(error.message, /"at"/);
        assert.doesNotMatch(error.message, /253402300800/);
        return true;
      });
      assert.deepEqual(await env.files(), []);
    });
  }

  it('refuses a misspelt column before a query runs', async () => {
    const request = exported({ tables: ['visits'], columns: ['emial'] });
    await assert.rejects(request, /it has no column "emial"; did you mean "email"\?/);
    assert.ok(!env.requests().some((line) => line.includes('/job/issue/')));
  });

  it('limits each partition, and an update keeps to the columns and timestamps of the folder', async () => {
    const request = { tables: ['visits'], partition: /** @type {const} */ ('day') };
    const limited = await exported({ ...request, limit: 1, output: env.path('limited') });
    assert.deepEqual([limited.rows, limited.files], [2n, 2]);
    const { limit } = JSON.parse(await readFile(env.path('limited.manifest.json'), 'utf8'));
    assert.equal(limit, 1);
    const columns = ['id', 'created_at'];
    const chosen = { ...request, columns, timestampColumns: ['created_at'], output: env.path('chosen') };
    await exported(chosen);
    const again = await exported({ ...chosen, update: true });
    assert.deepEqual([again.files, again.kept], [0, 2]);
    const other = { ...chosen, update: true };
    await assert.rejects(exported({ ...other, timestampColumns: [] }), /other --timestamp-columns/);
    await assert.rejects(exported({ ...other, columns: ['created_at'] }), /another query/);
    await assert.rejects(exported({ ...other, limit: 1 }), /mutually exclusive/);
  });
});
