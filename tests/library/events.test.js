import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkConformance, exportTables } from '../../pkg-scripts/node.js';
import { Clones, onRequest, requestLine } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

/** The output of `--json` matches docs/events.schema.json. */

const seed = readSeed('clone-shop');
Object.assign(seed.accounts.find(({ name }) => name === 'prod') ?? {}, {
  workflows: [
    { id: '12345', name: 'load', ends: 'success', ms: 50 },
    { id: '777', name: 'endless', ms: 3_600_000 },
  ],
});
const env = setUpEnv(seed, 'prod');
const clones = new Clones(env, 'prod', 'mirror');

/** @param {string} name of a file in the repository */
const text = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const schema = JSON.parse(text('docs/events.schema.json'));
/** @type {string[]} */
const KINDS = schema.oneOf.map((/** @type {{ $ref: string }} */ { $ref }) => $ref.replace('#/$defs/', ''));

/** Every type of event. The type checker finds a missing one.
 * @type {Record<import('../../pkg-scripts/types.js').RunEvent['type'], true>} */
const EVENT_TYPES = {
  check: true,
  answer: true,
  columns: true,
  comparison: true,
  database: true,
  databases: true,
  error: true,
  personal: true,
  file: true,
  plan: true,
  profile: true,
  progress: true,
  summary: true,
  table: true,
  tables: true,
  view: true,
  waiting: true,
  workflow_attempt: true,
};

/** The schema without additional properties. @param {any} part @returns {any} */
function closed(part) {
  if (Array.isArray(part)) return part.map(closed);
  if (part === null || typeof part !== 'object') return part;
  const inner = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
  return part.type === 'object' && part.properties ? { ...inner, additionalProperties: false } : inner;
}

const ajv = new Ajv2020({ allErrors: true });
const validate = ajv.compile(schema);
const strict = ajv.compile({ ...closed(schema), $id: 'closed' });
/** @type {Map<string, import('ajv').ValidateFunction>} */
const byKind = new Map(
  KINDS.map((kind) => [kind, ajv.compile({ $ref: `#/$defs/${kind}`, $defs: closed(schema.$defs) })]),
);
/** Kinds of events in the runs of this file. @type {Set<string>} */
const seen = new Set();

/**
 * The events of a run. Asserts that each event is valid.
 * @param {{ stdout: string, stderr: string, code: number | null }} ended
 * @param {number} code the expected exit code
 */
function valid({ stdout, stderr, code: actual }, code) {
  assert.equal(actual, code, stderr);
  const events = eventsOf(stdout);
  for (const event of events) {
    assert.ok(validate(event), `${JSON.stringify(event)}\n${ajv.errorsText(validate.errors)}`);
    assert.ok(strict(event), `the schema does not describe all of ${JSON.stringify(event)}`);
    for (const [kind, isOfKind] of byKind) if (isOfKind(event)) seen.add(kind);
  }
  return events;
}

const typesOf = (/** @type {any[]} */ events) => events.map(({ type }) => type);

/** @param {string[]} args @param {Record<string, string>} [variables] */
const petit = (args, variables) =>
  env.start([...args, '--json', '--endpoint', env.account.endpoint], {
    TD_API_KEY: env.account.apikey,
    ...variables,
  });

/** Interrupts a run when it has printed a text.
 * @param {ReturnType<typeof petit>} run @param {string} shown */
async function interruptedAt({ child, ended }, shown) {
  let isInterrupted = false;
  child.stdout.on('data', (chunk) => {
    if (isInterrupted || !String(chunk).includes(shown)) return;
    isInterrupted = true;
    child.kill('SIGINT');
  });
  const events = valid(await ended, 130);
  assert.equal(events.at(-1).type, 'error');
  assert.equal(events.at(-1).code, 'interrupted');
  return events.at(-1);
}

