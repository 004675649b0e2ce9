import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { machineChecks } from '../../pkg-scripts/cli/commands/doctor/machine.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

const env = setUpEnv(readSeed('clone-shop'), 'prod');

/** @param {string[]} args @param {Record<string, string>} [variables] */
const doctor = (args = [], variables = { TD_API_KEY: env.account.apikey }) =>
  env.start(['doctor', '--endpoint', env.account.endpoint, ...args], variables).ended;

describe('petit doctor', () => {
  it('prints a line per check, and writes nothing', async () => {
    env.emulator.clearRequests();
    const { code, stdout, stderr } = await doctor();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ok +node +petit [\d.]+, Node\.js [\d.]+ on /m);
    assert.match(stdout, /^ok +proxy +none$/m);
    assert.match(stdout, /^ok +endpoint +http:\S+ answers/m);
    assert.match(stdout, /^WARNING +tls +plain http/m);
    assert.match(stdout, /^ok +key +account \d+, .*sees \d+ database/m);
    assert.match(stdout, /^ok +clock +agrees with the endpoint$/m);
    assert.match(stdout, /^ok +query +a query ran, and its result was downloaded$/m);
    assert.match(stdout, /^ok +import +listed by Treasure Data; not tried/m);
    const writes = env.requests().filter((request) => !request.startsWith('GET '));
    assert.deepEqual(writes, ['POST /v3/job/issue/presto/shop']);
  });

  it('asks with --deep how Treasure Data behaves, also in a database that it creates and deletes', async () => {
    const { code, stdout, stderr } = await doctor(['--deep', '--write', 'petit_questions']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^QUESTION +PETIT ASSUMES +ANSWER$/m);
    assert.match(stdout, /^id of a renamed table +kept +kept$/m);
    assert.match(stdout, /^0 of 39 answers differ; \d without an answer\. /m);
    const refused = await doctor(['--write', 'petit_questions']);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /--write needs --deep/);
  });

  it('names a key that is refused, and exits with 2', async () => {
    const { code, stdout } = await doctor([], { TD_API_KEY: '1/bad' });
    assert.equal(code, 2);
    assert.match(stdout, /^ok +endpoint +http:\S+ answers$/m);
    assert.match(stdout, /^FAILED +key +list the databases: .*HTTP 401/m);
    assert.match(stdout, /^1 of \d+ checks failed\.$/m);
  });

  it('names a key that is not set, after the checks of the machine', async () => {
    const { code, stdout } = await doctor([], {});
    assert.equal(code, 2);
    assert.match(stdout, /^ok +node .*\n.*\nFAILED +key +the environment variable TD_API_KEY is not set$/m);
  });

  it('names an endpoint that does not answer', async () => {
    const closed = ['--endpoint', 'http://127.0.0.1:9', '--retry-timeout', '0'];
    const { code, stdout } = await doctor(closed);
    assert.equal(code, 1);
    assert.match(stdout, /^FAILED +endpoint +/m);
  });

  it('does not try to import with a key that cannot', async () => {
    const { code, stdout } = await doctor([], { TD_API_KEY: env.emulator.key('prod', 'import_only') });
    assert.equal(code, 0);
    assert.match(stdout, /^- +query +the key can query no database$/m);
  });

  it('writes the checks as events', async () => {
    const events = eventsOf((await doctor(['--json'])).stdout);
    assert.deepEqual(
      events.map(({ type, check }) => `${type} ${check}`),
      ['node', 'proxy', 'endpoint', 'tls', 'key', 'clock', 'query', 'import'].map((name) => `check ${name}`),
    );
  });

  it('shows the host of a proxy, not its password', () => {
    const process = {
      env: { HTTPS_PROXY: 'http://u:secret@proxy.example:3128' },
      versions: { node: '18.1.0' },
    };
    const checks = machineChecks(/** @type {any} */ ({ ...process, platform: 'linux', arch: 'x64' }));
    const states = checks.map(({ check, state, message }) => [check, state, message]);
    assert.equal(states[0]?.[1], 'failed');
    assert.deepEqual(states[1], ['proxy', 'ok', 'HTTPS_PROXY (proxy.example:3128)']);
  });
});
