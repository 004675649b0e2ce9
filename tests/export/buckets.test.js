import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';
import { readParquet } from '../support/readers.js';
import { startS3 } from '../support/s3.js';

const FULL = process.env.PETIT_TEST === 'full';

const env = setUpEnv(readSeed('edges'), 'acme');
/** @type {Awaited<ReturnType<typeof startS3>>} */
let s3;
before(async () => {
  s3 = await startS3();
});
beforeEach(async () => {
  s3.clear();
  for (const key of await s3.keys()) await s3.remove(key);
});
after(() => s3?.close());

const ORDERS = ['shop', 'orders', '--output', 's3://bucket/orders.parquet'];
const FEW_RETRIES = ['--retry-timeout', '5'];

const variables = () => ({ TD_API_KEY: env.account.apikey, ...s3.env });

/** @param {string[]} args @param {Record<string, string | undefined>} [more] of the environment */
const td2parquet = (args, more) => env.td2parquet(args, { ...variables(), ...more });

/** @param {string[]} args */
const cleanup = (...args) =>
  env.start(['cleanup', '--output-dir', 's3://bucket/', ...args], { ...s3.env }).ended;

/** @param {string} key @returns {Promise<string[]>} ids of the exported orders */
async function idsIn(key) {
  const bytes = await s3.read(key);
  assert.ok(bytes, `there is an object ${key}`);
  await mkdir(env.path('read'), { recursive: true });
  await writeFile(env.path('read/file.parquet'), bytes);
  const { columns, rows } = await readParquet('hyparquet', env.path('read/file.parquet'));
  return rows.map((row) => String(row[columns.indexOf('id')]).slice(2));
}

/** Nothing is left: neither an object nor a part. */
async function assertNothingIsLeft() {
  assert.deepEqual([await s3.keys(), await s3.uploads()], [[], []]);
}

describe('an export to S3', () => {
  it('writes one table to --output, and leaves no upload', async () => {
    const { code, stdout, stderr } = await td2parquet(ORDERS);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^orders +done .* s3:\/\/bucket\/orders\.parquet$/m);
    assert.deepEqual([await s3.keys(), await s3.uploads()], [['orders.parquet'], []]);
    assert.deepEqual(await idsIn('orders.parquet'), ['1', '2', '3', '4']);
    assert.ok(
      s3.requests.some(({ headers }) => headers['x-amz-checksum-sha256']),
      'the store compares checksums',
    );
  });

  it('writes every table below --output-dir', async () => {
    const { code, stderr } = await td2parquet(['shop', '--output-dir', 's3://bucket/a/']);
    assert.equal(code, 0, stderr);
    const tables = ['orders', 'returns', 'views'];
    assert.deepEqual(
      await s3.keys(),
      tables.map((table) => `a/shop_${table}.parquet`),
    );
  });

  it('replaces an object only with --overwrite, and says before the first request that it is in the way', async () => {
    await s3.put('orders.parquet', 'precious');
    const refused = await td2parquet(ORDERS);
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /"s3:\/\/bucket\/orders\.parquet" already exists/);
    assert.deepEqual(env.requests(), []);
    const planned = await td2parquet([...ORDERS, '--overwrite', '--dry-run']);
    assert.match(planned.stdout, /^REPLACE: s3:\/\/bucket\/orders\.parquet$/m);
    assert.equal(String(Buffer.from((await s3.read('orders.parquet')) ?? [])), 'precious');
    assert.equal((await td2parquet([...ORDERS, '--overwrite'])).code, 0);
    assert.equal((await idsIn('orders.parquet')).length, 4);
  });

  it('does not replace an object that appears while it runs', async () => {
    s3.fail({
      ...{ method: 'PUT', url: /partNumber=1/, action: 'lose' },
      done: () => s3.put('orders.parquet', 'precious'),
    });
    const { code, stdout } = await td2parquet(ORDERS);
    assert.equal(code, 3);
    assert.match(stdout, /file_exists/);
    assert.equal(String(Buffer.from((await s3.read('orders.parquet')) ?? [])), 'precious');
    assert.deepEqual(await s3.uploads(), []);
  });
});

