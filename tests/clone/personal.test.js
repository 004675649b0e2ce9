import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { findPersonalColumns, planClone, planExport } from '../../pkg-scripts/node.js';
import { Clones } from '../support/clone.js';
import { eventsOf, seedForClones, setUpEnv } from '../support/index.js';

// Columns that look personal and have no rule of masking.

const TIME = 1_767_225_600;
const people = {
  name: 'people',
  schema: [
    ['email', 'string'],
    ['note', 'string'],
    ['denwa_bango', 'string'],
    ['contacts', 'array<string>'],
    ['rank', 'long'],
  ],
  records: [0, 1, 2].map((n) => ({
    ...{ time: TIME + n, email: `qz${n}zq@example.com`, note: `call qz${n}zq@example.com`, rank: n },
    ...{ denwa_bango: '090-1234-5678', contacts: [`qz${n}zq@example.com`] },
  })),
};
const products = { name: 'products', schema: [['id', 'long']], records: [{ time: TIME, id: 1 }] };
const env = setUpEnv(seedForClones([{ name: 'crm', tables: [people, products] }]), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const FOUND = [
  ['people', 'denwa_bango', 'phone', 'name', 'partial:4'],
  ['people', 'note', 'email', 'values', 'email'],
  ['people', 'contacts', 'email', 'values', 'email'],
];

afterEach(async () => {
  for (const name of await clones.destination.databases()) await clones.destination.drop(name);
});

/** @param {{ columns: import('../../pkg-scripts/types.js').PersonalColumn[] } | undefined} report */
const found = (report) =>
  report?.columns.map(({ table, column, kind, sign, method }) => [table, column, kind, sign, method]);

describe('columns that look personal', () => {
  it('are listed by a dry run with rules, by their names and their values, which it does not show', async () => {
    const args = ['crm', '--mask', 'email=null', '--dry-run'];
    const dry = await clones.run(args);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /^NOT MASKED, BUT PERSONAL BY THEIR LOOK:$/m);
    assert.match(
      dry.stdout,
      /^ {2}people\.denwa_bango: phone, by its name; for example --mask people\.denwa_/m,
    );
    assert.match(
      dry.stdout,
      /^ {2}people\.note: email, by its values; for example --mask people\.note=email$/m,
    );
    assert.match(dry.stdout, /^ {2}At most 1,000 rows of 2 tables were read, by one job each; no value is/m);
    const json = await clones.run([...args, '--json']);
    const { personal } = eventsOf(json.stdout).find(({ type }) => type === 'plan') ?? {};
    assert.deepEqual(found(personal), FOUND);
    assert.ok(!/qz\dzq|090-/.test(dry.stdout + dry.stderr + json.stdout + json.stderr), 'no value is shown');
    const queries = env.emulator.requests().filter(({ path }) => path.includes('LIMIT'));
    assert.ok(queries.every(({ path }) => /LIMIT 1000/.test(path)));
  });

  it('stop a strict run before it writes', async () => {
    const strict = ['crm', '--mask-strict', '--mask'];
    const refused = await clones.run([...strict, 'email=null']);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /people\.denwa_bango \(phone\), people\.note \(email\), people\.contacts/);
    assert.deepEqual(await clones.destination.databases(), []);
    assert.equal((await clones.run([...strict, 'email=null', '--dry-run'])).code, 5);
    const masked = await clones.run([...strict, 'email=null,denwa_bango=drop,note=null,contacts=null']);
    assert.equal(masked.code, 0, masked.stderr);
  });

  it('are in the plans of the library, and stop an export', async () => {
    const { url, key } = clones.source;
    const source = { endpoint: url, apikey: key };
    const destination = { endpoint: clones.destination.url, apikey: clones.destination.key };
    const plan = await planClone({ source, destination, database: 'crm', mask: ['email=null'] });
    assert.deepEqual(found(plan.personal), FOUND);
    const without = await planClone({ source, destination, database: 'crm' });
    assert.equal(without.personal, undefined);
    const outputDir = env.path('out');
    const request = { account: source, database: 'crm', outputDir, maskStrict: true };
    assert.equal(found((await planExport(request)).personal)?.length, 4);
    const args = ['td2parquet', 'crm', '--mask-strict', '--output-dir', outputDir, '--endpoint', url];
    const refused = await env.start(args, { TD_API_KEY: key }).ended;
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /nothing was started: columns look personal .*people\.email \(email\)/);
    const query = [...args, '--query', 'SELECT 1 AS email', '--output', env.path('q.parquet')];
    const unknown = await env.start(
      query.filter((arg) => arg !== '--output-dir' && arg !== outputDir),
      {
        TD_API_KEY: key,
      },
    ).ended;
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /not judged: its columns are not known/);
  });

  it('are listed by ls --pii without a job, and with values on request', async () => {
    const { url, key } = clones.source;
    const ls = (/** @type {string[]} */ ...args) =>
      env.start(['ls', ...args, '--endpoint', url], { TD_API_KEY: key }).ended;
    env.emulator.clearRequests();
    const names = await ls('--pii', 'crm');
    assert.equal(names.code, 0, names.stderr);
    assert.match(names.stdout, /^people +email +email +name +people\.email=email$/m);
    assert.ok(!names.stdout.includes('note'));
    assert.ok(env.requests().every((request) => request.startsWith('GET ')));
    const values = await ls('--pii-values', 'crm', 'people', '--json');
    const [event] = eventsOf(values.stdout);
    assert.deepEqual([event.type, event.table, event.queriedTables], ['personal', 'people', 1]);
    assert.deepEqual(found(event)?.slice(1), FOUND);
    assert.equal((await ls('--pii')).code, 1);
    assert.equal((await ls('--pii', 'crm', 'nobody')).code, 2);
    const account = { endpoint: url, apikey: key };
    const masked = await findPersonalColumns(account, 'crm', { mask: ['*=null'], values: true });
    assert.deepEqual([masked.columns, masked.queriedTables], [[], 0]);
  });
});
