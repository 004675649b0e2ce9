import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exportTables } from '../../pkg-scripts/node.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { readSeed, setUpEnv } from '../support/index.js';
import { install, PYTHON } from './install.js';
import { READERS } from './readers.js';

/** @import { Reader } from './readers.js' */

// pandas takes the types of its columns from an entry in the file's metadata.

const env = setUpEnv(readSeed('edges'), 'acme');
const SCRIPT = fileURLToPath(new URL('read_pandas.py', import.meta.url));

/** SQL of a value, the type in pandas, and what pandas shows for the value and for NULL.
 * @type {[sql: string, dtype: string, value: RegExp, none: string][]} */
const COLUMNS = [
  ['TRUE', 'boolean', /^bool_? True$/, 'NA'],
  ['CAST(-128 AS tinyint)', 'Int8', /^int8 -128$/, 'NA'],
  ['CAST(-32768 AS smallint)', 'Int16', /^int16 -32768$/, 'NA'],
  ['CAST(-2147483648 AS integer)', 'Int32', /^int32 -2147483648$/, 'NA'],
  ['9007199254740993', 'Int64', /^int64 9007199254740993$/, 'NA'],
  ['9223372036854775807', 'Int64', /^int64 9223372036854775807$/, 'NA'],
  ['CAST(1.5 AS real)', 'Float32', /^float32 1.5$/, 'NA'],
  ['0.1e0', 'Float64', /^float64 0.1$/, 'NA'],
  ["'é'", 'string', /^str é$/, 'NA'],
  [`CAST('{"a": 1}' AS json)`, 'string', /^str \{"a": 1\}$/, 'NA'],
  ["TIME '01:02:03.5'", 'string', /^str 01:02:03.5$/, 'NA'],
  ["X'00ff'", 'object', /^bytes b'\\x00\\xff'$/, 'None'],
  ["DECIMAL '12.340'", 'object', /^Decimal 12.340$/, 'None'],
  ["DATE '2020-02-29'", 'object', /^date 2020-02-29$/, 'None'],
  ["TIMESTAMP '2020-02-29 01:02:03.456'", 'datetime64[ms]', /^Timestamp 2020-02-29 01:02:03.456000$/, 'NaT'],
  ['ARRAY[1, 2]', 'object', /^ndarray \[1 2\]$/, 'None'],
  ["MAP(ARRAY['a'], ARRAY[1])", 'object', /^list \[\('a', 1\)\]$/, 'None'],
  ["CAST(ROW(1, 'a') AS row(n bigint, t varchar))", 'object', /^dict \{'n': 1.0, 't': 'a'\}$/, 'None'],
];

/**
 * Reads a file with pandas and an engine.
 * @param {string} path
 * @param {Reader} [reader] of another release than .venv's
 */
async function readWithPandas(path, reader) {
  const folder = reader && (await install(reader));
  const env = { ...process.env, ...(folder && { PYTHONPATH: folder }) };
  const args = [...(folder ? ['-S'] : []), SCRIPT, path, 'pyarrow'];
  const { stdout } = await promisify(execFile)(PYTHON, args, { env });
  return JSON.parse(stdout);
}

describe('pandas', () => {
  const older = READERS.filter(({ engine, packages }) => engine === 'pyarrow' && packages.length > 1);
  for (const reader of [undefined, ...older.filter(({ quick }) => quick || EXHAUSTIVE)]) {
    it(`reads every type with its NULLs, with ${reader?.packages.join(', ') ?? 'the newest release'}`, async () => {
      const values = COLUMNS.map(([sql], place) => `${sql} AS c${place}`).join(', ');
      const nulls = COLUMNS.map((_, place) => `CASE WHEN n = 1 THEN c${place} END AS c${place}`).join(', ');
      const query = `SELECT ${nulls} FROM (SELECT ${values}) CROSS JOIN (VALUES (1), (2)) AS t(n) ORDER BY n`;
      const where = { account: env.account, database: 'edges', outputDir: env.folder, workers: 0 };
      const { tables, errors } = await exportTables({ ...where, query });
      assert.deepEqual(errors, []);
      const { index, columns } = await readWithPandas(tables[0]?.outputPath ?? '', reader);
      assert.equal(index, 'RangeIndex');
      for (const [place, [sql, dtype, value, none]] of COLUMNS.entries()) {
        const read = columns[`c${place}`];
        // pandas 1 has one unit of time.
        assert.equal(read.dtype.replace('[ns]', '[ms]'), dtype, sql);
        assert.match(read.values[0], value, sql);
        assert.equal(read.values[1], none, sql);
      }
    });
  }
});
