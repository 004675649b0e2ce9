import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Clones } from '../support/clone.js';
import { HOSTILE_NAMES, STEERING } from '../support/hostile-names.js';
import { eventsOf, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';
import { integer } from '../support/values.js';

/** Names that want out of SQL, out of the folder, or into the terminal. */

/** @param {string} name @param {number} value @returns {import('../support/index.js').TableSeed} */
const table = (name, value) => ({ name, schema: [['n', 'long']], records: [{ time: 1, n: value }] });

/** A column of each name: as a key, which TD takes, and as a name in SQL, which only a hostile server has. */
const columns = HOSTILE_NAMES.flatMap((name, index) => [
  [`key ${name}`, 'string', `k${index}`, `described ${name}`],
  [`n${index}`, 'long', `alias ${name}`],
]);
const record = Object.fromEntries(
  HOSTILE_NAMES.flatMap((name, index) => [
    [`key ${name}`, name],
    [`n${index}`, index],
  ]),
);

/** @type {import('../support/index.js').Seed} */
const seed = {
  accounts: [
    {
      name: 'odd',
      id: 31,
      site: 'us01',
      keys: [{ name: 'master', key: '31/f000000000000000000000000000000000000001', permission: 'master' }],
      databases: [
        { name: 'odd', tables: [table('victim', -1), ...HOSTILE_NAMES.map(table)] },
        { name: 'columns', tables: [{ name: 'wild', schema: columns, records: [{ time: 1, ...record }] }] },
        ...HOSTILE_NAMES.map((name, index) => ({ name, tables: [table('t', index)] })),
      ],
    },
    {
      name: 'other',
      id: 32,
      site: 'eu01',
      keys: [{ name: 'master', key: '32/f000000000000000000000000000000000000002', permission: 'master' }],
      databases: [{ name: 'copy', tables: HOSTILE_NAMES.map(table) }],
    },
  ],
};
const env = setUpEnv(seed, 'odd', { anyNames: true });
const clones = new Clones(env, 'odd', 'other');

/** @param {{ stdout: string, stderr: string }} ended */
function assertTame({ stdout, stderr }) {
  for (const text of [stdout, stderr]) {
    const [hit] = STEERING.exec(text) ?? [];
    assert.ok(hit === undefined, `${JSON.stringify(hit)} in ${JSON.stringify(text.slice(0, 5000))}`);
  }
}

/** Everything that is in the test's folder and beside it stays inside the output folder. */
async function assertInside() {
  const paths = await readdir(env.folder, { recursive: true });
  for (const path of paths) assert.match(path, /^dataset(\/[\w.-]+\.parquet)?$/);
  const { emulator } = env;
  const { catalog } = emulator.account('odd');
  assert.ok(catalog.database('odd').tables.has('victim'));
  assert.equal(catalog.database('odd').tables.size, HOSTILE_NAMES.length + 1);
}

describe('td2parquet', () => {
  it('exports tables of any name, each into a file of its own, with the rows of that very table', async () => {
    const ended = await env.td2parquet(['odd', '--workers', '0', '--progress', '--table-parallelism', '4']);
    assert.equal(ended.code, 0, ended.stderr);
    assertTame(ended);
    await assertInside();
    const files = await env.files();
    assert.equal(files.length, HOSTILE_NAMES.length + 1);
    const found = await Promise.all(
      files.map(async (file) => (await readParquet('hyparquet', env.path(`dataset/${file}`))).rows[0]?.[0]),
    );
    assert.deepEqual(found.sort(), [-1, ...HOSTILE_NAMES.keys()].map(integer).sort());
  });

  it('shows them tamely before, as events, and when they are asked for one by one', async () => {
    const dry = await env.td2parquet(['odd', '--dry-run']);
    assert.equal(dry.code, 0, dry.stderr);
    assertTame(dry);
    const json = await env.td2parquet(['odd', '--json', '--workers', '0', '--table-parallelism', '4']);
    assertTame(json);
    const exported = eventsOf(json.stdout).filter(({ type, state }) => type === 'table' && state === 'done');
    assert.deepEqual(exported.map(({ table }) => table).sort(), ['victim', ...HOSTILE_NAMES].sort());
    const named = await env.td2parquet(['odd', '--overwrite', '--', ...HOSTILE_NAMES.slice(0, 4)]);
    assert.equal(named.code, 0, named.stderr);
    assertTame(named);
    await assertInside();
  });

  it('refuses what is not there tamely, whatever it is called', async () => {
    for (const name of ['no\u001b[2J\u202etable', 'no"; DROP TABLE victim; --']) {
      const table = await env.td2parquet(['odd', '--', name]);
      assert.equal(table.code, 2);
      assertTame(table);
      const database = await env.td2parquet(['--', name]);
      assert.equal(database.code, 2, database.stderr);
      assertTame(database);
      assertTame(await env.td2parquet(['odd', `--no\u001b[2J${name}`]));
    }
    await assertInside();
  });

  it('exports databases of any name', async () => {
    for (const [index, name] of HOSTILE_NAMES.entries()) {
      // Each run of the command takes a while: a few stand for the rest, whose names the core's own tests cover.
      if (index % 8 !== 0) continue;
      const ended = await env.td2parquet(['--workers', '0', '--', name]);
      assert.equal(ended.code, 0, ended.stderr);
      assertTame(ended);
    }
    await assertInside();
    assert.equal((await env.files()).length, Math.ceil(HOSTILE_NAMES.length / 8));
  });

  it('has columns of any name in its files, and tells of them tamely', async () => {
    const ended = await env.td2parquet(['columns', 'wild', '--workers', '0']);
    assert.equal(ended.code, 0, ended.stderr);
    assertTame(ended);
    const { columns, rows } = await readParquet('hyparquet', env.path('dataset/columns_wild.parquet'));
    const value = (/** @type {string} */ column) => rows[0]?.[columns.indexOf(column)];
    for (const [index, name] of HOSTILE_NAMES.entries()) {
      assert.equal(value(`k${index}`), `s:${name}`);
      assert.equal(value(`alias ${name}`), integer(index));
    }
    const wrong = { hive_result_schema: JSON.stringify([[`x${HOSTILE_NAMES.join('')}`, 'bigint']]) };
    env.fail({ path: '/job/show', action: { type: 'patch', set: wrong } });
    const failed = await env.td2parquet(['columns', 'wild', '--overwrite', '--json']);
    assert.equal(failed.code, 3, failed.stderr);
    assertTame(failed);
  });

  it('looks for times in a column of any name, without leaving its quotes', async () => {
    for (const name of ['x"; DROP TABLE victim; --', `x' OR '1'='1`, 'red\u001b[31mred']) {
      const times = ['--time-column', `alias ${name}`, '--start-time', '1970-01-01', '--overwrite'];
      const ended = await env.td2parquet(['columns', 'wild', ...times]);
      assertTame(ended);
    }
    await assertInside();
  });
});

describe('clone-db', () => {
  it('refuses tables that TD has no names for: nothing is written, and the refusal is tame', async () => {
    for (const args of [['--dry-run'], ['--dry-run', '--json'], [], ['--json']]) {
      const ended = await clones.run(['odd', '--new-db', 'fresh', ...args]);
      assert.equal(ended.code, args.includes('--dry-run') ? 5 : 1, ended.stderr);
      assertTame(ended);
    }
    assert.deepEqual((await clones.destination.databases()).sort(), ['copy']);
    assert.ok(env.requests().every((request) => request.startsWith('GET ')));
  });

  it('copies columns of any key and any name, byte by byte', async () => {
    const ended = await clones.run(['columns', '--new-db', 'wild_copy', '--progress', '--workers', '0']);
    assert.equal(ended.code, 0, ended.stderr);
    assertTame(ended);
    await clones.assertEqual('columns', 'wild_copy');
  });

  it('leaves tables and sessions of the destination alone that only look like its own', async () => {
    const { destination } = clones;
    const sessions = HOSTILE_NAMES.slice(0, 8).map((name) => `petit_staging_0_${name}`);
    for (const session of sessions) {
      const { status } = await destination.post(
        `/v3/bulk_import/create/${encodeURIComponent(session)}/copy/${encodeURIComponent('quote"d')}`,
      );
      assert.equal(status, 200);
    }
    const ended = await clones.run(['columns', '--new-db', 'copy', '--overwrite', '--workers', '0']);
    assert.equal(ended.code, 0, ended.stderr);
    assertTame(ended);
    assert.deepEqual((await destination.sessions()).sort(), sessions.sort());
    assert.equal((await destination.tables('copy')).length, HOSTILE_NAMES.length + 1);
  });

  it('gives no copy a name that TD has not', async () => {
    for (const name of ['x"; DROP TABLE victim; --', '../../outside', 'red\u001b[31mred']) {
      const ended = await clones.run(['columns', '--new-db', name]);
      assert.equal(ended.code, 1, ended.stderr);
      assert.match(ended.stderr, /lower-case letters, digits and underscores/);
      assertTame(ended);
    }
  });
});
