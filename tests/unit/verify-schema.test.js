import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { verifySchema } from '../../pkg-scripts/driver/clone/verify-schema.js';
import { instantiate } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';

before(async () => instantiate(await platform.loadWasm()));

/**
 * Verifies a staging table of which TD shows these columns.
 * @param {string | undefined} schema that is planned
 * @param {{ key: string, type: string, alias?: string }[]} columns
 */
function verify(schema, columns) {
  const destination = {
    call: async (/** @type {any} */ call) => {
      return { name: call.table, columns };
    },
  };
  const run = /** @type {any} */ ({ destination, destinationDatabase: 'copy', calls: {} });
  const copy = /** @type {any} */ ({ stagingTable: 'petit_staging_t', schema });
  return verifySchema(run, copy);
}

describe('the schema of a staging table', () => {
  it('is that of the plan before the table is published', async () => {
    await verify('[["a","long"],["Key","string","k"]]', [
      { key: 'a', type: 'long' },
      { key: 'Key', type: 'string', alias: 'k' },
    ]);
    await verify(undefined, []);
  });

  it('is an error with every difference otherwise', async () => {
    await assert.rejects(verify('[["a","long"],["Key","string","k"]]', [{ key: 'k', type: 'string' }]), {
      code: 'verification_failed',
      message:
        'the staging table has another schema than the plan: column "a" is only in the plan; ' +
        'column "k" is string with the key "Key" in the plan, string in the staging table',
    });
    await assert.rejects(verify(undefined, [{ key: 'new', type: 'string' }]), {
      code: 'verification_failed',
    });
  });
});