describe('a presigned address', () => {
  it('gets one file, and no message or event has its signature', async () => {
    const output = `${s3.endpoint}/bucket/signed.parquet?X-Amz-Signature=0123456789secret`;
    const { code, stdout, stderr } = await env.td2parquet(['shop', 'orders', '--json', '--output', output]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /"outputPath":"http:[^"]+\/bucket\/signed\.parquet"/);
    assert.doesNotMatch(`${stdout}${stderr}`, /secret/);
    assert.deepEqual(await idsIn('signed.parquet'), ['1', '2', '3', '4']);
    const again = await env.td2parquet(['shop', 'orders', '--output', output]);
    assert.equal(again.code, 3);
    assert.match(again.stdout, /file_exists/);
    const several = await env.td2parquet(['shop', 'orders', '--partition', 'day', '--output', output]);
    assert.equal(several.code, 1);
    assert.match(several.stderr, /several files cannot go to one address/);
  });
});

describe('before the first request to Treasure Data', () => {
  /** @type {[title: string, args: string[], more: Record<string, string | undefined>, code: number, message: RegExp][]} */
  const cases = [
    [
      'a password in an address',
      ['--output', 's3://key:hidden@bucket/x'],
      {},
      1,
      /no user, password or port/,
    ],
    ['an unknown scheme', ['--output-dir', 'ftp://host/hidden'], {}, 1, /not to "ftp:\/\/…"/],
    ['a whole bucket as a file', ['--output', 's3://bucket'], {}, 1, /is not a file name/],
    ['a bucket that is not there', ['--output-dir', 's3://nothing/x'], {}, 2, /NoSuchBucket/],
    ['no credentials', ['-o', 's3://bucket'], { AWS_ACCESS_KEY_ID: undefined }, 2, /credential-providers/],
    [
      'plain HTTP to another computer',
      ['-o', 's3://bucket'],
      { AWS_ENDPOINT_URL: 'http://store.example.com' },
      2,
      /has no encryption/,
    ],
    [
      'a broken endpoint',
      ['-o', 's3://bucket'],
      { AWS_ENDPOINT_URL: 'user:hidden' },
      2,
      /AWS_ENDPOINT_URL is not/,
    ],
  ];
  for (const [title, args, more, expected, message] of cases) {
    it(`${title} is refused`, async () => {
      const { code, stderr } = await td2parquet(['shop', 'orders', ...args], more);
      assert.equal(code, expected, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /hidden/);
      assert.deepEqual(env.requests(), []);
    });
  }
});

describe('faults of the store', () => {
  /** @type {[title: string, ...faults: import('../support/s3.js').Fault[]][]} */
  const survived = [
    ['status 500 when an upload starts', { method: 'POST', url: /uploads=/, action: 'answer' }],
    [
      'SlowDown for a part, twice',
      { method: 'PUT', url: /partNumber/, action: 'answer', status: 503, code: 'SlowDown', times: 2 },
    ],
    ['a lost answer to a part', { method: 'PUT', url: /partNumber/, action: 'lose' }],
    ['a refused connection', { method: 'PUT', url: /partNumber/, action: 'refuse' }],
    ['a body that is cut', { method: 'POST', url: /uploads=/, action: 'cut' }],
    ['a lost answer to the completion', { method: 'POST', url: /uploadId=/, action: 'lose' }],
    ['status 503 for the completion', { method: 'POST', url: /uploadId=/, action: 'answer', status: 503 }],
    [
      'a store that does not know the condition',
      { method: 'POST', url: /uploadId=/, action: 'answer', status: 501, code: 'NotImplemented' },
    ],
  ];
  for (const [title, ...faults] of survived) {
    it(`${title} does not matter`, async () => {
      s3.fail(...faults);
      const { code, stderr } = await td2parquet(ORDERS);
      assert.equal(code, 0, stderr);
      assert.deepEqual(await idsIn('orders.parquet'), ['1', '2', '3', '4']);
      // A cut answer hides the id of an upload, which has no parts.
      if (!title.includes('cut')) assert.deepEqual(await s3.uploads(), []);
    });
  }

  it('credentials that expire half-way leave nothing', async () => {
    const expired = /** @type {const} */ ({ action: 'answer', status: 400, code: 'ExpiredToken' });
    s3.fail({ method: 'PUT', url: /partNumber/, ...expired });
    const { code, stderr } = await td2parquet(ORDERS);
    assert.equal(code, 3);
    assert.match(stderr, /ExpiredToken/);
    assert.match(stderr, /Get new credentials/);
    await assertNothingIsLeft();
  });

  it('an error that lasts leaves nothing', async () => {
    s3.fail({ method: 'PUT', url: /partNumber/, action: 'answer', times: 1000 });
    const { code, stdout } = await td2parquet([...ORDERS, '--retry-timeout', '1']);
    assert.equal(code, 3);
    assert.match(stdout, /store_error/);
    await assertNothingIsLeft();
  });

  it('a completion that fails for good is settled by the abort of the upload', async () => {
    s3.fail({ method: 'POST', url: /uploadId=/, action: 'answer', times: 1000 });
    const { code, stdout } = await td2parquet([...ORDERS, '--retry-timeout', '1']);
    assert.equal(code, 3);
    assert.match(stdout, /FAILED .*store_error/);
    await assertNothingIsLeft();
  });

  it('a store that is gone at the completion makes the outcome unknown', async () => {
    s3.fail({
      ...{ method: 'POST', url: /uploadId=/, action: 'lose' },
      done: () => s3.fail({ action: 'refuse', times: 100_000 }),
    });
    const { code, stdout } = await td2parquet([...ORDERS, '--retry-timeout', '1']);
    assert.equal(code, 6);
    assert.match(stdout, /UNKNOWN .*publish_unknown/);
  });

  it('a store that spells back the credentials does not make petit show them', async () => {
    const secret = s3.env.AWS_SECRET_ACCESS_KEY;
    s3.fail({ method: 'PUT', url: /partNumber/, action: 'answer', status: 403, code: `No${secret}` });
    const { stdout, stderr } = await td2parquet([...ORDERS, ...FEW_RETRIES]);
    for (const part of secret.split('/')) assert.ok(!`${stdout}${stderr}`.includes(part), stderr);
  });
});

