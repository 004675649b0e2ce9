import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Clones } from '../support/clone.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { readSeed, setUpEnv } from '../support/index.js';
import { installInto, packageIn } from '../support/installed.js';

// The installed package in Bun and Deno, which npm distributes as packages with a program.

const VERSIONS = { bun: '1.4.5', deno: '2.9.6' };
const RUNTIMES = { bun: ['bun'], deno: ['deno', 'run', '--allow-all'] };
const run = promisify(execFile);

describe('petit runs in', {
  skip: EXHAUSTIVE ? false : 'only in npm run test:full: it downloads the runtimes',
}, () => {
  const env = setUpEnv(readSeed('clone-shop'), 'prod');
  const clones = new Clones(env, 'prod', 'mirror');
  let folder = '';
  const cli = () => join(packageIn(folder), 'pkg-scripts/cli.js');
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'petit-runtimes-'));
    await installInto(folder, VERSIONS);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [name, [program = '', ...options]] of Object.entries(RUNTIMES)) {
    /** @param {string[]} args @param {Record<string, string>} keys */
    const petit = (args, keys) =>
      run(join(folder, 'node_modules/.bin', program), [...options, cli(), ...args], {
        cwd: env.folder,
        env: { PATH: process.env.PATH, HOME: env.folder, ...keys },
        timeout: 60_000,
        killSignal: 'SIGKILL',
      });

    it(`${name}: an export and a clone, with workers`, async () => {
      const exported = ['td2parquet', 'shop', 'orders', '--endpoint', env.account.endpoint];
      assert.match((await petit(exported, { TD_API_KEY: env.account.apikey })).stdout, /1 of 1 exported/);
      const { source, destination } = clones;
      const cloned = [
        'clone-db',
        'shop',
        '--se',
        env.emulator.url('prod'),
        '--de',
        env.emulator.url('mirror'),
      ];
      const keys = { SOURCE_API_KEY: source.key, DEST_API_KEY: destination.key };
      assert.match((await petit([...cloned, '--new-db', `copy_${name}`], keys)).stdout, /copied/);
    });
  }
});
