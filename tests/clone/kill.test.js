import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, isWrite, onRequest, Side, STAGING } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';

/** @import { TestContext } from 'node:test' */
/** @import { LogEntry } from '../emulator/request-log.js' */

// A run is killed as a certain request arrives: the request is carried out, nobody reads its answer. Requests that only
// look are not counted, since it takes time to tell how many of them there are.

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const QUICK = ['--workers', '0', '--table-parallelism', '4'];
const POINTS = Array.from({ length: 20 }, (_, place) => (place + 1) / 20);

/** @param {LogEntry} entry */
const isStep = (entry) =>
  entry.key !== 'reader' && (isWrite(entry) || entry.path.startsWith('/v3/job/result/'));

/**
 * Runs a clone and kills it at a step.
 * @param {TestContext} test
 * @param {string[]} args
 * @param {number} step from 1; none: never
 * @returns how many steps were done
 */
async function killedAt(test, args, step = Number.POSITIVE_INFINITY) {
  let steps = 0;
  const { child, ended } = clones.start([...args, ...QUICK]);
  onRequest(test, env, (entry) => {
    if (!isStep(entry)) return;
    steps += 1;
    if (steps === step) child.kill('SIGKILL');
  });
  const outcome = await ended;
  return { steps, ended: outcome };
}

/**
 * What a reader may see of each table: how many rows, and which. SQL may hear of a new table a moment after the listing:
 * until then it is not seen.
 * @param {Side} side
 * @param {string} database
 * @returns {Promise<Record<string, string>>}
 */
async function sights(side, database) {
  const names = (await side.tableNames(database)).filter((name) => !STAGING.test(name));
  const seen = await Promise.all(names.map(async (name) => [name, await sight(side, database, name)]));
  return Object.fromEntries(seen.filter(([, now]) => now !== undefined));
}

/**
 * @param {Side} side
 * @param {string} database
 * @param {string} table
 */
async function sight(side, database, table) {
  const sql = `SELECT COUNT(1), MIN(time), MAX(time), SUM(time) FROM "${table}"`;
  try {
    return JSON.stringify(await side.rows(database, sql));
  } catch (error) {
    if (!/does not exist$/.test(/** @type {Error} */ (error).message)) throw error;
  }
}

/** Somebody who looks at the copy all the time, until told to stop. */
class Reader {
  #stopped = false;
  /** @type {Promise<void>} */
  #watching;
  looks = 0;
  /** @type {Set<string>} */
  seen = new Set();

  /**
   * @param {TestContext} test that ends the watch at the latest
   * @param {string} database
   * @param {(sights: Record<string, string>) => void} check throws what should not be seen
   */
  constructor(test, database, check) {
    const { emulator } = env;
    this.side = new Side(emulator.url('mirror'), emulator.key('mirror', 'reader'));
    this.#watching = this.#watch(database, check);
    // Heard of when it is stopped.
    this.#watching.catch(() => {});
    test.after(() => {
      this.#stopped = true;
      return this.#watching.catch(() => {});
    });
  }

  /**
   * @param {string} database
   * @param {(sights: Record<string, string>) => void} check
   */
  async #watch(database, check) {
    while (!this.#stopped) {
      const seen = await sights(this.side, database);
      check(seen);
      for (const [name, now] of Object.entries(seen)) this.seen.add(`${name} ${now}`);
      this.looks += 1;
    }
  }

  /** @throws what it should not have seen */
  async stop() {
    this.#stopped = true;
    await this.#watching;
    assert.ok(this.looks > 0);
  }
}

describe('a run that is killed, and then run again with --skip-existing', () => {
  let steps = 0;

  it('has so many steps when nobody kills it', async (test) => {
    const { steps: done, ended } = await killedAt(test, ['shop', '--new-db', 'whole']);
    assert.equal(ended.code, 0, ended.stderr);
    steps = done;
    assert.ok(steps >= 2 * POINTS.length, `${steps} steps`);
  });

  for (const point of POINTS) {
    it(`after ${Math.round(point * 100)} % of its steps, gives the whole and showed no half of a table`, async (test) => {
      const copy = `copy_${Math.round(point * 100)}`;
      const whole = await sights(clones.source, 'shop');
      /** @type {Set<string>} */
      const shown = new Set();
      const reader = new Reader(test, copy, (seen) => {
        for (const [name, now] of Object.entries(seen)) assert.equal(now, whole[name], `rows of ${name}`);
        for (const name of shown) assert.ok(name in seen, `${name} was there and is gone`);
        for (const name of Object.keys(seen)) shown.add(name);
      });
      const { ended } = await killedAt(test, ['shop', '--new-db', copy], Math.ceil(point * steps));
      assert.equal(ended.signal, 'SIGKILL', `${ended.code} ${ended.stderr}`);
      const again = await clones.run(['shop', '--new-db', copy, '--skip-existing', ...QUICK]);
      assert.equal(again.code, 0, again.stderr);
      await reader.stop();
      await clones.assertEqual('shop', copy);
      await clones.assertNoLeftovers(copy);
    });
  }
});

describe('a run with --overwrite that is killed, and then run again', () => {
  /** @type {Record<string, number>} by source: one has an empty table */
  const steps = {};
  let [before, from] = ['shop', 'shop_later'];

  for (const source of [from, before]) {
    it(`has so many steps when nobody kills it and ${source} is copied`, async (test) => {
      const { steps: done, ended } = await killedAt(test, [source, '--new-db', 'served', '--overwrite']);
      assert.equal(ended.code, 0, ended.stderr);
      steps[source] = done;
      assert.ok(done >= 2 * POINTS.length, `${done} steps`);
    });
  }

  // Old and new take turns: what one run brought is what the next replaces.
  for (const point of POINTS.filter((_, place) => place % 2 === 1)) {
    it(`after ${Math.round(point * 100)} % of its steps, always shows the old rows or the new`, async (test) => {
      const [old, wanted] = [await sights(clones.source, before), await sights(clones.source, from)];
      const reader = new Reader(test, 'served', (seen) => {
        assert.deepEqual(Object.keys(seen), Object.keys(wanted));
        for (const [name, now] of Object.entries(seen))
          assert.ok(
            now === old[name] || now === wanted[name],
            `${name}: ${now}, not ${old[name]} or ${wanted[name]}`,
          );
      });
      const args = [from, '--new-db', 'served', '--overwrite'];
      const { ended } = await killedAt(test, args, Math.ceil(point * (steps[from] ?? 0)));
      assert.equal(ended.signal, 'SIGKILL', `${ended.code} ${ended.stderr}`);
      const again = await clones.run([...args, ...QUICK]);
      assert.equal(again.code, 0, again.stderr);
      await reader.stop();
      assert.ok(reader.seen.size > Object.keys(wanted).length, 'it saw old rows and new ones');
      await clones.assertEqual(from, 'served');
      await clones.assertNoLeftovers('served');
      [from, before] = [before, from];
    });
  }
});
