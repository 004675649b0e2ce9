import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, onRequest, requestLine, STAGING } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

const env = setUpEnv(readSeed('clone-shop'), 'mirror');
const clones = new Clones(env, 'prod', 'mirror');

/** @param {string[]} args @param {string} [key] */
const cleanup = (args, key = env.account.apikey) => cleanupWith({}, args, key);

/** @param {Record<string, string>} variables @param {string[]} args */
const cleanupWith = (variables, args, key = env.account.apikey) =>
  env.start(['cleanup', '--endpoint', env.account.endpoint, ...args], { TD_API_KEY: key, ...variables })
    .ended;

/**
 * Kills a clone at a request, so that it leaves leftovers.
 * @param {{ after: (done: () => void) => void }} test
 * @param {RegExp} request
 * @param {string} copy
 */
async function killClone(test, request, copy) {
  const { child, ended } = clones.start(['shop', '--new-db', copy, '--table-parallelism', '1']);
  onRequest(test, env, (entry) => {
    if (request.test(requestLine(entry))) child.kill('SIGKILL');
  });
  assert.equal((await ended).signal, 'SIGKILL');
}

describe('petit cleanup', () => {
  it('reports that there are no leftovers', async () => {
    const { code, stdout, stderr } = await cleanup([]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^No leftovers of interrupted clones in http:\/\/127\.0\.0\.1:\d+\.\n$/);
  });

  it('refuses a missing folder of the command line, and ignores a missing one of the environment', async () => {
    assert.equal((await cleanup(['--output-dir', 'nowhere'])).code, 1);
    const { code, stderr } = await cleanupWith({ PETIT_OUTPUT_DIR: 'nowhere' }, []);
    assert.equal(code, 0, stderr);
  });

  it('lists the leftovers of a killed clone, and deletes them only with --yes', async (test) => {
    await killClone(test, /^POST \/v3\/bulk_import\/perform/, 'left_1');
    const left = await clones.destination.leftovers('left_1');
    assert.ok(left.length >= 2, String(left));
    env.emulator.clearRequests();
    const listed = await cleanup([]);
    assert.equal(listed.code, 0, listed.stderr);
    for (const name of left) assert.ok(listed.stdout.includes(name), listed.stdout);
    assert.match(listed.stdout, /^table +left_1 +petit_staging_\w+ +\d+ rows/m);
    assert.match(listed.stdout, /Nothing was deleted\. To delete these leftovers, run again with --yes/);
    assert.deepEqual(
      env.requests().filter((request) => !request.startsWith('GET')),
      [],
    );
    assert.equal((await cleanup(['shop_later'], clones.source.key)).code, 2, 'another account’s key');
    const removed = await cleanup(['left_1', '--yes']);
    assert.equal(removed.code, 0, removed.stderr);
    assert.match(removed.stdout, new RegExp(`^${left.length} deleted, 0 killed, 0 failed\\.$`, 'm'));
    assert.deepEqual(await clones.destination.leftovers('left_1'), []);
  });

  it('does not delete what a running job works on, except with --force', async (test) => {
    const { destination } = clones;
    await killClone(test, /^POST \/v3\/bulk_import\/perform/, 'left_2');
    const [name = ''] = (await destination.leftovers('left_2')).filter((left) => STAGING.test(left));
    env.emulator.configure({ delays: { queued: 0, booting: 0, running: 600_000, final: 0 } });
    const { body } = await destination.post('/v3/job/issue/presto/left_2', {
      query: `SELECT COUNT(1) FROM "${name}"`,
    });
    const refused = await cleanup(['left_2', '--yes']);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      new RegExp(`job ${body.job_id} is (queued|running), so a clone may be in progress`),
    );
    assert.ok((await destination.leftovers('left_2')).length > 0);
    const forced = await cleanup(['left_2', '--force', '--json']);
    assert.equal(forced.code, 0, forced.stderr);
    const events = eventsOf(forced.stdout);
    assert.deepEqual(
      events.map(({ type, command }) => [type, command]),
      [
        ['plan', 'cleanup'],
        ['summary', 'cleanup'],
      ],
    );
    assert.deepEqual(
      events[0].jobs.map((/** @type {any} */ { jobId }) => jobId),
      [body.job_id],
    );
    assert.deepEqual(await destination.leftovers('left_2'), []);
    assert.deepEqual(await destination.runningJobs(), []);
  });

  it('continues if a deletion fails, and exits with 3', async (test) => {
    await killClone(test, /^POST \/v3\/bulk_import\/perform/, 'left_3');
    env.fail({ path: '/v3/table/delete/left_3', action: { type: 'status', status: 403 } });
    const { code, stdout, stderr } = await cleanup(['left_3', '--yes']);
    assert.equal(code, 3, stdout);
    assert.match(stderr, /^Error: table "petit_staging_/m);
    assert.match(stdout, /, 1 failed\.$/m);
    assert.equal((await cleanup(['left_3', '--yes'])).code, 0);
    assert.deepEqual(await clones.destination.leftovers('left_3'), []);
  });

  it('reports the databases that the key cannot list', async () => {
    env.fail({ path: '/v3/table/list/shop', action: { type: 'status', status: 403 } });
    const { code, stdout, stderr } = await env.start(['cleanup', '--endpoint', clones.source.url], {
      TD_API_KEY: clones.source.key,
    }).ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /The API key cannot list the tables of shop\./);
  });
});
