import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { Command } from 'commander';
import { NameCache } from '../../pkg-scripts/cli/commands/complete/name-cache.js';
import { namesFor } from '../../pkg-scripts/cli/commands/complete/run.js';
import { defineLs } from '../../pkg-scripts/cli/commands/ls/command.js';
import { EnvCommand } from '../../pkg-scripts/cli/config/env-options.js';
import { readSeed, setUpEnv } from '../support/index.js';

const env = setUpEnv(readSeed('clone-shop'), 'prod');
const isPosix = process.platform !== 'win32';

/** The names that complete a line of `petit ls`. @param {string[]} words @param {string} [current] @param {string} [key] */
function complete(words, current = '', key = env.account.apikey) {
  const program = new Command();
  const ls = new EnvCommand('ls');
  defineLs(ls);
  program.addCommand(ls);
  const variables = { XDG_CACHE_HOME: env.folder, HOME: env.folder, TD_API_KEY: key };
  const shell = /** @type {any} */ ({ env: variables, platform: 'linux', stdin: process.stdin });
  const { signal } = new AbortController();
  return namesFor(
    { program, process: shell, signal },
    ['ls', '--endpoint', env.account.endpoint, ...words],
    current,
  );
}

describe('the names that complete a line', () => {
  it('are asked for once, and then taken from the cache', async () => {
    assert.deepEqual(await complete([], 'shop_'), ['shop_later']);
    const tables = await complete(['shop']);
    assert.ok(tables.includes('orders'));
    const requests = env.requests();
    assert.deepEqual(requests, ['GET /v3/database/list', 'GET /v3/user/show', 'GET /v3/table/list/shop']);
    assert.deepEqual(await complete(['shop'], 'ord'), ['orders']);
    assert.deepEqual(env.requests(), requests);
    const [name = ''] = readdirSync(join(env.folder, 'petit'));
    assert.match(name, /^names-[0-9a-f]{32}\.json$/);
    if (isPosix) assert.equal(statSync(join(env.folder, 'petit', name)).mode & 0o777, 0o600);
  });

  it('are none without a request for a key from standard input, an option, or a third argument', async () => {
    assert.deepEqual(await complete(['--api-key-stdin'], 'sh'), []);
    assert.deepEqual(await complete([], '--s'), []);
    assert.deepEqual(env.requests(), []);
    await assert.rejects(complete([], 'sh', ''), { code: 'missing_key' });
  });

  it('are found on a line that bash has split', async () => {
    const words = ['--site', '=', 'eu01', '--endpoint', ...env.account.endpoint.split(/(:)/)];
    assert.deepEqual(await complete(words, 'shop_'), ['shop_later']);
  });
});

describe('the cache of names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'petit-names-'));
  const path = join(folder, 'names-1.json');
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(() => rmSync(path, { force: true }));

  it('forgets after five minutes, and when the clock was set back', () => {
    let now = 1_000_000;
    const cache = new NameCache(path, () => now);
    cache.write('db', ['t']);
    assert.deepEqual(cache.read('db'), ['t']);
    assert.equal(cache.read(undefined), undefined);
    now += 5 * 60_000;
    assert.equal(cache.read('db'), undefined);
    now = 0;
    assert.equal(cache.read('db'), undefined);
  });

  it('follows no link, and removes the files of other accounts that are old', {
    skip: !isPosix && 'POSIX only',
  }, () => {
    const cache = new NameCache(path);
    cache.write('db', ['t']);
    const moved = join(folder, 'names-2.json');
    renameSync(path, moved);
    symlinkSync(moved, path);
    assert.equal(cache.read('db'), undefined);
    utimesSync(moved, 1, 1);
    cache.write('db', ['u']);
    assert.deepEqual(readdirSync(folder), ['names-1.json']);
    assert.deepEqual(cache.read('db'), ['u']);
  });

  it('that cannot be written is no error', () => {
    new NameCache(undefined).write('db', []);
    new NameCache('/dev/null/names.json').write('db', []);
    assert.equal(new NameCache(undefined).read('db'), undefined);
  });
});
