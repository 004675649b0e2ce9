import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Clones } from '../support/clone.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { readSeed, setUpEnv } from '../support/index.js';

// A table that is too large to pass through a laptop. LARGE_ROWS sets its number of rows.

const ROWS = Number(process.env.LARGE_ROWS ?? (EXHAUSTIVE ? 20_000_000 : 500_000));
/** Maximum number of bytes that pass through petit, for any table size. */
const MAX_BYTES = 1_000_000;

const [prod, mirror] = readSeed('clone-shop').accounts;
assert.ok(prod && mirror);
const tables = [{ name: 'logs', generate: { recipe: 'logs', rows: ROWS } }];
const seed = {
  accounts: [
    { ...prod, databases: [{ name: 'large', tables }] },
    { ...mirror, databases: [] },
  ],
};
const env = setUpEnv(seed, 'prod');

/**
 * A checksum over all rows, which depends on every value and on duplicates, but not on the order of rows.
 * @param {string} account
 * @param {string} database
 */
async function checksum(account, database) {
  const connection = await env.emulator.account(account).engine.connect(database);
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
  ['within an account', 'prod'],
  ['to another account', 'mirror'],
])) {
  it(`a table of ${ROWS.toLocaleString('en')} rows is cloned ${way}, and less than 1 MB passes through petit`, async () => {
    const clones = new Clones(env, 'prod', to);
    const { code, stderr } = await clones.run([
      'large',
      '--new-db',
      'large_copy',
      '--via',
      'engine',
      '--allow-key-in-job',
    ]);
    assert.equal(code, 0, stderr);
    const passed = env.emulator
      .requests()
      .reduce((sum, { bytesIn, bytesOut }) => sum + bytesIn + bytesOut, 0);
    assert.ok(passed > 0 && passed < MAX_BYTES, `${passed} bytes`);
    const [copied, expected] = [await checksum(to, 'large_copy'), await checksum('prod', 'large')];
    assert.equal(expected?.[0], String(ROWS));
    assert.deepEqual(copied, expected);
    await clones.assertNoLeftovers('large_copy');
  });
}
