import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Clones, isWrite, requestLine } from '../support/clone.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

/** Requests that can change data. */
const writes = () => env.emulator.requests().filter(isWrite).map(requestLine);

/** The contents of the destination's database `archive`. */
const archive = async () => {
  const names = await clones.destination.tableNames('archive');
  return Promise.all(names.map((name) => clones.destination.contents('archive', name)));
};

/** @param {any[]} tables @returns {string[]} */
const actions = (tables) => tables.map(({ table, action }) => `${action} ${table}`).sort();

describe('a dry run', () => {
  it('lists the tables to create, and writes nothing anywhere', async () => {
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'fresh', '--dry-run']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(writes(), []);
    assert.ok(!(await clones.destination.databases()).includes('fresh'));
    const rows = stdout.split('\n').filter((line) => line.startsWith('CREATE '));
    assert.deepEqual(
      rows.map((row) => row.split(/\s+/).slice(0, 3)),
      [
        ['CREATE', 'visits', '4,000'],
        ['CREATE', 'orders', '4'],
        ['CREATE', 'customers', '3'],
        ['CREATE', 'returns', '0'],
      ],
      'biggest first',
    );
    assert.match(stdout, /^Dry run of shop to fresh: nothing was written\.$/m);
    assert.match(stdout, /^CREATE: 4 tables, about 4,007 rows, [\d.]+ KiB$/m);
    assert.match(stdout, /^The database fresh will be created\.$/m);
    assert.match(stdout, /^To copy the tables, run again without --dry-run\.$/m);
    assert.doesNotMatch(stdout, /DATA LOSS|ERROR/);
  });

  it('exits with 5 if tables exist, and says how to resolve this', async () => {
    const { code, stdout } = await clones.run(['shop', '--new-db', 'archive', '--dry-run']);
    assert.equal(code, 5);
    assert.deepEqual(writes(), []);
    assert.match(stdout, /^ERROR +orders +4 /m);
    assert.match(stdout, /^ERROR: 2 tables, about 7 rows/m);
    assert.match(stdout, /^CREATE: 2 tables, about 4,000 rows/m);
    assert.match(stdout, /^ {2}orders: "archive" already has a table "orders"$/m);
    assert.match(stdout, /^Use --skip-existing .* --overwrite .* --new-db/m);
    assert.match(stdout, /^Fix the errors, then run again without --dry-run\.$/m);
  });

  it('warns about the rows that --overwrite deletes', async () => {
    const { code, stdout } = await clones.run(['shop', '--new-db', 'archive', '--overwrite', '--dry-run']);
    assert.equal(code, 0);
    assert.deepEqual(writes(), []);
    assert.match(stdout, /^OVERWRITE +orders +4 /m);
    assert.match(stdout, /^OVERWRITE: 2 tables, about 7 rows/m);
    assert.match(stdout, /^DATA LOSS: .*\n {2}orders: about 2 rows, .*\n {2}customers: about 1 row, /m);
    assert.doesNotMatch(stdout, /unrelated/);
  });

  it('lists the tables that --skip-existing skips', async () => {
    const { code, stdout } = await clones.run([
      'shop',
      '--new-db',
      'archive',
      '--skip-existing',
      '--dry-run',
    ]);
    assert.equal(code, 0);
    assert.deepEqual(writes(), []);
    assert.match(stdout, /^SKIP +customers +3 /m);
    assert.match(stdout, /^SKIP: 2 tables, about 7 rows/m);
    assert.doesNotMatch(stdout, /DATA LOSS|ERROR/);
  });

  it('lists what the copy will not preserve', async () => {
    const { stdout } = await clones.run(['odd', '--dry-run']);
    assert.match(stdout, /^ {2}untyped: its schema has no columns: only time is visible in SQL/m);
    assert.doesNotMatch(stdout, /^ {2}fine:/m);
    assert.match(stdout, /^ {2}ids, creation and update times, and permissions are not copied$/m);
    assert.match(stdout, /^ {2}each table is copied as of the time of its query/m);
  });

  it('prints the plan as one event with --json', async () => {
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'archive', '--dry-run', '--json']);
    assert.equal(code, 5);
    assert.equal(stderr, '');
    assert.deepEqual(writes(), []);
    const [plan, ...others] = eventsOf(stdout);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [
        plan.version,
        plan.type,
        plan.command,
        plan.sourceDatabase,
        plan.destinationDatabase,
        plan.createDatabase,
      ],
      [1, 'plan', 'clone-db', 'shop', 'archive', false],
    );
    assert.deepEqual(actions(plan.tables), [
      'create returns',
      'create visits',
      'error customers',
      'error orders',
    ]);
    assert.deepEqual(
      [plan.totals.create.tables, plan.totals.create.rows, plan.totals.error.rows],
      [2, 4000, 7],
    );
    const { problem } = plan.tables.find((/** @type {any} */ { table }) => table === 'orders');
    assert.equal(problem.code, 'already_exists');
  });

  it('lists the leftovers of an earlier run, and the run deletes exactly these', async () => {
    const { destination } = clones;
    /** @param {string} source @param {string} table @returns {Promise<string>} name of the table's staging table and session */
    const stagingOf = async (source, table) => {
      const [plan] = eventsOf((await clones.run([source, '--new-db', 'left', '--dry-run', '--json'])).stdout);
      const { copy } = plan.tables.find((/** @type {any} */ planned) => planned.table === table);
      assert.equal(copy.session, copy.stagingTable);
      return copy.stagingTable;
    };
    const [again, gone] = [await stagingOf('shop', 'orders'), await stagingOf('odd', 'fine')];
    const another = again.replace(/_[0-9a-f]{16}_/, '_0123456789abcdef_');
    assert.match(again, /^petit_staging_[0-9a-f]{16}_orders$/);
    const others = [another, 'petit_staging_orders', 'bystander'];
    await destination.post('/v3/database/create/left');
    for (const table of [again, gone, ...others]) {
      assert.equal((await destination.post(`/v3/table/create/left/${table}/log`)).status, 200);
    }
    for (const session of [again, gone, 'someone_elses']) {
      assert.equal((await destination.post(`/v3/bulk_import/create/${session}/left/bystander`)).status, 200);
    }
    env.emulator.clearRequests();

    const { code, stdout } = await clones.run(['shop', '--new-db', 'left', '--dry-run']);
    assert.equal(code, 0);
    assert.deepEqual(writes(), []);
    const [, listed = ''] = /^Leftovers of an earlier run[^\n]*\n((?: {2}.*\n)*)/m.exec(stdout) ?? [];
    assert.deepEqual(
      listed.trimEnd().split('\n').sort(),
      [again, gone].flatMap((name) => [`  bulk import session ${name}`, `  table ${name}`]).sort(),
    );

    assert.equal((await clones.run(['shop', '--new-db', 'left'])).code, 0);
    const expected = [...(await clones.source.tableNames('shop')), ...others].sort();
    assert.deepEqual(await destination.tableNames('left'), expected);
    assert.deepEqual(await destination.sessions(), ['someone_elses']);
    await destination.post('/v3/bulk_import/delete/someone_elses');
  });
});