describe('the events of', () => {
  it('clone-db: planned, copied, skipped, replaced and failed', async () => {
    const args = ['shop', '--new-db', 'events_1', '--json'];
    const [plan, ...none] = valid(await clones.run([...args, '--dry-run']), 0);
    assert.deepEqual([plan.type, none], ['plan', []]);
    const copied = valid(await clones.run([...args, '--profile']), 0);
    assert.deepEqual([typesOf(copied)[0], ...typesOf(copied).slice(-2)], ['plan', 'profile', 'summary']);
    valid(await clones.run([...args, '--skip-existing']), 0);
    const refused = valid(await clones.run(args), 1);
    assert.deepEqual(typesOf(refused), ['plan', 'error']);
    valid(await clones.run([...args, '--dry-run']), 5);
    valid(await clones.run([...args, '--dry-run', '--overwrite']), 0);
    env.fail({ path: '/upload_part', times: 1, action: { type: 'status', status: 422 } });
    const failed = valid(await clones.run([...args, '--overwrite', '--verify', 'full']), 3);
    assert.equal(failed.filter(({ state }) => state === 'failed').length, 1);
  });

  it('clone-db: by the engine, in slices, in shards', async () => {
    const args = ['shop', '--new-db', 'events_6', '--split-rows', '1000', '--json'];
    const sameAccount = ['--de', clones.source.url];
    const events = valid(await clones.run([...args, ...sameAccount], { DEST_API_KEY: clones.source.key }), 0);
    assert.ok(events.some(({ via, jobs = [] }) => via === 'engine' && jobs.length > 1));
    const sharded = valid(await clones.run([...args, '--shard', '1/2']), 0);
    assert.deepEqual(sharded[0].shard, { index: 1, count: 2 });
  });

  it('clone-db: logical views, and a time range of chosen tables', async () => {
    const args = ['shop', 'orders', 'recent', '--new-db', 'events_7', '--start-time', '1970-01-01', '--json'];
    await clones.source.query('shop', 'CREATE VIEW recent AS SELECT id FROM orders');
    try {
      const created = valid(await clones.run([...args, '--views', 'copy']), 0);
      assert.deepEqual(
        created.filter(({ type }) => type === 'view').map(({ view, state }) => [view, state]),
        [['recent', 'done']],
      );
      const summary = created.at(-1);
      assert.deepEqual([summary.notChosen, summary.timeRange.startTime], [3, '1970-01-01']);
      assert.deepEqual(typesOf(valid(await clones.run([...args, '--views', 'copy']), 1)), ['plan', 'error']);
      valid(await clones.run([...args, '--skip-existing']), 0);
    } finally {
      await clones.source.query('shop', 'DROP VIEW recent');
    }
  });

  it('clone-db: waiting, and stopped by errors and by Ctrl-C', async () => {
    const args = ['shop', '--new-db', 'events_2', '--json'];
    const [refused] = valid(await clones.run(args, { SOURCE_API_KEY: '1/bad' }), 2);
    assert.equal(refused.code, 'source_refused');
    const [missing] = valid(await clones.run(args, { DEST_API_KEY: '' }), 2);
    assert.equal(missing.code, 'missing_key');
    env.fail({ path: '/database/create', times: 1, action: { type: 'status', status: 503 } });
    const last = await interruptedAt(clones.start(args), '"type":"waiting"');
    assert.deepEqual([last.finished, last.left.length], [[], 4]);
  });

  it('clone-db, in the report of a stopped run', async () => {
    const args = ['shop', '--new-db', 'events_3', '--json', '--report', 'report.json'];
    const oneTable = ['--table-parallelism', '1'];
    const stopped = await interruptedAt(clones.start([...args, ...oneTable]), '"state":"done"');
    const report = JSON.parse(await readFile(env.path('report.json'), 'utf8'));
    const { type, version, ...error } = stopped;
    assert.deepEqual(report.error, error);
    assert.deepEqual(
      report.tables.map((/** @type {any} */ { table }) => table),
      stopped.finished,
    );
    assert.ok(stopped.finished.length > 0 && report.rows > 0 && report.bytes > 0, JSON.stringify(report));
    assert.deepEqual([report.sourceDatabase, report.destinationDatabase], ['shop', 'events_3']);

    valid(await clones.run(args, { DEST_API_KEY: '1/bad' }), 2);
    const refused = JSON.parse(await readFile(env.path('report.json'), 'utf8'));
    assert.deepEqual([refused.error.code, refused.tables], ['destination_refused', []]);
    const nowhere = [...args.slice(0, -1), 'no/such/folder.json'];
    const { code, stderr } = await clones.run(nowhere, { DEST_API_KEY: '1/bad' });
    assert.equal(code, 2);
    assert.match(stderr, /Authentication failed/);
    const inNewFolder = JSON.parse(await readFile(env.path('no/such/folder.json'), 'utf8'));
    assert.equal(inNewFolder.error.code, 'destination_refused');
  });

  it('td2parquet: planned, exported, failed and stopped', async () => {
    const args = ['td2parquet', 'shop'];
    valid(await petit([...args, '--dry-run']).ended, 0);
    valid(await petit([...args, '--profile']).ended, 0);
    const [, refused] = valid(await petit(args).ended, 1);
    assert.equal(refused.code, 'file_exists');
    valid(await petit([...args, '--dry-run']).ended, 5);
    valid(await petit([...args, '--query', 'SELECT 1 AS one', '--output', 'one.parquet']).ended, 0);
    env.fail({ path: '/job/issue', times: 1, action: { type: 'status', status: 422 } });
    valid(await petit([...args, '--overwrite']).ended, 3);
    env.emulator.configure({ delays: { queued: 0, booting: 0, running: 60_000, final: 0 } });
    await interruptedAt(petit([...args, 'orders', '--output', 'other.parquet']), '"type":"progress"');
  });

  it('verify: equal, different and stopped', async () => {
    const { source, destination } = clones;
    const keys = { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key };
    assert.equal((await clones.run(['shop', '--new-db', 'events_4'])).code, 0);
    const sides = ['--se', source.url, '--de', destination.url, '--json', '--new-db', 'events_4'];
    const verify = (/** @type {string[]} */ args) => env.start(['verify', 'shop', ...args, ...sides], keys);
    valid(await verify([]).ended, 0);
    valid(await verify(['--compare', 'count']).ended, 0);
    await destination.post('/v3/table/delete/events_4/orders');
    const signs = valid(await verify(['--method', 'stream']).ended, 4);
    assert.deepEqual(new Set(signs.flatMap(({ sign = [] }) => sign)), new Set(['=', '+']));
    env.fail({ path: '/job/issue/presto/events_4', times: 1, action: { type: 'status', status: 422 } });
    valid(await verify(['customers']).ended, 3);
    env.emulator.configure({ delays: { queued: 0, booting: 0, running: 60_000, final: 0 } });
    const stopped = await interruptedAt(verify([]), '"type":"progress"');
    assert.match(stopped.hint, /^1 table was compared; nothing was written\. Run the same command again\.$/);
    assert.deepEqual(await source.runningJobs(), []);
  });

  it('cleanup: listed, deleted, and failed to delete', async (test) => {
    const { destination } = clones;
    const run = (/** @type {string[]} */ args) =>
      env.start(['cleanup', '--json', '--endpoint', destination.url, ...args], {
        TD_API_KEY: destination.key,
      }).ended;
    const { child, ended } = clones.start(['shop', '--new-db', 'events_5']);
    onRequest(test, env, (entry) => {
      if (/bulk_import\/perform/.test(requestLine(entry))) child.kill('SIGKILL');
    });
    assert.equal((await ended).signal, 'SIGKILL');
    const [plan] = valid(await run([]), 0);
    assert.ok(plan.tables.length > 0 && plan.sessions.length > 0);
    env.fail({ path: '/table/delete', times: 1, action: { type: 'status', status: 422 } });
    valid(await run(['--yes', '--force']), 3);
    valid(await run(['--yes', '--force']), 0);
    assert.equal(valid(await run(['no_such_database']), 2)[0].code, 'source_refused');
    valid(await run(['--output-dir', '.']), 0);
    valid(await run(['--output-dir', '.', '--yes']), 0);
  });

  it('ls: databases, tables, columns and personal data', async () => {
    const { source } = clones;
    const run = (/** @type {string[]} */ ...args) =>
      env.start(['ls', '--json', '--endpoint', source.url, ...args], { TD_API_KEY: source.key }).ended;
    valid(await run(), 0);
    valid(await run('shop'), 0);
    valid(await run('shop', 'orders'), 0);
    valid(await run('--pii-values', 'shop'), 0);
  });

  it('inspect: what is in a file', async () => {
    const path = env.path('file.parquet');
    await exportTables({
      ...{ account: env.account, database: 'shop', tables: ['orders'], output: path, workers: 0 },
    });
    valid(await env.start(['inspect', '--json', path, '--rows', '1', '--ddl', 'athena']).ended, 0);
  });

  it('doctor: the checks of an account', async () => {
    const args = ['doctor', '--json', '--endpoint', env.account.endpoint];
    valid(await env.start(args, { TD_API_KEY: env.account.apikey }).ended, 0);
  });

  it('trigger-workflow: started, awaited, checked and stopped', async () => {
    const args = ['trigger-workflow', '--wait-interval', '1'];
    const [attempt] = valid(await petit([...args, '12345', '--wait']).ended, 0);
    valid(await petit([...args, '--check-attempt', attempt.attemptId]).ended, 0);
    const [missing] = valid(await petit([...args, '1']).ended, 1);
    assert.equal(missing.code, 'not_found');
    const stopped = await interruptedAt(petit([...args, '777', '--wait']), '"type":"workflow_attempt"');
    assert.match(
      stopped.hint,
      /^The workflow keeps running\. To report its state, run: petit trigger-workflow --check-attempt \d+$/,
    );
  });
});

describe('the events of a run of the library', () => {
  it('the answers of an account', async () => {
    const { answers } = await checkConformance({ account: env.account });
    for (const answer of answers) {
      const event = { version: 1, type: 'answer', ...answer };
      assert.ok(strict(event), `the schema does not describe all of ${JSON.stringify(event)}`);
      seen.add('answer');
    }
  });
});

describe('the schema', () => {
  it('has only kinds of events that these runs have', () => {
    assert.deepEqual([...seen].sort(), KINDS.toSorted());
  });

  it('and docs/events.md have every type of event in the code', () => {
    const inCode = Object.keys(EVENT_TYPES);
    const inSchema = new Set(
      Object.values(schema.$defs).flatMap(({ properties }) => properties?.type?.const ?? []),
    );
    const inPage = new Set([...text('docs/events.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, type]) => type));
    assert.deepEqual([...inSchema].sort(), inCode.sort());
    assert.deepEqual([...inPage].sort(), inCode);
  });
});
