import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Clones, isWrite, onRequest } from '../support/clone.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { seedForClones, setUpEnv } from '../support/index.js';

// An update that is killed when a certain request arrives. The same command finishes it, and a reader sees no other state
// than the old one and the new one.

const DAY = 86_400;
const START = 1_577_836_800;
const schema = [['n', 'long']];
const records = Array.from({ length: 400 }, (_, n) => ({ time: START + Math.floor(n / 20) * DAY + n, n }));
const NAMES = ['appended', 'rebuilt', 'grown', 'engine'];
const tables = NAMES.map((name) => ({ name, schema, records }));
const env = setUpEnv(seedForClones([{ name: 'shop', tables }]), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const POINT_COUNT = EXHAUSTIVE ? 13 : 2;

afterEach(async () => {
  for (const name of await clones.destination.databases()) await clones.destination.drop(name);
  if ((await clones.source.databases()).includes('shop_copy')) await clones.source.drop('shop_copy');
});

/**
 * How a table is updated.
 * @typedef {object} Way
 * @property {string} table
 * @property {string} copy its database
 * @property {import('../support/clone.js').Side} side its account
 * @property {string[]} args
 * @property {Record<string, string>} keys
 * @property {string} damage SQL that makes the copy differ
 */

/** @returns {Way[]} */
function ways() {
  const { source, destination } = clones;
  const other = { copy: 'shop', side: destination, args: [], keys: {} };
  const same = { copy: 'shop_copy', side: source, args: ['--de', source.url, '--new-db', 'shop_copy'] };
  const key = { DEST_API_KEY: source.key };
  return [
    { ...other, table: 'appended', damage: 'DELETE FROM appended WHERE n >= 380' },
    { ...other, table: 'rebuilt', damage: 'DELETE FROM rebuilt WHERE n = 5 OR n >= 380' },
    { ...same, table: 'grown', keys: key, damage: 'DELETE FROM grown WHERE n >= 380' },
    {
      ...{ ...same, args: [...same.args, '--via', 'engine'], keys: key },
      ...{ table: 'engine', damage: 'DELETE FROM engine WHERE n >= 380' },
    },
  ];
}

/**
 * @param {Way} way
 * @param {string[]} args
 */
const start = ({ table, args: way, keys }, ...args) =>
  clones.start(['shop', table, ...way, '--workers', '0', ...args], keys);

/** @param {Way} way */
const counted = async ({ side, copy, table }) =>
  String((await side.rows(copy, `SELECT COUNT(1) FROM "${table}"`))[0]);

/**
 * Updates a damaged copy, and kills the run at a step.
 * @param {import('node:test').TestContext} test
 * @param {Way} way
 * @param {number} [step] from 1 (default: no kill)
 */
async function killedAt(test, way, step = Number.POSITIVE_INFINITY) {
  let steps = 0;
  let isRunning = true;
  const { child, ended } = start(way, '--update');
  const reads = new Set();
  const reading = (async () => {
    while (isRunning) reads.add(await counted(way));
  })();
  onRequest(test, env, (entry) => {
    if (!isWrite(entry) || entry.method === 'GET') return;
    if (/SELECT COUNT\(1\) FROM "[a-z_]+"\."[a-z]+"$/.test(entry.path)) return;
    steps += 1;
    if (steps === step) child.kill('SIGKILL');
  });
  const outcome = await ended;
  isRunning = false;
  await reading;
  return { steps, outcome, reads };
}

describe('a killed update', () => {
  for (const index of NAMES.keys()) {
    it(`of the table ${NAMES[index]} is finished by the same command`, { timeout: 600_000 }, async (test) => {
      const way = /** @type {Way} */ (ways()[index]);
      const first = await start(way).ended;
      assert.equal(first.code, 0, first.stderr);
      const whole = await counted(way);
      const damage = async () => {
        await way.side.query(way.copy, way.damage);
        return counted(way);
      };
      const old = await damage();
      const { steps, outcome } = await killedAt(test, way);
      assert.equal(outcome.code, 0, outcome.stderr);
      assert.equal(await counted(way), whole);
      for (let point = 1; point <= POINT_COUNT; point += 1) {
        assert.equal(await damage(), old);
        const killed = await killedAt(test, way, Math.max(1, Math.round((steps * point) / POINT_COUNT)));
        for (const read of killed.reads)
          assert.ok([old, whole].includes(String(read)), `${read} rows were seen`);
        const again = await start(way, '--update', '--verify', 'full').ended;
        assert.equal(again.code, 0, again.stderr);
        assert.equal(await counted(way), whole);
        const contents = await way.side.contents(way.copy, way.table);
        assert.deepEqual(contents.rows, (await clones.source.contents('shop', way.table)).rows);
        assert.deepEqual(await way.side.leftovers(way.copy), []);
      }
    });
  }
});
