import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Clones, isWrite } from '../support/clone.js';
import { CONTROL_CHARS, HOSTILE_NAMES } from '../support/hostile-names.js';
import { eventsOf, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';
import { integer } from '../support/values.js';

/** Names that try to escape from SQL quotes or the output folder, or to control the terminal. */

/** @param {string} name @param {number} value @returns {import('../support/index.js').TableSeed} */
const table = (name, value) => ({ name, schema: [['n', 'long']], records: [{ time: 1, n: value }] });

/** Columns with each name as a key, which TD allows, and as an SQL name, which only a hostile server has. */
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

/** Asserts that the output does not control the terminal. @param {{ stdout: string, stderr: string }} ended */
function assertSanitized({ stdout, stderr }) {
  for (const text of [stdout, stderr]) {
    const [hit] = CONTROL_CHARS.exec(text) ?? [];
    assert.ok(hit === undefined, `${JSON.stringify(hit)} in ${JSON.stringify(text.slice(0, 5000))}`);
  }
}

/** Asserts that every file is in the output folder, and that no table was created or dropped. */
async function assertInside() {
  const paths = await readdir(env.folder, { recursive: true });
  for (const path of paths) assert.match(path, /^dataset(\/[\w.-]+\.parquet)?$/);
  const { emulator } = env;
  const { catalog } = emulator.account('odd');
  assert.ok(catalog.database('odd').tables.has('victim'));
  assert.equal(catalog.database('odd').tables.size, HOSTILE_NAMES.length + 1);
}

describe('td2parquet', () => {
  it('exports tables with any name, each to its own file with its own rows', async () => {
    const ended = await env.td2parquet(['odd', '--workers', '0', '--progress', '--table-parallelism', '4']);
    assert.equal(ended.code, 0, ended.stderr);
    assertSanitized(ended);
    await assertInside();
    const files = await env.files();
    assert.equal(files.length, HOSTILE_NAMES.length + 1);
    const found = await Promise.all(
      files.map(async (file) => (await readParquet('hyparquet', env.path(`dataset/${file}`))).rows[0]?.[0]),
    );
    assert.deepEqual(found.sort(), [-1, ...HOSTILE_NAMES.keys()].map(integer).sort());
  });

  it('sanitizes them in dry runs and events, and when they are arguments', async () => {
    const dry = await env.td2parquet(['odd', '--dry-run']);
    assert.equal(dry.code, 0, dry.stderr);
    assertSanitized(dry);
    const json = await env.td2parquet(['odd', '--json', '--workers', '0', '--table-parallelism', '4']);
    assertSanitized(json);
    const exported = eventsOf(json.stdout).filter(({ type, state }) => type === 'table' && state === 'done');
    assert.deepEqual(exported.map(({ table }) => table).sort(), ['victim', ...HOSTILE_NAMES].sort());
    const named = await env.td2parquet(['odd', '--overwrite', '--', ...HOSTILE_NAMES.slice(0, 4)]);
    assert.equal(named.code, 0, named.stderr);
    assertSanitized(named);
    await assertInside();
  });

  it('sanitizes them in errors about missing tables and databases', async () => {
    for (const name of ['no\u001b[2J\u202etable', 'no"; DROP TABLE victim; --']) {
      const table = await env.td2parquet(['odd', '--', name]);
      assert.equal(table.code, 2);
      assertSanitized(table);
      const database = await env.td2parquet(['--', name]);
      assert.equal(database.code, 2, database.stderr);
      assertSanitized(database);
      assertSanitized(await env.td2parquet(['odd', `--no\u001b[2J${name}`]));
    }
    await assertInside();
  });

  it('exports databases with any name', async () => {
    for (const [index, name] of HOSTILE_NAMES.entries()) {
      // A run takes a while, so this tests every eighth name. The tests of the core cover all of them.
      if (index % 8 !== 0) continue;
      const ended = await env.td2parquet(['--workers', '0', '--', name]);
      assert.equal(ended.code, 0, ended.stderr);
      assertSanitized(ended);
    }
    await assertInside();
    assert.equal((await env.files()).length, Math.ceil(HOSTILE_NAMES.length / 8));
  });

  it('writes columns with any name, and sanitizes them in output', async () => {
    const ended = await env.td2parquet(['columns', 'wild', '--workers', '0']);
    assert.equal(ended.code, 0, ended.stderr);
    assertSanitized(ended);
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
    assertSanitized(failed);
  });

  it('quotes a time column with any name', async () => {
    for (const name of ['x"; DROP TABLE victim; --', `x' OR '1'='1`, 'red\u001b[31mred']) {
      const times = ['--time-column', `alias ${name}`, '--start-time', '1970-01-01', '--overwrite'];
      const ended = await env.td2parquet(['columns', 'wild', ...times]);
      assertSanitized(ended);
    }
    await assertInside();
  });
});

describe('clone-db', () => {
  it('rejects table names that TD does not allow, writes nothing, and sanitizes the error', async () => {
    for (const args of [['--dry-run'], ['--dry-run', '--json'], [], ['--json']]) {
      const ended = await clones.run(['odd', '--new-db', 'fresh', ...args]);
      assert.equal(ended.code, args.includes('--dry-run') ? 5 : 1, ended.stderr);
      assertSanitized(ended);
    }
    assert.deepEqual((await clones.destination.databases()).sort(), ['copy']);
    assert.deepEqual(env.emulator.requests().filter(isWrite), []);
  });

  it('copies columns with any key and any name', async () => {
    const ended = await clones.run(['columns', '--new-db', 'wild_copy', '--progress', '--workers', '0']);
    assert.equal(ended.code, 0, ended.stderr);
    assertSanitized(ended);
    await clones.assertEqual('columns', 'wild_copy');
  });

  it('does not delete tables and sessions whose names only resemble its own', async () => {
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
    assertSanitized(ended);
    assert.deepEqual((await destination.sessions()).sort(), sessions.sort());
    assert.equal((await destination.tables('copy')).length, HOSTILE_NAMES.length + 1);
  });

  it('rejects a name of the copy that TD does not allow', async () => {
    for (const name of ['x"; DROP TABLE victim; --', '../../outside', 'red\u001b[31mred']) {
      const ended = await clones.run(['columns', '--new-db', name]);
      assert.equal(ended.code, 1, ended.stderr);
      assert.match(ended.stderr, /lower-case letters, digits and underscores/);
      assertSanitized(ended);
    }
  });
});
