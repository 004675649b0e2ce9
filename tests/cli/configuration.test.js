import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EnvCommand } from '../../pkg-scripts/cli/config/env-options.js';
import { Clones } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));

/** Runs Node as a user without a home folder: neither HOME nor the list of users has one.
 * @param {string[]} args @param {Record<string, string>} [variables]
 * @returns {Promise<{ code: unknown, stderr: string }>} */
function runWithoutHome(args, variables) {
  const env = { PATH: process.env.PATH, ...variables };
  const options = { uid: 54_321, gid: 54_321, cwd: '/', env };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });
}

/** @param {string} path @param {string} text */
async function write(path, text) {
  await mkdir(dirname(path), { recursive: true });
  env.keyFiles.add(path);
  await writeFile(path, text, { mode: 0o600 });
}

/** Writes td.conf, the configuration file of TD's toolbelt. @param {string} text */
const writeConf = (text) => write(env.path('.td/td.conf'), text);

/** @param {string} key @param {string} [endpoint] */
const conf = (key, endpoint) =>
  `# by td account\n\n[account]\n  user = a@example.com\n  apikey = ${key}\n${endpoint ? `  endpoint = ${endpoint}\n` : ''}`;

describe('an API key', () => {
  it('on standard input takes precedence over the environment', async () => {
    const { endpoint, apikey } = env.account;
    const args = ['td2parquet', 'shop', '--dry-run', '--endpoint', endpoint, '--api-key-stdin'];
    for (const input of [apikey, `${apikey}\n`, `\r\n  ${apikey}\r\n`]) {
      const { code, stderr } = await env.start(args, { TD_API_KEY: 'wrong' }, input).ended;
      assert.equal(code, 0, stderr);
    }
  });

  it('of the source is the first line, and of the destination the second line', async () => {
    const { source, destination } = clones;
    const args = ['clone-db', 'shop', '--new-db', 'fresh', '--dry-run', '--api-key-stdin'];
    args.push('--se', source.url, '--de', destination.url);
    const right = await env.start(args, {}, `${source.key}\n${destination.key}\n`).ended;
    assert.equal(right.code, 0, right.stderr);
    const swapped = await env.start(args, {}, `${destination.key}\n${source.key}\n`).ended;
    assert.equal(swapped.code, 2, swapped.stderr);
    for (const [input, message] of [
      ['', 'received 0'],
      [source.key, 'received 1'],
      ['a\nb\nc', 'received 3'],
      ['a'.repeat(20_000), 'longer than 16 KiB'],
    ]) {
      const { code, stderr } = await env.start(args, {}, input).ended;
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(message ?? ''), stderr);
      assert.ok(!stderr.includes('aaaa'), stderr);
    }
  });

  const skip = process.getuid?.() === 0 ? false : 'only root can start a process of another user';
  it('comes from a variable for a user without a home folder, who needs no td.conf', { skip }, async () => {
    const { endpoint, apikey } = env.account;
    assert.match((await runWithoutHome(['-p', 'os.homedir()'])).stderr, /uv_os_homedir/);
    const args = [CLI, 'td2parquet', 'shop', '--dry-run', '--endpoint', endpoint, '-o', tmpdir()];
    const without = await runWithoutHome(args);
    assert.equal(without.code, 2, without.stderr);
    assert.match(without.stderr, /^Error: the environment variable TD_API_KEY is not set/);
    const found = await runWithoutHome(args, { TD_API_KEY: apikey });
    assert.equal(found.code, 0, found.stderr);
  });

  it('cannot be an option', async () => {
    const { code, stderr } = await env.start(['td2parquet', 'shop', '--api-key', 'k'], {}).ended;
    assert.equal(code, 1);
    assert.match(stderr, /unknown option '--api-key'/);
  });
});

