import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, isWrite, onRequest } from './clone-support.js';
import { readSeed, surroundings } from './support.js';

/** @import { LogEntry } from './emulator/request-log.js' */

const here = surroundings(readSeed('clone-shop'), 'prod');
const clones = new Clones(here, 'prod', 'mirror');

let count = 0;
/** @returns {string} a database name that no test used yet */
const fresh = () => `fresh_${++count}`;

describe('an interrupt', () => {
  /**
   * Interrupts a run as a request arrives.
   * @param {import('node:test').TestContext} test
   * @param {string} copy
   * @param {(entry: LogEntry, count: number) => boolean} at
   * @param {NodeJS.Signals} [signal]
   */
  async function interrupted(test, copy, at, signal = 'SIGINT') {
    let seen = 0;
    let sent = false;
    const { child, ended } = clones.start(['shop', '--new-db', copy]);
    onRequest(test, here, (entry) => {
      if (sent || !at(entry, ++seen)) return;
      sent = true;
      child.kill(signal);
    });
    const { code, stdout, stderr } = await ended;
    assert.ok(sent, 'the run came that far');
    assert.equal(code, 130, stderr);
    assert.doesNotMatch(stdout, /complete/i);
    assert.match(stderr, /^Error: interrupted$/m);
    await clones.assertTidy(copy);
    assert.deepEqual(await clones.source.runningJobs(), []);
    assert.deepEqual(await clones.destination.runningJobs(), []);
    for (const table of await clones.destination.tableNames(copy))
      await clones.assertSameTable('shop', copy, table);
  }

  const steps = {
    'a query is issued': /job\/issue\/presto\/shop/,
    'a staging table is made': /table\/create/,
    'a session is made': /bulk_import\/create/,
    'a result is fetched': /job\/result/,
    'a part is uploaded': /upload_part/,
    'a session is performed': /bulk_import\/perform/,
    'a session is committed': /bulk_import\/commit/,
    'rows are counted': /job\/issue\/presto\/fresh/,
    'a table is renamed': /table\/rename/,
  };
  for (const [name, path] of Object.entries(steps)) {
    it(`as ${name} leaves nothing behind`, async (test) => {
      let turn = 0;
      await interrupted(
        test,
        fresh(),
        (entry) => isWrite(entry) === !/result/.test(path.source) && path.test(entry.path) && ++turn === 2,
      );
    });
  }

  const long = { delays: { queued: 0, booting: 0, running: 60_000, final: 0 } };
  for (const [name, path] of Object.entries({ issued: /job\/issue/, asked: /job\/status/ })) {
    it(`kills a query that runs, having just been ${name}`, async (test) => {
      here.emulator.configure(long);
      await interrupted(test, fresh(), (entry) => path.test(entry.path));
      const [last] = [...here.emulator.account('prod').jobs.jobs.values()].slice(-1);
      assert.equal(last?.status, 'killed');
    });
  }

  it('kills the job of a session that is performed', async (test) => {
    await interrupted(test, fresh(), ({ path }) => {
      if (/bulk_import\/perform/.test(path)) here.emulator.configure(long);
      const job = [...here.emulator.account('mirror').jobs.jobs.values()].at(-1);
      return job?.order.type === 'bulk_import_perform' && !job.isFinal && /job\/show/.test(path);
    });
    const [last] = [...here.emulator.account('mirror').jobs.jobs.values()].slice(-1);
    assert.equal(last?.status, 'killed');
  });

  it('by SIGTERM is the same', async (test) => {
    await interrupted(test, fresh(), ({ path }) => /upload_part/.test(path), 'SIGTERM');
  });

  it('is followed by a run with --skip-existing that brings the rest', async (test) => {
    const copy = fresh();
    let renames = 0;
    await interrupted(test, copy, ({ path }) => /table\/rename/.test(path) && ++renames === 3);
    assert.ok((await clones.destination.tableNames(copy)).length >= 2);
    const { code } = await clones.run(['shop', '--new-db', copy, '--skip-existing']);
    assert.equal(code, 0);
    await clones.assertEqual('shop', copy);
  });
});
