import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { readSeed, setUpEnv, tableOf } from './support/index.js';
import { installInto, manifestIn, packageIn, petit } from './support/installed.js';

/** The shortest way through everything, on every platform, as a user has it: `npm run test:smoke`. */

const seed = readSeed('clone-shop');
const env = setUpEnv(seed, 'prod');
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'petit-smoke-'));
  await installInto(folder);
});
after(() => rm(folder, { recursive: true, force: true }));

it('the installed command prints its version', async () => {
  const { version } = await manifestIn(folder);
  const { stdout } = await petit(folder, ['--version']);
  assert.equal(stdout.split(/\r?\n/)[0], `petit ${version}`);
});

it('the installed command exports a table to Parquet', async () => {
  const { endpoint, apikey } = env.account;
  const args = ['td2parquet', 'shop', 'orders', '--endpoint', endpoint, '--output', 'smoke.parquet'];
  await petit(folder, args, { TD_API_KEY: apikey });
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(join(folder, 'smoke.parquet')));
  assert.equal(Number(metadata.num_rows), tableOf(seed, 'shop', 'orders').records?.length);
});

it('the installed library clones a database to another account', async () => {
  /** @type {typeof import('../pkg-scripts/node.js')} */
  const { cloneDatabase } = await import(
    String(pathToFileURL(join(packageIn(folder), 'pkg-scripts/node.js')))
  );
  const [source, destination] = ['prod', 'mirror'].map((name) => ({
    endpoint: env.emulator.url(name),
    apikey: env.emulator.key(name),
  }));
  assert.ok(source && destination);
  const { errors } = await cloneDatabase({ source, destination, database: 'shop', newDatabase: 'smoke' });
  assert.deepEqual(errors, []);
});
