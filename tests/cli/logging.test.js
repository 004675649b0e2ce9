import assert from 'node:assert/strict';
import { readFile, symlink } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { readSeed, setUpEnv } from '../support/index.js';

const env = setUpEnv(readSeed('clone-shop'), 'prod');

describe('--verbose and --log-file', () => {
  it('report requests, retries and decisions, without keys and SQL', async () => {
    env.fail({ path: '/job/status/', times: 1, action: { type: 'status', status: 500 } });
    const args = ['shop', 'orders', '--verbose', '--log-file', 'logs/petit.jsonl', '--no-progress'];
    const { code, stderr } = await env.td2parquet(args);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^debug: run: petit=/);
    assert.match(stderr, /^debug: GET http:\/\/127\.0\.0\.1:\d+\/v3\/table\/list\/shop 200 in \d+ ms$/m);
    assert.match(stderr, /^debug: GET \S+\/v3\/job\/status\/\d+ 500 in \d+ ms$/m);
    assert.match(stderr, /^debug: orders: decision action=export .*jobs=1$/m);
    assert.match(stderr, /^debug: orders: wait message=.*HTTP 500.*; next attempt in /m);
    assert.match(stderr, /^debug: orders: table state=done rows=\d+ /m);
    const lines = (await readFile(env.path('logs/petit.jsonl'), 'utf8')).trimEnd().split('\n');
    const entries = lines.map((line) => JSON.parse(line));
    assert.equal(entries.length, stderr.trimEnd().split('\n').length);
    assert.ok(entries.every(({ time, type }) => time.endsWith('Z') && type));
    assert.doesNotMatch(stderr + lines.join(), /SELECT|Authorization|TD1/);
  });

  it('are set by LOG_LEVEL=DEBUG, as in petit-cli', async () => {
    const variables = { TD_API_KEY: env.account.apikey, LOG_LEVEL: 'debug' };
    const args = ['ls', '--endpoint', env.account.endpoint];
    assert.match(
      (await env.start(args, variables).ended).stderr,
      /^debug: GET \S+\/v3\/database\/list 200 in /m,
    );
    assert.equal((await env.start([...args, '--quiet'], variables).ended).stderr, '');
  });

  it('are checked before the first request', async () => {
    await symlink('elsewhere', env.path('link'));
    const link = await env.td2parquet(['shop', 'orders', '--log-file', 'link']);
    assert.equal(link.code, 1);
    assert.match(
      link.stderr,
      /^Error: --log-file: link: it is a symbolic link, which petit does not follow$/m,
    );
    const both = await env.td2parquet(['shop', 'orders', '--verbose', '--quiet']);
    assert.match(both.stderr, /^Error: --quiet and --verbose are mutually exclusive$/m);
    assert.deepEqual(env.requests(), []);
  });
});

describe('--quiet', () => {
  it('prints only the line of the result, and errors', async () => {
    const done = await env.td2parquet(['shop', 'orders', '--quiet', '--progress']);
    assert.equal(done.stderr, '');
    assert.match(done.stdout, /^1 of 1 exported: [^\n]+\n$/);
    const failed = await env.td2parquet(['shop', 'orders', '--quiet']);
    assert.match(failed.stderr, /^Error: .*already exists/);
    const plan = await env.td2parquet(['shop', 'orders', '--quiet', '--dry-run', '--output-dir', 'other']);
    assert.match(plan.stdout, /^TOTAL: about [^\n]+, 1 job\n$/);
  });
});
