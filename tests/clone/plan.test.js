import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Clones, isWrite, told } from '../support/clone.js';
import { eventsOf, readSeed, surroundings } from '../support/index.js';

const here = surroundings(readSeed('clone-shop'), 'prod');
const clones = new Clones(here, 'prod', 'mirror');

const SOURCE_REFUSED =
  'Source database does not exist or access denied. Please verify your API key and source endpoint configuration.';
const DESTINATION_REFUSED =
  'Authentication failed for destination table. Please verify your API key and destination endpoint configuration.';

/** Every request that may have changed something. */
const writes = () => here.emulator.requests().filter(isWrite).map(told);

/** The archive of the destination, as a thing that must not change. */
const archive = async () => {
  const names = await clones.destination.tableNames('archive');
  return Promise.all(names.map((name) => clones.destination.contents('archive', name)));
};

/** @param {any[]} tables @returns {string[]} */
const actions = (tables) => tables.map(({ table, action }) => `${action} ${table}`).sort();

describe('a dry run', () => {
  it('shows what would be created, and writes nothing anywhere', async () => {
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
    assert.match(stdout, /^Run it for real without --dry-run\.$/m);
    assert.doesNotMatch(stdout, /DATA LOSS|ERROR/);
  });

  it('exits 5 when tables are in the way, and tells how to resolve that', async () => {
    const { code, stdout } = await clones.run(['shop', '--new-db', 'archive', '--dry-run']);
    assert.equal(code, 5);
    assert.deepEqual(writes(), []);
    assert.match(stdout, /^ERROR +orders +4 /m);
    assert.match(stdout, /^ERROR: 2 tables, about 7 rows/m);
    assert.match(stdout, /^CREATE: 2 tables, about 4,000 rows/m);
    assert.match(stdout, /^ {2}orders: "archive" has a table "orders" already$/m);
    assert.match(stdout, /^Use --skip-existing .* --overwrite .* --new-db/m);
    assert.match(stdout, /^Resolve the errors, then run it for real without --dry-run\.$/m);
  });

  it('warns of the rows that --overwrite would lose', async () => {
    const { code, stdout } = await clones.run(['shop', '--new-db', 'archive', '--overwrite', '--dry-run']);
    assert.equal(code, 0);
    assert.deepEqual(writes(), []);
    assert.match(stdout, /^OVERWRITE +orders +4 /m);
    assert.match(stdout, /^OVERWRITE: 2 tables, about 7 rows/m);
    assert.match(stdout, /^DATA LOSS: .*\n {2}orders: about 2 rows, .*\n {2}customers: about 1 row, /m);
    assert.doesNotMatch(stdout, /unrelated/);
  });

  it('shows what --skip-existing would leave', async () => {
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

  it('tells what will not be copied faithfully', async () => {
    const { stdout } = await clones.run(['odd', '--dry-run']);
    assert.match(stdout, /^ {2}untyped: its schema has no columns: SQL shows only time/m);
    assert.doesNotMatch(stdout, /^ {2}fine:/m);
    assert.match(stdout, /^ {2}ids, times of creation and change, and permissions are the copy's own$/m);
    assert.match(stdout, /^ {2}each table is copied as it is when its query runs/m);
  });

  it('gives the plan as one event with --json', async () => {
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

  it('lists what an earlier run left, by its exact names, and the run deletes that and no more', async () => {
    const { destination } = clones;
    /** @param {string} source @param {string} table @returns {Promise<string>} what the table is loaded through */
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
    here.emulator.clearRequests();

    const { code, stdout } = await clones.run(['shop', '--new-db', 'left', '--dry-run']);
    assert.equal(code, 0);
    assert.deepEqual(writes(), []);
    const [, told = ''] = /^An earlier run left these behind[^\n]*\n((?: {2}.*\n)*)/m.exec(stdout) ?? [];
    assert.deepEqual(
      told.trimEnd().split('\n').sort(),
      [again, gone].flatMap((name) => [`  bulk import session ${name}`, `  table ${name}`]).sort(),
    );

    assert.equal((await clones.run(['shop', '--new-db', 'left'])).code, 0);
    const wanted = [...(await clones.source.tableNames('shop')), ...others].sort();
    assert.deepEqual(await destination.tableNames('left'), wanted);
    assert.deepEqual(await destination.sessions(), ['someone_elses']);
    await destination.post('/v3/bulk_import/delete/someone_elses');
  });
});

describe('tables that are there', () => {
  it('stop the run before it begins', async () => {
    const before = await archive();
    here.emulator.clearRequests();
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'archive']);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /nothing was copied: "archive" has a table "orders" already \(and 1 more: see --dry-run\)/,
    );
    assert.match(stderr, /--skip-existing, --overwrite or --new-db/);
    assert.deepEqual(writes(), []);
    assert.deepEqual(await archive(), before);
  });

  it('are left as they are with --skip-existing', async () => {
    const before = await archive();
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'archive', '--skip-existing']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^orders +SKIP +left as it is$/m);
    assert.match(stdout, /^visits +CREATE +4,000 .* verified /m);
    assert.match(stdout, /^shop to archive: 2 copied, 2 skipped, 0 failed; 4,000 rows/m);
    const now = await archive();
    const kept = now.filter(({ table }) => !['visits', 'returns'].includes(/** @type {any} */ (table).name));
    assert.deepEqual(kept, before);
    for (const table of ['visits', 'returns']) await clones.assertSameTable('shop', 'archive', table);
  });

  it('are replaced with --overwrite, each by one rename and never deleted before', async () => {
    here.emulator.clearRequests();
    const { code, stderr } = await clones.run(['shop', '--new-db', 'archive', '--overwrite']);
    assert.equal(code, 0, stderr);
    for (const table of ['orders', 'customers', 'visits', 'returns']) {
      await clones.assertSameTable('shop', 'archive', table);
      const touching = writes().filter((line) => line.endsWith(`/${table}`));
      assert.equal(touching.length, 1, touching.join('\n'));
      assert.match(String(touching[0]), /^POST \/v3\/table\/rename\/archive\/petit_staging_/);
    }
    assert.ok((await clones.destination.tableNames('archive')).includes('unrelated'));
    await clones.assertTidy('archive');
  });
});

