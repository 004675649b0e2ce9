import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encode } from '@msgpack/msgpack';
import { instantiate, wasm } from '../../pkg-scripts/driver/wasm.js';
import { inspectFile } from '../../pkg-scripts/node.js';
import { platform } from '../../pkg-scripts/platform/node.js';
import { closeServer } from '../support/ports.js';

const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));
const SCHEMA = '[["id","bigint"],["price","decimal(9,2)"],["name","varchar"],["time","bigint"]]';
const ROW = [2n ** 60n, '-0.05', 'ÿ', 1];
const OPTIONS = { timestampColumns: ['time'], compression: /** @type {const} */ ('snappy') };
const SECRET = 'X-Signature=0123456789secret';

/** A file as an export writes it, of many row groups. @param {number} groups */
function parquetFile(groups) {
  const metadata = /** @type {[string, string][]} */ ([
    ['td.database', 'shop'],
    ['td.table', 'orders'],
    ['td.partition', 'day=1970-01-01'],
    ['td.result_schema', SCHEMA],
    ['td.table_schema', '[["id","long"]]'],
  ]);
  const stitcher = new wasm.Stitcher(SCHEMA, OPTIONS, metadata);
  const parts = [stitcher.head()];
  for (let group = 0; group < groups; group += 1) {
    const encoder = new wasm.RowGroupEncoder(SCHEMA, OPTIONS, group);
    encoder.decode(encode(ROW, { useBigInt64: true }));
    encoder.write();
    const { file, dataLength } = encoder.finish();
    stitcher.append(file.subarray(4 + dataLength), dataLength);
    parts.push(file.subarray(4, 4 + dataLength));
  }
  return Buffer.concat([...parts, stitcher.finish()]);
}

describe('petit inspect', () => {
  let folder = '';
  let path = '';
  let origin = '';
  /** @type {Buffer} */
  let file;
  let hasRanges = true;
  let served = 0;
  const server = createServer((request, response) => {
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (!hasRanges || start === undefined) return void response.end(file);
    const bytes = file.subarray(Number(start), Number(end) + 1);
    served += bytes.length;
    response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${file.length}`, etag: '"1"' });
    response.end(bytes);
  });

  before(async () => {
    await instantiate(await platform.loadWasm());
    folder = await mkdtemp(join(tmpdir(), 'petit-inspect-'));
    path = join(folder, 'part-0.parquet');
    file = parquetFile(200);
    await writeFile(path, file);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  });
  after(async () => {
    await closeServer(server);
    await rm(folder, { recursive: true, force: true });
  });

  it('describes a file by its footer, and shows rows only on request', async () => {
    const { firstRows, columns, ...described } = await inspectFile({ file: path });
    assert.equal(firstRows, undefined);
    assert.deepEqual(
      columns.map(({ name, tdType, arrowType }) => [name, tdType, arrowType]),
      [
        ['id', 'long', 'Int64'],
        ['price', 'decimal(9,2)', 'Decimal128(9, 2)'],
        ['name', 'varchar', 'Utf8'],
        ['time', 'bigint', 'Timestamp(ms, "UTC")'],
      ],
    );
    assert.deepEqual(columns[0]?.compressions, ['SNAPPY']);
    assert.deepEqual([described.rows, described.rowGroups.length], [200n, 200]);
    assert.equal(described.bytes, BigInt(file.length));
    const { firstRows: rows } = await inspectFile({ file: path, rows: 2 });
    assert.deepEqual(rows, Array(2).fill([2n ** 60n, '-0.05', 'ÿ', '1970-01-01 00:00:01']));
  });

  it('reads ranges of a web server, and keeps the query string to itself', async () => {
    served = 0;
    const described = await inspectFile({ file: `${origin}/part-0.parquet?${SECRET}` });
    assert.equal(described.rows, 200n);
    assert.equal(described.file, `${origin}/part-0.parquet`);
    assert.ok(served <= 2 ** 16 + 1 + 2 ** 18 && served < file.length + 2 ** 16, String(served));
    hasRanges = false;
    const refused = inspectFile({ file: `${origin}/part-0.parquet?${SECRET}` });
    await assert.rejects(refused, (/** @type {any} */ error) => {
      assert.equal(error.code, 'cannot_read');
      assert.ok(!JSON.stringify(error).includes('secret'));
      return true;
    });
    hasRanges = true;
  });

  it('fails with a hint for what is no complete file', async () => {
    const cut = join(folder, 'cut.parquet');
    for (const [bytes, code] of /** @type {const} */ ([
      [file.subarray(0, file.length - 9), 'not_parquet'],
      [file.subarray(1000), 'not_parquet'],
      [Buffer.alloc(0), 'not_parquet'],
      [Buffer.from('{"not": "parquet"}'), 'not_parquet'],
    ])) {
      await writeFile(cut, bytes);
      await assert.rejects(inspectFile({ file: cut }), (/** @type {any} */ error) => error.code === code);
    }
    await assert.rejects(inspectFile({ file: folder }), /is not a file/);
    await assert.rejects(inspectFile({ file: join(folder, 'absent') }), /there is no such file/);
    await assert.rejects(inspectFile({ file: 'ftp://host/file' }), /ftp:/);
    await assert.rejects(inspectFile({ file: 'http://192.0.2.1/x?secret' }), (/** @type {any} */ error) => {
      assert.equal(error.code, 'insecure_endpoint');
      return !error.message.includes('secret');
    });
  });

  it('prints text, and the statement of a table of all partitions', async () => {
    const run = async (/** @type {string[]} */ ...args) =>
      (await promisify(execFile)(process.execPath, [CLI, 'inspect', path, ...args])).stdout;
    const text = await run('--rows', '1');
    assert.match(text, /: 200 rows in 200 row groups, .+, written by petit version/);
    assert.match(text, /^price +decimal\(9,2\) +Decimal128\(9, 2\) +\S+ \S+ +\S+ \S+ +SNAPPY/m);
    assert.match(text, /^180 more row groups; --json lists them\.$/m);
    assert.match(text, /^1152921504606846976 +-0\.05 +ÿ +1970-01-01 00:00:01$/m);
    const ddl = await run('--ddl', 'athena');
    assert.match(
      ddl,
      /^CREATE EXTERNAL TABLE `shop_orders` \(\n {2}`id` bigint,\n {2}`price` decimal\(9,2\)/,
    );
    assert.match(
      ddl,
      /PARTITIONED BY \(`day` string\)\nSTORED AS PARQUET\nLOCATION 's3:\/\/BUCKET\/FOLDER\/';/,
    );
  });
});
