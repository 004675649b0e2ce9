import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { profileChecks } from '../../pkg-scripts/cli/commands/doctor/profiles.js';
import { ACCOUNT, DESTINATION, findAccounts, SOURCE } from '../../pkg-scripts/cli/config/accounts.js';
import { EnvCommand } from '../../pkg-scripts/cli/config/env-options.js';
import { runKeyCommand } from '../../pkg-scripts/cli/config/key-command.js';
import { findMasking } from '../../pkg-scripts/cli/config/masking.js';
import { userFile } from '../../pkg-scripts/cli/config/user-file.js';
import { addAccountOptions, addSourceAndDestinationOptions } from '../../pkg-scripts/cli/options.js';
import { instantiate, wasm } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';
import { SITES } from '../../pkg-scripts/shared/sites.js';

const folder = mkdtempSync(join(tmpdir(), 'petit-profiles-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'petit'));
const FILE = join(folder, 'petit', 'config.toml');
const isPosix = process.platform !== 'win32';

/** @param {string} text @param {number} [mode] */
function write(text, mode = 0o600) {
  writeFileSync(FILE, text);
  chmodSync(FILE, mode);
}

/** A process with this configuration file. @param {Record<string, string>} [env] */
const processWith = (env = {}) =>
  /** @type {any} */ ({
    env: { XDG_CONFIG_HOME: folder, PATH: process.env.PATH, ...env },
    platform: 'linux',
  });

/**
 * The account of a command line.
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
async function account(args, env = {}) {
  const before = { ...process.env };
  Object.assign(process.env, env);
  const command = addAccountOptions(new EnvCommand('ls').exitOverride()).action(() => {});
  try {
    command.parse(args, { from: 'user' });
  } finally {
    process.env = before;
  }
  /** @type {string[]} */
  const hidden = [];
  /** @type {string[]} */
  const logged = [];
  const reporter = {
    hide: (/** @type {string} */ key) => hidden.push(key),
    log: (/** @type {string} */ text) => logged.push(text),
  };
  const found = await findAccounts(command, { process: processWith(env) }, { account: ACCOUNT }, reporter);
  const { endpoint, apikey } = found.account;
  assert.deepEqual(hidden, [apikey]);
  return { endpoint, apikey, logged: logged.join('\n') };
}

const CONFIG = `
[accounts.prod]
site = "jp01"
key_env = "PROD_KEY"

[accounts.backup]
endpoint = "https://td.example"
key_command = ["${process.execPath}", "-p", "'1/fromcommand'"]

[accounts.keyless]
site = "eu01"
`;

describe('an account of the configuration file', () => {
  it('has a site or an endpoint, and a key from a variable or a command', async () => {
    write(CONFIG);
    assert.deepEqual(await account(['--account', 'prod'], { PROD_KEY: '1/prod' }), {
      ...{ endpoint: 'jp01', apikey: '1/prod', logged: '' },
    });
    const { endpoint, apikey } = await account(['--account', 'backup']);
    assert.deepEqual([endpoint, apikey], ['https://td.example', '1/fromcommand']);
  });

  it('that the command line names is not changed by variables, but by options', async () => {
    const env = { TD_API_KEY: '1/other', PETIT_SITE: 'ap02', PROD_KEY: '1/prod' };
    const named = await account(['--account', 'prod'], env);
    assert.deepEqual([named.endpoint, named.apikey], ['jp01', '1/prod']);
    assert.equal((await account(['--account', 'prod', '--site', 'eu01'], env)).endpoint, 'eu01');
  });

  it('that a variable names has a lower precedence than other variables, which petit reports', async () => {
    const env = { PETIT_ACCOUNT: 'prod', TD_API_KEY: '1/other', PETIT_SITE: 'ap02', PROD_KEY: '1/prod' };
    const { endpoint, apikey, logged } = await account([], env);
    assert.deepEqual([endpoint, apikey], ['ap02', '1/other']);
    assert.equal(logged, 'Using the API key in TD_API_KEY for the account, not that of the account "prod".');
    const alone = await account([], { PETIT_ACCOUNT: 'prod', PROD_KEY: '1/prod' });
    assert.deepEqual([alone.endpoint, alone.apikey], ['jp01', '1/prod']);
  });

  it('is a source with --from and a destination with --to', async () => {
    const command = addSourceAndDestinationOptions(new EnvCommand('clone-db')).action(() => {});
    command.parse(['--from', 'prod', '--to', 'backup'], { from: 'user' });
    const context = { process: processWith({ PROD_KEY: '1/prod', DEST_API_KEY: '1/other' }) };
    const roles = { source: SOURCE, destination: DESTINATION };
    const { source, destination } = await findAccounts(command, context, roles, { hide() {}, log() {} });
    assert.deepEqual([source.apikey, source.endpoint], ['1/prod', 'jp01']);
    assert.deepEqual([destination.apikey, destination.endpoint], ['1/fromcommand', 'https://td.example']);
  });

  it('that does not exist is an error that suggests one', async () => {
    const code = 'invalid_option';
    const message = `there is no account "prdo" in ${FILE}; did you mean "prod"?`;
    await assert.rejects(account(['--account', 'prdo']), { code, message });
    await assert.rejects(account(['--account', 'zzzzzz']), /there is "prod", "backup", "keyless"$/);
    rmSync(FILE);
    await assert.rejects(account(['--account', 'prod']), /; it has no accounts$/);
    write(CONFIG);
  });

  it('without its key is an error', async () => {
    const code = 'missing_key';
    await assert.rejects(account(['--account', 'prod']), {
      code,
      message: /PROD_KEY of the account "prod" in .* is not set$/,
    });
    await assert.rejects(account(['--account', 'keyless']), { code, message: /has no key$/ });
    await assert.rejects(account(['--account', 'prod'], { PROD_KEY: '"1/x"' }), { code: 'bad_key' });
  });

  it('may have its key in the file if only its owner can read it', {
    skip: !isPosix && 'POSIX only',
  }, async () => {
    const text = '[accounts.a]\nsite = "aws"\nkey = "1/secret"\n';
    write(text);
    assert.equal((await account(['--account', 'a'])).apikey, '1/secret');
    for (const mode of [0o640, 0o604]) {
      write(text, mode);
      await assert.rejects(account(['--account', 'a']), {
        code: 'bad_config',
        message: /^other users can read /,
      });
    }
    write(CONFIG, 0o620);
    await assert.rejects(
      account(['--account', 'prod'], { PROD_KEY: 'x' }),
      /^PetitError: other users can change /,
    );
    write(CONFIG.replace(/key_command.*/, ''), 0o644);
    assert.equal((await account(['--account', 'prod'], { PROD_KEY: '1/prod' })).apikey, '1/prod');
  });
});

describe('a configuration file', () => {
  for (const [text, reason] of /** @type {[string, RegExp][]} */ ([
    ['[accounts.a]\nsite = "aws"\nkey = "1/secret\n', /^line 3, column \d+ of .* is not TOML$/],
    ['[acounts.a]\nsite = "aws"', /has the unknown entry "acounts"; it can have accounts, mask$/],
    ['accounts = 1', /has accounts or mask that are not tables$/],
    ['[accounts]\na = "aws"', /an account "a" that is not a table$/],
    ['[accounts.a]\nkey_env = "K"', /an account "a" that needs either site or endpoint$/],
    ['[accounts.a]\nsite = "aws"\nendpoint = "x"', /needs either site or endpoint$/],
    ['[accounts.a]\nsite = "mars"', /has the unknown site "mars"; the sites are aws, /],
    ['[accounts.a]\nendpoint = 1', /a site or an endpoint that is not text$/],
    [
      '[accounts.a]\nsite = "aws"\nkeyenv = "K"',
      /the unknown entry "keyenv"; it can have site, endpoint, key, /,
    ],
    ['[accounts.a]\nsite = "aws"\nkey = "k"\nkey_env = "K"', /has both key and key_env$/],
    ['[accounts.a]\nsite = "aws"\nkey_env = 1', /a key_env that is not text$/],
    ['[accounts.a]\nsite = "aws"\nkey_command = "pass td"', /key_command that is not a list of a program/],
  ])) {
    it(`is refused, and its text not shown: ${text.split('\n').at(-1)}`, async () => {
      write(text);
      await assert.rejects(account(['--account', 'a']), (/** @type {any} */ error) => {
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /secret/);
        return error.code === 'bad_config';
      });
    });
  }

  it('is in the folder that the system has for it', () => {
    const linux = (/** @type {Record<string, string>} */ env) =>
      userFile('config', 'c', { env, platform: 'linux' }, () => '/h');
    assert.equal(linux({}), '/h/.config/petit/c');
    assert.equal(linux({ XDG_CONFIG_HOME: '/x' }), '/x/petit/c');
    assert.equal(linux({ XDG_CONFIG_HOME: 'relative' }), '/h/.config/petit/c');
    const env = { APPDATA: 'C:\\A', LOCALAPPDATA: 'C:\\L' };
    assert.equal(userFile('config', 'c', { env, platform: 'win32' }), 'C:\\A\\petit\\c');
    assert.equal(userFile('cache', 'c', { env, platform: 'win32' }), 'C:\\L\\petit\\c');
    const none = () => assert.fail('no home');
    assert.equal(userFile('cache', 'c', { env: {}, platform: 'linux' }, none), undefined);
  });

  it('is listed by doctor, without keys', async () => {
    write(`${CONFIG}[accounts.own]\nsite = "us01"\nkey = "1/secret"\n`);
    const checks = await profileChecks(processWith());
    assert.deepEqual(
      checks.map(({ state, message }) => [state, message]),
      [
        ['not_checked', 'prod: jp01, key from the environment variable PROD_KEY, which is not set'],
        ['ok', `backup: https://td.example, key from the command ${process.execPath}`],
        ['not_checked', 'keyless: eu01, no key'],
        ['ok', `own: us01, key in ${FILE}`],
      ],
    );
    write('[');
    assert.deepEqual(
      (await profileChecks(processWith())).map(({ check, state, code }) => [check, state, code]),
      [['account', 'failed', 'bad_config']],
    );
    rmSync(FILE);
    assert.deepEqual(await profileChecks(processWith()), []);
  });

  it('has the secret of masking, unless the environment has it', async () => {
    write('[mask]\nkey_env = "MY_MASK"\n');
    const options = { mask: /** @type {import('../../pkg-scripts/types.js').MaskRule[]} */ (['a=hash']) };
    const find = (/** @type {Record<string, string>} */ variables, /** @type {object} */ masks = options) =>
      findMasking(masks, { process: processWith(variables) }, () => {});
    assert.equal((await find({ MY_MASK: 'of the file' })).maskKey, 'of the file');
    assert.equal((await find({ MY_MASK: 'f', PETIT_MASK_KEY: 'e' })).maskKey, 'e');
    assert.equal((await find({ MY_MASK: 'f' }, {})).maskKey, undefined);
  });
});

