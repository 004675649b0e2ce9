import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { CommandWithVariables } from '../../pkg-scripts/cli/config/env-options.js';
import { Clones } from '../support/clone.js';
import { readSeed, surroundings } from '../support/index.js';

const here = surroundings(readSeed('clone-shop'), 'prod');
const clones = new Clones(here, 'prod', 'mirror');

/** @param {string} path @param {string} text */
async function write(path, text) {
  await mkdir(dirname(path), { recursive: true });
  here.keyFiles.add(path);
  await writeFile(path, text);
}

/** Writes the file of TD's toolbelt. @param {string} text */
const writeConf = (text) => write(here.path('.td/td.conf'), text);

/** @param {string} key @param {string} [endpoint] */
const conf = (key, endpoint) =>
  `# by td account\n\n[account]\n  user = a@example.com\n  apikey = ${key}\n${endpoint ? `  endpoint = ${endpoint}\n` : ''}`;

describe('an API key', () => {
  it('comes from standard input, and goes before the environment', async () => {
    const { endpoint, apikey } = here.account;
    const args = ['td2parquet', 'shop', '--dry-run', '--endpoint', endpoint, '--api-key-stdin'];
    for (const input of [apikey, `${apikey}\n`, `\r\n  ${apikey}\r\n`]) {
      const { code, stderr } = await here.start(args, { TD_API_KEY: 'wrong' }, input).ended;
      assert.equal(code, 0, stderr);
    }
  });

  it('of the source is the first line, that of the destination the second', async () => {
    const { source, destination } = clones;
    const args = ['clone-db', 'shop', '--new-db', 'fresh', '--dry-run', '--api-key-stdin'];
    args.push('--se', source.url, '--de', destination.url);
    const right = await here.start(args, {}, `${source.key}\n${destination.key}\n`).ended;
    assert.equal(right.code, 0, right.stderr);
    const swapped = await here.start(args, {}, `${destination.key}\n${source.key}\n`).ended;
    assert.equal(swapped.code, 2, swapped.stderr);
    for (const [input, told] of [
      ['', 'there were none'],
      [source.key, 'there were 1'],
      ['a\nb\nc', 'there were 3'],
      ['a'.repeat(20_000), 'more than API keys'],
    ]) {
      const { code, stderr } = await here.start(args, {}, input).ended;
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(told ?? ''), stderr);
      assert.ok(!stderr.includes('aaaa'), stderr);
    }
  });

  it('is in no option', async () => {
    const { code, stderr } = await here.start(['td2parquet', 'shop', '--api-key', 'k'], {}).ended;
    assert.equal(code, 1);
    assert.match(stderr, /unknown option '--api-key'/);
  });
});

describe('the account of TD’s own tools', () => {
  const args = ['td2parquet', 'shop', '--dry-run'];

  it('is read from td.conf, and told', async () => {
    await writeConf(conf(here.account.apikey, here.account.endpoint));
    const { code, stderr } = await here.start(args, {}).ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^The key of the account is read from .*td\.conf\.\n/);
  });

  it('is where TREASURE_DATA_CONFIG_PATH or TD_CONFIG_PATH says', async () => {
    await write(here.path('elsewhere'), conf(here.account.apikey, here.account.endpoint));
    for (const name of ['TREASURE_DATA_CONFIG_PATH', 'TD_CONFIG_PATH']) {
      const { code, stderr } = await here.start(args, { [name]: here.path('elsewhere') }).ended;
      assert.equal(code, 0, stderr);
    }
  });

  it('says what neither option nor environment say: option, PETIT_*, TD_API_SERVER, td.conf, in this order', async () => {
    const { endpoint, apikey } = here.account;
    const dead = 'http://127.0.0.1:1';
    const [option, petit, server, file] = ['--endpoint', 'PETIT_ENDPOINT', 'TD_API_SERVER', 'td.conf'];
    const order = [option, petit, server, file];
    for (const [at, right] of order.entries()) {
      const value = (/** @type {string} */ place) =>
        order.indexOf(place) < at ? undefined : place === right ? endpoint : dead;
      await writeConf(conf('wrong', value(file)));
      const said = value(option) ? [option, value(option) ?? ''] : [];
      const env = { TD_API_KEY: apikey, [petit]: value(petit), [server]: value(server) };
      const { code, stderr } = await here.start([...args, ...said], env).ended;
      assert.equal(code, 0, `${right}: ${stderr}`);
      assert.doesNotMatch(stderr, /td\.conf/);
    }
  });

  it('is the source of a clone when there is no SOURCE_API_KEY, and never the destination', async () => {
    const { source, destination } = clones;
    await writeConf(conf(source.key, source.url));
    const clone = ['clone-db', 'shop', '--new-db', 'fresh', '--dry-run', '--de', destination.url];
    const fromFile = await here.start(clone, { DEST_API_KEY: destination.key }).ended;
    assert.equal(fromFile.code, 0, fromFile.stderr);
    assert.match(fromFile.stderr, /The key of the source is read from .*td\.conf/);
    const fromEnv = { DEST_API_KEY: destination.key, TD_API_KEY: source.key, TD_API_SERVER: source.url };
    const { code, stderr } = await here.start(clone, fromEnv).ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /The key of the source is that of TD_API_KEY/);
    here.emulator.clearRequests();
    const noDestination = await here.start(clone, { TD_API_KEY: source.key, TD_API_SERVER: source.url })
      .ended;
    assert.equal(noDestination.code, 2);
    assert.match(noDestination.stderr, /DEST_API_KEY is not set/);
    assert.deepEqual(here.emulator.requests(), []);
  });

  it('is not guessed from a file that is none: the line is named, not shown', async () => {
    await writeConf('[account]\napikey 21/c0000\n');
    const { code, stderr } = await here.start(args, {}).ended;
    assert.equal(code, 2);
    assert.match(stderr, /line 2 of .*td\.conf is neither/);
    assert.doesNotMatch(stderr, /c0000/);
    await mkdir(here.path('folder'));
    const unreadable = await here.start(args, { TD_CONFIG_PATH: here.path('folder') }).ended;
    assert.equal(unreadable.code, 2);
    assert.match(unreadable.stderr, /cannot be read/);
  });
});

