import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { exportTables } from '../../pkg-scripts/node.js';
import { seedForClones, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

/** @import { ExportRequest, MaskRule } from '../../pkg-scripts/types.js' */

const SECRET = 'the secret of these tests';
const schema = [
  ['id', 'long'],
  ['email', 'string'],
  ['gone', 'string'],
];
const records = [
  { time: 1_767_225_660, id: 1, email: 'ann@example.com', gone: 'x' },
  { time: 1_767_225_661, id: null, email: null, gone: 'y' },
];
const env = setUpEnv(seedForClones([{ name: 'crm', tables: [{ name: 'users', schema, records }] }]), 'prod');

/** @param {Partial<ExportRequest>} request */
async function exported(request) {
  const { tables, errors } = await exportTables({
    ...{ account: env.account, database: 'crm', outputDir: env.folder, workers: 0, maskKey: SECRET },
    ...request,
  });
  const [table] = tables;
  if (!table) throw errors[0];
  return table;
}

/** @param {string} text */
const hash = (text) => createHmac('sha256', SECRET).update(text).digest();

describe('a masked export', () => {
  /** @type {MaskRule[]} */
  const mask = ['id=hash', 'email=email', 'gone=drop', 'time=date'];

  it('has the types and values of its rules, and names them in its metadata', async () => {
    const { outputPath, masks } = await exported({ mask });
    const { columns, rows } = await readParquet('hyparquet', outputPath);
    assert.deepEqual(columns, ['id', 'email', 'time']);
    const id = hash('1').readBigUInt64BE() & (2n ** 63n - 1n);
    const email = `s:${hash('ann').toString('hex').slice(0, 32)}@example.com`;
    assert.deepEqual(rows[0]?.slice(0, 1), [`i:${id}`]);
    assert.ok(String(rows[0]?.[1]).endsWith(email.slice(2)), String(rows[0]?.[1]));
    assert.deepEqual([rows[0]?.[2], rows[1]], ['i:1767225600', [null, null, 'i:1767225600']]);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(outputPath));
    const { value } = metadata.key_value_metadata?.find(({ key }) => key === 'petit.masks') ?? {};
    assert.deepEqual(JSON.parse(value ?? ''), masks);
    assert.deepEqual(
      masks.map(({ column, method }) => `${column}=${method}`),
      ['id=hash', 'email=email', 'gone=drop', 'time=date'],
    );
  });

  it('may be of a query, in which each rule must match a column', async () => {
    const query = 'SELECT email AS mail, CAST(id AS INTEGER) AS n FROM users ORDER BY id';
    const { outputPath } = await exported({ query, mask: ['mail=redact', 'n=hash'], overwrite: true });
    const { types } = await readParquet('duckdb', outputPath);
    assert.deepEqual(types, ['VARCHAR', 'BIGINT']);
    await assert.rejects(exported({ query, mask: ['email=redact'], overwrite: true }), {
      code: 'not_found',
      message: /matches the mask rule "email=redact"; did you mean "mail"\?/,
    });
  });

  it('is the same with any number of workers, and in partitions', async () => {
    const inline = await exported({ mask, output: env.path('0.parquet') });
    const threads = await exported({ mask, output: env.path('2.parquet'), workers: 2 });
    const [first, second] = [inline, threads].map(({ outputPath }) => readParquet('hyparquet', outputPath));
    assert.deepEqual((await first)?.rows, (await second)?.rows);
    const { files, masks } = await exported({ mask, partition: 'day' });
    assert.deepEqual([files, masks.length], [1, 4]);
  });
});
