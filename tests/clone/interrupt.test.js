import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, isWrite, onRequest } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';
import { inTerminal } from '../support/terminal.js';

/** @import { LogEntry } from '../emulator/request-log.js' */

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

let count = 0;
/** @returns {string} an unused database name */
const fresh = () => `fresh_${++count}`;

describe('an interrupt', () => {
  /**
   * Interrupts a run when a request arrives, and asserts that it cleaned up.
   * @param {import('node:test').TestContext} test
   * @param {string} copy
   * @param {(entry: LogEntry, count: number) => boolean} at
   * @param {NodeJS.Signals} [signal]
   */
  async function interrupted(test, copy, at, signal = 'SIGINT') {
    let seen = 0;
    let sent = false;
    const { child, ended } = clones.start(['shop', '--new-db', copy]);
    onRequest(test, env, (entry) => {
      if (sent || !at(entry, ++seen)) return;
      sent = true;
      child.kill(signal);
    });
    const { code, stdout, stderr } = await ended;
    assert.ok(sent, 'the run made the request');
    assert.equal(code, 130, stderr);
    assert.doesNotMatch(stdout, /complete/i);
    assert.match(stderr, /^Error: interrupted$/m);
    const names = await clones.destination.tableNames(copy);
    if (names.length === 0) assert.match(stderr, /No table is finished, and no partial data remains\./);
    else {
      const [, number, finished = ''] = /Finished (\d+) of 4 tables: (.*?)\. No partial/.exec(stderr) ?? [];
      assert.deepEqual(
        finished.split(', ').sort(),
        names.map((name) => `"${name}"`),
      );
      assert.equal(Number(number), names.length);
    }
    const emptiness = names.length === 0 ? ', empty' : '';
    const stays = `The database "${copy}", which this run created, stays${emptiness}.`;
    if ((await clones.destination.databases()).includes(copy)) assert.ok(stderr.includes(stays), stderr);
    assert.match(stderr, /Run again with --skip-existing to copy the remaining tables\./);
    await clones.assertNoLeftovers(copy);
    assert.deepEqual(await clones.source.runningJobs(), []);
    assert.deepEqual(await clones.destination.runningJobs(), []);
    for (const table of await clones.destination.tableNames(copy))
      await clones.assertSameTable('shop', copy, table);
  }

  const steps = {
    'a query is issued': /job\/issue\/presto\/shop/,
    'a staging table is created': /table\/create/,
    'a session is created': /bulk_import\/create/,
    'a result is fetched': /job\/result/,
    'a part is uploaded': /upload_part/,
    'a session is performed': /bulk_import\/perform/,
    'a session is committed': /bulk_import\/commit/,
    'rows are counted': /job\/issue\/presto\/fresh/,
    'a table is renamed': /table\/rename/,
  };
  for (const [name, path] of Object.entries(steps)) {
    it(`when ${name} leaves nothing behind`, async (test) => {
      let matches = 0;
      await interrupted(
        test,
        fresh(),
        (entry) => isWrite(entry) === !/result/.test(path.source) && path.test(entry.path) && ++matches === 2,
      );
    });
  }

  const long = { delays: { queued: 0, booting: 0, running: 60_000, final: 0 } };
  for (const [name, path] of Object.entries({ issued: /job\/issue/, polled: /job\/status/ })) {
    it(`kills a running query that was just ${name}`, async (test) => {
      env.emulator.configure(long);
      await interrupted(test, fresh(), (entry) => path.test(entry.path));
      const [last] = [...env.emulator.account('prod').jobs.jobs.values()].slice(-1);
      assert.equal(last?.status, 'killed');
    });
  }

  it('kills the job that performs a session', async (test) => {
    await interrupted(test, fresh(), ({ path }) => {
      if (/bulk_import\/perform/.test(path)) env.emulator.configure(long);
      const job = [...env.emulator.account('mirror').jobs.jobs.values()].at(-1);
      return job?.request.type === 'bulk_import_perform' && !job.isFinal && /job\/show/.test(path);
    });
    const [last] = [...env.emulator.account('mirror').jobs.jobs.values()].slice(-1);
    assert.equal(last?.status, 'killed');
  });

  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) {
    it(`by ${signal} has the same effect`, async (test) => {
      await interrupted(test, fresh(), ({ path }) => /upload_part/.test(path), signal);
    });
  }

  // Events go to stdout, progress goes to stderr.
  for (const [stream, option] of /** @type {const} */ ([
    ['stdout', '--json'],
    ['stderr', '--progress'],
  ])) {
    it(`also happens when ${stream} is closed`, async (test) => {
      const copy = fresh();
      const { child, ended } = clones.start(['shop', '--new-db', copy, option]);
      onRequest(test, env, ({ path }) => {
        if (/upload_part/.test(path)) child[stream].destroy();
      });
      const { code } = await ended;
      assert.equal(code, 130);
      await clones.assertNoLeftovers(copy);
      assert.deepEqual(await clones.destination.runningJobs(), []);
    });
  }

  it('by closing the terminal has the same effect', async () => {
    env.emulator.configure(long);
    const copy = fresh();
    const { source, destination } = clones;
    const args = ['clone-db', 'shop', '--new-db', copy, '--se', source.url, '--de', destination.url];
    const variables = { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key };
    // The first job only checks that the key can read the source.
    env.emulator.configure({ delays: { ...long.delays, running: 500 } });
    const { code, acted, output } = await inTerminal(env, args, {
      variables,
      action: 'CLOSE',
      text: 'source job',
    });
    assert.ok(acted, output);
    assert.equal(code, 130, output);
    await clones.assertNoLeftovers(copy);
    assert.deepEqual(await source.runningJobs(), []);
  });

  it('quits immediately the second time, and the next run cleans up', async (test) => {
    const copy = fresh();
    const { child, ended } = clones.start(['shop', '--new-db', copy]);
    /** @type {NodeJS.Timeout | undefined} */
    let again;
    onRequest(test, env, ({ path }) => {
      if (/upload_part/.test(path) && !again) {
        env.fail({
          path: '/(bulk_import|table)/delete/',
          times: -1,
          action: { type: 'stall', ms: 600_000 },
        });
        again = setInterval(() => child.kill('SIGINT'), 50);
      }
    });
    const { code, stderr } = await ended;
    clearInterval(again);
    assert.equal(code, 130);
    assert.doesNotMatch(stderr, /^Error: interrupted$/m);
    env.emulator.faults.clear();
    assert.notDeepEqual(await clones.destination.leftovers(copy), []);
    const next = await clones.run(['shop', '--new-db', copy, '--skip-existing']);
    assert.equal(next.code, 0, next.stderr);
    await clones.assertNoLeftovers(copy);
    await clones.assertEqual('shop', copy);
  });

  it('is followed by a run with --skip-existing that copies the remaining tables', async (test) => {
    const copy = fresh();
    let renames = 0;
    await interrupted(test, copy, ({ path }) => /table\/rename/.test(path) && ++renames === 3);
    assert.ok((await clones.destination.tableNames(copy)).length >= 2);
    const { code } = await clones.run(['shop', '--new-db', copy, '--skip-existing']);
    assert.equal(code, 0);
    await clones.assertEqual('shop', copy);
  });
});
