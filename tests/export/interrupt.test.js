import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseName } from '../../pkg-scripts/sinks/disk/names.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';
import { READERS, readParquet } from '../support/readers.js';
import { inTerminal } from '../support/terminal.js';

/** Interrupted runs leave no file that looks complete, and no running job. */
const env = setUpEnv(readSeed('edges'), 'acme');

const FOREVER_MS = 600_000;

/** @param {string[]} args */
const start = (...args) => env.start(['td2parquet', '--endpoint', env.account.endpoint, ...args]);

/** @param {() => boolean | Promise<boolean>} condition */
async function until(condition) {
  while (!(await condition())) await sleep(10);
}

/** Waits for a request. @param {string} part of the request */
const requested = (part) => until(() => env.requests().some((request) => request.includes(part)));

/** Makes responses stall after some bytes. @param {string} path @param {number} afterBytes @param {number} [skip] */
const stall = (path, afterBytes, skip = 0) =>
  env.fail({ path, skip, action: { type: 'stall', ms: FOREVER_MS, afterBytes } });

/** Whether a run is writing this file. @param {string} name */
const isWritten = async (name) => (await env.files()).some((file) => parseName(file)?.stem === name);

/** @returns {string[]} the states of all jobs that the test started */
const jobStates = () => {
  const ids = env.requests().flatMap((request) => request.match(/(?<=\/job\/status\/)\d+/) ?? []);
  return [...new Set(ids)].map((id) => env.emulator.account('acme').jobs.get(id).status);
};

const endless = { queued: FOREVER_MS, booting: 0, running: 0, final: 0 };

describe('an interrupt', () => {
  it('kills running jobs', async () => {
    env.emulator.configure({ delays: endless });
    const { child, ended } = start('shop', 'orders', 'returns');
    await until(() => jobStates().length === 2);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 130);
    assert.match(stderr, /interrupted/);
    assert.doesNotMatch(stdout, /exported/);
    await until(() => jobStates().every((state) => state !== 'queued'));
    assert.deepEqual(jobStates(), ['killed', 'killed']);
    assert.deepEqual(await env.files(), []);
  });

  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    it(`by ${signal} during a download leaves no file`, async () => {
      stall('/job/result/', 9000);
      const { child, ended } = start('shop', 'views', '--json');
      await until(() => isWritten('shop_views.parquet'));
      child.kill(signal);
      const { code, stdout } = await ended;
      assert.equal(code, 130);
      const last = eventsOf(stdout).at(-1);
      assert.deepEqual([last.type, last.code], ['error', 'interrupted']);
      assert.deepEqual([last.finished, last.left], [[], ['views']]);
      assert.deepEqual(await env.files(), []);
    });
  }

  it('keeps finished tables', async () => {
    stall('/job/result/', 0, 1);
    const { child, ended } = start('shop', '--table-parallelism', '1');
    await until(async () => (await env.files()).includes('shop_views.parquet'));
    await until(() => isWritten('shop_orders.parquet'));
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    assert.equal(code, 130);
    assert.match(stderr, /Finished 1 of \d+ tables: "views"\. No partial data of the other tables remains\./);
    assert.match(stderr, /Run again for the remaining tables: .*"orders"/);
    assert.deepEqual(await env.files(), ['shop_views.parquet']);
    assert.equal((await readParquet('hyparquet', env.path('dataset/shop_views.parquet'))).rows.length, 5000);
  });

  it('quits immediately the second time, without cleaning up', async () => {
    env.emulator.configure({ delays: endless });
    stall('/job/kill/', 0);
    const { child, ended } = start('shop', 'orders');
    await requested('/job/status/');
    child.kill('SIGINT');
    await requested('/job/kill/');
    const again = setInterval(() => child.kill('SIGINT'), 50);
    const { code, stderr } = await ended;
    clearInterval(again);
    assert.equal(code, 130);
    // A clean end would have printed an error.
    assert.match(stderr, /^Stopping and cleaning up… Press Ctrl-C again to quit immediately\.\n$/);
  });

  it('that arrives twice at the same moment counts once: npm and shells forward the terminal’s signal', async () => {
    env.emulator.configure({ delays: endless });
    const { child, ended } = start('shop', 'orders');
    await requested('/job/status/');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    assert.equal(code, 130);
    assert.match(stderr, /^Error: interrupted$/m);
    assert.deepEqual(jobStates(), ['killed']);
  });

  it('also happens when the output is closed', async () => {
    env.emulator.configure({ delays: endless });
    const { child, ended } = start('shop', 'orders', '--json');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    assert.equal((await ended).code, 130);
    await until(() => jobStates().every((state) => state !== 'queued'));
    assert.deepEqual(jobStates(), ['killed']);
  });
});

