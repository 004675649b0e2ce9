import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { cloneDatabase, exportTables, planClone } from '../../pkg-scripts/node.js';
import { Clones } from '../support/clone.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { startGateway } from '../support/gateway.js';
import { eventsOf, seedForClones, setUpEnv } from '../support/index.js';

/** @import { MaskRule } from '../../pkg-scripts/types.js' */

// Values that no run lets out of the process, and pseudonyms that are the same in every table.

const SECRET = 'the secret of these tests';
const TIME = 1_767_225_600;
/** Rows with a secret in each; 12 secrets a row. */
const PEOPLE = EXHAUSTIVE ? 834 : 40;

/** What a row hides, with a word that is nowhere else. @param {number} n */
function personOf(n) {
  const word = `qz${String(n).padStart(5, '0')}zq`;
  return {
    time: TIME + n,
    n,
    email: `${word}a@example.com`,
    phone: `${word}b-5678`,
    member_id: 7_700_000_000_000 + n,
    tags: [`${word}c`, null],
    by_name: { [`${word}d`]: `${word}e` },
    nested: [{ [`${word}f`]: [`${word}g`] }],
    broken: { $bytes: Buffer.from(`\xff${word}h\xfe`, 'latin1').toString('base64') },
    long: `${'x'.repeat(2000)}${word}i${'y'.repeat(2000)}`,
    name: `山田${word}j`,
    profile: JSON.stringify({ name: `${word}k` }),
    gone: `${word}l`,
    plain: `kept ${n}`,
  };
}
const schema = [
  ['n', 'long'],
  ['email', 'string'],
  ['phone', 'string'],
  ['member_id', 'long'],
  ['tags', 'array<string>'],
  ['by_name', 'map<string,string>'],
  ['nested', 'array<map<string,array<string>>>'],
  ['broken', 'string'],
  ['long', 'string'],
  ['name', 'string'],
  ['profile', 'string'],
  ['gone', 'string'],
  ['plain', 'string'],
];
const people = Array.from({ length: PEOPLE }, (_, n) => personOf(n));
const orders = Array.from({ length: 2 * PEOPLE }, (_, n) => ({
  time: TIME + n,
  email: `qz${String(n % (PEOPLE + 5)).padStart(5, '0')}zqa@example.com`,
  member: 7_700_000_000_000 + (n % (PEOPLE + 5)),
  price: n,
}));
const orderSchema = [
  ['email', 'string'],
  ['member', 'long'],
  ['price', 'long'],
];
const databases = [
  {
    name: 'crm',
    tables: [
      { name: 'people', schema, records: people },
      {
        name: 'orders',
        schema: orderSchema,
        records: orders,
      },
      { name: 'products', schema: [['id', 'long']], records: [{ time: TIME, id: 1 }] },
    ],
  },
];
const env = setUpEnv(seedForClones(/** @type {any} */ (databases)), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
/** @type {MaskRule[]} */
const RULES = [
  'email=hash',
  'phone=partial',
  'member*=hash',
  'people.n=zero',
  'tags=hash',
  'by_name=hash',
  'nested=redact',
  'broken=hash',
  'long=email',
  'name=redact',
  'profile=partial:2',
  'gone=drop',
];

afterEach(async () => {
  for (const name of await clones.destination.databases()) await clones.destination.drop(name);
});

/** @param {string} text */
const hashed = (text) => createHmac('sha256', SECRET).update(text).digest('hex').slice(0, 32);

/** The first row of a query in the copy. @param {string} sql */
const copiedValue = async (sql) => (await clones.destination.rows('crm', sql))[0];

/** The first row of a query in the source. @param {string} sql */
const sourceValue = async (sql) => (await clones.source.rows('crm', sql))[0];

describe('a masked clone', () => {
  it('has the pseudonyms of its rules, and says so', async () => {
    const file = env.path('rules.toml');
    await writeFile(file, '# Joins hold.\nemail = "hash"\n[people]\n"phone" = "partial"\ngone = "drop"\n');
    const report = env.path('report.json');
    const args = ['crm', '--mask-file', file, '--mask', 'member*=hash,profile=null', '--report', report];
    const keys = { PETIT_MASK_KEY: SECRET };
    const dry = await clones.run([...args, '--dry-run'], keys);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /^MASKED:\n(?: {2}.*\n)* {2}people\.email: hash$/m);
    assert.match(dry.stdout, /^ {2}people\.gone: drop$/m);

    const { code, stdout, stderr } = await clones.run([...args, '--json'], keys);
    assert.equal(code, 0, stderr);
    assert.ok(!(stdout + stderr).includes(SECRET));
    const { tables } = JSON.parse(await readFile(report, 'utf8'));
    const masks = tables.find((/** @type {any} */ { table }) => table === 'people').masks;
    assert.deepEqual(masks.slice(0, 2), [
      { column: 'email', method: 'hash' },
      { column: 'phone', method: 'partial:4' },
    ]);
    assert.deepEqual(eventsOf(stdout).at(-1).tables.length, 3);
    const row = await copiedValue('SELECT email, phone, profile, plain FROM people WHERE n = 3');
    assert.deepEqual(row, [hashed('qz00003zqa@example.com'), `${'*'.repeat(11)}5678`, null, 'kept 3']);
    const copied = (await clones.destination.tables('crm')).find(({ name }) => name === 'people');
    assert.ok(!copied.schema.includes('gone'), copied.schema);
  });

  it('lets no unmasked value out of the process', async () => {
    const sent = /** @type {Buffer[]} */ ([]);
    const record = async (/** @type {any} */ message, /** @type {() => Promise<any>} */ forward) => {
      sent.push(Buffer.from(`${message.path}\n${JSON.stringify(message.headers)}`), message.body);
      return forward();
    };
    const { source, destination } = clones;
    const gateways = await Promise.all([source, destination].map(({ url }) => startGateway(url, record)));
    const [from, to] = gateways;
    assert.ok(from && to);
    const account = { endpoint: from.url, apikey: source.key };
    const events = /** @type {unknown[]} */ ([]);
    const onEvent = (/** @type {unknown} */ event) => events.push(event);
    const masking = { mask: RULES, maskKey: SECRET, onEvent, chunkSize: 7, workers: 0 };
    try {
      const clone = await cloneDatabase({
        ...{ ...masking, source: account, destination: { endpoint: to.url, apikey: destination.key } },
        ...{ database: 'crm', verify: 'full', splitRows: 25 },
      });
      assert.deepEqual(clone.errors, []);
      const exported = await exportTables({
        ...{ ...masking, account, database: 'crm', outputDir: env.folder, compression: 'none' },
        encodings: 'compatible',
      });
      assert.deepEqual(exported.errors, []);
    } finally {
      await Promise.all(gateways.map((gateway) => gateway.close()));
    }
    const files = await env.files();
    assert.equal(files.length, 3);
    for (const file of files) sent.push(await readFile(env.path(file)));
    sent.push(
      Buffer.from(JSON.stringify(events, (_, value) => (typeof value === 'bigint' ? String(value) : value))),
    );
    const parts = sent.flatMap((bytes) =>
      bytes[0] === 0x1f && bytes[1] === 0x8b ? [gunzipSync(bytes)] : [],
    );
    assert.ok(parts.length >= 2, 'the parts are among what was sent');
    const all = Buffer.concat([...sent, ...parts]);
    assert.ok(all.includes('kept 3'), 'a value without a rule is found');
    assert.equal(all.toString('latin1').match(/qz\d{5}zq/)?.[0], undefined);
    assert.equal(all.indexOf(SECRET), -1);
    for (const { member_id: id } of people) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(BigInt(id));
      assert.equal(all.indexOf(bytes), -1, 'an integer of MessagePack');
      assert.equal(all.indexOf(bytes.reverse()), -1, 'an integer of Parquet');
      assert.equal(all.indexOf(String(id)), -1, 'an integer as text');
    }
  });

  it('joins as the source does, and verify compares it by the rules', async () => {
    const mask = ['--mask', 'email=hash,member*=hash'];
    const keys = { PETIT_MASK_KEY: SECRET };
    const { code, stderr } = await clones.run(['crm', ...mask, '--verify', 'full'], keys);
    assert.equal(code, 0, stderr);
    for (const sql of [
      'SELECT COUNT(1), SUM(price) FROM people p JOIN orders o ON p.email = o.email',
      'SELECT COUNT(1), SUM(price) FROM people p JOIN orders o ON p.member_id = o.member',
    ]) {
      const before = await sourceValue(sql);
      assert.ok(before[0] > PEOPLE);
      assert.deepEqual(await copiedValue(sql), before);
    }
    const { source, destination } = clones;
    const verify = (/** @type {string[]} */ args, secret = SECRET) =>
      env.start(['verify', 'crm', ...args, '--se', source.url, '--de', destination.url], {
        ...{ SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key, PETIT_MASK_KEY: secret },
      }).ended;
    const same = await verify(mask);
    assert.equal(same.code, 0, same.stdout + same.stderr);
    assert.equal((await verify([])).code, 4);
    assert.equal((await verify(mask, 'another secret of masking')).code, 4);
  });

  it('is checked before the first request', async () => {
    for (const [rule, secret, text] of [
      ['email', SECRET, /it has no method; a rule is column=method/],
      ['email=md5', SECRET, /"md5" is not a method/],
      ['email=hash', '', /needs a secret; set PETIT_MASK_KEY/],
      ['email=hash', 'short', /must have at least 16 bytes/],
    ]) {
      const keys = { PETIT_MASK_KEY: String(secret) };
      const { code, stderr } = await clones.run(['crm', '--mask', String(rule)], keys);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /** @type {RegExp} */ (text));
    }
    assert.deepEqual(env.requests(), []);
    const { code, stderr } = await clones.run(['crm', '--mask', 'emial=null']);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /no column of the chosen tables matches the mask rule "emial=null"; did you mean "email"\?/,
    );
  });

  it('is not copied by the engine', async () => {
    const { url, key } = clones.source;
    const side = { endpoint: url, apikey: key };
    const plan = await planClone({
      ...{ source: side, destination: side, database: 'crm', newDatabase: 'crm_dev' },
      ...{ via: 'engine', mask: ['people.email=redact'] },
    });
    const ways = Object.fromEntries(plan.tables.map(({ table, via }) => [table, via]));
    assert.deepEqual(ways, { people: 'client', orders: 'engine', products: 'engine' });
    const masked = plan.tables.find(({ table }) => table === 'people');
    assert.match(masked?.viaReason ?? '', /^petit masks its columns/);
  });
});
