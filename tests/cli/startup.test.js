import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Modules of every start: the program with the names of its commands, without their definitions. */
const PROGRAM = [
  'node_modules/commander/',
  'pkg-scripts/cli.js',
  ...own('config/env-options', 'exit-codes', 'signals', 'output/help', 'output/sanitize', 'program'),
  'pkg-scripts/driver/errors.js',
];
/** Modules that every definition of a command with options adds. */
const OPTIONS = [...own('options'), 'pkg-scripts/shared/sites.js', 'pkg-scripts/driver/run/options.js'];

/** @type {{ args: string[], more: string[] }[]} */
const STARTS = [
  { args: ['--help'], more: [] },
  { args: ['--version'], more: own('version', 'config/user-agent') },
  { args: ['help', 'clone-db'], more: [...OPTIONS, ...own('commands/clone-db/command')] },
  { args: ['td2parquet', '--help'], more: [...OPTIONS, ...own('commands/td2parquet/command')] },
];

/** @param {string[]} names of modules in pkg-scripts/cli */
function own(...names) {
  return names.map((name) => `pkg-scripts/cli/${name}.js`);
}

describe('the start', () => {
  /** @type {string} */
  let folder;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'petit-startup-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /**
   * The modules that a run of petit loads, by V8's coverage.
   * @param {string[]} args
   */
  async function modulesOf(...args) {
    const scripts = join(folder, args.join('_'));
    await promisify(execFile)(process.execPath, [join(ROOT, 'pkg-scripts/cli.js'), ...args], {
      env: { ...process.env, NODE_V8_COVERAGE: scripts },
    });
    const [name = ''] = await readdir(scripts);
    /** @type {{ result: { url: string }[] }} */
    const { result } = JSON.parse(await readFile(join(scripts, name), 'utf8'));
    const files = result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
    // In a worktree, node_modules can be a link to another folder.
    return files.map((url) => relative(ROOT, fileURLToPath(url)).replace(/^.*(?=node_modules\/)/, ''));
  }

  for (const { args, more } of STARTS) {
    it(`of petit ${args.join(' ')} loads only the modules that it needs`, async () => {
      const modules = await modulesOf(...args);
      const expected = [...PROGRAM, ...more];
      const unexpected = modules.filter((module) => !expected.some((known) => module.startsWith(known)));
      assert.deepEqual(unexpected, []);
      const missing = expected.filter((known) => !modules.some((module) => module.startsWith(known)));
      assert.deepEqual(missing, []);
    });
  }
});
