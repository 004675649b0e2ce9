import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

const env = setUpEnv(readSeed('clone-shop'), 'prod');

/** @param {string[]} args */
const ls = (...args) =>
  env.start(['ls', '--endpoint', env.account.endpoint, ...args], { TD_API_KEY: env.account.apikey }).ended;

describe('petit ls', () => {
  it('lists the databases with the number and the size of their tables', async () => {
    const { code, stdout, stderr } = await ls();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^DATABASE +TABLES +ROWS +SIZE +PERMISSION$/m);
    assert.match(stdout, /^shop +\d+ +[\d,]+ +[\d.]+ \w+ +administrator$/m);
  });

  it('shows a question mark for a database whose tables the key cannot list', async () => {
    env.fail({ path: '/table/list/shop', times: 1, action: { type: 'status', status: 403 } });
    assert.match((await ls()).stdout, /^shop +\? +[\d,]+ +\? +administrator$/m);
  });

  it('lists the tables of a database', async () => {
    const { code, stdout, stderr } = await ls('shop');
    assert.equal(code, 0, stderr);
    const names = [...env.emulator.account('prod').catalog.database('shop').tables.keys()];
    for (const name of names) assert.match(stdout, new RegExp(`^${name} +\\d+ +[\\d,]+ `, 'm'));
  });

  it('lists the columns of a table with their types in TD and in Parquet', async () => {
    const { code, stdout, stderr } = await ls('shop', 'orders');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^time +(time +)?long +Int64$/m);
    const [event] = eventsOf((await ls('shop', 'orders', '--json')).stdout);
    assert.equal(event.type, 'columns');
    assert.deepEqual(event.columns.at(-1), { key: 'time', name: 'time', tdType: 'long', arrowType: 'Int64' });
  });

  it('writes the lists as events, with counts of all digits', async () => {
    const [databases] = eventsOf((await ls('--json')).stdout);
    assert.equal(databases.type, 'databases');
    const [tables] = eventsOf((await ls('shop', '--json')).stdout);
    assert.deepEqual([tables.type, tables.database], ['tables', 'shop']);
    assert.ok(tables.tables.every((/** @type {{ count?: number }} */ { count }) => Number.isInteger(count)));
  });

  it('names a database or a table that does not exist', async () => {
    const database = await ls('no_such_database');
    assert.equal(database.code, 2);
    assert.match(database.stderr, /^Error: list the tables of "no_such_database": .*\(HTTP 404\)$/m);
    assert.match(database.stderr, /^ {2}Source database does not exist or access denied/m);
    const similar = await ls('shop', 'oders');
    assert.match(similar.stderr, /^Error: the database has no table "oders"; did you mean "orders"\?$/m);
    const table = await ls('shop', 'no_such_table');
    assert.equal(table.code, 2);
    assert.match(table.stderr, /^Error: the database has no table "no_such_table"; there is "/m);
  });

  it('only reads', async () => {
    env.emulator.clearRequests();
    for (const args of [[], ['shop'], ['shop', 'orders']]) await ls(...args);
    assert.deepEqual(
      env.requests().filter((request) => !request.startsWith('GET ')),
      [],
    );
  });
});
