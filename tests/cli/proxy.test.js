import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventsOf, readSeed, setUpEnv } from '../support/index.js';
import { makeCertificates, startProxy, startTls } from '../support/tls.js';

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const SITE = 'api.treasuredata.com';

let folder = '';
/** @type {Awaited<ReturnType<typeof makeCertificates>>} */
let files;
/** @type {Awaited<ReturnType<typeof startTls>>} */
let tls;
/** @type {Awaited<ReturnType<typeof startProxy>>} */
let proxy;

/**
 * Exports a table from TD's site, which the proxy redirects to the emulator.
 * @param {Record<string, string | undefined>} variables
 * @param {string[]} [args]
 */
const run = (variables, args = []) =>
  env.start(['td2parquet', 'shop', 'customers', '--retry-timeout', '0', ...args], {
    TD_API_KEY: env.account.apikey,
    ...variables,
  }).ended;

describe('the connection to Treasure Data', () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'petit-tls-'));
    files = await makeCertificates(folder, [SITE, 'localhost']);
    tls = await startTls(files, Number(new URL(env.account.endpoint).port));
    proxy = await startProxy(tls.port);
  });

  after(async () => {
    await Promise.all([tls?.close(), proxy?.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  describe('a proxy', () => {
    it('carries the requests, and sees host names but no key and no data', async () => {
      for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY']) {
        const before = proxy.hosts.length;
        const { code, stderr } = await run({ [name]: `127.0.0.1:${proxy.port}`, PETIT_CA_FILE: files.ca }, [
          '--overwrite',
        ]);
        assert.equal(code, 0, `${name}: ${stderr}`);
        assert.deepEqual([...new Set(proxy.hosts.slice(before))], [`${SITE}:443`]);
      }
      const seen = proxy.seen();
      assert.ok(seen.includes(SITE));
      const [, secret = ''] = env.account.apikey.split('/');
      for (const text of [secret, 'Authorization', 'authorization', '/v3/', 'customers']) {
        assert.ok(!seen.includes(text), `the proxy saw ${text}`);
      }
    });

    it('receives its user name and password, which no output contains', async () => {
      const guarded = await startProxy(tls.port, { authorization: `Basic ${btoa('me:s3cret pass')}` });
      try {
        const address = `127.0.0.1:${guarded.port}`;
        const options = ['--ca-file', files.ca, '--overwrite'];
        const known = await run({ HTTPS_PROXY: `http://me:s3cret%20pass@${address}` }, options);
        assert.equal(known.code, 0, known.stderr);
        const unknown = await run({ HTTPS_PROXY: `http://me:other@${address}` }, options);
        assert.equal(unknown.code, 1);
        assert.match(unknown.stderr, /the proxy requires a user name and a password.*407/);
        assert.doesNotMatch(unknown.stderr, /me:other/);
      } finally {
        await guarded.close();
      }
    });

    it('that refuses is asked once, and is named', async () => {
      for (const [refusal, message] of /** @type {const} */ ([
        ['407 Proxy Authentication Required', /the proxy requires a user name and a password/],
        ['403 Forbidden', /the proxy refuses the connection to this host/],
      ])) {
        const refusing = await startProxy(tls.port, { refusal });
        try {
          const url = `http://me:other@127.0.0.1:${refusing.port}`;
          const args = ['--ca-file', files.ca, '--retry-timeout', '60', '--json'];
          const { code, stdout, stderr } = await run({ HTTPS_PROXY: url }, args);
          assert.equal(code, 1, stderr);
          assert.match(stderr, message);
          assert.equal(eventsOf(stdout).at(-1).code, 'proxy_refused');
          assert.equal(refusing.hosts.length, 1);
        } finally {
          await refusing.close();
        }
      }
    });

    it('that cannot connect is asked again', async () => {
      const refusing = await startProxy(tls.port, { refusal: '503 Service Unavailable' });
      try {
        const url = `http://127.0.0.1:${refusing.port}`;
        const { stderr } = await run({ HTTPS_PROXY: url }, ['--retry-timeout', '2']);
        assert.match(stderr, /the proxy could not connect to this host/);
        assert.ok(refusing.hosts.length > 1);
      } finally {
        await refusing.close();
      }
    });

    it('does not get a request to this machine, however its address is spelled', async () => {
      const url = `http://127.0.0.1:${proxy.port}`;
      const { port } = new URL(env.account.endpoint);
      proxy.hosts.length = 0;
      for (const host of [
        '127.0.0.2',
        '127.1',
        '2130706433',
        '0x7f.0.0.1',
        '017700000001',
        '[::ffff:127.0.0.1]',
        'localhost.',
      ]) {
        const { stderr } = await run({ HTTP_PROXY: url, HTTPS_PROXY: url }, [
          ...['--endpoint', `http://${host}:${port}`, '--dry-run'],
        ]);
        assert.doesNotMatch(stderr, /over plain HTTP|proxy/, host);
      }
      assert.deepEqual(proxy.hosts, []);
    });

    it('whose password has a raw "%" is explained without the password', async () => {
      for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'https_proxy']) {
        const { code, stderr } = await run({ [name]: 'http://user:100%secret@127.0.0.1:1' });
        assert.equal(code, 1);
        assert.match(stderr, new RegExp(`the environment variable ${name} has a "%".*\\n.*%25`));
        assert.doesNotMatch(stderr, /100%|secret|defect/);
      }
    });

    it('is not used for the hosts in NO_PROXY, and never for this machine', async () => {
      const url = `http://127.0.0.1:${proxy.port}`;
      proxy.hosts.length = 0;
      for (const NO_PROXY of ['other.example, treasuredata.com', '*']) {
        const { code } = await run({ HTTPS_PROXY: url, PETIT_CA_FILE: files.ca, NO_PROXY });
        assert.equal(code, 1, 'the site is not reachable without the proxy');
      }
      const local = await run({ HTTP_PROXY: url }, ['--endpoint', env.account.endpoint]);
      assert.equal(local.code, 0, local.stderr);
      const localTls = await run(
        { HTTPS_PROXY: url, PETIT_CA_FILE: files.ca, PETIT_TD2PARQUET_OVERWRITE: '1' },
        ['--endpoint', `https://localhost:${tls.port}`],
      );
      assert.equal(localTls.code, 0, localTls.stderr);
      assert.deepEqual(proxy.hosts, []);
    });

    it('with an invalid URL is an error that does not show the URL', async () => {
      for (const HTTPS_PROXY of ['socks5://me:pass@127.0.0.1:1', 'http://me:pass@:x']) {
        const { code, stderr } = await run({ HTTPS_PROXY });
        assert.equal(code, 1);
        assert.match(
          stderr,
          /the environment variable HTTPS_PROXY is not the URL of an http proxy\n.*http:\/\/proxy\.example:3128/,
        );
        assert.doesNotMatch(stderr, /pass@/);
      }
    });
  });

  describe('a certificate', () => {
    const args = () => ['--endpoint', `https://localhost:${tls.port}`, '--overwrite'];

    it('of a private authority is trusted only through --ca-file or NODE_EXTRA_CA_CERTS', async () => {
      const refused = await run({}, args());
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /certificate is not trusted/);
      for (const variables of [{ PETIT_CA_FILE: files.ca }, { NODE_EXTRA_CA_CERTS: files.ca }]) {
        const { code, stderr } = await run(variables, args());
        assert.equal(code, 0, stderr);
      }
      const option = await run({}, [...args(), '--ca-file', files.ca]);
      assert.equal(option.code, 0, option.stderr);
    });

    it('of another host, and a server without TLS, are final at once, with the fix', async () => {
      const { port } = new URL(env.account.endpoint);
      const retry = ['--retry-timeout', '60', '--json'];
      for (const [endpoint, code, message] of /** @type {const} */ ([
        [`https://127.0.0.1:${tls.port}`, 'untrusted_certificate', /for another host[\s\S]*--ca-file/],
        [`https://127.0.0.1:${port}`, 'wrong_protocol', /does not speak TLS[\s\S]*https:\/\/ or http:\/\//],
      ])) {
        const args = ['--endpoint', endpoint, '--ca-file', files.ca, ...retry];
        const { stdout, stderr } = await run({}, args);
        assert.match(stderr, message);
        assert.equal(eventsOf(stdout).at(-1).code, code);
        assert.doesNotMatch(stderr, /attempts/);
      }
    });

    it('file that is missing or has no certificate is an error before any request', async () => {
      await writeFile(env.path('empty.pem'), 'nothing');
      for (const [file, message] of [
        ['empty.pem', /empty\.pem contains no certificate/],
        ['missing.pem', /cannot be read: ENOENT/],
      ]) {
        const { code, stderr } = await run({}, [...args(), '--ca-file', String(file)]);
        assert.equal(code, 1);
        assert.match(stderr, /** @type {RegExp} */ (message));
      }
      assert.deepEqual(env.requests(), []);
    });
  });

  describe('a key that a site refuses', () => {
    it('is not sent to another site: the error lists the sites', async () => {
      proxy.hosts.length = 0;
      const variables = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, PETIT_CA_FILE: files.ca };
      const { code, stderr } = await run({
        ...variables,
        TD_API_KEY: '99/0123456789012345678901234567890123456789',
      });
      assert.equal(code, 2, stderr);
      assert.match(stderr, /this site is aws\. .*aws-tokyo \(console\.treasuredata\.co\.jp\), eu01/);
      const clone = await env.start(['clone-db', 'shop', '--new-db', 'other'], {
        ...variables,
        ...{ SOURCE_API_KEY: 'nobody', DEST_API_KEY: 'nobody either' },
      }).ended;
      assert.equal(clone.code, 2);
      assert.deepEqual([...new Set(proxy.hosts)], [`${SITE}:443`]);
    });
  });
});
