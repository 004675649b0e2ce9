import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Clones, onRequest, STAGING } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

// Several machines clone one database, each of them one shard, without communication.

const [prod, mirror] = readSeed('clone-shop').accounts;
assert.ok(prod && mirror);
const TABLES = Array.from({ length: 24 }, (_, place) => ({
  name: `table_${place}`,
  generate: { recipe: 'tiny', rows: 40 * (place + 1) },
}));
const seed = {
  accounts: [
    { ...prod, databases: [{ name: 'wide', tables: TABLES }] },
    { ...mirror, databases: [] },
  ],
};
const env = setUpEnv(seed, 'prod');
const SHARDS = ['1/3', '2/3', '3/3'];

for (const [way, to, args] of /** @type {const} */ ([
  ['through petit', 'mirror', []],
  ['by TD’s engine', 'prod', ['--via', 'engine']],
])) {
  it(`three parallel processes copy a database ${way}; one is killed and restarted`, async (test) => {
    const clones = new Clones(env, 'prod', to);
    const copy = `wide_${to}`;
    const start = (/** @type {string} */ shard) =>
      clones.start([
        'wide',
        '--new-db',
        copy,
        '--skip-existing',
        '--shard',
        shard,
        '--json',
        '--workers',
        '0',
        ...args,
      ]);
    const [first, second, third] = SHARDS.map(start);
    assert.ok(first && second && third);
    let renames = 0;
    onRequest(test, env, ({ path }) => {
      // At this point all three processes are copying tables.
      if (path.includes('/table/rename/') && ++renames === 3) second.child.kill('SIGKILL');
    });
    const ended = await Promise.all([first.ended, second.ended, third.ended]);
    assert.equal(ended[1]?.signal, 'SIGKILL');
    for (const other of [ended[0], ended[2]]) assert.equal(other?.code, 0, other?.stderr);
    const before = (await clones.destination.tableNames(copy)).filter((name) => !STAGING.test(name));
    assert.ok(before.length < TABLES.length, 'the killed process has not copied all of its tables');

    const again = await start('2/3').ended;
    assert.equal(again.code, 0, again.stderr);
    await clones.assertEqual('wide', copy);
    await clones.assertNoLeftovers(copy);
    const { source, destination } = clones;
    const proof = await env.start(
      ['verify', 'wide', '--new-db', copy, '--se', source.url, '--de', destination.url],
      { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key },
    ).ended;
    assert.equal(proof.code, 0, proof.stderr);
    assert.match(proof.stdout, new RegExp(`: ${TABLES.length} equal, in`));
    const plans = [ended[0], again, ended[2]].map((run) =>
      eventsOf(run?.stdout ?? '').find(({ type }) => type === 'plan'),
    );
    const shards = plans.map(({ tables }) =>
      tables.map((/** @type {{ table: string }} */ { table }) => table),
    );
    assert.deepEqual(
      shards.flat().sort(),
      TABLES.map(({ name }) => name).sort(),
      'each table is in exactly one shard',
    );
    for (const shard of shards) assert.ok(shard.length >= 3, `${shard.length} tables`);
    assert.deepEqual(
      plans.map(({ shard }) => shard),
      [1, 2, 3].map((index) => ({ index, count: 3 })),
    );
  });
}

it('a shard deletes the leftovers of its own tables, and leaves those of other shards alone', async () => {
  const clones = new Clones(env, 'prod', 'mirror');
  const copy = 'wide_mirror';
  const { stdout } = await clones.run(['wide', '--new-db', copy, '--overwrite', '--dry-run', '--json']);
  const [{ tables }] = eventsOf(stdout);
  for (const { copy: task } of tables)
    await clones.destination.post(`/v3/table/create/${copy}/${task.stagingTable}/log`);
  const left = [];
  for (const shard of SHARDS) {
    const args = ['wide', '--new-db', copy, '--overwrite', '--dry-run', '--json', '--shard', shard];
    const [plan] = eventsOf((await clones.run(args)).stdout);
    const own = plan.tables.map((/** @type {any} */ planned) => planned.table);
    const names = plan.orphans.tables.map((/** @type {string} */ name) =>
      name.replace(/^petit_staging_[0-9a-f]+_/, ''),
    );
    assert.deepEqual(names.sort(), own.sort());
    left.push(...names);
  }
  assert.equal(left.length, TABLES.length);
  assert.equal((await clones.run(['wide', '--new-db', copy, '--overwrite', '--workers', '0'])).code, 0);
  await clones.assertNoLeftovers(copy);
});

it('a straggler that comes back finds its tables taken, says so, and changes nothing', async (test) => {
  const clones = new Clones(env, 'prod', 'mirror');
  const copy = 'wide_straggler';
  const shard = (/** @type {string} */ share) =>
    clones.start(['wide', '--new-db', copy, '--skip-existing', '--shard', share, '--json', '--workers', '0']);
  const straggler = shard('2/3');
  /** @type {import('../support/index.js').Ended | undefined} */
  let substitute;
  let isStopped = false;
  onRequest(test, env, async ({ path }) => {
    if (isStopped || !path.includes('/upload_part/')) return;
    isStopped = true;
    straggler.child.kill('SIGSTOP');
    substitute = await shard('2/3').ended;
    straggler.child.kill('SIGCONT');
  });
  const ended = await straggler.ended;
  assert.equal(substitute?.code, 0, substitute?.stderr);
  assert.equal(ended.code, 3, ended.stderr);
  const published = eventsOf(substitute?.stdout ?? '').filter(({ state }) => state === 'done');
  const errors = eventsOf(ended.stdout).filter(({ type }) => type === 'error');
  assert.deepEqual(
    errors.map(({ code, table }) => [code, table]).sort(),
    published.map(({ table }) => ['already_exists', table]).sort(),
  );
  const rest = await Promise.all(['1/3', '3/3'].map((share) => shard(share).ended));
  for (const { code, stderr } of rest) assert.equal(code, 0, stderr);
  await clones.assertEqual('wide', copy);
  await clones.assertNoLeftovers(copy);
});
