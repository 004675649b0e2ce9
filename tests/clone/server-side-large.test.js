import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Clones } from '../support/clone.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { readSeed, surroundings } from '../support/index.js';

// A table that no laptop should have to carry. LARGE_ROWS makes it larger or smaller.

const ROWS = Number(process.env.LARGE_ROWS ?? (EXHAUSTIVE ? 20_000_000 : 500_000));
/** What may pass through petit, whatever the table's size. */
const MOST_BYTES = 1_000_000;

const [prod, mirror] = readSeed('clone-shop').accounts;
assert.ok(prod && mirror);
const tables = [{ name: 'logs', generate: { recipe: 'logs', rows: ROWS } }];
const seed = {
  accounts: [
    { ...prod, databases: [{ name: 'large', tables }] },
    { ...mirror, databases: [] },
  ],
};
const here = surroundings(seed, 'prod');

/**
 * A sum over all rows that is another one when any value of any row is, or a row is there more or less often; the order of
 * rows plays no part.
 * @param {string} account
 * @param {string} database
 */
async function sumOf(account, database) {
  const connection = await here.emulator.account(account).engine.connect(database);
  try {
    const result = await connection.runAndReadAll(
      'SELECT COUNT(*), SUM(hash(logs)::HUGEINT), BIT_XOR(hash(logs)) FROM logs',
    );
    return result.getRows()[0]?.map(String);
  } finally {
    connection.closeSync();
  }
}

for (const [way, to] of /** @type {const} */ ([
  ['inside one account', 'prod'],
  ['from one account to another', 'mirror'],
])) {
  it(`a table of ${ROWS.toLocaleString('en')} rows is cloned ${way}, and less than 1 MB passes through petit`, async () => {
    const clones = new Clones(here, 'prod', to);
    const { code, stderr } = await clones.run(['large', '--new-db', 'large_copy', '--via', 'engine']);
    assert.equal(code, 0, stderr);
    const passed = here.emulator
      .requests()
      .reduce((sum, { bytesIn, bytesOut }) => sum + bytesIn + bytesOut, 0);
    assert.ok(passed > 0 && passed < MOST_BYTES, `${passed} bytes`);
    const [copied, wanted] = [await sumOf(to, 'large_copy'), await sumOf('prod', 'large')];
    assert.equal(wanted?.[0], String(ROWS));
    assert.deepEqual(copied, wanted);
    await clones.assertTidy('large_copy');
  });
}
