import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Clones } from '../support/clone.js';
import { startGateway } from '../support/gateway.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');

describe('a clone whose publish nothing can settle', () => {
  /**
   * Clones a database; the destination carries the first rename out, and never answers again.
   * @param {import('node:test').TestContext} test
   * @param {string} database
   * @param {string[]} args
   */
  async function cloneIntoOutage(test, database, ...args) {
    let isOut = false;
    let table = '';
    const gateway = await startGateway(clones.destination.url, async ({ path }, forward) => {
      if (isOut) return undefined;
      const answer = await forward();
      table = /^\/v3\/table\/rename\/\w+\/petit_staging_\w+\/(\w+)/.exec(path)?.[1] ?? '';
      isOut = table !== '';
      return isOut ? undefined : answer;
    });
    test.after(() => gateway.close());
    const options = [
      '--new-db',
      database,
      '--retry-timeout',
      '1',
      '--table-parallelism',
      '1',
      '--workers',
      '0',
    ];
    const ended = await clones.run(['shop', ...options, '--de', gateway.url, ...args]);
    return { ...ended, table };
  }

  it('exits with 6, and prints the command that settles it', async (test) => {
    const range = ['--start-time', '1970-01-01', '--end-time', '2100-01-01T00:00:00Z'];
    const { code, stdout, stderr, table } = await cloneIntoOutage(test, 'outage', ...range);
    assert.equal(code, 6, stderr);
    assert.match(stdout, new RegExp(`\\b${table}\\b.*UNKNOWN`));
    assert.ok(stderr.includes(`petit verify shop ${table} --new-db outage ${range.join(' ')}`), stderr);
    assert.match(stderr, /it is unknown whether the table was published in "outage"/);
  });

  it('says so in its events and in its report', async (test) => {
    const report = env.path('report.json');
    const { code, stdout, table } = await cloneIntoOutage(test, 'reported', '--json', '--report', report);
    assert.equal(code, 6);
    const failed = eventsOf(stdout).find((event) => event.state === 'failed' && event.table === table);
    assert.equal(failed.error.code, 'publish_unknown');
    const { errors } = JSON.parse(await readFile(report, 'utf8'));
    const unknown = errors.filter((/** @type {any} */ { code }) => code === 'publish_unknown');
    assert.equal(unknown.length, 1);
    assert.equal(unknown[0].table, table);
    assert.ok(unknown[0].hint.includes(`petit verify shop ${table} --new-db reported`));
  });
});