describe('what is refused', () => {
  /**
   * @param {string[]} args
   * @param {number} exitCode
   * @param {RegExp | string} message
   * @param {Record<string, string | undefined>} [env]
   * @param {Clones} [between]
   */
  async function refused(args, exitCode, message, env, between = clones) {
    const { code, stdout, stderr } = await between.run(args, env);
    assert.equal(code, exitCode, stderr);
    assert.equal(stdout, '');
    if (typeof message === 'string') assert.ok(stderr.startsWith(`Error: ${message}\n`), stderr);
    else assert.match(stderr, message);
    assert.deepEqual(writes(), []);
    return stderr;
  }

  it('is --skip-existing together with --overwrite', async () => {
    await refused(
      ['shop', '--skip-existing', '--overwrite'],
      1,
      /--skip-existing and --overwrite exclude each other/,
    );
    assert.deepEqual(here.emulator.requests(), []);
  });

  it('is a clone of a database onto itself', async () => {
    const within = new Clones(here, 'prod', 'prod');
    await refused(
      ['shop'],
      2,
      /same database "shop" of the same account; give the copy another name/,
      {},
      within,
    );
    await refused(['shop', '--new-db', 'shop', '--overwrite'], 2, /same database "shop"/, {}, within);
    await refused(['shop', '--new-db', 'shop', '--dry-run'], 2, /same database "shop"/, {}, within);
  });

  it('is not a clone of the same name to another account, nor of another name within one', async () => {
    assert.equal((await clones.run(['shop', '--dry-run'])).code, 0);
    assert.equal(
      (await new Clones(here, 'prod', 'prod').run(['shop', '--new-db', 'twin', '--dry-run'])).code,
      0,
    );
  });

  it('is a system database', async () => {
    await refused(['information_schema'], 2, /./);
    await refused(['shop', '--new-db', 'information_schema'], 2, /"information_schema" is a system database/);
  });

  for (const name of ['Shop', 'a-b-c', 'ab', '日本語', 'a/../b', '']) {
    it(`is the new name "${name}"`, async () => {
      await refused(['shop', '--new-db', name], 1, /cannot be called|name/);
    });
  }

  it('is a run without keys', async () => {
    for (const variable of ['SOURCE_API_KEY', 'DEST_API_KEY']) {
      for (const missing of [undefined, '']) {
        const stderr = await refused(['shop'], 2, `the environment variable ${variable} is not set`, {
          [variable]: missing,
        });
        assert.match(stderr, /Keys are never read from command-line arguments/);
      }
    }
    assert.deepEqual(here.emulator.requests(), []);
  });

  it('is a source that the key does not open, or that is not there', async () => {
    const keys = { SOURCE_API_KEY: clones.destination.key };
    for (const more of [[], ['--dry-run']]) {
      await refused(['shop', '--new-db', 'fresh', ...more], 2, SOURCE_REFUSED, keys);
      await refused(['never_there', '--new-db', 'fresh', ...more], 2, SOURCE_REFUSED);
    }
    const importOnly = { SOURCE_API_KEY: here.emulator.key('prod', 'import_only') };
    await refused(['shop', '--new-db', 'fresh'], 2, SOURCE_REFUSED, importOnly);
  });

  it('is a destination that the key does not open, or not for writing', async () => {
    const [other, reader] = [clones.source.key, here.emulator.key('mirror', 'query_only')];
    for (const key of [other, reader]) {
      for (const more of [[], ['--dry-run']]) {
        await refused(['shop', '--new-db', 'fresh', ...more], 2, DESTINATION_REFUSED, { DEST_API_KEY: key });
      }
    }
  });

  it('is a destination whose key may only import, before any data moves', async () => {
    const env = { DEST_API_KEY: here.emulator.key('mirror', 'import_only') };
    await refused(['shop', '--new-db', 'archive', '--overwrite'], 2, DESTINATION_REFUSED, env);
    const { code, stderr } = await clones.run(['shop', '--new-db', 'fresh'], env);
    assert.equal(code, 2);
    assert.ok(stderr.startsWith(`Error: ${DESTINATION_REFUSED}\n`), stderr);
    assert.deepEqual(writes(), ['POST /v3/job/issue/presto/shop', 'POST /v3/database/create/fresh']);
    const [job] = [...here.emulator.account('prod').jobs.jobs.values()].slice(-1);
    assert.equal(job?.order.query, 'SELECT 1');
    assert.ok(!(await clones.destination.databases()).includes('fresh'));
  });

  it('is a destination whose tables may be seen but not made, before any data moves', async () => {
    here.emulator.faults.add({
      method: 'POST',
      path: '/table/create/',
      action: { type: 'status', status: 403 },
    });
    try {
      const { code, stderr } = await clones.run(['shop', '--new-db', 'archive', '--overwrite']);
      assert.equal(code, 2, stderr);
      assert.ok(stderr.startsWith(`Error: ${DESTINATION_REFUSED}\n`), stderr);
      const [job] = [...here.emulator.account('prod').jobs.jobs.values()].slice(-1);
      assert.equal(job?.order.query, 'SELECT 1');
    } finally {
      here.emulator.faults.clear();
    }
  });

  it('is a number of tables that is none', async () => {
    for (const option of ['--table-parallelism', '--download-parallelism', '--chunk-size']) {
      for (const value of ['0', '-1', '1.5', 'many'])
        await refused(['shop', option, value], 1, /whole number/);
    }
  });
});