describe('in a terminal', () => {
  const options = () => ['td2parquet', 'shop', 'orders', 'returns', '--endpoint', env.account.endpoint];

  it('Ctrl-C ends the bars and prints how to resume', async () => {
    env.emulator.configure({ delays: endless });
    const { code, acted, output } = await inTerminal(env, options(), { action: 'TYPE', text: 'queued' });
    assert.ok(acted, output);
    assert.equal(code, 130, output);
    assert.match(
      output,
      /Stopping and cleaning up….*\r\n.*Error:\S* interrupted\r\n {2}No table is finished.*Run the same/s,
    );
    await until(() => jobStates().every((state) => state === 'killed'));
    assert.deepEqual(await env.files(), []);
  });

  it('closing the terminal interrupts the run, and no job keeps running', async () => {
    env.emulator.configure({ delays: endless });
    const { code, acted, output } = await inTerminal(env, options(), { action: 'CLOSE', text: 'queued' });
    assert.ok(acted, output);
    assert.equal(code, 130, output);
    await until(() => jobStates().every((state) => state === 'killed'));
    assert.equal(jobStates().length, 2);
    assert.deepEqual(await env.files(), []);
  });
});

describe('a killed process', () => {
  it('leaves no file that looks complete, and the next run completes it', async () => {
    stall('/job/result/', 9000);
    const { child, ended } = start('shop', 'views');
    // The response that stalls must be the killed run's, not the next run's.
    await requested('/job/result/');
    assert.ok(await isWritten('shop_views.parquet'));
    child.kill('SIGKILL');
    assert.equal((await ended).signal, 'SIGKILL');
    const [name = '', ...others] = await env.files();
    assert.deepEqual(others, []);
    const partial = env.path(`dataset/${name}`);
    for (const reader of READERS) await assert.rejects(readParquet(reader, partial), reader);

    const { code } = await env.td2parquet(['shop', 'views']);
    assert.equal(code, 0);
    assert.deepEqual((await env.files()).sort(), [name, 'shop_views.parquet'].sort());
    assert.equal((await readParquet('hyparquet', env.path('dataset/shop_views.parquet'))).rows.length, 5000);
  });

  it('leaves partial files, which petit cleanup finds and deletes; never those of a run that is still running', async () => {
    env.emulator.configure({ delays: endless });
    const [killed, live] = [start('shop', 'views'), start('shop', 'orders')];
    await until(
      async () => (await isWritten('shop_views.parquet')) && (await isWritten('shop_orders.parquet')),
    );
    killed.child.kill('SIGKILL');
    await killed.ended;
    const mine = ['.mine.petit-partial', 'x.partial', '.a.b.12345678-1-123456789abc-12345678.petit-partial'];
    for (const name of mine) await writeFile(env.path(`dataset/${name}`), 'precious');
    const before = (await env.files()).sort();
    const cleanup = (/** @type {string[]} */ ...args) => env.start(['cleanup', ...args], {}).ended;

    const listed = await cleanup('--output-dir', 'dataset');
    assert.equal(listed.code, 0, listed.stderr);
    assert.match(listed.stdout, /^left .*dataset\/\.shop_views\.parquet\..*\.petit-partial *$/m);
    assert.match(listed.stdout, /^in use .*dataset\/\.shop_orders\.parquet\..*\.petit-partial *$/m);
    assert.doesNotMatch(listed.stdout, /mine|12345678-1-/);
    assert.deepEqual((await env.files()).sort(), before);

    const removed = await cleanup('--output-dir', '.', '--yes');
    assert.match(removed.stdout, /^1 deleted, 1 in use, 0 failed\.$/m);
    assert.ok(!(await isWritten('shop_views.parquet')));
    assert.ok(await isWritten('shop_orders.parquet'));
    for (const name of mine) assert.equal(await readFile(env.path(`dataset/${name}`), 'utf8'), 'precious');
    live.child.kill('SIGINT');
    await live.ended;
    assert.deepEqual((await env.files()).sort(), mine.sort());
    assert.match(
      (await cleanup('--output-dir', 'dataset')).stdout,
      /^No partial files of exports in dataset\.$/m,
    );
    assert.equal((await cleanup('--output-dir', 'nowhere')).code, 1);
    assert.deepEqual(
      env.requests().filter((request) => request.includes('/bulk_import/list')),
      [],
    );
  });
});
