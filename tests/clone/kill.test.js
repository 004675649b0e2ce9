import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, isWrite, onRequest, Side, STAGING } from '../support/clone.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { readSeed, setUpEnv } from '../support/index.js';

/** @import { TestContext } from 'node:test' */
/** @import { LogEntry } from '../emulator/request-log.js' */

// Each run is killed when a certain request arrives. The emulator handles the request, and nobody reads the response.
// Only requests that change data or fetch results count as steps, because the number of polls depends on timing.

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const QUICK = ['--workers', '0', '--table-parallelism', '4'];
const POINT_COUNT = EXHAUSTIVE ? 20 : 5;
const POINTS = Array.from({ length: POINT_COUNT }, (_, place) => (place + 1) / POINT_COUNT);

/** @param {LogEntry} entry */
const isStep = (entry) =>
  entry.key !== 'reader' && (isWrite(entry) || entry.path.startsWith('/v3/job/result/'));

/**
 * Runs a clone and kills it at a step.
 * @param {TestContext} test
 * @param {string[]} args
 * @param {number} step from 1 (default: no kill)
 * @returns the number of steps until the end
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
 * What a reader sees of each table: its row count and a checksum of its times. SQL can see a new table a moment later than
 * the listing; until then the table is left out.
 * @param {Side} side
 * @param {string} database
 * @returns {Promise<Record<string, string>>}
 */
async function readTables(side, database) {
  const names = (await side.tableNames(database)).filter((name) => !STAGING.test(name));
  const seen = await Promise.all(names.map(async (name) => [name, await readTable(side, database, name)]));
  return Object.fromEntries(seen.filter(([, now]) => now !== undefined));
}

/**
 * @param {Side} side
 * @param {string} database
 * @param {string} table
 */
async function readTable(side, database, table) {
  const sql = `SELECT COUNT(1), MIN(time), MAX(time), SUM(time) FROM "${table}"`;
  try {
    return JSON.stringify(await side.rows(database, sql));
  } catch (error) {
    if (!/does not exist$/.test(/** @type {Error} */ (error).message)) throw error;
  }
}

/** Reads the copy continuously until it is stopped. */
class Reader {
  #stopped = false;
  /** @type {Promise<void>} */
  #watching;
  reads = 0;
  /** @type {Set<string>} */
  seen = new Set();

  /**
   * @param {TestContext} test stops the reader at its end
   * @param {string} database
   * @param {(tables: Record<string, string>) => void} check throws if the tables are invalid
   */
  constructor(test, database, check) {
    const { emulator } = env;
    this.side = new Side(emulator.url('mirror'), emulator.key('mirror', 'reader'));
    this.#watching = this.#watch(database, check);
    // stop() reports the error.
    this.#watching.catch(() => {});
    test.after(() => {
      this.#stopped = true;
      return this.#watching.catch(() => {});
    });
  }

  /**
   * @param {string} database
   * @param {(tables: Record<string, string>) => void} check
   */
  async #watch(database, check) {
    while (!this.#stopped) {
      const seen = await readTables(this.side, database);
      check(seen);
      for (const [name, now] of Object.entries(seen)) this.seen.add(`${name} ${now}`);
      this.reads += 1;
    }
  }

  /** @throws the error of `check` */
  async stop() {
    this.#stopped = true;
    await this.#watching;
    assert.ok(this.reads > 0);
  }
}

describe('a run that is killed, and then run again with --skip-existing', () => {
  let steps = 0;

  it('counts its steps without a kill', async (test) => {
    const { steps: done, ended } = await killedAt(test, ['shop', '--new-db', 'whole']);
    assert.equal(ended.code, 0, ended.stderr);
    steps = done;
    assert.ok(steps >= 2 * POINTS.length, `${steps} steps`);
  });

  for (const point of POINTS) {
    it(`after ${Math.round(point * 100)} % of its steps, completes the copy and never showed a partial table`, async (test) => {
      const copy = `copy_${Math.round(point * 100)}`;
      const whole = await readTables(clones.source, 'shop');
      /** @type {Set<string>} */
      const shown = new Set();
      const reader = new Reader(test, copy, (seen) => {
        for (const [name, now] of Object.entries(seen)) assert.equal(now, whole[name], `rows of ${name}`);
        for (const name of shown) assert.ok(name in seen, `${name} disappeared`);
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
  /** @type {Record<string, number>} number of steps by source database, which differ by an empty table */
  const steps = {};
  let [before, from] = ['shop', 'shop_later'];

  for (const source of [from, before]) {
    it(`counts its steps without a kill, copying ${source}`, async (test) => {
      const { steps: done, ended } = await killedAt(test, [source, '--new-db', 'served', '--overwrite']);
      assert.equal(ended.code, 0, ended.stderr);
      steps[source] = done;
      assert.ok(done >= 2 * POINTS.length, `${done} steps`);
    });
  }

  // The two sources alternate: each run replaces the tables of the previous run.
  for (const point of POINTS.filter((_, place) => place % 2 === 1)) {
    it(`after ${Math.round(point * 100)} % of its steps, always shows the old rows or the new`, async (test) => {
      const [old, expected] = [
        await readTables(clones.source, before),
        await readTables(clones.source, from),
      ];
      const reader = new Reader(test, 'served', (seen) => {
        assert.deepEqual(Object.keys(seen), Object.keys(expected));
        for (const [name, now] of Object.entries(seen))
          assert.ok(
            now === old[name] || now === expected[name],
            `${name}: ${now}, not ${old[name]} or ${expected[name]}`,
          );
      });
      const args = [from, '--new-db', 'served', '--overwrite'];
      const { ended } = await killedAt(test, args, Math.ceil(point * (steps[from] ?? 0)));
      assert.equal(ended.signal, 'SIGKILL', `${ended.code} ${ended.stderr}`);
      const again = await clones.run([...args, ...QUICK]);
      assert.equal(again.code, 0, again.stderr);
      await reader.stop();
      assert.ok(reader.seen.size > Object.keys(expected).length, 'the reader saw old and new rows');
      await clones.assertEqual(from, 'served');
      await clones.assertNoLeftovers('served');
      [from, before] = [before, from];
    });
  }
});