describe('a run', () => {
  it('needs no more of the source than a key that may query', async () => {
    const env = { SOURCE_API_KEY: here.emulator.key('prod', 'query_only') };
    const { code, stderr } = await clones.run(['shop', '--new-db', 'by_reader'], env);
    assert.equal(code, 0, stderr);
    assert.ok(
      here.emulator.requests().every(({ account, key }) => account !== 'prod' || key === 'query_only'),
    );
    await clones.assertEqual('shop', 'by_reader');
  });

  it('writes nothing to the source', async () => {
    assert.equal((await clones.run(['shop', '--new-db', 'of_reader'])).code, 0);
    const atSource = here.emulator.requests().filter((entry) => isWrite(entry) && entry.account === 'prod');
    assert.ok(atSource.length > 0);
    for (const entry of atSource) assert.match(told(entry), /^POST \/v3\/job\/issue\/presto\/shop$/);
  });

  it('ends with a table of what was done', async () => {
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

  it('reports to a file', async () => {
    const args = ['shop', '--new-db', 'reported', '--report', 'report.json'];
    assert.equal((await clones.run(args)).code, 0);
    const report = JSON.parse(await readFile(here.path('report.json'), 'utf8'));
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

  it('tells events with --json, and nothing else on stdout', async () => {
    const { code, stdout, stderr } = await clones.run(['shop', '--new-db', 'told', '--json']);
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

  it('shows progress as lines when it is asked to and nobody looks', async () => {
    const { code, stderr } = await clones.run(['shop', '--new-db', 'watched', '--progress']);
    assert.equal(code, 0);
    assert.match(stderr, /^visits: publishing {2}4,000\/4,000 rows /m);
    assert.match(stderr, /^orders: committing /m);
  });
});