describe('a key command', () => {
  const run = (/** @type {string} */ script, /** @type {object} */ options = {}) =>
    runKeyCommand([process.execPath, '-e', script], { what: 'the command', env: process.env, ...options });

  it('prints the key alone, with or without a line end', async () => {
    assert.equal(await run('process.stdout.write("1/k")'), '1/k');
    assert.equal(await run('console.log("1/k")'), '1/k');
  });

  it('that fails is an error without its output', async () => {
    for (const [script, reason] of /** @type {[string, RegExp][]} */ ([
      [
        'console.log("SECRET"); console.error("SECRET"); process.exit(3)',
        /^the command ends with exit code 3$/,
      ],
      ['process.kill(process.pid, "SIGTERM")', /^the command was ended by SIGTERM$/],
      ['', /^the command prints nothing$/],
      ['console.log("SECRET\\nmore")', /^the command prints more than one line/],
      ['console.log("SECRET".repeat(10000))', /^the command prints more than 16 KiB/],
      ['process.stdout.write(Buffer.from([0x41, 0xff]))', /^the output of the command is not UTF-8: byte 1 /],
    ])) {
      await assert.rejects(run(script), (/** @type {any} */ error) => {
        assert.match(error.message, reason);
        assert.doesNotMatch(JSON.stringify(error), /SECRET/);
        return ['missing_key', 'bad_key'].includes(error.code);
      });
    }
    const missing = runKeyCommand(['/no/such/program'], { what: 'the command', env: {} });
    await assert.rejects(missing, { code: 'missing_key', message: 'the command cannot be run (ENOENT)' });
  });

  it('is run without a shell', async () => {
    const key = await runKeyCommand([process.execPath, '-p', 'process.argv[1]', '$(id);*'], {
      what: '',
      env: {},
    });
    assert.equal(key, '$(id);*');
  });

  it('that does not end is stopped', async () => {
    const forever = 'setInterval(() => {}, 1000)';
    await assert.rejects(
      run(forever, { timeoutMs: 1 }),
      /^PetitError: the command does not end within 0.001 s$/,
    );
    const reason = new Error('stopped');
    await assert.rejects(run(forever, { signal: AbortSignal.abort(reason) }), reason);
  });
});

it('every site of the command is a site of the core', async () => {
  await instantiate(await platform.loadWasm());
  for (const name of SITES.flatMap(({ names }) => names))
    assert.match(wasm.endpointUrl(name), /^https:\/\/api\.([a-z0-9]+\.)?treasuredata\.(com|co\.jp)$/);
});
