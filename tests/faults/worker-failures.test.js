import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cloneDatabase, exportTables } from '../../pkg-scripts/node.js';
import { platform } from '../../pkg-scripts/platform/node.js';
import { Clones } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';

/** Failing workers: the run ends with an error and leaves nothing behind. */

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

/** @param {string} name of a file in workers/ */
const script = (name) => fileURLToPath(new URL(`./workers/${name}.js`, import.meta.url));

/** A WebAssembly module that traps in petit's start function. */
const TRAP = WebAssembly.compile(
  Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 4, 1, 0x60, 0, 0],
    ...[3, 2, 1, 0],
    ...[5, 3, 1, 0, 1],
    ...[7, 29, 2, 6, ...Buffer.from('memory'), 2, 0, 16, ...Buffer.from('__wbindgen_start'), 0, 0],
    ...[10, 5, 1, 3, 0, 0, 0x0b],
  ]),
);

/** @type {Record<string, { platform: Partial<typeof platform>, message: RegExp }>} */
const failures = {
  exit: { platform: { workerScript: script('exits') }, message: /^an encode worker stopped: .*terminated/ },
  'do not start': { platform: { workerScript: script('throws') }, message: /this worker does not start/ },
  'are missing': { platform: { workerScript: script('none') }, message: /Cannot find module/ },
};

describe('workers that', () => {
  for (const [problem, { platform, message: expected }] of Object.entries(failures)) {
    it(`${problem} fail the tables one by one`, async () => {
      const run = { workers: 1, tableParallelism: 1, platform };
      const exported = await exportTables({
        account: env.account,
        database: 'shop',
        tables: ['orders', 'visits'],
        outputDir: env.folder,
        ...run,
      });
      assert.deepEqual(exported.errors.map(({ code, table }) => `${table} ${code}`).sort(), [
        'orders internal',
        'visits internal',
      ]);
      for (const { message, job } of exported.errors) {
        assert.match(message, expected);
        assert.ok(job, 'the error names the job');
        assert.ok(!message.includes('\n'));
      }
      assert.deepEqual(await env.files(), []);

      const copy = `copy_of_${problem.replaceAll(' ', '_')}`;
      const [source, destination] = [clones.source, clones.destination].map(({ url, key }) => ({
        endpoint: url,
        apikey: key,
      }));
      const sides = /** @type {any} */ ({ source, destination });
      const { errors } = await cloneDatabase({ ...sides, database: 'shop', newDatabase: copy, ...run });
      assert.ok(errors.length >= 2 && errors.every(({ code }) => code === 'internal'));
      await clones.assertNoLeftovers(copy);
    });
  }

  it('trap fail the tables and are replaced', async () => {
    // The real worker with a module that traps at its start, as petit's module does after a panic or without memory.
    const { startPool } = await import('../../pkg-scripts/driver/workers/pool.js');
    const pool = startPool(/** @type {any} */ (platform), await TRAP, 1);
    /** @returns {import('../../pkg-scripts/driver/workers/encode.js').EncodeRowGroupRequest} */
    const order = () => ({
      schema: '[["n","bigint"]]',
      options: {
        compression: 'none',
        invalidUtf8: 'error',
        plainColumns: [],
        encodings: 'compatible',
        deltaColumns: [],
      },
      firstRow: 0,
      batches: [new Uint8Array(2)],
    });
    for (const _ of [1, 2, 3]) {
      await assert.rejects(pool.encodeRowGroup(order()), { code: 'internal', message: /unreachable/ });
    }
    const segment = { keys: ['n'], options: { level: 1, firstRow: 0 }, batches: [new Uint8Array(2)] };
    await assert.rejects(pool.encodeSegment(segment), { code: 'internal', message: /unreachable/ });
    await pool.close();
  });

  it('run out of memory fail the tables and not the process', async () => {
    // A separate process with little memory reaches the limit quickly.
    const code = `
      import { exportTables } from ${JSON.stringify(new URL('../../pkg-scripts/node.js', import.meta.url))};
      const { errors } = await exportTables(JSON.parse(process.env.REQUEST));
      console.log(JSON.stringify(errors));`;
    const request = {
      account: env.account,
      database: 'shop',
      tables: ['orders'],
      outputDir: env.folder,
      workers: 1,
      platform: { workerScript: script('exhausts-memory') },
    };
    const main = env.path('main.mjs');
    await writeFile(main, code);
    const args = ['--max-old-space-size=64', main];
    const variables = { PATH: process.env.PATH, REQUEST: JSON.stringify(request) };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: variables, timeout: 60_000 });
    const errors = JSON.parse(stdout);
    assert.equal(errors.length, 1);
    assert.equal(errors[0].code, 'internal');
    assert.match(errors[0].message, /memory/);
    assert.deepEqual(await env.files(), ['main.mjs']);
  });
});
