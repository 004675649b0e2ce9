import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Td } from '../emulator/td.js';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';

const seed = readSeed('clone-shop');
const [account] = seed.accounts;
Object.assign(account ?? {}, {
  workflows: [
    { id: '12345', name: 'load', ends: 'success', ms: 300 },
    { id: '9007199254740993', name: 'broken', ends: 'error' },
    { id: '777', name: 'endless', ms: 3_600_000 },
  ],
});
const env = setUpEnv(seed, 'prod');

/** @param {string[]} args @param {Record<string, string>} [variables] */
const run = (args, variables) =>
  env.start(['trigger-workflow', '--endpoint', env.account.endpoint, '--wait-interval', '1', ...args], {
    TD_API_KEY: env.account.apikey,
    ...variables,
  }).ended;

/** The attempt ID in the output of a run. @param {string} stdout */
const attemptIn = (stdout) => /Attempt ID: (\d+)/.exec(stdout)?.[1] ?? assert.fail(stdout);

describe('petit trigger-workflow', () => {
  it('starts a workflow and does not wait', async () => {
    const { code, stdout, stderr } = await run(['777']);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^Triggering workflow 777\.\.\.\n✓ Workflow triggered successfully\n {2}Workflow ID: 777\n {2}Session ID: \d+\n {2}Attempt ID: \d+\n$/,
    );
    assert.deepEqual(env.requests(), ['PUT /api/attempts']);
  });

  it('waits until the workflow ends, and reports the result', async () => {
    const good = await run(['12345', '--wait']);
    assert.equal(good.code, 0, good.stderr);
    assert.match(
      good.stdout,
      /✓ Workflow completed successfully\n.*Status: success\n {2}Done: true\n {2}Success: true\n {2}Finished at: 20/s,
    );
    const bad = await run(['9007199254740993', '--wait']);
    assert.equal(bad.code, 1);
    assert.match(
      bad.stdout,
      /Workflow ID: 9007199254740993\n.*Status: error\n {2}Done: true\n {2}Success: false/s,
    );
    assert.match(bad.stderr, /✗ Workflow failed/);
  });

  it('reports the state of an attempt', async () => {
    for (const [workflow, code, output] of /** @type {const} */ ([
      ['777', 0, /✓ Attempt found\n.*Status: running\n {2}Done: false\n$/s],
      ['9007199254740993', 1, /Status: error\n {2}Done: true\n {2}Success: false/],
    ])) {
      const id = attemptIn((await run([workflow])).stdout);
      const checked = await run(['--check-attempt', id]);
      assert.equal(checked.code, code, checked.stderr);
      assert.match(checked.stdout, output);
    }
  });

  it('retries the start while too many attempts are running, and after no other error', async () => {
    const body = { message: 'Too many attempts running. Limit: 1, Current: 1', status: 400 };
    env.emulator.configure({ attemptLimit: 1 });
    const td = new Td(env.account.endpoint, env.account.apikey);
    try {
      for (const { id, done } of (await td.get('/api/attempts')).body.attempts) {
        if (!done) await td.post(`/api/attempts/${id}/kill`);
      }
      const running = attemptIn((await run(['777'])).stdout);
      const started = run(['12345']);
      while (env.requests().filter((request) => request === 'PUT /api/attempts').length < 3)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await td.post(`/api/attempts/${running}/kill`);
      const { code, stderr } = await started;
      assert.equal(code, 0, stderr);
      assert.ok(
        stderr.includes(`⚠ start workflow "12345": ${body.message} (HTTP 400); next attempt in `),
        stderr,
      );
    } finally {
      env.emulator.configure({ attemptLimit: 0 });
    }
    env.emulator.clearRequests();
    env.fail({ path: '/api/attempts', action: { type: 'status', status: 400 } });
    const refused = await run(['12345']);
    assert.equal(refused.code, 1);
    assert.equal(env.requests().length, 1);
  });

  it('starts the workflow once, even if the response was lost', async () => {
    const td = new Td(env.account.endpoint, env.account.apikey);
    const count = async () => (await td.get('/api/attempts')).body.attempts.length;
    const before = await count();
    env.fail({ method: 'PUT', path: '/api/attempts', action: { type: 'reset', carriedOut: true } });
    const { code, stdout, stderr } = await run(['777']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /triggered successfully/);
    assert.equal(await count(), before + 1);
  });

  it('exits with 2 for a missing or refused key, and with 1 for other failures', async () => {
    const cases = /** @type {const} */ ([
      [['12345'], { TD_API_KEY: '' }, 2, /TD_API_KEY is not set/],
      [['12345'], { TD_API_KEY: '1/bad' }, 2, /Unauthorized/],
      [['1'], {}, 1, /workflow not found: 1/],
      [['--check-attempt', '1'], {}, 1, /attempt not found: 1/],
      [[], {}, 1, /a workflow ID is required/],
      [['load'], {}, 1, /Expected an ID/],
    ]);
    for (const [args, variables, code, message] of cases) {
      const ended = await run([...args], variables);
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, message);
    }
  });

  it('stops waiting on Ctrl-C; the workflow keeps running', async () => {
    const args = ['trigger-workflow', '777', '--wait', '--endpoint', env.account.endpoint];
    const { child, ended } = env.start(args);
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 130);
    assert.match(
      stderr,
      /^Stopping\.\nError: interrupted\n {2}The workflow keeps running\. To report its state, run: petit trigger-workflow --check-attempt \d+$/m,
    );
    assert.match((await run(['--check-attempt', attemptIn(stdout)])).stdout, /Status: running/);
  });

  it('prints events with --json', async () => {
    const { code, stdout } = await run(['12345', '--wait', '--json']);
    assert.equal(code, 0);
    const events = eventsOf(stdout);
    assert.ok(events.length >= 2);
    assert.deepEqual(
      [events[0].type, events[0].done, events[0].workflow],
      ['workflow_attempt', false, 'load'],
    );
    assert.deepEqual([events.at(-1).done, events.at(-1).success], [true, true]);
  });
});

