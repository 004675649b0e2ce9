import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Clones, isWrite, requestLine } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

const SOURCE_REFUSED =
  'Source database does not exist or access denied. Please verify your API key and source endpoint configuration.';
const DESTINATION_FORBIDDEN =
  'Access to the destination is forbidden. Please verify that your API key may create tables and import rows there.';
const DESTINATION_REFUSED =
  'Authentication failed for destination table. Please verify your API key and destination endpoint configuration.';

/**
 * Asserts that TD's reason and the endpoint come before the general sentence.
 * @param {string} stderr @param {string} sentence
 */
function assertReasonFirst(stderr, sentence) {
  const [reason = '', endpoint = '', general = ''] = stderr.split('\n');
  assert.match(reason, /^Error: .+ \(HTTP 40[134]\)$/);
  assert.match(endpoint, /^ {2}Endpoint: http:/);
  assert.ok(general.startsWith(`  ${sentence} `), stderr);
}

/** Requests that can change data. */
const writes = () => env.emulator.requests().filter(isWrite).map(requestLine);

describe('an error before the start', () => {
  /**
   * @param {string[]} args
   * @param {number} exitCode
   * @param {RegExp | string} message
   * @param {Record<string, string | undefined>} [variables]
   * @param {Clones} [between]
   */
  async function assertRefused(args, exitCode, message, variables, between = clones) {
    const { code, stdout, stderr } = await between.run(args, variables);
    assert.equal(code, exitCode, stderr);
    assert.equal(stdout, '');
    if (typeof message === 'string') assertReasonFirst(stderr, message);
    else assert.match(stderr, message);
    assert.deepEqual(writes(), []);
    return stderr;
  }

  it('is --skip-existing together with --overwrite', async () => {
    await assertRefused(
      ['shop', '--skip-existing', '--overwrite'],
      1,
      /--skip-existing and --overwrite are mutually exclusive/,
    );
    assert.deepEqual(env.emulator.requests(), []);
  });

  it('is a clone of a database onto itself', async () => {
    const within = new Clones(env, 'prod', 'prod');
    await assertRefused(
      ['shop'],
      2,
      /same database "shop" of the same account; give the copy another name/,
      {},
      within,
    );
    await assertRefused(['shop', '--new-db', 'shop', '--overwrite'], 2, /same database "shop"/, {}, within);
    await assertRefused(['shop', '--new-db', 'shop', '--dry-run'], 2, /same database "shop"/, {}, within);
  });

  it('is not a clone to the same name in another account, or to another name in the same account', async () => {
    assert.equal((await clones.run(['shop', '--dry-run'])).code, 0);
    assert.equal(
      (await new Clones(env, 'prod', 'prod').run(['shop', '--new-db', 'twin', '--dry-run'])).code,
      0,
    );
  });

  it('is a system database', async () => {
    await assertRefused(['information_schema'], 2, /./);
    await assertRefused(
      ['shop', '--new-db', 'information_schema'],
      2,
      /"information_schema" is a system database/,
    );
  });

  for (const name of ['Shop', 'a-b-c', 'ab', '日本語', 'a/../b', '']) {
    it(`is the new name "${name}"`, async () => {
      await assertRefused(['shop', '--new-db', name], 1, /cannot be called|name/);
    });
  }

  it('is a run without keys', async () => {
    for (const variable of ['SOURCE_API_KEY', 'DEST_API_KEY']) {
      for (const missing of [undefined, '']) {
        const reason = new RegExp(`^Error: the environment variable ${variable} is not set`);
        const stderr = await assertRefused(['shop'], 2, reason, { [variable]: missing });
        assert.match(stderr, /Keys are never read from command-line arguments/);
      }
    }
    assert.deepEqual(env.emulator.requests(), []);
  });

  it('is a source that is missing or that the key cannot read', async () => {
    const keys = { SOURCE_API_KEY: clones.destination.key };
    for (const more of [[], ['--dry-run']]) {
      await assertRefused(['shop', '--new-db', 'fresh', ...more], 2, SOURCE_REFUSED, keys);
      await assertRefused(['never_there', '--new-db', 'fresh', ...more], 2, SOURCE_REFUSED);
    }
    const importOnly = { SOURCE_API_KEY: env.emulator.key('prod', 'import_only') };
    await assertRefused(['shop', '--new-db', 'fresh'], 2, SOURCE_REFUSED, importOnly);
  });

  it('is a destination that the key cannot read or write', async () => {
    const [other, reader] = [clones.source.key, env.emulator.key('mirror', 'query_only')];
    for (const [key, message] of /** @type {const} */ ([
      [other, DESTINATION_REFUSED],
      [reader, DESTINATION_FORBIDDEN],
    ])) {
      for (const more of [[], ['--dry-run']])
        await assertRefused(['shop', '--new-db', 'fresh', ...more], 2, message, { DEST_API_KEY: key });
    }
  });

  it('is a destination with an import-only key, before any row is copied', async () => {
    const variables = { DEST_API_KEY: env.emulator.key('mirror', 'import_only') };
    await assertRefused(['shop', '--new-db', 'archive', '--overwrite'], 2, DESTINATION_FORBIDDEN, variables);
    const { code, stderr } = await clones.run(['shop', '--new-db', 'fresh'], variables);
    assert.equal(code, 2);
    assertReasonFirst(stderr, DESTINATION_FORBIDDEN);
    assert.deepEqual(writes(), ['POST /v3/database/create/fresh']);
    const [job] = [...env.emulator.account('prod').jobs.jobs.values()].slice(-1);
    assert.match(job?.request.query ?? '', /FROM information_schema\.views/);
    assert.ok(!(await clones.destination.databases()).includes('fresh'));
  });

  it('is a destination whose key cannot create tables, before any row is copied', async () => {
    env.emulator.faults.add({
      method: 'POST',
      path: '/table/create/',
      action: { type: 'status', status: 403 },
    });
    try {
      const { code, stderr } = await clones.run(['shop', '--new-db', 'archive', '--overwrite']);
      assert.equal(code, 2, stderr);
      assertReasonFirst(stderr, DESTINATION_FORBIDDEN);
      const [job] = [...env.emulator.account('prod').jobs.jobs.values()].slice(-1);
      assert.match(job?.request.query ?? '', /FROM information_schema\.views/);
    } finally {
      env.emulator.faults.clear();
    }
  });

  it('is an invalid number', async () => {
    for (const option of ['--table-parallelism', '--download-parallelism', '--chunk-size']) {
      for (const value of ['0', '-1', '1.5', 'many'])
        await assertRefused(['shop', option, value], 1, /Expected an integer/);
    }
  });
});
