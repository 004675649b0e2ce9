import assert from 'node:assert/strict';
import { it } from 'node:test';
import { cloneDatabase } from '../../pkg-scripts/node.js';
import { Clones } from '../support/clone.js';
import { gatewayError, startGateway } from '../support/gateway.js';
import { readSeed, setUpEnv } from '../support/index.js';

// The outcome of a publish, after everything that can happen to its rename.

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const TABLE = 'orders';
const RENAME = /^\/v3\/table\/rename\/\w+\/(petit_staging_\w+)\/orders/;
const ID_RULES = /** @type {const} */ (['kept', 'new', 'target']);

/** @param {import('../support/gateway.js').Message} message */
const isRename = ({ method, path }) => method === 'POST' && RENAME.test(path);

/** @param {string} path */
const stagingOf = (path) => RENAME.exec(path)?.[1] ?? '';

/**
 * Clones `orders` through a gateway, over a table with other rows if `overwrite`.
 * @param {import('node:test').TestContext} test
 * @param {string} database
 * @param {import('../support/gateway.js').Handler} handler
 * @param {{ overwrite?: boolean, retryTimeoutMs?: number }} [options]
 */
async function cloneThrough(test, database, handler, { overwrite = true, retryTimeoutMs = 1500 } = {}) {
  if (overwrite) {
    await clones.destination.post(`/v3/database/create/${database}`);
    await clones.destination.query(database, `CREATE TABLE ${TABLE} AS SELECT 1 AS id, 5 AS time`);
  }
  const { source, destination } = clones;
  const gateway = await startGateway(destination.url, handler);
  test.after(() => gateway.close());
  const summary = await cloneDatabase({
    ...{ database: 'shop', newDatabase: database, tables: [TABLE], workers: 0, retryTimeoutMs },
    onExisting: overwrite ? 'overwrite' : 'error',
    source: { endpoint: source.url, apikey: source.key },
    destination: { endpoint: gateway.url, apikey: destination.key },
  });
  const [error] = summary.errors;
  return { code: error?.code ?? 'published', error, gateway };
}

/** @param {string} database */
const isPublished = async (database) => {
  const rows = await clones.destination.rows(database, `SELECT COUNT(1) FROM ${TABLE}`).catch(() => [[0]]);
  const source = await clones.source.rows('shop', `SELECT COUNT(1) FROM ${TABLE}`);
  return rows[0][0] === source[0][0];
};

for (const rule of ID_RULES) {
  it(`A: a rename that is lost, and a staging table that somebody deletes, are no success (id ${rule})`, async (test) => {
    env.emulator.configure({ renamedId: rule });
    const database = `lost_${rule}`;
    let sent = 0;
    const { code, error } = await cloneThrough(test, database, async (message, forward) => {
      if (!isRename(message) || !stagingOf(message.path).includes('_orders')) return forward();
      sent += 1;
      if (sent > 1) return forward();
      await clones.destination.post(`/v3/table/delete/${database}/${stagingOf(message.path)}`);
      return gatewayError(502);
    });
    assert.equal(await isPublished(database), false);
    assert.match(code, rule === 'target' ? /^publish_unknown$/ : /^staging_lost$/, error?.message);
    await clones.assertNoLeftovers(database);
  });

  it(`B: a rename that a gateway sends twice is a success (id ${rule})`, async (test) => {
    env.emulator.configure({ renamedId: rule });
    const database = `twice_${rule}`;
    let sent = 0;
    const { code, error } = await cloneThrough(test, database, async (message, forward) => {
      const answer = await forward();
      if (!isRename(message)) return answer;
      sent += 1;
      return sent === 1 ? forward() : answer;
    });
    assert.equal(await isPublished(database), true);
    assert.equal(code, 'published', error?.message);
    await clones.assertNoLeftovers(database);
  });
}

it('C: after an outage that begins with the answer to the rename, the outcome is unknown', async (test) => {
  let isOut = false;
  const { code, error } = await cloneThrough(
    test,
    'outage',
    async (message, forward) => {
      if (isOut) return undefined;
      if (isRename(message)) {
        isOut = true;
        await forward();
        return undefined;
      }
      return forward();
    },
    { retryTimeoutMs: 300 },
  );
  assert.equal(await isPublished('outage'), true);
  assert.equal(code, 'publish_unknown');
  assert.equal(error?.table, TABLE);
  assert.match(error?.hint ?? '', /petit verify shop orders --new-db outage/);
});

it('C: a rename that arrives after petit gave up changes nothing', async (test) => {
  /** @type {(() => Promise<unknown>)[]} */
  const late = [];
  const { code } = await cloneThrough(
    test,
    'late',
    async (message, forward) => {
      if (!isRename(message)) return forward();
      late.push(forward);
      return gatewayError(504);
    },
    { retryTimeoutMs: 300 },
  );
  assert.equal(code, 'server_error');
  for (const send of late) await send();
  assert.equal(await isPublished('late'), false);
  await clones.assertNoLeftovers('late');
});

