import assert from 'node:assert/strict';
import { it } from 'node:test';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { cloneDatabase } from '../pkg-scripts/node.js';
import { readSeed, setUpEnv, tableOf } from './support/index.js';

/** The shortest way through everything, on every platform: `npm run test:smoke`. */

const seed = readSeed('clone-shop');
const env = setUpEnv(seed, 'prod');

it('the command exports a table to Parquet', async () => {
  const { code, stderr } = await env.td2parquet(['shop', 'orders', '--output-dir', env.folder]);
  assert.equal(code, 0, stderr);
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(env.path('shop_orders.parquet')));
  assert.equal(Number(metadata.num_rows), tableOf(seed, 'shop', 'orders').records?.length);
});

it('the library clones a database to another account', async () => {
  const [source, destination] = ['prod', 'mirror'].map((name) => ({
    endpoint: env.emulator.url(name),
    apikey: env.emulator.key(name),
  }));
  assert.ok(source && destination);
  const { errors } = await cloneDatabase({ source, destination, database: 'shop', newDatabase: 'smoke' });
  assert.deepEqual(errors, []);
});
