import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { checkConformance } from '../../pkg-scripts/node.js';
import { startEmulator } from '../emulator/index.js';
import { Td } from '../emulator/td.js';

// What petit assumes about Treasure Data is what the emulator does. A setting that changes the emulator is named as a
// difference.

const WRITE = 'petit_questions';
const SEED = {
  accounts: [
    {
      ...{ name: 'own', id: 9, site: 'us01' },
      keys: [{ name: 'master', key: '9/aaaa', permission: /** @type {const} */ ('master') }],
      databases: [
        {
          name: 'shop',
          tables: [{ name: 'orders', schema: [['n', 'long']], records: [{ time: 1, n: 1 }] }],
          views: [{ name: 'recent', sql: 'SELECT n FROM shop.orders' }],
        },
      ],
    },
  ],
};

/** @type {Awaited<ReturnType<typeof startEmulator>>} */
let emulator;
/** All questions, asked once. @type {import('../../pkg-scripts/types.js').Conformance} */
let conformance;
before(async () => {
  emulator = await startEmulator({ seed: SEED });
  conformance = await ask({ writeTo: WRITE });
});
after(() => emulator.close());

const account = () => ({ endpoint: emulator.url('own'), apikey: emulator.key('own') });

/** @param {{ writeTo?: string }} [options] */
const ask = (options = {}) => checkConformance({ account: account(), ...options });

/** The names of the questions with this verdict, sorted. */
const named = (
  /** @type {import('../../pkg-scripts/types.js').Conformance} */ { answers },
  /** @type {string} */ verdict,
) => answers.filter((answer) => answer.verdict === verdict).map(({ question }) => question);

describe('the questions about Treasure Data', () => {
  it('are all answered by the emulator as petit assumes', () => {
    const others = conformance.answers.filter(({ verdict }) => verdict !== 'as_assumed');
    assert.deepEqual(others, []);
    assert.equal(conformance.answers.length, 39);
    assert.equal(conformance.differing, 0);
  });

  it('are listed in docs/conformance.md with what petit assumes', async () => {
    const page = await readFile(new URL('../../docs/conformance.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => /^\|.*\|.*\|.*\|$/.test(line));
    const listed = rows.map((row) => row.split(' | ').map((cell) => cell.replaceAll('|', '').trim()));
    for (const { title, assumed } of conformance.answers)
      assert.ok(
        listed.some(([name, answer]) => name === title && answer === assumed),
        `${title}: ${assumed}`,
      );
  });

  it('leave nothing in the account', async () => {
    const td = new Td(account().endpoint, account().apikey);
    const { databases } = (await td.get('/v3/database/list')).body;
    assert.deepEqual(
      databases.map((/** @type {{ name: string }} */ { name }) => name),
      ['shop'],
    );
    assert.deepEqual((await td.get('/v3/bulk_import/list')).body.bulk_imports, []);
  });

  it('read no row of a table and write nothing without a database for it', async () => {
    emulator.clearRequests();
    const answers = JSON.stringify((await ask()).answers);
    const writes = emulator
      .requests()
      .filter(({ method, path }) => method !== 'GET' && !/job\/issue/.test(path));
    assert.deepEqual(
      writes.map(({ method, path }) => `${method} ${path}`),
      ['OPTIONS /v3/database/list'],
    );
    const queries = [...emulator.account('own').jobs.jobs.values()].map(({ request }) => request.query ?? '');
    assert.ok(queries.every((query) => !query.includes('orders') && !query.includes('recent')));
    for (const secret of [account().apikey, 'shop', 'recent', 'orders'])
      assert.ok(!answers.includes(secret), `${secret} is not in the answers`);
  });

  it('name what a setting of the emulator changes', async () => {
    emulator.configure({ cors: true, listedViews: 'view', renamedId: 'new', narrowTypes: true });
    try {
      const changed = await ask({ writeTo: WRITE });
      assert.deepEqual(named(changed, 'differs'), [
        ...['cors', 'listed_views', 'renamed_id', 'replaced_id', 'narrow_types'],
      ]);
      assert.ok(changed.answers.every(({ isHandled }) => isHandled));
      emulator.configure({ listedViews: 'log', renamedId: 'target' });
      const other = await ask({ writeTo: WRITE });
      const answer = (/** @type {string} */ name) =>
        other.answers.find(({ question }) => question === name)?.answer;
      assert.equal(answer('listed_views'), 'as tables');
      assert.equal(answer('replaced_id'), 'of the replaced table');
    } finally {
      emulator.configure({ cors: false, listedViews: 'absent', renamedId: 'kept', narrowTypes: false });
    }
  });

  it('name the error where there is no answer, and ask the others', async () => {
    emulator.faults.add({
      path: '/job/result',
      times: -1,
      action: { type: 'status', status: 403 },
    });
    try {
      const refused = await ask();
      const unanswered = refused.answers.filter(({ verdict }) => verdict === 'not_answered');
      assert.ok(unanswered.length > 10 && unanswered.every(({ reason }) => reason !== undefined));
      assert.ok(named(refused, 'as_assumed').includes('domain_key_again'));
    } finally {
      await emulator.faults.clear();
    }
  });

  it('are not asked in a database that exists', async () => {
    emulator.clearRequests();
    await assert.rejects(
      async () => ask({ writeTo: 'shop' }),
      (/** @type {any} */ error) => error.code === 'not_allowed' && /exists already/.test(error.message),
    );
    assert.ok(emulator.requests().every(({ method }) => method === 'GET'));
  });
});