/** Waits until the store has got a number of requests, then sends a signal to a new run. */
async function signalAt(
  /** @type {string[]} */ args,
  /** @type {number} */ count,
  /** @type {NodeJS.Signals} */ signal,
) {
  const run = env.start(['td2parquet', '--endpoint', env.account.endpoint, ...args], variables());
  s3.fail({ skip: count, action: 'lose', done: () => run.child.kill(signal) });
  return run.ended;
}

describe('a run that is killed', () => {
  const points = FULL ? Array.from({ length: 20 }, (_, point) => point) : [7];
  for (const point of points) {
    it(`after ${point} requests to the store leaves no part of an object; cleanup removes its upload`, async () => {
      const abortForeign = await s3.startForeignUpload('foreign.parquet');
      await signalAt(ORDERS, point, 'SIGKILL');
      if ((await s3.keys()).length > 0) assert.equal((await idsIn('orders.parquet')).length, 4);
      const listed = await cleanup();
      assert.equal(listed.code, 0, listed.stderr);
      assert.doesNotMatch(listed.stdout, /foreign/);
      const removed = await cleanup('--yes');
      assert.equal(removed.code, 0, removed.stderr);
      assert.ok(
        (await s3.uploads()).includes('foreign.parquet'),
        'petit removes nothing that is not its own',
      );
      await abortForeign();
      const left = await s3.uploads();
      // Between the start of an upload and that of its marker, nothing proves whose it is. It has no parts.
      const hasParts = s3.requests.some(({ method, url }) => method === 'PUT' && url.includes('partNumber'));
      assert.ok(left.length === 0 || !hasParts, left.join());
    });
  }

  // The first requests inspect the store, and the last ones follow the answer to the completion.
  const stops = FULL ? Array.from({ length: 8 }, (_, point) => point) : [7];
  for (const point of stops) {
    it(`by Ctrl-C after ${point} requests removes its upload itself`, async () => {
      const { code } = await signalAt([...ORDERS, '--retry-timeout', '60'], point, 'SIGINT');
      assert.equal(code, 130);
      await assertNothingIsLeft();
    });
  }

  it('does not lose the upload of another run to cleanup', async () => {
    const run = env.start(['td2parquet', '--endpoint', env.account.endpoint, ...ORDERS], variables());
    /** @type {(run: ReturnType<typeof cleanup>) => void} */
    let started = () => {};
    /** @type {Promise<import('../support/index.js').Ended>} */
    const cleaned = new Promise((resolve) => {
      started = resolve;
    });
    s3.fail({ method: 'PUT', url: /partNumber/, action: 'lose', done: () => started(cleanup('--yes')) });
    const { code, stderr } = await run.ended;
    assert.match((await cleaned).stdout, /in use|No partial files/);
    assert.equal(code, 0, stderr);
    assert.equal((await idsIn('orders.parquet')).length, 4);
  });
});

