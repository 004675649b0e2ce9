import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';
import { READERS, readParquet } from '../support/readers.js';
import { inTerminal } from '../support/terminal.js';

/** Runs that are stopped: nothing that looks whole is left, and TD does not go on working for nobody. */
const env = setUpEnv(readSeed('edges'), 'acme');

const FOR_EVER = 600_000;

/** @param {string[]} args */
const start = (...args) => env.start(['td2parquet', '--endpoint', env.account.endpoint, ...args]);

/** @param {() => boolean | Promise<boolean>} condition */
async function until(condition) {
  while (!(await condition())) await sleep(10);
}

/** @param {string} part of a request */
const asked = (part) => until(() => env.requests().some((request) => request.includes(part)));

/** Answers get no further than some bytes. @param {string} path @param {number} afterBytes @param {number} [skip] */
const stall = (path, afterBytes, skip = 0) =>
  env.fail({ path, skip, action: { type: 'stall', ms: FOR_EVER, afterBytes } });

/** @returns {string[]} the states of all jobs that were started since the test began */
const jobStates = () => {
  const ids = env.requests().flatMap((request) => request.match(/(?<=\/job\/status\/)\d+/) ?? []);
  return [...new Set(ids)].map((id) => env.emulator.account('acme').jobs.get(id).status);
};

const endless = { queued: FOR_EVER, booting: 0, running: 0, final: 0 };

describe('an interrupt', () => {
  it('while TD works kills the job there', async () => {
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
    it(`by ${signal} half-way through a download leaves no file at all`, async () => {
      stall('/job/result/', 9000);
      const { child, ended } = start('shop', 'views', '--json');
      await until(async () => (await env.files()).includes('shop_views.parquet.partial'));
      child.kill(signal);
      const { code, stdout } = await ended;
      assert.equal(code, 130);
      const last = eventsOf(stdout).at(-1);
      assert.deepEqual([last.type, last.code], ['error', 'interrupted']);
      assert.deepEqual([last.finished, last.left], [[], ['views']]);
      assert.deepEqual(await env.files(), []);
    });
  }

  it('keeps the tables that are whole already', async () => {
    stall('/job/result/', 0, 1);
    const { child, ended } = start('shop', '--table-parallelism', '1');
    await until(async () => (await env.files()).includes('shop_views.parquet'));
    await until(async () => (await env.files()).includes('shop_orders.parquet.partial'));
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    assert.equal(code, 130);
    assert.match(
      stderr,
      /Finished, and whole: "views" \(1 of \d+\)\. Of the others nothing half done was left behind\./,
    );
    assert.match(stderr, /Run it again for the tables that are left: .*"orders"/);
    assert.deepEqual(await env.files(), ['shop_views.parquet']);
    assert.equal((await readParquet('hyparquet', env.path('dataset/shop_views.parquet'))).rows.length, 5000);
  });

  it('a second time ends at once, whatever is still to be tidied', async () => {
    env.emulator.configure({ delays: endless });
    stall('/job/kill/', 0);
    const { child, ended } = start('shop', 'orders');
    await asked('/job/status/');
    child.kill('SIGINT');
    await asked('/job/kill/');
    const again = setInterval(() => child.kill('SIGINT'), 50);
    const { code, stderr } = await ended;
    clearInterval(again);
    assert.equal(code, 130);
    // A tidy end would have told of itself.
    assert.match(stderr, /^Stopping: .* Once more stops at once\.\n$/);
  });

  it('that comes twice at the same moment is one: npm and shells pass on what the terminal sends to all', async () => {
    env.emulator.configure({ delays: endless });
    const { child, ended } = start('shop', 'orders');
    await asked('/job/status/');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    assert.equal(code, 130);
    assert.match(stderr, /^Error: interrupted$/m);
    assert.deepEqual(jobStates(), ['killed']);
  });

  it('is what a reader of the output is that goes away', async () => {
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

  it('Ctrl-C ends the bars and tells how to go on', async () => {
    env.emulator.configure({ delays: endless });
    const { code, acted, output } = await inTerminal(env, options(), { action: 'TYPE', text: 'queued' });
    assert.ok(acted, output);
    assert.equal(code, 130, output);
    assert.match(output, /Stopping: .*\r\n.*Error: interrupted\r\n {2}No table was finished.*Run the same/s);
    await until(() => jobStates().every((state) => state === 'killed'));
    assert.deepEqual(await env.files(), []);
  });

  it('its end is an interrupt: nothing goes on behind it', async () => {
    env.emulator.configure({ delays: endless });
    const { code, acted, output } = await inTerminal(env, options(), { action: 'CLOSE', text: 'queued' });
    assert.ok(acted, output);
    assert.equal(code, 130, output);
    await until(() => jobStates().every((state) => state === 'killed'));
    assert.equal(jobStates().length, 2);
    assert.deepEqual(await env.files(), []);
  });
});

describe('a process that is killed half-way', () => {
  it('leaves nothing that looks whole, and running again makes it whole', async () => {
    stall('/job/result/', 9000);
    const { child, ended } = start('shop', 'views');
    await until(async () => (await env.files()).includes('shop_views.parquet.partial'));
    child.kill('SIGKILL');
    assert.equal((await ended).signal, 'SIGKILL');
    assert.deepEqual(await env.files(), ['shop_views.parquet.partial']);
    const partial = env.path('dataset/shop_views.parquet.partial');
    for (const reader of READERS) await assert.rejects(readParquet(reader, partial), reader);

    const { code } = await env.td2parquet(['shop', 'views']);
    assert.equal(code, 0);
    assert.deepEqual(await env.files(), ['shop_views.parquet']);
    assert.equal((await readParquet('hyparquet', env.path('dataset/shop_views.parquet'))).rows.length, 5000);
  });
});
