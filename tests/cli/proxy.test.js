import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readSeed, surroundings } from '../support/index.js';
import { makeCertificates, startProxy, startTls } from '../support/tls.js';

const here = surroundings(readSeed('clone-shop'), 'prod');
const SITE = 'api.treasuredata.com';

let folder = '';
/** @type {Awaited<ReturnType<typeof makeCertificates>>} */
let files;
/** @type {Awaited<ReturnType<typeof startTls>>} */
let tls;
/** @type {Awaited<ReturnType<typeof startProxy>>} */
let proxy;

/**
 * Exports a table, as if this machine's accounts were at TD's site.
 * @param {Record<string, string | undefined>} env
 * @param {string[]} [args]
 */
const run = (env, args = []) =>
  here.start(['td2parquet', 'shop', 'customers', '--retry-timeout', '0', ...args], {
    TD_API_KEY: here.account.apikey,
    ...env,
  }).ended;

describe('the way to Treasure Data', () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'petit-tls-'));
    files = await makeCertificates(folder, [SITE, 'localhost']);
    tls = await startTls(files, Number(new URL(here.account.endpoint).port));
    proxy = await startProxy(tls.port);
  });

  after(async () => {
    await Promise.all([tls?.close(), proxy?.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  describe('a proxy', () => {
    it('takes the requests, and sees no key and no data: only where they go', async () => {
      for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY']) {
        const at = proxy.hosts.length;
        const { code, stderr } = await run({ [name]: `127.0.0.1:${proxy.port}`, PETIT_CA_FILE: files.ca }, [
          '--overwrite',
        ]);
        assert.equal(code, 0, `${name}: ${stderr}`);
        assert.deepEqual([...new Set(proxy.hosts.slice(at))], [`${SITE}:443`]);
      }
      const seen = proxy.seen();
      assert.ok(seen.includes(SITE));
      const [, secret = ''] = here.account.apikey.split('/');
      for (const text of [secret, 'Authorization', 'authorization', '/v3/', 'customers']) {
        assert.ok(!seen.includes(text), `the proxy saw ${text}`);
      }
    });

    it('is told its own name and password, which nobody else is shown', async () => {
      const careful = await startProxy(tls.port, { authorization: `Basic ${btoa('me:s3cret pass')}` });
      try {
        const at = `127.0.0.1:${careful.port}`;
        const known = await run({ HTTPS_PROXY: `http://me:s3cret%20pass@${at}` }, ['--ca-file', files.ca]);
        assert.equal(known.code, 0, known.stderr);
        const unknown = await run({ HTTPS_PROXY: `http://me:other@${at}` }, ['--ca-file', files.ca]);
        assert.equal(unknown.code, 1);
        assert.match(unknown.stderr, /407/);
        assert.doesNotMatch(unknown.stderr, /other/);
      } finally {
        await careful.close();
      }
    });

    it('is left out for the hosts of NO_PROXY, and always for this machine', async () => {
      const at = `http://127.0.0.1:${proxy.port}`;
      proxy.hosts.length = 0;
      for (const NO_PROXY of ['other.example, treasuredata.com', '*']) {
        const { code } = await run({ HTTPS_PROXY: at, PETIT_CA_FILE: files.ca, NO_PROXY });
        assert.equal(code, 1, 'there is no way to the site without it');
      }
      const local = await run({ HTTP_PROXY: at }, ['--endpoint', here.account.endpoint]);
      assert.equal(local.code, 0, local.stderr);
      const localTls = await run(
        { HTTPS_PROXY: at, PETIT_CA_FILE: files.ca, PETIT_TD2PARQUET_OVERWRITE: '1' },
        ['--endpoint', `https://localhost:${tls.port}`],
      );
      assert.equal(localTls.code, 0, localTls.stderr);
      assert.deepEqual(proxy.hosts, []);
    });

    it('that is none is refused without showing what may be a password', async () => {
      for (const HTTPS_PROXY of ['socks5://me:pass@127.0.0.1:1', 'http://me:pass@:x']) {
        const { code, stderr } = await run({ HTTPS_PROXY });
        assert.equal(code, 1);
        assert.match(
          stderr,
          /the variable HTTPS_PROXY holds no address of a proxy\n.*http:\/\/proxy\.example:3128/,
        );
        assert.doesNotMatch(stderr, /pass@/);
      }
    });
  });

  describe('a certificate', () => {
    const args = () => ['--endpoint', `https://localhost:${tls.port}`, '--overwrite'];

    it('of an authority of one’s own is trusted when --ca-file or NODE_EXTRA_CA_CERTS names it, not otherwise', async () => {
      const refused = await run({}, args());
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /certificate is not trusted/);
      for (const env of [{ PETIT_CA_FILE: files.ca }, { NODE_EXTRA_CA_CERTS: files.ca }]) {
        const { code, stderr } = await run(env, args());
        assert.equal(code, 0, stderr);
      }
      const option = await run({}, [...args(), '--ca-file', files.ca]);
      assert.equal(option.code, 0, option.stderr);
    });

    it('in a file of another kind, or none, is told before anything is sent', async () => {
      await writeFile(here.path('empty.pem'), 'nothing');
      for (const [file, told] of [
        ['empty.pem', /empty\.pem holds no certificate/],
        ['missing.pem', /cannot be read: ENOENT/],
      ]) {
        const { code, stderr } = await run({}, [...args(), '--ca-file', String(file)]);
        assert.equal(code, 1);
        assert.match(stderr, /** @type {RegExp} */ (told));
      }
      assert.deepEqual(here.requests(), []);
    });
  });

  describe('a key that one site refuses', () => {
    it('is not tried at another: the sites where it may belong are told', async () => {
      proxy.hosts.length = 0;
      const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, PETIT_CA_FILE: files.ca };
      const { code, stderr } = await run({
        ...env,
        TD_API_KEY: '99/0123456789012345678901234567890123456789',
      });
      assert.equal(code, 2, stderr);
      assert.match(stderr, /this was aws\. .*aws-tokyo \(console\.treasuredata\.co\.jp\), eu01/);
      const clone = await here.start(['clone-db', 'shop', '--new-db', 'other'], {
        ...env,
        ...{ SOURCE_API_KEY: 'nobody', DEST_API_KEY: 'nobody either' },
      }).ended;
      assert.equal(clone.code, 2);
      assert.deepEqual([...new Set(proxy.hosts)], [`${SITE}:443`]);
    });
  });
});
