import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Clones } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';

/**
 * Invocations of petit-cli, with all of its options, work unchanged. docs/migration.md lists the options with another
 * meaning.
 */

const seed = readSeed('clone-shop');
Object.assign(seed.accounts.find(({ name }) => name === 'prod') ?? {}, {
  workflows: [
    { id: '12345', name: 'load', ends: 'success', ms: 50 },
    { id: '54321', name: 'broken', ends: 'error', ms: 50 },
  ],
});
const env = setUpEnv(seed, 'prod');
const clones = new Clones(env, 'prod', 'mirror');

/** @param {string[]} args */
function petit(...args) {
  const { source, destination } = clones;
  const keys = { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key, TD_API_KEY: source.key };
  return env.start(args, keys).ended;
}

describe('petit-cli', () => {
  const CLI = fileURLToPath(new URL('../../pkg-scripts/petit-cli.js', import.meta.url));
  /** @param {string[]} args */
  const petitCli = (...args) => spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });

  it('prints the help and exits with 2 if there are no arguments', () => {
    const { status, stdout } = petitCli();
    assert.equal(status, 2);
    assert.match(stdout, /^Usage: petit /m);
  });

  it('runs the commands', () => {
    const { status, stdout } = petitCli('--version');
    assert.equal(status, 0);
    assert.match(stdout, /^petit \d/);
    assert.equal(petitCli('clone-db', 'shop', '--no-such-option').status, 1);
  });

  it('names the command that prints completions in place of its options', () => {
    for (const option of ['--install-completion', '--show-completion']) {
      const { status, stderr } = petitCli(option);
      assert.equal(status, 1);
      assert.match(stderr, /^Error: petit has no --\w+-completion; "petit completion bash" prints/m);
    }
  });
});

describe('petit-cli clone-db', () => {
  const ends = () => ['--se', clones.source.url, '--de', clones.destination.url];
  const limits = ['--table-parallelism', '2', '--download-parallelism', '4', '--chunk-size', '100000'];

  it('takes its options, short and long', async () => {
    const { source, destination } = clones;
    const long = ['--source-endpoint', source.url, '--dest-endpoint', destination.url];
    const first = await petit('clone-db', 'shop', ...long, '--new-db', 'old_1', ...limits, '--progress');
    assert.equal(first.code, 0, first.stderr);
    const second = await petit(
      'clone-db',
      ...ends(),
      '--new-db',
      'old_1',
      '--skip-existing',
      '--no-progress',
      'shop',
    );
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout, /0 copied, 4 skipped/);
    const third = await petit('clone-db', 'shop', ...ends(), '--new-db', 'old_1', '--overwrite');
    assert.equal(third.code, 0, third.stderr);
    for (const table of await destination.tableNames('old_1'))
      await clones.assertSameTable('shop', 'old_1', table);
  });

  it('previews, and rejects mutually exclusive options with exit code 1', async () => {
    const preview = await petit('clone-db', 'shop', ...ends(), '--new-db', 'old_2', '--dry-run');
    assert.equal(preview.code, 0, preview.stderr);
    assert.deepEqual(await clones.destination.tables('old_2'), []);
    const both = await petit('clone-db', 'shop', ...ends(), '--skip-existing', '--overwrite');
    assert.equal(both.code, 1);
    assert.match(both.stderr, /--skip-existing and --overwrite are mutually exclusive/);
  });

  it('exits with 2 and the same messages if a key is refused', async () => {
    const { source, destination } = clones;
    const run = (/** @type {Record<string, string>} */ keys) =>
      env.start(['clone-db', 'shop', ...ends()], keys).ended;
    const noSource = await run({ SOURCE_API_KEY: '1/bad', DEST_API_KEY: destination.key });
    assert.equal(noSource.code, 2);
    assert.ok(
      noSource.stderr.includes(
        'Source database does not exist or access denied. Please verify your API key and source endpoint configuration.',
      ),
    );
    const noDestination = await run({ SOURCE_API_KEY: source.key, DEST_API_KEY: '1/bad' });
    assert.equal(noDestination.code, 2);
    assert.ok(
      noDestination.stderr.includes(
        'Authentication failed for destination table. Please verify your API key and destination endpoint configuration.',
      ),
    );
    assert.equal((await run({ DEST_API_KEY: destination.key })).code, 2);
  });
});

describe('petit-cli td2parquet', () => {
  it('takes its options and writes the same file', async () => {
    const at = ['--endpoint', env.account.endpoint];
    const plain = await petit('td2parquet', 'shop', 'orders', ...at);
    assert.equal(plain.code, 0, plain.stderr);
    assert.ok(existsSync(env.path('dataset/shop_orders.parquet')));
    for (const incremental of ['--use-incremental', '--no-use-incremental']) {
      const folder = incremental.slice(2);
      const options = ['--output-dir', folder, '--chunk-size', '10000', incremental];
      const ended = await petit('td2parquet', ...options, 'shop', 'orders', ...at);
      assert.equal(ended.code, 0, ended.stderr);
      const { rows } = await readParquet('hyparquet', env.path(`${folder}/shop_orders.parquet`));
      assert.equal(rows.length, 4);
    }
  });

  it('takes the same site names', async () => {
    for (const site of ['aws', 'aws-tokyo', 'eu01', 'ap02', 'ap03']) {
      const args = ['td2parquet', 'shop', 'orders', '--site', site, '--dry-run'];
      const { code, stderr } = await petit(...args, '--endpoint', env.account.endpoint);
      assert.equal(code, 0, stderr);
    }
  });
});

describe('petit-cli trigger-workflow', () => {
  it('takes its options and has its exit codes', async () => {
    const at = ['--endpoint', env.account.endpoint];
    const started = await petit('trigger-workflow', '12345', ...at);
    assert.equal(started.code, 0, started.stderr);
    const waited = await petit('trigger-workflow', '12345', '--wait', '--wait-interval', '1', ...at);
    assert.equal(waited.code, 0, waited.stderr);
    const [, attempt = ''] = /Attempt ID: (\d+)/.exec(started.stdout) ?? [];
    assert.equal((await petit('trigger-workflow', '--check-attempt', attempt, ...at)).code, 0);
    const failed = await petit('trigger-workflow', '54321', '--wait', '--wait-interval', '1', ...at);
    assert.equal(failed.code, 1);
    assert.equal((await env.start(['trigger-workflow', '12345', ...at], {}).ended).code, 2);
  });
});