describe('the account of TD’s toolbelt', () => {
  const args = ['td2parquet', 'shop', '--dry-run'];

  it('comes from td.conf, which petit reports', async () => {
    await writeConf(conf(env.account.apikey, env.account.endpoint));
    const { code, stderr } = await env.start(args, {}).ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Using the API key in .*td\.conf for the account\.\n/);
  });

  const isPosix = process.platform !== 'win32';
  it('in a file that others can read is a warning', { skip: !isPosix && 'POSIX only' }, async () => {
    await writeConf(conf(env.account.apikey, env.account.endpoint));
    const warning = /^Warning: other users can read .*td\.conf, which contains an API key\..*chmod 600/m;
    for (const [mode, warns] of /** @type {const} */ ([
      [0o600, false],
      [0o640, true],
      [0o604, true],
    ])) {
      await chmod(env.path('.td/td.conf'), mode);
      const { code, stderr } = await env.start(args, {}).ended;
      assert.equal(code, 0, stderr);
      assert.equal(warning.test(stderr), warns, stderr);
      const other = await env.start([...args, '--endpoint', env.account.endpoint]).ended;
      assert.doesNotMatch(other.stderr, /Warning/, 'another key is used');
    }
  });

  it('comes from the file in TREASURE_DATA_CONFIG_PATH or TD_CONFIG_PATH', async () => {
    await write(env.path('elsewhere'), conf(env.account.apikey, env.account.endpoint));
    for (const name of ['TREASURE_DATA_CONFIG_PATH', 'TD_CONFIG_PATH']) {
      const { code, stderr } = await env.start(args, { [name]: env.path('elsewhere') }).ended;
      assert.equal(code, 0, stderr);
    }
  });

  it('has an endpoint from an option, PETIT_*, TD_API_SERVER or td.conf, in this order of precedence', async () => {
    const { endpoint, apikey } = env.account;
    const dead = 'http://127.0.0.1:1';
    const [option, petit, server, file] = ['--endpoint', 'PETIT_ENDPOINT', 'TD_API_SERVER', 'td.conf'];
    const order = [option, petit, server, file];
    for (const [index, right] of order.entries()) {
      const value = (/** @type {string} */ place) =>
        order.indexOf(place) < index ? undefined : place === right ? endpoint : dead;
      await writeConf(conf('wrong', value(file)));
      const options = value(option) ? [option, value(option) ?? ''] : [];
      const variables = { TD_API_KEY: apikey, [petit]: value(petit), [server]: value(server) };
      const { code, stderr } = await env.start([...args, ...options], variables).ended;
      assert.equal(code, 0, `${right}: ${stderr}`);
      assert.doesNotMatch(stderr, /td\.conf/);
    }
  });

  it('is the source of a clone without SOURCE_API_KEY, and never the destination', async () => {
    const { source, destination } = clones;
    await writeConf(conf(source.key, source.url));
    const clone = ['clone-db', 'shop', '--new-db', 'fresh', '--dry-run', '--de', destination.url];
    const fromFile = await env.start(clone, { DEST_API_KEY: destination.key }).ended;
    assert.equal(fromFile.code, 0, fromFile.stderr);
    assert.match(fromFile.stderr, /Using the API key in .*td\.conf for the source\./);
    const fromEnv = { DEST_API_KEY: destination.key, TD_API_KEY: source.key, TD_API_SERVER: source.url };
    const { code, stderr } = await env.start(clone, fromEnv).ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Using the API key in TD_API_KEY for the source\./);
    env.emulator.clearRequests();
    const noDestination = await env.start(clone, { TD_API_KEY: source.key, TD_API_SERVER: source.url }).ended;
    assert.equal(noDestination.code, 2);
    assert.match(noDestination.stderr, /DEST_API_KEY is not set/);
    assert.deepEqual(env.emulator.requests(), []);
  });

  it('is not guessed from a malformed file: the error names the line and does not show it', async () => {
    await writeConf('[account]\napikey 21/c0000\n');
    const { code, stderr } = await env.start(args, {}).ended;
    assert.equal(code, 2);
    assert.match(stderr, /line 2 of .*td\.conf is neither/);
    assert.doesNotMatch(stderr, /c0000/);
    await mkdir(env.path('folder'));
    const unreadable = await env.start(args, { TD_CONFIG_PATH: env.path('folder') }).ended;
    assert.equal(unreadable.code, 2);
    assert.match(unreadable.stderr, /cannot be read/);
  });
});

describe('the accounts of petit’s configuration file', () => {
  it('are named by --from, --to and --account, and listed by doctor, which shows no key', async () => {
    const { source, destination } = clones;
    const text = [
      ...['[accounts.prod]', `endpoint = "${source.url}"`, 'key_env = "PROD_KEY"'],
      ...['[accounts.backup]', `endpoint = "${destination.url}"`, `key = "${destination.key}"`],
    ];
    await write(env.path('.config/petit/config.toml'), text.join('\n'));
    const variables = { PROD_KEY: source.key };
    const clone = ['clone-db', 'shop', '--new-db', 'fresh', '--dry-run'];
    const cloned = await env.start([...clone, '--from', 'prod', '--to', 'backup'], variables).ended;
    assert.equal(cloned.code, 0, cloned.stderr);
    assert.ok(cloned.stdout.includes(`From ${source.url} to ${destination.url}.`), cloned.stdout);
    const doctor = await env.start(['doctor', '--account', 'prod'], variables).ended;
    assert.match(doctor.stdout, /^ok +account +prod: .*, key from the environment variable PROD_KEY$/m);
    assert.match(doctor.stdout, /^ok +account +backup: .*, key in .*config\.toml$/m);
    env.emulator.clearRequests();
    const unknown = await env.start([...clone, '--from', 'prod', '--to', 'bakcup'], variables).ended;
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /^Error: there is no account "bakcup" in .*; did you mean "backup"\?$/m);
    assert.deepEqual(env.emulator.requests(), []);
  });
});