describe('a PETIT_ variable', () => {
  const run = (/** @type {Record<string, string>} */ env, /** @type {string[]} */ args = []) =>
    here.start(['td2parquet', 'shop', 'customers', ...args], {
      TD_API_KEY: here.account.apikey,
      PETIT_ENDPOINT: here.account.endpoint,
      ...env,
    }).ended;

  it('sets any option; the command line goes before it, and an empty one says nothing', async () => {
    const set = await run({ PETIT_OUTPUT: 'a.parquet', PETIT_COMPRESSION: 'snappy', PETIT_WORKERS: '0' });
    assert.equal(set.code, 0, set.stderr);
    assert.deepEqual(await here.files(), ['a.parquet']);
    const both = await run({ PETIT_OUTPUT: 'a.parquet', PETIT_COMPRESSION: '' }, ['--output', 'b.parquet']);
    assert.equal(both.code, 0, both.stderr);
    assert.deepEqual((await here.files()).sort(), ['a.parquet', 'b.parquet']);
    const wrong = await run({ PETIT_CHUNK_SIZE: 'many' });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /--chunk-size <rows>' value 'many' from env 'PETIT_CHUNK_SIZE' is invalid/);
  });

  it('turns flags on and off, and is refused when it does neither', async () => {
    for (const value of ['1', 'true', 'YES', 'on']) {
      const { code, stdout, stderr } = await run({ PETIT_DRY_RUN: value });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /Dry run/);
    }
    assert.deepEqual(await here.files(), []);
    const off = await run({ PETIT_DRY_RUN: '0', PETIT_PROGRESS: '1' });
    assert.equal(off.code, 0, off.stderr);
    assert.match(off.stderr, /^customers: /m);
    const silent = await run({ PETIT_TD2PARQUET_OVERWRITE: 'on', PETIT_PROGRESS: 'no' });
    assert.equal(silent.code, 0, silent.stderr);
    assert.equal(silent.stderr, '');
    const neither = await run({ PETIT_DRY_RUN: 'perhaps' });
    assert.equal(neither.code, 1);
    assert.match(neither.stderr, /PETIT_DRY_RUN has to be 1 or 0, not 'perhaps'/);
  });

  it('that lets one command replace something does not let another', async () => {
    assert.equal((await run({})).code, 0);
    for (const name of ['PETIT_OVERWRITE', 'PETIT_CLONE_DB_OVERWRITE']) {
      const { stderr } = await run({ [name]: '1' });
      assert.match(stderr, /exists already/);
    }
  });

  it('says the site more directly than the option’s default, less than an option', async () => {
    const env = { PETIT_SITE: 'mars' };
    assert.match((await run(env)).stderr, /'mars' from env 'PETIT_SITE' is invalid/);
    const site = await here.start(
      ['td2parquet', 'shop', '--dry-run', '--site', 'eu01', '--retry-timeout', '0'],
      {
        ...{ TD_API_KEY: here.account.apikey, PETIT_ENDPOINT: here.account.endpoint },
        // Nobody is asked at the site itself: there is no way out.
        HTTPS_PROXY: 'http://127.0.0.1:1',
      },
    ).ended;
    assert.equal(site.code, 1);
    assert.deepEqual(here.emulator.requests(), [], 'the option goes before the variable');
  });

  it('is named in the help of every command, for every option', async () => {
    for (const command of ['clone-db', 'td2parquet']) {
      const { stdout } = await here.start([command, '--help'], {}).ended;
      const options = stdout.slice(stdout.indexOf('\nOptions:')).split(/\n {2}(?=-)/);
      for (const option of options.slice(1)) {
        if (/^(--no-|-h,)/.test(option)) continue;
        assert.match(option.replace(/\s+/g, ' '), /env: PETIT_[A-Z0-9_]+\)/);
      }
    }
  });

  it('sets a flag with no opposite to nothing, one with an opposite to it', () => {
    const env = { PETIT_DRY_RUN: 'off', PETIT_PROGRESS: 'off' };
    Object.assign(process.env, env);
    const command = new CommandWithVariables('x')
      .option('--dry-run')
      .option('--progress')
      .option('--no-progress');
    try {
      command.action(() => {}).parse([], { from: 'user' });
    } finally {
      for (const name of Object.keys(env)) delete process.env[name];
    }
    assert.deepEqual({ ...command.opts() }, { dryRun: undefined, progress: false });
  });
});
