import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startPool } from '../../pkg-scripts/driver/workers/pool.js';
import { platform } from '../../pkg-scripts/platform/node.js';

/** @import { EncodeRowGroupRequest } from '../../pkg-scripts/driver/workers/encode.js' */

/** Two rows of one integer.
 * @returns {EncodeRowGroupRequest} */
const request = () => ({
  schema: '[["n", "bigint"]]',
  options: {
    compression: 'zstd',
    invalidUtf8: 'error',
    plainColumns: [],
    encodings: 'compatible',
    deltaColumns: [],
  },
  firstRow: 0,
  batches: [new Uint8Array([0x91, 1, 0x91, 2])],
});
const NO_MODULE = /** @type {WebAssembly.Module} */ (/** @type {unknown} */ ({}));

describe('a pool', () => {
  it('encodes the same rows to the same file in every thread', async () => {
    const module = await platform.loadWasm();
    const files = new Set();
    for (const workers of [0, 1, 2]) {
      const pool = startPool(platform, module, workers);
      const { file, rowCount } = await pool.encodeRowGroup(request());
      assert.equal(rowCount, 2);
      files.add(Buffer.from(file).toString('hex'));
      await assert.rejects(pool.encodeRowGroup({ ...request(), schema: '[]' }), { code: 'bad_schema' });
      await pool.close();
    }
    assert.equal(files.size, 1);
  });

  it('rejects rows that do not fit; the worker goes on', async () => {
    const pool = startPool(platform, await platform.loadWasm(), 1);
    const wrong = { ...request(), batches: [new Uint8Array([0x91, 0xa1, 0x78])] };
    await assert.rejects(pool.encodeRowGroup(wrong), { code: 'type_mismatch', column: 'n', row: 0 });
    assert.equal((await pool.encodeRowGroup(request())).rowCount, 2);
    await pool.close();
  });

  it('rejects, and does not hang, when the WebAssembly instance is lost', async () => {
    const pool = startPool(platform, NO_MODULE, 1);
    for (const _ of [1, 2]) await assert.rejects(pool.encodeRowGroup(request()), { code: 'internal' });
    await pool.close();
  });

  it('rejects when a worker dies, and replaces it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'petit-pool-'));
    const script = join(folder, 'dying.mjs');
    const workerpool = import.meta.resolve('workerpool');
    const body = `workerpool.worker({ encodeRowGroup: (_, { schema }) => schema === 'die' ? process.exit(1) : { value: 1 } });`;
    await writeFile(script, `import workerpool from '${workerpool}';\n${body}\n`);
    const pool = startPool({ ...platform, workerScript: script }, await platform.loadWasm(), 1);
    await assert.rejects(pool.encodeRowGroup({ ...request(), schema: 'die' }), {
      ...{ name: 'PetitError', code: 'internal', message: /^an encode worker stopped: / },
    });
    assert.equal(await pool.encodeRowGroup(request()), 1);
    await pool.close();
    await rm(folder, { recursive: true });
  });
});
