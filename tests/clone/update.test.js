import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { cloneDatabase, planClone } from '../../pkg-scripts/node.js';
import { Clones, isWrite, onRequest } from '../support/clone.js';
import { startGateway } from '../support/gateway.js';
import { eventsOf, seedForClones, setUpEnv } from '../support/index.js';

// `clone-db --update`: both sides are compared by ranges of time, and only ranges that differ are copied.

const DAY = 86_400;
/** 2020-01-01: old enough to be compared by day. */
const START = 1_577_836_800;
const schema = [['n', 'long']];
const records = Array.from({ length: 40 }, (_, n) => ({ time: START + Math.floor(n / 10) * DAY + n, n }));
const NAMES = ['grown', 'late', 'odd', 'drift', 'expired', 'lost', 'moving', 'ranged', 'shared'];
/** Of 20 days. */
const many = Array.from({ length: 20_000 }, (_, n) => ({ time: START + Math.floor(n / 1_000) * DAY + n, n }));
const tables = [...NAMES.map((name) => ({ name, schema, records })), { name: 'cost', schema, records: many }];
const env = setUpEnv(seedForClones([{ name: 'shop', tables }]), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

afterEach(async () => {
  for (const name of await clones.destination.databases()) await clones.destination.drop(name);
});

/** @param {string} table @param {string} values */
const insert = (table, values) =>
  clones.source.query('shop', `INSERT INTO ${table} (n, time) VALUES ${values}`);

/** @param {string} table @param {string[]} args */
const update = (table, ...args) => clones.run(['shop', table, '--update', '--json', ...args]);

/**
 * Updates a table, and asserts that it is as in the source.
 * @param {string} table
 * @param {string[]} args
 * @returns {Promise<any>} its result; undefined if it was skipped
 */
async function updated(table, ...args) {
  const { code, stdout, stderr } = await update(table, ...args);
  assert.equal(code, 0, stderr + stdout);
  await clones.assertSameTable('shop', 'shop', table);
  await clones.assertNoLeftovers('shop');
  return eventsOf(stdout).at(-1).tables[0];
}

/** @param {string} table */
async function copied(table) {
  const { code, stderr } = await clones.run(['shop', table]);
  assert.equal(code, 0, stderr);
}

/**
 * Copies the table `cost` through gateways that count the bytes of results and of parts.
 * @param {Partial<import('../../pkg-scripts/types.js').CloneRequest>} request
 */
async function moved(request) {
  const compared = new Set();
  const counted = { bytes: 0, comparisonBytes: 0 };
  const handler = async (
    /** @type {import('../support/gateway.js').Message} */ { path, body },
    /** @type {() => Promise<import('../support/gateway.js').Answer>} */ forward,
  ) => {
    const answer = await forward();
    const isComparison = path.includes('/job/issue/') && /GROUP(\+|%20| )BY/.test(path + body);
    if (isComparison) compared.add(JSON.parse(String(answer.body)).job_id);
    const [, job] = /\/job\/result\/(\w+)/.exec(path) ?? [];
    if (job) counted[compared.has(job) ? 'comparisonBytes' : 'bytes'] += Buffer.byteLength(answer.body);
    if (path.includes('/upload_part/')) counted.bytes += body.length;
    return answer;
  };
  const { source, destination } = clones;
  const gateways = await Promise.all([source, destination].map(({ url }) => startGateway(url, handler)));
  const [from, to] = gateways.map(({ url }) => url);
  try {
    const { rows } = await cloneDatabase({
      source: { endpoint: String(from), apikey: source.key },
      destination: { endpoint: String(to), apikey: destination.key },
      ...{ database: 'shop', tables: ['cost'], workers: 0, ...request },
    });
    return { rows, comparisons: compared.size, ...counted };
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.close()));
  }
}

/** The requests since then that can change data. */
const writes = () => env.emulator.requests().filter(isWrite);

