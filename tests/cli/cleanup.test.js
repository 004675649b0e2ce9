import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, onRequest, STAGING, told } from '../support/clone.js';
import { eventsOf, readSeed, surroundings } from '../support/index.js';

const here = surroundings(readSeed('clone-shop'), 'mirror');
const clones = new Clones(here, 'prod', 'mirror');

/** @param {string[]} args @param {string} [key] */
const cleanup = (args, key = here.account.apikey) =>
  here.start(['cleanup', '--endpoint', here.account.endpoint, ...args], { TD_API_KEY: key }).ended;

/**
 * Kills a clone when it makes this request, so that nothing tidies up.
 * @param {{ after: (done: () => void) => void }} test
 * @param {RegExp} request
 * @param {string} copy
 */
async function die(test, request, copy) {
  const { child, ended } = clones.start(['shop', '--new-db', copy, '--table-parallelism', '1']);
  onRequest(test, here, (entry) => {
    if (request.test(told(entry))) child.kill('SIGKILL');
  });
  assert.equal((await ended).signal, 'SIGKILL');
}

describe('petit cleanup', () => {
  it('says so when nothing is left', async () => {
    const { code, stdout, stderr } = await cleanup([]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Nothing is left of any clone in http:\/\/127\.0\.0\.1:\d+\.\n$/);
  });

  it('shows what a killed clone left, removes nothing; with --yes it does', async (test) => {
    await die(test, /^POST \/v3\/bulk_import\/perform/, 'left_1');
    const left = await clones.destination.leftovers('left_1');
    assert.ok(left.length >= 2, String(left));
    here.emulator.clearRequests();
    const shown = await cleanup([]);
    assert.equal(shown.code, 0, shown.stderr);
    for (const name of left) assert.ok(shown.stdout.includes(name), shown.stdout);
    assert.match(shown.stdout, /^table +left_1 +petit_staging_\w+ +\d+ rows/m);
    assert.match(shown.stdout, /Nothing was removed\. Run it again with --yes/);
    assert.deepEqual(
      here.requests().filter((one) => !one.startsWith('GET')),
      [],
    );
    assert.equal((await cleanup(['shop_later'], clones.source.key)).code, 2, 'another account’s key');
    const removed = await cleanup(['left_1', '--yes']);
    assert.equal(removed.code, 0, removed.stderr);
    assert.match(removed.stdout, new RegExp(`^${left.length} removed, 0 killed, 0 failed\\.$`, 'm'));
    assert.deepEqual(await clones.destination.leftovers('left_1'), []);
  });

  it('leaves alone what a running job works on, unless --force', async (test) => {
    const { destination } = clones;
    await die(test, /^POST \/v3\/bulk_import\/perform/, 'left_2');
    const [name = ''] = (await destination.leftovers('left_2')).filter((one) => STAGING.test(one));
    here.emulator.configure({ delays: { queued: 0, booting: 0, running: 600_000, final: 0 } });
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

  it('goes on when one thing cannot be removed, and ends with 3', async (test) => {
    await die(test, /^POST \/v3\/bulk_import\/perform/, 'left_3');
    here.fail({ path: '/v3/table/delete/left_3', action: { type: 'status', status: 403 } });
    const { code, stdout, stderr } = await cleanup(['left_3', '--yes']);
    assert.equal(code, 3, stdout);
    assert.match(stderr, /^Error: table "petit_staging_/m);
    assert.match(stdout, /, 1 failed\.$/m);
    assert.equal((await cleanup(['left_3', '--yes'])).code, 0);
    assert.deepEqual(await clones.destination.leftovers('left_3'), []);
  });

  it('tells which databases the key may not look into', async () => {
    here.fail({ path: '/v3/table/list/shop', action: { type: 'status', status: 403 } });
    const { code, stdout, stderr } = await here.start(['cleanup', '--endpoint', clones.source.url], {
      TD_API_KEY: clones.source.key,
    }).ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /The key may not look into shop\./);
  });
});
