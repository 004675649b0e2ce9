import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Clones } from '../support/clone.js';
import { eventsOf, seedForClones, setUpEnv } from '../support/index.js';

// `clone-db --update` of a copy that has a sample of the rows, or masked ones.

const DAY = 86_400;
const START = 1_577_836_800;
const schema = [
  ['n', 'long'],
  ['mail', 'string'],
];
const records = Array.from({ length: 400 }, (_, n) => ({
  ...{ time: START + Math.floor(n / 100) * DAY + n, n, mail: `${n}@example.com` },
}));
const NAMES = ['sampled', 'masked', 'both'];
const tables = NAMES.map((name) => ({ name, schema, records }));
const env = setUpEnv(seedForClones([{ name: 'shop', tables }]), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const keys = { PETIT_MASK_KEY: 'the secret of these tests' };
const SAMPLE = ['--sample', '30%', '--by', 'n'];
/** The condition of the sample. */
const IN_SAMPLE = `TO_HEX(XXHASH64(TO_UTF8(CAST(n AS VARCHAR)))) < '4CCCCCCCCCCCCCCC'`;

afterEach(async () => {
  for (const name of await clones.destination.databases()) await clones.destination.drop(name);
});

/** @param {string} table @param {string[]} args */
async function run(table, ...args) {
  const { code, stdout, stderr } = await clones.run(['shop', table, '--json', ...args], keys);
  assert.equal(code, 0, stderr + stdout);
  const { tables, skipped } = eventsOf(stdout).at(-1);
  const [result] = tables;
  return result ? [result.action, result.rows, result.keptRows] : skipped;
}

/** @param {string} table @param {number} from number of the first row @param {number} day */
async function insert(table, from, day) {
  const rows = Array.from({ length: 40 }, (_, index) => from + index);
  const values = rows.map((n) => `(${n}, '${n}@example.com', ${START + day * DAY + n})`);
  await clones.source.query('shop', `INSERT INTO "${table}" (n, mail, time) VALUES ${values.join(', ')}`);
}

/** @param {import('../support/clone.js').Side} side @param {string} table @param {string} [where] */
const numbers = async (side, table, where = 'TRUE') =>
  (await side.rows('shop', `SELECT n FROM "${table}" WHERE ${where} ORDER BY n`)).map(String);

describe('an update of a part', () => {
  it('compares the sample of the source with the whole copy, and moves rows of the sample only', async () => {
    const [, rows] = await run('sampled', ...SAMPLE);
    assert.ok(rows > 80 && rows < 160, `${rows} of 400`);
    assert.deepEqual(await run('sampled', '--update', ...SAMPLE, '--verify', 'full'), ['sampled']);

    await insert('sampled', 1_000, 9);
    const [appended, more] = await run('sampled', '--update', ...SAMPLE, '--verify', 'full');
    assert.equal(appended, 'append');
    await insert('sampled', 2_000, 1);
    const [rebuilt, , kept] = await run('sampled', '--update', ...SAMPLE, '--verify', 'full');
    assert.equal(rebuilt, 'rebuild');
    assert.ok(more < 40 && kept < rows, `${more} rows added, ${kept} kept`);
    const expected = await numbers(clones.source, 'sampled', IN_SAMPLE);
    assert.deepEqual(await numbers(clones.destination, 'sampled'), expected);
    assert.deepEqual(await run('sampled', '--update', ...SAMPLE), ['sampled']);
  });

  it('compares masked rows by their number, and adds masked rows', async () => {
    const mask = ['--mask', 'n=hash,mail=drop'];
    await run('masked', ...mask);
    assert.deepEqual(await run('masked', '--update', ...mask), ['masked']);
    await insert('masked', 1_000, 9);
    assert.deepEqual((await run('masked', '--update', ...mask)).slice(0, 2), ['append', 40]);
    await insert('masked', 2_000, 1);
    assert.deepEqual(await run('masked', '--update', ...mask), ['rebuild', 140, 340]);
    const { source, destination } = clones;
    const [copied] = await destination.rows('shop', 'SELECT COUNT(1), COUNT(DISTINCT n) FROM masked');
    assert.deepEqual(copied, [480, 480]);
    const clear = new Set(await numbers(source, 'masked'));
    assert.ok((await numbers(destination, 'masked')).every((n) => !clear.has(n)));

    const refused = await clones.run(['shop', 'masked', '--update', ...mask, '--verify', 'full'], keys);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /checksums of masked rows differ .*; update with --verify count/);
  });

  it('may mask the key of the sample', async () => {
    const both = [...SAMPLE, '--mask', 'n=hash'];
    const [, rows] = await run('both', ...both);
    await insert('both', 1_000, 9);
    const [action, added] = await run('both', '--update', ...both);
    assert.equal(action, 'append');
    const expected = await numbers(clones.source, 'both', IN_SAMPLE);
    assert.equal(rows + added, expected.length);
    assert.deepEqual(await run('both', '--update', ...both), ['both']);
  });
});