describe('existing tables', () => {
  it('stop the run before it starts', async () => {
    const before = await archive();
    env.emulator.clearRequests();
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'archive']);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /nothing was copied: "archive" already has a table "orders" \(and 1 more: see --dry-run\)/,
    );
    assert.match(stderr, /--skip-existing, --overwrite or --new-db/);
    assert.deepEqual(writes(), []);
    assert.deepEqual(await archive(), before);
  });

  it('are unchanged with --skip-existing', async () => {
    const before = await archive();
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'archive', '--skip-existing']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^orders +SKIP +unchanged$/m);
    assert.match(stdout, /^visits +CREATE +4,000 .* verified /m);
    assert.match(stdout, /^shop to archive: 2 copied, 2 skipped, 0 failed; 4,000 rows/m);
    const now = await archive();
    const kept = now.filter(({ table }) => !['visits', 'returns'].includes(/** @type {any} */ (table).name));
    assert.deepEqual(kept, before);
    for (const table of ['visits', 'returns']) await clones.assertSameTable('shop', 'archive', table);
  });

  it('are replaced with --overwrite, each by one rename without a deletion', async () => {
    env.emulator.clearRequests();
    const { code, stderr } = await clones.run(['shop', '--new-db', 'archive', '--overwrite']);
    assert.equal(code, 0, stderr);
    for (const table of ['orders', 'customers', 'visits', 'returns']) {
      await clones.assertSameTable('shop', 'archive', table);
      const touching = writes().filter((line) => line.endsWith(`/${table}`));
      assert.equal(touching.length, 1, touching.join('\n'));
      assert.match(String(touching[0]), /^POST \/v3\/table\/rename\/archive\/petit_staging_/);
    }
    assert.ok((await clones.destination.tableNames('archive')).includes('unrelated'));
    await clones.assertNoLeftovers('archive');
  });
});

