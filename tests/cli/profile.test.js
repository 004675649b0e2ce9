import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { exportTables } from '../../pkg-scripts/node.js';
import { Clones } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

/** @import { ProfileEvent } from '../../pkg-scripts/types.js' */

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

/** @param {any[]} events @returns {ProfileEvent | undefined} */
const profileIn = (events) => events.find(({ type }) => type === 'profile');

/** @param {ProfileEvent | undefined} profile @param {string} name */
function stageOf(profile, name) {
  const stage = profile?.stages.find(({ stage }) => stage === name);
  assert.ok(stage, `the profile has a stage ${name}`);
  return stage;
}

describe('--timings', () => {
  it('prints a table of the stages of an export', async () => {
    const { code, stderr } = await env.td2parquet([
      'shop',
      'visits',
      '--output',
      'visits.parquet',
      '--timings',
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Profile: [\d.]+ s for all tables, encoded by \d+ workers?$/m);
    assert.match(stderr, /^STAGE +OUTPUT +SECONDS +SPEED +WAITED FOR INPUT +WAITED FOR OUTPUT$/m);
    for (const stage of ['download', 'gunzip, split', 'encode', 'stitch', 'write']) {
      assert.match(stderr, new RegExp(`^${stage} +[\\d.]+ (B|KiB) +[\\d.]+ `, 'm'));
    }
    for (const part of ['decode', 'parquet']) assert.match(stderr, new RegExp(`^  ${part} +[\\d.]+$`, 'm'));
  });

  it('is an event of an export, with the output of each stage', async () => {
    /** @type {any[]} */
    const events = [];
    const { tables } = await exportTables({
      ...{ account: env.account, database: 'shop', tables: ['visits'], outputDir: env.folder, workers: 0 },
      ...{ profile: true, onEvent: (event) => void events.push(event) },
    });
    const profile = profileIn(events);
    const [table] = tables;
    const { size } = await stat(table?.outputPath ?? '', { bigint: true });
    assert.equal(stageOf(profile, 'download').bytes, table?.downloadedBytes);
    assert.ok(stageOf(profile, 'gunzip, split').bytes > 0n);
    assert.deepEqual(Object.keys(stageOf(profile, 'encode').parts ?? {}), ['decode', 'parquet']);
    assert.deepEqual([stageOf(profile, 'stitch').bytes, stageOf(profile, 'write').bytes], [size, size]);
    assert.deepEqual([profile?.command, profile?.workers], ['td2parquet', 0]);
    assert.equal(events.at(-1).type, 'summary');
  });

  it('is an event of a clone', async () => {
    /** @type {any[]} */
    const events = [];
    const summary = await clones.inProcess({
      ...{ database: 'shop', newDatabase: 'profiled', profile: true },
      onEvent: (event) => void events.push(event),
    });
    const profile = profileIn(events);
    assert.deepEqual(Object.keys(stageOf(profile, 'encode').parts ?? {}), ['re-frame', 'deflate']);
    assert.equal(stageOf(profile, 'join').bytes, stageOf(profile, 'upload').bytes);
    assert.equal(stageOf(profile, 'upload').bytes, summary.bytes);
  });

  it('is absent without the option', async () => {
    const run = await env.td2parquet(['shop', 'orders', '--output', 'orders.parquet', '--json']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(profileIn(eventsOf(run.stdout)), undefined);
    assert.doesNotMatch(run.stderr, /Profile/);
  });

  it('does not change a failure: no file remains', async () => {
    env.fail({ path: '/job/result/', times: 1, action: { type: 'status', status: 404 } });
    const run = await env.td2parquet(['shop', 'visits', '--output', 'visits.parquet', '--profile']);
    assert.equal(run.code, 3, run.stderr);
    assert.deepEqual(await env.files(), []);
  });
});