describe('the emulator’s workflow service', () => {
  const td = () => new Td(env.account.endpoint, env.account.apikey);
  /** @param {unknown} body */
  const start = (body) =>
    fetch(`${env.account.endpoint}/api/attempts`, {
      method: 'PUT',
      headers: { authorization: `TD1 ${env.account.apikey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('creates one attempt per session time', async () => {
    const body = { workflowId: '777', sessionTime: '2026-01-01T00:00:00Z', params: {} };
    const first = await start(body);
    const attempt = await first.json();
    assert.equal(first.status, 200);
    const again = await start({ ...body, sessionTime: '2026-01-01T09:00:00+09:00' });
    assert.equal(again.status, 409);
    assert.equal((await again.json()).id, attempt.id);
    const retry = await (await start({ ...body, retryAttemptName: 'again' })).json();
    assert.notEqual(retry.id, attempt.id);
    assert.equal(retry.sessionId, attempt.sessionId);
    const { attempts } = (await td().get(`/api/attempts/${attempt.id}/retries`)).body;
    assert.deepEqual(attempts.map((/** @type {any} */ { id }) => id).sort(), [attempt.id, retry.id].sort());
  });

  it('lists, finds and kills attempts, and has its own error format', async () => {
    const response = await start({
      projectName: 'project',
      workflowName: 'endless',
      sessionTime: '2026-02-01T00:00:00Z',
      params: {},
    });
    const { id } = await response.json();
    assert.equal((await td().get(`/api/attempts?workflow=endless&page_size=1`)).body.attempts[0].id, id);
    assert.equal((await td().get(`/api/attempts/${id}/tasks`)).body.tasks[0].state, 'running');
    assert.deepEqual((await td().get(`/api/logs/${id}/files`)).body, { files: [] });
    assert.equal((await td().get('/api/workflows?count=2')).body.workflows.length, 2);
    assert.equal((await td().get('/api/workflows/777')).body.name, 'endless');
    assert.deepEqual(
      (await td().get('/api/projects')).body.projects.map((/** @type {any} */ { name }) => name),
      ['project'],
    );
    assert.equal((await td().post(`/api/attempts/${id}/kill`)).status, 204);
    const killed = (await td().get(`/api/attempts/${id}`)).body;
    assert.deepEqual([killed.done, killed.success, killed.status], [true, false, 'killed']);
    assert.equal((await td().post(`/api/attempts/${id}/kill`)).status, 409);
    const missing = await td().get('/api/attempts/1');
    assert.deepEqual([missing.status, missing.body], [404, { message: 'attempt not found: 1', status: 404 }]);
    for (const body of [
      { workflowId: 777 },
      { workflowId: '777' },
      { workflowId: '777', sessionTime: 'soon', params: {} },
    ]) {
      assert.equal((await start(body)).status, 400);
    }
  });
});
