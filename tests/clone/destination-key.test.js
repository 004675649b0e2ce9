import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Clones, isWrite } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

// The destination's API key in a clone by TD's engine to another account.

const [acme, elsewhere] = readSeed('edges').accounts;
assert.ok(acme && elsewhere);
const databases = [
  { name: 'sliced', tables: [{ name: 'visits', generate: { recipe: 'tiny', rows: 60_000 } }] },
  { name: 'small', tables: [{ name: 'pairs', generate: { recipe: 'tiny', rows: 5 } }] },
];
const env = setUpEnv({ accounts: [{ ...acme, databases }, elsewhere] }, 'acme');
const across = new Clones(env, 'acme', 'elsewhere');
const ENGINE = ['--via', 'engine', '--allow-key-in-job'];

let count = 0;
const fresh = () => `engine_${++count}`;

describe('the destination’s key', () => {
  it('is given to TD only with --allow-key-in-job: else the plan is an error, and nothing is written', async () => {
    for (const more of [[], ['--dry-run']]) {
      const args = ['small', '--new-db', fresh(), '--via', 'engine', '--json', ...more];
      const { code, stdout, stderr } = await across.run(args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /store the destination's API key.*\n.*--allow-key-in-job.*--via client/);
      assert.equal(eventsOf(stdout).at(-1).code, 'key_in_job');
    }
    assert.deepEqual(env.emulator.requests().filter(isWrite), []);
  });

  it('is in the job at TD and nowhere else', async () => {
    const copy = fresh();
    const { code, stdout, stderr } = await across.run([
      'small',
      '--new-db',
      copy,
      ...ENGINE,
      '--json',
      '--report',
      'report.json',
    ]);
    assert.equal(code, 0, stderr);
    const secret = across.destination.key.split('/')[1] ?? '';
    const report = await readFile(env.path('report.json'), 'utf8');
    assert.ok(!(stdout + stderr + report + JSON.stringify(env.emulator.requests())).includes(secret));
    assert.ok(
      env.emulator.requests().every(({ path }) => !path.includes('result=')),
      'it is in a request body, which proxies do not log',
    );
    const { body } = await across.source.get('/v3/job/list');
    const shown = body.jobs.filter((/** @type {any} */ { result }) =>
      result.includes(`@${new URL(across.destination.url).host}/${copy}/`),
    );
    assert.ok(shown[0]?.result.includes(secret));
    const { body: alone } = await across.source.get(`/v3/job/show/${shown[0].job_id}`);
    assert.equal(alone.result, shown[0].result);
    assert.ok(!JSON.stringify((await across.destination.get('/v3/job/list')).body).includes(secret));
    assert.equal(shown.length, 1, 'users who can list the source’s jobs see it, as documented');
  });

  it('is removed from TD’s message about the job', async () => {
    const secret = across.destination.key;
    for (const key of [secret, encodeURIComponent(secret)]) {
      env.emulator.faults.clear();
      env.fail({
        path: 'petit_staging',
        action: { type: 'job_fails', message: `cannot write to td://${key}@host/db` },
      });
      const { code, stderr } = await across.run(['small', '--new-db', fresh(), ...ENGINE]);
      assert.equal(code, 3, stderr);
      assert.match(stderr, /cannot write to td:\/\/.*\[API key\]@host/);
    }
  });

  it('is removed from TD’s message about a linked export job', async () => {
    env.emulator.configure({ linkedExport: true });
    const message = `cannot write to td://${across.destination.key}@host/db`;
    env.fail({ path: 'EXPORT RESULT TO', times: -1, action: { type: 'job_fails', message } });
    const args = ['small', '--new-db', fresh(), ...ENGINE, '--json', '--report', 'report.json'];
    const { code, stdout, stderr } = await across.run(args);
    env.emulator.configure({ linkedExport: false });
    assert.equal(code, 3, stderr);
    for (const text of [stdout, stderr, await readFile(env.path('report.json'), 'utf8')]) {
      assert.match(text, /cannot write to td:\/\/.*\[API key\]@host/);
    }
  });

  it('that TD refuses fails the table with a hint', async () => {
    const copy = fresh();
    env.fail({
      method: 'POST',
      path: '/job/issue/',
      account: 'acme',
      skip: 2,
      times: 1,
      action: { type: 'status', status: 401 },
    });
    const { code, stderr } = await across.run(['small', '--new-db', copy, ...ENGINE]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /Check the API key/);
    await across.assertNoLeftovers(copy);
  });

  it('also works with a linked export job, which petit awaits', async () => {
    const copy = fresh();
    env.emulator.configure({ linkedExport: true });
    const { code, stderr } = await across.run([
      'sliced',
      '--new-db',
      copy,
      ...ENGINE,
      '--split-rows',
      '30000',
    ]);
    env.emulator.configure({ linkedExport: false });
    assert.equal(code, 0, stderr);
    await across.assertEqual('sliced', copy);
  });
});