describe('an update', () => {
  it('appends the ranges of which the destination has no rows, and moves no others', async (test) => {
    await copied('grown');
    // The rest of the last day, a new day, and one between days that are equal.
    await insert(
      'grown',
      `(100, ${START + 3 * DAY + 99}), (101, ${START + 4 * DAY}), (102, ${START - 9 * DAY})`,
    );
    const dry = await clones.run(['shop', 'grown', '--update', '--dry-run']);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /^APPEND +grown +3 /m);
    assert.match(dry.stdout, /^grown: APPEND: the destination has no rows in 3 ranges that differ$/m);
    assert.match(dry.stdout, /^ {2}2019-12-23: 1 row in the source, 0 in the destination$/m);
    assert.match(dry.stdout, /^Via client: only a bulk import session adds rows/m);
    assert.equal((await clones.destination.contents('shop', 'grown')).rows.length, 40);

    /** @type {string[]} */
    const changes = [];
    onRequest(test, env, (entry) => {
      if (isWrite(entry)) changes.push(entry.path);
    });
    const result = await updated('grown', '--verify', 'full');
    assert.deepEqual([result.action, result.via, result.rows], ['append', 'client', 3]);
    const commits = changes.filter((path) => path.includes('/bulk_import/commit/'));
    assert.equal(commits.length, 1);
    assert.ok(!changes.some((path) => path.includes('/table/rename/')));
    // Nothing has changed since then.
    assert.equal(await updated('grown'), undefined);
  });

  it('rebuilds a table with late, deleted or changed rows from its own rows and the ranges that differ', async () => {
    await copied('late');
    await insert('late', `(200, ${START + 5})`);
    const late = await updated('late');
    assert.deepEqual([late.action, late.rows, late.keptRows], ['rebuild', 11, 30]);
    await clones.source.query('shop', 'DELETE FROM late WHERE n < 10');
    const deleted = await updated('late', '--verify', 'full');
    assert.deepEqual([deleted.action, deleted.rows, deleted.keptRows], ['rebuild', 1, 30]);
    await clones.source.query('shop', 'DELETE FROM late WHERE n = 11');
    await insert('late', `(-11, ${START + DAY + 11})`);
    // As many rows as before: only a checksum shows the change.
    const counted = await update('late');
    assert.equal(eventsOf(counted.stdout).at(-1).skipped[0], 'late');
    const changed = await updated('late', '--verify', 'full');
    assert.deepEqual([changed.action, changed.rows], ['rebuild', 10]);
  });

  it('moves one percent of new rows at the cost of a copy of these rows, and two comparison results', async () => {
    await copied('cost');
    const newRows = `SELECT n + 20000, time + ${40 * DAY} FROM cost WHERE n < 200`;
    await clones.source.query('shop', `INSERT INTO cost (n, time) ${newRows}`);
    const since = new Date((START + 40 * DAY) * 1000).toISOString();
    const alone = await moved({ newDatabase: 'alone', startTime: since });
    const added = await moved({ onExisting: 'update' });
    assert.deepEqual([alone.rows, added.rows], [200n, 200n]);
    assert.ok(alone.bytes > 0 && added.bytes <= 1.1 * alone.bytes, `${added.bytes} of ${alone.bytes} bytes`);
    assert.equal(added.comparisons, 2);
    assert.ok(added.comparisonBytes < 10_000, `${added.comparisonBytes} bytes of comparisons`);
  });

  it('of a table that cannot be compared fails, and does not stop the others', async () => {
    const both = ['shop', 'grown', 'late'];
    const first = await clones.run(both);
    assert.equal(first.code, 0, first.stderr);
    await insert('grown', `(400, ${START + 40 * DAY})`);
    env.fail({ path: '"late" GROUP BY', times: -1, action: { type: 'job_fails' } });
    const { code, stdout, stderr } = await clones.run([...both, '--update', '--json']);
    assert.equal(code, 3, stderr);
    const { tables, errors } = eventsOf(stdout).at(-1);
    assert.deepEqual([tables[0].table, tables[0].action], ['grown', 'append']);
    assert.deepEqual([errors[0].table, errors[0].code], ['late', 'job_failed']);
  });

  it('works by jobs of Treasure Data, and in slices', async () => {
    const account = { DEST_API_KEY: clones.source.key };
    const to = ['--de', clones.source.url, '--new-db', 'shop_copy', '--json'];
    const copy = (/** @type {string[]} */ ...args) => clones.run(['shop', 'shared', ...to, ...args], account);
    const first = await copy();
    assert.equal(first.code, 0, first.stderr);
    await insert('shared', `(300, ${START + 9 * DAY}), (301, ${START + 10 * DAY})`);
    // No job adds rows to a table in one step.
    const engine = await copy('--update', '--via', 'engine', '--split-rows', '1', '--verify', 'full');
    assert.equal(engine.code, 0, engine.stderr);
    const [rebuilt] = eventsOf(engine.stdout).at(-1).tables;
    assert.deepEqual([rebuilt.action, rebuilt.via, rebuilt.rows, rebuilt.bytes], ['rebuild', 'engine', 2, 0]);
    await insert('shared', `(302, ${START + 11 * DAY}), (303, ${START + 12 * DAY})`);
    const client = await copy('--update', '--split-rows', '1', '--shard', '1/1');
    assert.equal(client.code, 0, client.stderr);
    const [appended] = eventsOf(client.stdout).at(-1).tables;
    assert.deepEqual([appended.action, appended.via, appended.rows], ['append', 'client', 2]);
    const contents = await clones.source.contents('shop_copy', 'shared');
    assert.deepEqual(contents.rows, (await clones.source.contents('shop', 'shared')).rows);
    await clones.source.drop('shop_copy');
  });

  it('compares rows with absurd times too', async () => {
    await copied('odd');
    await insert('odd', '(400, -5), (401, 4102444800), (402, 9007199254740993)');
    const odd = await updated('odd');
    assert.deepEqual([odd.action, odd.rows], ['append', 3]);
    await insert('odd', '(403, 9007199254740992)');
    assert.deepEqual((await updated('odd')).action, 'rebuild');
  });

  it('names a change of columns before a byte moves, and replaces the table only as requested', async () => {
    await copied('drift');
    const wider = JSON.stringify([...schema, ['more', 'string']]);
    await clones.source.post('/v3/table/update-schema/shop/drift', { schema: wider });
    const before = await clones.destination.contents('shop', 'drift');
    const failed = await update('drift');
    assert.equal(failed.code, 1, failed.stdout);
    assert.match(failed.stderr, /the columns differ: column "more" is only in the source/);
    assert.match(failed.stderr, /--on-drift rebuild/);
    assert.deepEqual(await clones.destination.contents('shop', 'drift'), before);
    assert.equal((await updated('drift', '--on-drift', 'rebuild')).action, 'overwrite');
  });

  it('leaves alone what expire_days has removed', async () => {
    await copied('expired');
    const { destination } = clones;
    await destination.post('/v3/table/update/shop/expired', { expire_days: '30' });
    await destination.query('shop', 'DELETE FROM expired WHERE n < 20');
    const now = Math.floor(Date.now() / 1000);
    await insert('expired', `(500, ${now})`);
    const dry = await clones.run(['shop', 'expired', '--update', '--dry-run']);
    assert.match(
      dry.stdout,
      /left as it is: 2 ranges up to 2020-01-02: expire_days of the destination removed rows/,
    );
    assert.match(dry.stdout, /rows expire after unlimited in the source, 30 days in the destination/);
    const run = await update('expired');
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(eventsOf(run.stdout).at(-1).tables[0].rows, 1);
    assert.equal((await destination.contents('shop', 'expired')).rows.length, 21);
  });

  it('is limited to a time range', async () => {
    await copied('ranged');
    await insert('ranged', `(600, ${START + 5 * DAY}), (601, ${START + 6 * DAY})`);
    const range = ['--start-time', '2020-01-06', '--end-time', '2020-01-07'];
    const run = await update('ranged', ...range);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(eventsOf(run.stdout).at(-1).tables[0].rows, 1);
    await insert('ranged', `(602, ${START + 5 * DAY + 1}), (603, ${START})`);
    const rebuilt = await update('ranged', ...range, '--verify', 'full');
    assert.equal(rebuilt.code, 0, rebuilt.stderr);
    // The day after the latest row, within the range, is appended; the others are left alone.
    assert.equal(eventsOf(rebuilt.stdout).at(-1).tables[0].rows, 1);
    assert.equal((await clones.destination.contents('shop', 'ranged')).rows.length, 42);
    assert.equal((await updated('ranged')).action, 'rebuild');
  });

  it('copies a growing source up to the comparison, and the rest the next time', async (test) => {
    await copied('moving');
    await insert('moving', `(700, ${START + 5 * DAY})`);
    let isInserted = false;
    onRequest(test, env, async ({ path }) => {
      if (isInserted || !path.includes('/bulk_import/create/')) return;
      isInserted = true;
      await insert('moving', `(701, ${START + 8 * DAY})`);
    });
    const run = await update('moving');
    assert.equal(run.code, 0, run.stderr);
    assert.equal(eventsOf(run.stdout).at(-1).tables[0].rows, 1);
    const plan = eventsOf(run.stdout).find(({ type }) => type === 'plan');
    assert.match(
      plan.warnings.join(),
      /rows that reach the source after the comparison are copied only into ranges/,
    );
    assert.equal((await updated('moving')).rows, 1);
  });

  it('says what it would do, in the library too, and writes nothing', async () => {
    await copied('grown');
    const [source, destination] = [clones.source, clones.destination].map(({ url, key }) => ({
      endpoint: url,
      apikey: key,
    }));
    assert.ok(source && destination);
    const before = writes().length;
    const plan = await planClone({ source, destination, database: 'shop', onExisting: 'update' });
    const actions = plan.tables.map(({ table, action }) => `${table} ${action}`).sort();
    assert.equal(actions.length, tables.length);
    assert.ok(actions.includes('grown skip') && actions.includes('late create'));
    const queries = writes().slice(before);
    assert.ok(queries.every(({ path }) => path.startsWith('/v3/job/issue/')));
    const both = await clones.run(['shop', '--update', '--overwrite']);
    assert.equal(both.code, 1);
    assert.match(both.stderr, /--overwrite and --update are mutually exclusive/);
  });
});