describe('a PETIT_ variable', () => {
  const run = (/** @type {Record<string, string>} */ variables, /** @type {string[]} */ args = []) =>
    env.start(['td2parquet', 'shop', 'customers', ...args], {
      TD_API_KEY: env.account.apikey,
      PETIT_ENDPOINT: env.account.endpoint,
      ...variables,
    }).ended;

  it('sets any option; the command line takes precedence, and empty variables are ignored', async () => {
    const set = await run({ PETIT_OUTPUT: 'a.parquet', PETIT_COMPRESSION: 'snappy', PETIT_WORKERS: '0' });
    assert.equal(set.code, 0, set.stderr);
    assert.deepEqual(await env.files(), ['a.parquet']);
    const both = await run({ PETIT_OUTPUT: 'a.parquet', PETIT_COMPRESSION: '' }, ['--output', 'b.parquet']);
    assert.equal(both.code, 0, both.stderr);
    assert.deepEqual((await env.files()).sort(), ['a.parquet', 'b.parquet']);
    const wrong = await run({ PETIT_CHUNK_SIZE: 'many' });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /--chunk-size <rows>' value 'many' from env 'PETIT_CHUNK_SIZE' is invalid/);
  });

  it('enables and disables flags, and is an error with any other value', async () => {
    for (const value of ['1', 'true', 'YES', 'on']) {
      const { code, stdout, stderr } = await run({ PETIT_DRY_RUN: value });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /Dry run/);
    }
    assert.deepEqual(await env.files(), []);
    const off = await run({ PETIT_DRY_RUN: '0', PETIT_PROGRESS: '1' });
    assert.equal(off.code, 0, off.stderr);
    assert.match(off.stderr, /^customers: /m);
    const silent = await run({ PETIT_TD2PARQUET_OVERWRITE: 'on', PETIT_PROGRESS: 'no' });
    assert.equal(silent.code, 0, silent.stderr);
    assert.equal(silent.stderr, '');
    const neither = await run({ PETIT_DRY_RUN: 'perhaps' });
    assert.equal(neither.code, 1);
    assert.match(neither.stderr, /value 'perhaps' from env 'PETIT_DRY_RUN' is invalid\. Expected 1 or 0\./);
  });

  it('that allows one command to replace data does not allow another command', async () => {
    assert.equal((await run({})).code, 0);
    for (const name of ['PETIT_OVERWRITE', 'PETIT_CLONE_DB_OVERWRITE']) {
      const { stderr } = await run({ [name]: '1' });
      assert.match(stderr, /already exists/);
    }
  });

  it('for a site takes precedence over the default, and an option over the variable', async () => {
    const variables = { PETIT_SITE: 'mars' };
    assert.match((await run(variables)).stderr, /'mars' from env 'PETIT_SITE' is invalid/);
    const site = await env.start(
      ['td2parquet', 'shop', '--dry-run', '--site', 'eu01', '--retry-timeout', '0'],
      {
        ...{ TD_API_KEY: env.account.apikey, PETIT_ENDPOINT: env.account.endpoint },
        // The proxy does not exist, so no request reaches the real site.
        HTTPS_PROXY: 'http://127.0.0.1:1',
      },
    ).ended;
    assert.equal(site.code, 1);
    assert.deepEqual(env.emulator.requests(), [], 'the option takes precedence over the variable');
  });

  it('is in the help of every option', async () => {
    for (const command of ['clone-db', 'td2parquet']) {
      const { stdout } = await env.start([command, '--help'], {}).ended;
      const options = stdout.slice(stdout.indexOf('\nOptions:')).split(/\n {2}(?=-)/);
      for (const option of options.slice(1)) {
        if (/^(--no-|-h,)/.test(option)) continue;
        assert.match(option.replace(/\s+/g, ' '), /env: PETIT_[A-Z0-9_]+\)/);
      }
    }
  });

  it('that disables a flag unsets it, or sets it to false if it has a --no- form', () => {
    const variables = { PETIT_DRY_RUN: 'off', PETIT_PROGRESS: 'off' };
    Object.assign(process.env, variables);
    const command = new EnvCommand('x').option('--dry-run').option('--progress').option('--no-progress');
    try {
      command.action(() => {}).parse([], { from: 'user' });
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
    assert.deepEqual({ ...command.opts() }, { dryRun: undefined, progress: false });
  });
});
