import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifyDatabase } from '../../pkg-scripts/node.js';
import { Clones } from '../support/clone.js';
import { startGateway } from '../support/gateway.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

// verify --detail: the days and hours in which tables differ.

const DAY = 86_400;
/** 2020-01-01, which is compared by day first. */
const OLD = 1_577_836_800;
const schema = [['n', 'long']];
const rows = Array.from({ length: 96 }, (_, hour) => ({ time: OLD + hour * 3600, n: hour }));
/** @type {Record<string, unknown>[]} */
const lost = rows.filter(({ n }) => n !== 30);
const changed = rows.map((row) => (row.n === 50 ? { ...row, n: -1 } : row));

const tables = {
  same: [rows, rows.toReversed()],
  lost: [rows, lost],
  changed: [rows, changed],
  timeless: [[...rows, { time: -5, n: 1 }], rows],
};
const seed = readSeed('clone-shop');
for (const [index, account] of ['prod', 'mirror'].entries()) {
  const found = seed.accounts.find(({ name }) => name === account);
  const list = Object.entries(tables).map(([name, sides]) => ({ name, schema, records: sides[index] }));
  const reshaped = {
    name: 'reshaped',
    schema: index ? [['n', 'double']] : schema,
    records: index ? lost : rows,
  };
  const databases = [{ name: 'shop', tables: [...list, reshaped, { name: `only_${account}`, schema }] }];
  if (found) Object.assign(found, { databases });
}
const env = setUpEnv(/** @type {any} */ (seed), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

/** @param {string[]} args */
function verify(...args) {
  const { source, destination } = clones;
  const keys = { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key };
  const ends = ['--se', source.url, '--de', destination.url];
  return env.start(['verify', 'shop', ...ends, '--detail', ...args], keys).ended;
}

/** @param {string} stdout */
function rangesOf(stdout) {
  const comparisons = eventsOf(stdout).filter(({ type }) => type === 'comparison');
  return Object.fromEntries(
    comparisons.map(({ table, sign, ranges = [] }) => [
      table,
      [
        sign,
        ...ranges.map((/** @type {any} */ { label, sourceRows, destinationRows }) => [
          label,
          sourceRows,
          destinationRows,
        ]),
      ],
    ]),
  );
}

const queries = () => env.requests().filter((request) => request.startsWith('POST /v3/job/issue')).length;

describe('petit verify --detail', () => {
  it('lists the hours in which tables differ, with the rows of each side', async () => {
    const { code, stdout, stderr } = await verify('--json');
    assert.equal(code, 4, stderr);
    assert.deepEqual(rangesOf(stdout), {
      same: ['='],
      lost: ['*', ['2020-01-02 06:00', 1, 0]],
      changed: ['*', ['2020-01-03 02:00', 1, 1]],
      timeless: ['*', ['before 1970-01-01', 1, 0]],
      reshaped: ['*', ['2020-01-02 06:00', 1, 0]],
      only_prod: ['+'],
      only_mirror: ['-'],
    });
  });

  it('takes at most four queries a table, and two for one that is equal', async () => {
    const equal = await verify('same');
    assert.equal(equal.code, 0, equal.stderr);
    assert.equal(queries(), 2);
    env.emulator.clearRequests();
    const { code, stdout } = await verify('changed');
    assert.equal(code, 4);
    assert.equal(queries(), 4);
    assert.match(stdout, /^Repair: petit clone-db with --update --verify full/m);
    assert.match(
      stdout,
      /^\* changed {2}the contents differ\n {4}2020-01-03 02:00 {2}1 rows on each side, with other contents$/m,
    );
  });

  it('takes less than 10 MB for one row that differs, however many rows and ranges there are', async () => {
    // The answer has a row for each range that has rows. More rows do not make it longer.
    const now = Math.floor(Date.now() / 1000);
    const hours = Array.from({ length: 59 * 24 }, (_, hour) => ({ time: now - hour * 3_600, n: hour }));
    const days = Array.from({ length: 3_500 }, (_, day) => ({ time: now - (60 + day) * DAY, n: -day }));
    const many = [...hours, ...days];
    for (const [index, account] of seed.accounts.entries()) {
      if (!['prod', 'mirror'].includes(account.name)) continue;
      const records = index === 0 ? many : many.filter(({ n }) => n !== -1_234);
      const databases = [{ name: 'many', tables: [{ name: 'rows', schema, records }] }];
      await env.emulator.loadSeed(/** @type {any} */ ({ accounts: [{ ...account, databases }] }));
    }
    let bytes = 0;
    const count = async (/** @type {any} */ message, /** @type {() => Promise<any>} */ forward) => {
      const answer = await forward();
      bytes += message.body.length + Buffer.byteLength(answer.body);
      return answer;
    };
    const { source, destination } = clones;
    const gateways = await Promise.all([source, destination].map(({ url }) => startGateway(url, count)));
    env.emulator.clearRequests();
    const { tables: compared } = await verifyDatabase({
      source: { endpoint: gateways[0]?.url ?? '', apikey: source.key },
      destination: { endpoint: gateways[1]?.url ?? '', apikey: destination.key },
      ...{ database: 'many', detail: true },
    });
    await Promise.all(gateways.map((gateway) => gateway.close()));
    assert.deepEqual(
      compared[0]?.ranges?.map((range) => [range.sourceRows, range.destinationRows]),
      [[1n, 0n]],
    );
    assert.ok(queries() <= 6, `${queries()} queries`);
    assert.ok(bytes > many.length && bytes < 10e6, `${bytes} bytes`);
  });

  it('compares counts alone with --compare count, and only the rows of a time range', async () => {
    const counts = await verify('changed', 'lost', '--compare', 'count', '--json');
    assert.deepEqual(rangesOf(counts.stdout), { changed: ['='], lost: ['*', ['2020-01-02 06:00', 1, 0]] });
    const before = new Date((OLD + DAY) * 1000).toISOString();
    const range = await verify('changed', 'lost', '--end-time', before);
    assert.equal(range.code, 0, range.stdout);
    const stream = await verify('--method', 'stream');
    assert.equal(stream.code, 1, stream.stderr);
  });
});