describe('partitions in S3', () => {
  const args = ['shop', 'orders', '--partition', 'month', '--output-dir', 's3://bucket/p'];
  const manifest = 'p/shop_orders.manifest.json';

  it('appear below the folder, the manifest last', async () => {
    const { code, stderr } = await td2parquet(args);
    assert.equal(code, 0, stderr);
    const keys = await s3.keys();
    assert.ok(keys.includes(manifest), keys.join());
    const text = new TextDecoder().decode(await s3.read(manifest));
    const files = JSON.parse(text).files.map(
      (/** @type {{ path: string }} */ { path }) => `p/shop_orders/${path}`,
    );
    assert.deepEqual(keys, [manifest, ...files].sort());
    const written = s3.requests.filter(
      ({ method, url }) =>
        (method === 'POST' && url.includes('uploadId=')) || (method === 'PUT' && url.endsWith('.json')),
    );
    assert.match(written.at(-1)?.url ?? '', /manifest\.json/);
    assert.deepEqual(await s3.uploads(), []);
  });

  it('are replaced only with --overwrite, and only those that the manifest lists', async () => {
    assert.equal((await td2parquet(args)).code, 0);
    const again = await td2parquet(args);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /manifest.* already exists/);
    assert.equal((await td2parquet([...args, '--overwrite'])).code, 0);
    const [first = ''] = (await s3.keys()).filter((key) => key.endsWith('part-0.parquet'));
    await s3.remove(manifest);
    const refused = await td2parquet([...args, '--overwrite']);
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, /does not list it/);
    assert.ok(await s3.read(first), 'petit deletes nothing that no manifest lists');
  });

  it('that changed are exported again with --update, and nothing if nothing changed', async () => {
    const update = async () => {
      const { code, stdout, stderr } = await td2parquet([...args, '--update', '--json']);
      assert.equal(code, 0, stderr);
      const { files, kept } = eventsOf(stdout).find(({ type }) => type === 'table') ?? {};
      return { files, kept };
    };
    const { files } = await update();
    assert.deepEqual(await update(), { files: 0, kept: files });
    const [first = ''] = (await s3.keys()).filter((key) => key.endsWith('part-0.parquet'));
    await s3.remove(first);
    assert.deepEqual(await update(), { files: 1, kept: files - 1 });
    assert.ok(await s3.read(first));
    await s3.put(first, 'another program');
    assert.deepEqual(await update(), { files: 1, kept: files - 1 });
    assert.deepEqual(await s3.uploads(), []);
  });

  it('and sets of files are read by DuckDB', async () => {
    const sets = [
      'shop',
      'orders',
      '--file-size',
      '1',
      '--row-group-rows',
      '2',
      '--output-dir',
      's3://bucket/p',
    ];
    const { code, stderr } = await td2parquet(sets);
    assert.equal(code, 0, stderr);
    const files = (await s3.keys('p/shop_orders/')).sort();
    assert.deepEqual(files, ['p/shop_orders/part-0.parquet', 'p/shop_orders/part-1.parquet']);
    const script = `
import sys, duckdb, pyarrow.dataset, pyarrow.fs
store = pyarrow.fs.S3FileSystem(endpoint_override=sys.argv[1], scheme='http', access_key='key', secret_key='secret')
files = pyarrow.dataset.dataset('bucket/p/shop_orders', filesystem=store)
print(duckdb.sql('SELECT count(*), max(id) FROM files').fetchall())
`;
    const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
    const args_ = ['-c', script, s3.endpoint.replace('http://', '')];
    const { stdout } = await promisify(execFile)(python, args_);
    assert.equal(stdout, '[(4, 4)]\n');
  });

  it('that a killed run was publishing are completed by the next run', async () => {
    const run = env.start(['td2parquet', '--endpoint', env.account.endpoint, ...args], variables());
    s3.fail({
      ...{ method: 'POST', url: /uploadId=/, skip: 1, action: 'lose' },
      done: () => run.child.kill('SIGKILL'),
    });
    await run.ended;
    const before = await s3.keys();
    assert.ok(
      !before.includes(manifest) && before.some((key) => key.endsWith('.petit-publishing')),
      before.join(),
    );
    const { code, stderr } = await td2parquet(args);
    assert.equal(code, 0, stderr);
    const after = await s3.keys();
    assert.ok(after.includes(manifest) && !after.some((key) => key.endsWith('.petit-publishing')));
  });
});