it('D: a delete of the first attempt that arrives late does not touch the second attempt', async (test) => {
  const names = new Set();
  /** @type {(() => Promise<unknown>)[]} */
  const late = [];
  let performs = 0;
  const { code } = await cloneThrough(test, 'second', async (message, forward) => {
    const { path } = message;
    const created = /table\/create\/second\/(petit_staging_\w+_orders)/.exec(path)?.[1];
    if (created) {
      names.add(created);
      performs += 1;
      // The answer to the first create is lost.
      if (performs === 1) {
        await forward();
        late.push(() => clones.destination.post(`/v3/table/delete/second/${created}`));
        return gatewayError(502);
      }
    }
    if (isRename(message)) {
      for (const send of late.splice(0)) await send();
      return gatewayError(502);
    }
    return forward();
  });
  assert.ok(names.size > 1, [...names].join());
  assert.equal(code, 'server_error');
  assert.equal(await isPublished('second'), false);
});

it('a listing that lags behind a rename which was answered with 500 hides no success', async (test) => {
  /** @type {import('../support/gateway.js').Answer | undefined} */
  let old;
  let renamed = 0;
  const { code, error } = await cloneThrough(test, 'lagging', async (message, forward) => {
    const isListing = message.path.startsWith('/v3/table/list/lagging');
    const isStale = renamed > 0 && performance.now() < renamed + 1000;
    if (isListing && isStale && old) return old;
    const answer = await forward();
    if (isListing) old = answer;
    if (!isRename(message) || renamed > 0) return answer;
    renamed = performance.now();
    return gatewayError(500);
  });
  assert.equal(await isPublished('lagging'), true);
  assert.equal(code, 'published', error?.message);
});

it('a proxy that denies the database after a lost answer hides no success', async (test) => {
  let renamed = false;
  let denied = 0;
  const { code, error } = await cloneThrough(test, 'denied', async (message, forward) => {
    if (isRename(message)) {
      const answer = await forward();
      const isFirst = !renamed;
      renamed = true;
      return isFirst ? gatewayError(502) : answer;
    }
    if (!renamed || !message.path.startsWith('/v3/table/list/denied') || denied > 0) return forward();
    denied += 1;
    return gatewayError(404);
  });
  assert.equal(denied, 1);
  assert.equal(await isPublished('denied'), true);
  assert.equal(code, 'published', error?.message);
});

it('a listing that lags behind the creation of the staging table is asked again before the rename', async (test) => {
  env.emulator.configure({ renamedId: 'kept' });
  let listings = 0;
  const { code, error } = await cloneThrough(test, 'young', async (message, forward) => {
    const answer = await forward();
    if (isRename(message)) {
      assert.ok(listings > 1);
      return gatewayError(502);
    }
    if (!message.path.startsWith('/v3/table/list/young')) return answer;
    const { tables, ...rest } = JSON.parse(String(answer.body));
    const isCopied = tables.some((/** @type {any} */ { name }) => /^petit_staging_\w+_orders$/.test(name));
    if (!isCopied || listings > 0) {
      if (isCopied) listings += 1;
      return answer;
    }
    listings += 1;
    const others = tables.filter((/** @type {any} */ { name }) => !/_orders$/.test(name) || name === TABLE);
    return { ...answer, body: JSON.stringify({ ...rest, tables: others }) };
  });
  assert.equal(await isPublished('young'), true);
  assert.equal(code, 'published', error?.message);
});

it('a table that is still shown as it was before the rename of a probe teaches no wrong rule', async (test) => {
  env.emulator.configure({ renamedId: 'kept' });
  const database = 'probed';
  /** @type {Map<string, import('../support/gateway.js').Answer>} */
  const shown = new Map();
  let renamedMs = Number.POSITIVE_INFINITY;
  let sent = 0;
  const { code, error } = await cloneThrough(test, database, async (message, forward) => {
    const { path } = message;
    if (isRename(message)) {
      sent += 1;
      if (sent > 1) return forward();
      await clones.destination.post(`/v3/table/delete/${database}/${stagingOf(path)}`);
      return gatewayError(502);
    }
    if (/\/table\/rename\//.test(path)) renamedMs = performance.now();
    if (!path.startsWith(`/v3/table/show/${database}/`)) return forward();
    const old = shown.get(path);
    if (old && performance.now() < renamedMs + 1000) return old;
    const answer = await forward();
    shown.set(path, answer);
    return answer;
  });
  assert.equal(await isPublished(database), false);
  assert.equal(code, 'staging_lost', error?.message);
});

it('two runs at once both report the truth: one creates the table, the other finds it taken', async () => {
  const request = { database: 'shop', newDatabase: 'both', tables: [TABLE] };
  const outcomes = await Promise.allSettled([clones.inProcess(request), clones.inProcess(request)]);
  const codes = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? (outcome.value.errors[0]?.code ?? 'published') : outcome.reason.code,
  );
  assert.deepEqual(codes.sort(), ['already_exists', 'published']);
  assert.equal(await isPublished('both'), true);
  await clones.assertNoLeftovers('both');
});

it('three runs at once with --overwrite all publish, and leave nothing', async () => {
  const request = { database: 'shop', newDatabase: 'three', tables: [TABLE] };
  await clones.inProcess(request);
  const again = () => clones.inProcess({ ...request, onExisting: 'overwrite' });
  const summaries = await Promise.all([again(), again(), again()]);
  for (const { errors } of summaries) assert.deepEqual(errors, []);
  assert.equal(await isPublished('three'), true);
  await clones.assertNoLeftovers('three');
});