describe('the commit of an append', () => {
  /** A copy without its last day, so that an update appends ten rows. */
  async function shortCopy() {
    await copied('lost');
    await clones.destination.query('shop', 'DELETE FROM lost WHERE n >= 30');
  }
  const rowCount = async () => (await clones.destination.contents('shop', 'lost')).rows.length;

  it('is settled if its reply is lost', async () => {
    await shortCopy();
    env.fail({ path: '/bulk_import/commit/', action: { type: 'reset', carriedOut: true } });
    assert.equal((await updated('lost')).action, 'append');
  });

  it('has not happened if Treasure Data refuses it', async () => {
    await shortCopy();
    env.fail({ path: '/bulk_import/commit/', times: -1, action: { type: 'status', status: 403 } });
    const { code, stderr } = await update('lost');
    assert.equal(code, 3, stderr);
    assert.equal(await rowCount(), 30);
    await clones.assertNoLeftovers('shop');
  });

  it('is unknown if Treasure Data no longer answers, and says so', async (test) => {
    await shortCopy();
    env.fail({ path: '/bulk_import/commit/', action: { type: 'reset', carriedOut: true } });
    let isDown = false;
    onRequest(test, env, ({ path }) => {
      if (isDown || !path.includes('/bulk_import/commit/')) return;
      isDown = true;
      env.fail({ path: '/bulk_import/show/', times: -1, action: { type: 'status', status: 503 } });
    });
    const { code, stderr } = await update('lost', '--retry-timeout', '1');
    assert.equal(code, 6, stderr);
    assert.match(stderr, /it is unknown whether the rows were added to the table in "shop"/);
    assert.match(stderr, /petit verify shop lost/);
    assert.equal(await rowCount(), 40);
  });

  it('does not happen if the ranges have rows by then', async (test) => {
    await shortCopy();
    let isInserted = false;
    onRequest(test, env, async ({ path }) => {
      if (isInserted || !path.includes('/bulk_import/perform/')) return;
      isInserted = true;
      await clones.destination.query('shop', `INSERT INTO lost (n, time) VALUES (1, ${START + 3 * DAY + 1})`);
    });
    const { code, stderr } = await update('lost');
    assert.equal(code, 3, stderr);
    assert.match(stderr, /update_conflict|had 0 rows when it was compared, and has 1 now/);
    assert.equal(await rowCount(), 31);
    assert.equal((await updated('lost')).action, 'rebuild');
  });

  it('happens once if two runs update at a time', async () => {
    await shortCopy();
    const runs = await Promise.all([update('lost'), update('lost')]);
    for (const { code, stderr } of runs) {
      assert.ok(code === 0 || (code === 3 && /another run|when it was compared/.test(stderr)), stderr);
    }
    await updated('lost').catch(() => {});
    await clones.assertSameTable('shop', 'shop', 'lost');
  });
});
