// A clone of twenty tables while anything may fail, at random but by a seed: it ends in equality, or in an honest error
// and then, undisturbed, in equality.
//
//   node tests/faults/chaos.js --seeds 500        seeds 1 to 500
//   node tests/faults/chaos.js --seed 17          that one, and what failed in it
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { assertSameRows } from '../support/clone.js';
import { eventsOf } from '../support/index.js';
import { assertLooks } from './poll-assertions.js';
import { Lanes } from './worker-slots.js';

/** @import { Action, Rule } from '../emulator/faults.js' */
/** @import { World } from './fixture.js' */

const DATABASE = 'chaos';
const PATIENCE = ['--retry-timeout', '6', '--idle-timeout', '2'];

/** What may fail, and how likely each request, job or import does. @type {[probability: number, path: string, action: Action][]} */
const TROUBLE = [
  [0.01, '/v3/', { type: 'status', status: 500 }],
  [0.01, '/v3/', { type: 'status', status: 502, body: 'html' }],
  [0.01, '/v3/', { type: 'status', status: 503, body: 'empty' }],
  [0.01, '/v3/', { type: 'status', status: 504, carriedOut: true }],
  [0.01, '/v3/', { type: 'status', status: 429, retryAfter: { seconds: 0 } }],
  [0.01, '/v3/', { type: 'reset' }],
  [0.01, '/v3/', { type: 'reset', carriedOut: true }],
  [0.002, '/v3/', { type: 'stall', ms: 60_000 }],
  [0.002, '/v3/', { type: 'refuse', ms: 300 }],
  [0.02, '/v3/job/result/', { type: 'truncate', afterBytes: 20 }],
  [0.01, '/v3/job/result/', { type: 'truncate', afterBytes: 20, lies: true }],
  [0.003, '/v3/job/result/', { type: 'corrupt', atByte: 15 }],
  [0.02, '/v3/job/result/', { type: 'redirect', status: 307 }],
  [0.003, 'SELECT', { type: 'job_fails' }],
  [0.003, 'SELECT|LOAD', { type: 'job_killed' }],
  [0.003, '.', { type: 'perform_fails' }],
  [0.02, '.', { type: 'commit_fails' }],
  [0.003, '.', { type: 'error_records', count: 1 }],
  [0.02, '.', { type: 'count_lags', ms: 200 }],
];

/** Twenty tables: most have few rows, some none, one many. */
const TABLES = Array.from({ length: 20 }, (_, place) => ({
  name: `table_${String(place + 1).padStart(2, '0')}`,
  ...(place % 5 === 4
    ? { schema: [['id', 'long']] }
    : { generate: { recipe: place % 2 ? 'logs' : 'tiny', rows: place === 0 ? 20_000 : 10 + place } }),
}));

/** Worlds whose source has the twenty tables. @param {number} most */
export const chaosLanes = (most) => new Lanes(most, { [DATABASE]: TABLES });

/**
 * @param {World} world
 * @param {number} seed
 * @returns {Promise<{ exit: number | null, codes: string[], faults: number, leaves: number }>}
 */
export async function runSeed(world, seed) {
  const copy = world.fresh();
  await world.enter();
  world.emulator.clearRequests();
  for (const [place, [probability, path, action]] of TROUBLE.entries()) {
    world.emulator.faults.add({ path, action, probability, times: -1, seed: seed * 1000 + place });
  }
  const clone = (/** @type {string[]} */ ...args) =>
    world.clones.run([
      DATABASE,
      '--new-db',
      copy,
      '--json',
      '--workers',
      '0',
      '--table-parallelism',
      '4',
      ...args,
    ]);
  try {
    const { code: exit, stdout, stderr } = await clone(...PATIENCE);
    const entries = world.emulator.requests();
    assertLooks(entries);
    await world.calm();
    const errors = eventsOf(stdout).filter(({ type }) => type === 'error');
    const failed = new Set(errors.map(({ table }) => table));
    if (exit === 0) assert.deepEqual([...failed], []);
    else assertHonest(exit, errors, stderr);
    // Without a plan nothing was done; with one, each table is whole or not there.
    const there = await world.clones.destination.tableNames(copy);
    for (const { name } of TABLES) {
      if (exit === 0 || (failed.size > 0 && !failed.has(undefined) && !failed.has(name))) {
        await assertEqual(world, copy, name);
      } else assert.ok(!there.includes(name), `${name} has failed and is there`);
    }
    const leaves = await world.clones.destination.leftovers(copy);
    if (exit === 0) assert.deepEqual(leaves, []);
    else await bringTheRest(world, copy, clone, failed);
    const faults = entries.filter(({ fault }) => fault !== null).length;
    return { exit, codes: errors.map(({ code }) => code), faults, leaves: leaves.length };
  } finally {
    await world.calm();
    await world.clones.destination.post(`/v3/database/delete/${copy}`);
  }
}

/**
 * @param {number | null} exit
 * @param {any[]} errors
 * @param {string} stderr
 */
function assertHonest(exit, errors, stderr) {
  assert.ok([1, 2, 3, 4].includes(exit ?? -1), `exit code ${exit}: ${stderr}`);
  assert.ok(errors.length > 0, 'an error is told');
  for (const { code, message, hint } of errors) {
    assert.notEqual(code, 'internal', stderr);
    assert.ok(message && hint && stderr.includes(hint), stderr);
  }
}

/**
 * @param {World} world
 * @param {string} copy
 * @param {(...args: string[]) => Promise<import('../support/index.js').Ended>} clone
 * @param {Set<string | undefined>} failed
 */
async function bringTheRest(world, copy, clone, failed) {
  const { code, stderr } = await clone('--skip-existing');
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    await world.clones.destination.tableNames(copy),
    TABLES.map(({ name }) => name),
  );
  const missing = TABLES.filter(({ name }) => failed.has(undefined) || failed.has(name));
  for (const { name } of missing) await assertEqual(world, copy, name);
  assert.deepEqual(await world.clones.destination.leftovers(copy), []);
}

/**
 * @param {World} world
 * @param {string} copy
 * @param {string} table
 */
async function assertEqual(world, copy, table) {
  const [wanted, got] = [await world.source(DATABASE, table), await world.copy(copy, table)];
  assert.deepEqual([got.table, got.schema], [wanted.table, wanted.schema]);
  assertSameRows(got.rows, wanted.rows, table);
}

/** How to see a seed again. @param {number} seed */
export const again = (seed) => `run it again with: node tests/faults/chaos.js --seed ${seed}`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { seeds: { type: 'string' }, seed: { type: 'string' } } });
  const seeds = values.seed
    ? [Number(values.seed)]
    : Array.from({ length: Number(values.seeds ?? 50) }, (_, place) => place + 1);
  const lanes = chaosLanes(Math.min(seeds.length, availableParallelism() + 3));
  await Promise.all(
    seeds.map((seed) =>
      lanes.use(async (world) => {
        const began = performance.now();
        try {
          const ended = await runSeed(world, seed);
          console.log(
            `seed ${seed}: ${JSON.stringify(ended)} ${((performance.now() - began) / 1000).toFixed(1)} s`,
          );
        } catch (error) {
          process.exitCode = 1;
          console.error(`seed ${seed} FAILED; ${again(seed)}\n${/** @type {Error} */ (error).stack}`);
        }
      }),
    ),
  );
  await lanes.close();
}
