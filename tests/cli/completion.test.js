import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NameCache } from '../../pkg-scripts/cli/commands/complete/name-cache.js';
import { SITES as SITE_NAMES } from '../../pkg-scripts/shared/sites.js';

const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));
const [BASH, ZSH] = ['./completion.bash', './completion.zsh'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);

const folder = mkdtempSync(join(tmpdir(), 'petit-completion-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'a file.pem'), '');

// The shells find petit, an account and its names, which are in the cache: no request is needed.
const ACCOUNT = { endpoint: 'https://td.invalid', apikey: '1/0123456789abcdef' };
mkdirSync(join(folder, 'petit'));
writeFileSync(
  join(folder, 'petit/config.toml'),
  '[accounts.prod]\nsite = "aws"\n[accounts.backup]\nsite = "eu"\n',
);
const shim = `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`;
mkdirSync(join(folder, 'bin'));
writeFileSync(join(folder, 'bin/petit'), shim, { mode: 0o755 });
Object.assign(process.env, {
  ...{ XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder, PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
  ...{
    TD_API_KEY: ACCOUNT.apikey,
    PETIT_ENDPOINT: ACCOUNT.endpoint,
    PETIT_SOURCE_ENDPOINT: ACCOUNT.endpoint,
  },
});
const cache = NameCache.of(ACCOUNT, process);
cache.write(undefined, ['sales', 'shop', 'shop_eu']);
cache.write('shop', ['orders', 'web_logs']);

/** @param {string} command @param {string[]} args */
const output = (command, ...args) =>
  execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 30_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** @param {string} shell */
function script(shell) {
  const path = join(folder, shell === 'pwsh' ? 'petit.ps1' : shell);
  writeFileSync(path, output(process.execPath, CLI, 'completion', SHELL_NAMES[shell] ?? shell));
  return path;
}

/** Splits a line into words as readline does: at spaces and around "=". @param {string} line */
const wordsOf = (line) => line.split(/ +|(?==)|(?<==)/);

/** The completions of a line in each shell, by the shell's own completion system.
 * @type {Record<string, (path: string, line: string) => string[]>} */
const COMPLETE = {
  bash(path, line) {
    return output('bash', '--norc', String(BASH), path, ...wordsOf(line))
      .split('\n')
      .filter(Boolean);
  },
  zsh(path, line) {
    const candidates = output('zsh', '-f', String(ZSH), path, line).split('<M>').slice(1, -1);
    return [...new Set(candidates.filter(Boolean))];
  },
  fish(path, line) {
    const candidates = output(
      'fish',
      '--no-config',
      '-c',
      'source $argv[1]; complete -C $argv[2]',
      path,
      line,
    );
    return candidates
      .split('\n')
      .map((candidate) => candidate.replace(/\t.*/, ''))
      .filter(Boolean);
  },
  pwsh(path, line) {
    const script = '. $args[0]; (TabExpansion2 $args[1] $args[1].Length).CompletionMatches.CompletionText';
    return output('pwsh', '-NoProfile', '-Command', `& { ${script} } '${path}' '${line}'`)
      .split('\n')
      .filter(Boolean);
  },
};
/** How a shell is called in \`petit completion\`. @type {Record<string, string>} */
const SHELL_NAMES = { pwsh: 'powershell' };

const SITES = SITE_NAMES.flatMap(({ names }) => names).sort();

for (const [shell, complete] of Object.entries(COMPLETE)) {
  const isInstalled = spawnSync(shell, ['--version']).status === 0;
  describe(`completion for ${shell}`, { skip: !isInstalled && `${shell} is not installed` }, () => {
    const path = script(shell);
    const offered = (/** @type {string} */ line) => complete(path, line).sort();

    it('offers the commands', () => {
      const commands = offered('petit ').filter((word) => !word.startsWith('-'));
      const { stdout } = spawnSync(process.execPath, [CLI, '--help'], { encoding: 'utf8' });
      const [, listed = ''] = stdout.split('Commands:\n');
      const names = [...listed.matchAll(/^ {2}(\S+)/gm)].map(([, name = '']) => name);
      assert.deepEqual(commands, names.sort());
      assert.deepEqual(
        offered('petit cl'),
        names.filter((name) => name.startsWith('cl')),
      );
    });

    it('offers a command’s options', () => {
      assert.deepEqual(offered('petit clone-db --so'), ['--source-endpoint', '--source-site']);
      assert.deepEqual(offered('petit td2parquet sales --inv'), ['--invalid-utf8']);
    });

    it('offers the values of an option and of an argument', () => {
      assert.deepEqual(offered('petit td2parquet --site '), SITES);
      assert.deepEqual(offered('petit completion z'), ['zsh']);
      assert.deepEqual(offered('petit td2parquet --chunk-size '), []);
      const values = offered('petit clone-db --dest-site=e').map((word) =>
        word.replace(/^--dest-site=?/, ''),
      );
      assert.deepEqual(values.filter(Boolean), ['eu', 'eu01']);
    });

    it('offers databases, tables and accounts', () => {
      const names = (/** @type {string} */ line) => offered(line).filter((word) => !word.startsWith('-'));
      assert.deepEqual(names('petit td2parquet sh'), ['shop', 'shop_eu']);
      assert.deepEqual(names('petit ls shop '), ['orders', 'web_logs']);
      assert.deepEqual(names('petit clone-db --dest-site=eu shop --overwrite o'), ['orders']);
      assert.deepEqual(names('petit clone-db shop --to '), ['backup', 'prod']);
    });

    it('offers files for an option that takes a file', () => {
      const [file = '', ...more] = offered('petit td2parquet --ca-file a');
      assert.deepEqual(more, []);
      assert.match(file.replaceAll('\\', ''), /^a file\.pem$/);
    });
  });
}

it('rejects other shells', () => {
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'completion', 'csh'], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /Allowed choices are bash, zsh, fish, powershell/);
});

describe('--version', () => {
  it('prints the release, the build and the platform', () => {
    const { version } = JSON.parse(
      output('cat', fileURLToPath(new URL('../../package.json', import.meta.url))),
    );
    const lines = output(process.execPath, CLI, '--version').trimEnd().split('\n');
    assert.equal(lines[0], `petit ${version}`);
    const wasm = readFileSync(new URL('../../dist/www/wasm/petit_bg.wasm', import.meta.url));
    const sha256 = createHash('sha256').update(wasm).digest('hex');
    assert.equal(lines.at(-2), `wasm ${wasm.length} bytes, sha256 ${sha256}`);
    assert.equal(lines.at(-1), `node ${process.versions.node} on ${process.platform} ${process.arch}`);
    if (lines.length > 3) assert.match(lines[1] ?? '', /^commit [0-9a-f]{12}\+?$/);
    assert.equal(output(process.execPath, CLI, '-V'), `${lines.join('\n')}\n`);
  });
});
