import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { it } from 'node:test';
import { startEmulator } from './index.js';
import { Td } from './td.js';

/** @param {import('./seed.js').TableSeed[]} tables @returns {import('./seed.js').Seed} */
const seedOf = (tables) => ({
  accounts: [
    {
      name: 'one',
      id: 1,
      site: 'us01',
      keys: [{ name: 'master', key: 'k', permission: 'master' }],
      databases: [{ name: 'made', tables }],
    },
  ],
});

it('generates the same large tables each time', async () => {
  const recipes = ['clicks', 'events', 'logs', 'wide', 'tiny'];
  const tables = recipes.map((recipe) => ({ name: recipe, generate: { recipe, rows: 1000 } }));
  const sums = [];
  for (let turn = 0; turn < 2; turn += 1) {
    const emulator = await startEmulator({ seed: seedOf(tables) });
    const td = new Td(emulator.url('one'), emulator.key('one'));
    const counts = [];
    for (const name of recipes) counts.push(await td.rows('made', `SELECT COUNT(1), MIN(time) FROM ${name}`));
    assert.deepEqual(counts, Array(recipes.length).fill([[1000, 1_700_000_000]]));
    const { body } = await td.get('/v3/table/show/made/events');
    assert.equal(JSON.parse(body.schema).length, 10);
    const { job_id: id, result_size: size } = await td.query(
      'made',
      'SELECT * FROM events ORDER BY time, id',
    );
    sums.push([size, (await td.get(`/v3/job/result/${id}?format=msgpack.gz`)).body.toString('base64')]);
    await emulator.close();
  }
  assert.deepEqual(sums[0], sums[1]);
});

it('adds data to a running emulator, and removes its folder at the end', async () => {
  const emulator = await startEmulator({ seed: seedOf([]), ports: { eu01: 0 } });
  await emulator.loadSeed(seedOf([{ name: 'later', records: [{ time: 1, n: 5 }] }]));
  const td = new Td(emulator.url('one'), emulator.key('one'));
  assert.deepEqual(await td.rows('made', 'SELECT n, time FROM later'), [[5, 1]]);
  assert.equal((await new Td(emulator.url('eu01'), 'k').get('/v3/database/list')).status, 401);
  const { folder } = emulator.emulator;
  assert.ok(existsSync(folder));
  await emulator.close();
  assert.ok(!existsSync(folder));
  await assert.rejects(fetch(td.url));
});

it('reports errors in a seed', async () => {
  await assert.rejects(
    startEmulator({ seed: seedOf([{ name: 'bad', records: [{ n: 1 }] }]) }),
    /integer time/,
  );
  await assert.rejects(
    startEmulator({ seed: seedOf([{ name: 'bad', generate: { recipe: 'nope', rows: 1 } }]) }),
    /unknown recipe nope, expected one of clicks/,
  );
});