describe('a run', () => {
  it('needs only a query-only key for the source', async () => {
    const variables = { SOURCE_API_KEY: env.emulator.key('prod', 'query_only') };
    const { code, stderr } = await clones.run(['shop', '--new-db', 'by_reader'], variables);
    assert.equal(code, 0, stderr);
    assert.ok(
      env.emulator.requests().every(({ account, key }) => account !== 'prod' || key === 'query_only'),
    );
    await clones.assertEqual('shop', 'by_reader');
  });

  it('writes nothing to the source', async () => {
    assert.equal((await clones.run(['shop', '--new-db', 'of_reader'])).code, 0);
    const atSource = env.emulator.requests().filter((entry) => isWrite(entry) && entry.account === 'prod');
    assert.ok(atSource.length > 0);
    for (const entry of atSource) assert.match(requestLine(entry), /^POST \/v3\/job\/issue\/presto\/shop$/);
  });

  it('prints a table of its results', async () => {
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'closing']);
    assert.deepEqual([code, stderr], [0, '']);
    const [head = '', ...lines] = stdout.split('\n');
    assert.deepEqual(head.split(/ {2,}/), [
      'TABLE',
      'ACTION',
      'ROWS',
      'UPLOADED',
      'TIME',
      'VIA',
      'STATE',
      'SOURCE JOB',
    ]);
    const rows = lines.slice(0, 4).map((line) => line.split(/ {2,}/));
    assert.deepEqual(rows.map((row) => [row[0], row[1], row[2], row[6]]).sort(), [
      ['customers', 'CREATE', '3', 'verified'],
      ['orders', 'CREATE', '4', 'verified'],
      ['returns', 'CREATE', '0', 'verified'],
      ['visits', 'CREATE', '4,000', 'verified'],
    ]);
    const jobs = rows.map((row) => row[7]);
    for (const job of jobs)
      assert.equal((await clones.source.get(`/v3/job/show/${job}`)).body.database, 'shop');
    assert.match(stdout, /^shop to closing: 4 copied, 0 skipped, 0 failed; 4,007 rows, .* rows\/s$/m);
  });

  it('writes a report with --report', async () => {
    const args = ['shop', '--new-db', 'reported', '--report', 'report.json'];
    assert.equal((await clones.run(args)).code, 0);
    const report = JSON.parse(await readFile(env.path('report.json'), 'utf8'));
    assert.deepEqual(
      [report.sourceDatabase, report.destinationDatabase, report.rows, report.skipped, report.errors],
      ['shop', 'reported', 4007, [], []],
    );
    const orders = report.tables.find((/** @type {any} */ { table }) => table === 'orders');
    assert.deepEqual([orders.action, orders.rows, orders.parts, orders.state], ['create', 4, 1, 'done']);
    assert.ok(orders.bytes > 0 && orders.seconds > 0 && Date.parse(orders.startedAt) > 0);
    const { body } = await clones.source.get(`/v3/job/show/${orders.sourceJob}`);
    assert.match(body.query, /FROM "shop"."orders"/);
  });

  it('prints only events on stdout with --json', async () => {
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'as_events', '--json']);
    assert.deepEqual([code, stderr], [0, '']);
    const events = eventsOf(stdout);
    assert.ok(events.every(({ version }) => version === 1));
    assert.equal(events[0].type, 'plan');
    const summary = events.at(-1);
    assert.deepEqual([summary.type, summary.command, summary.rows], ['summary', 'clone-db', 4007]);
    const ends = events.filter(({ type }) => type === 'table');
    assert.deepEqual(ends.map(({ table, state, rows }) => `${table} ${state} ${rows}`).sort(), [
      'customers done 3',
      'orders done 4',
      'returns done 0',
      'visits done 4000',
    ]);
    const steps = events.filter(({ type, table }) => type === 'progress' && table === 'visits');
    const phases = [...new Set(steps.map(({ phase }) => phase))].filter(
      (phase) => !phase.startsWith('source job'),
    );
    assert.deepEqual(phases, ['copying', 'performing', 'committing', 'verifying', 'publishing']);
    assert.deepEqual([steps.at(-1).rows, steps.at(-1).totalRows], [4000, 4000]);
    assert.ok(events.indexOf(ends[0]) > events.indexOf(steps[0]));
  });

  it('prints progress as lines in a pipe with --progress', async () => {
    const { code, stderr } = await clones.run(['shop', '--new-db', 'watched', '--progress']);
    assert.equal(code, 0);
    assert.match(stderr, /^visits: publishing {2}4,000\/4,000 rows /m);
    assert.match(stderr, /^orders: committing /m);
  });
});
