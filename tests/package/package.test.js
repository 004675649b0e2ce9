import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build as esbuild } from 'esbuild';
import { publint } from 'publint';
import { build as vite } from 'vite';
import webpack from 'webpack';
import { withBrowser } from '../support/browser.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { readSeed, setUpEnv, tableOf } from '../support/index.js';
import { installInto, manifestIn, packageIn, USER_ENV } from '../support/installed.js';
import { staticHost } from '../support/serve.js';

/** The package as `npm pack` makes it, installed in an empty folder: what users get. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONSUMER = fileURLToPath(new URL('./consumer', import.meta.url));
/** Max bytes of the tarball of a release, which each installation downloads. */
const TARBALL_BUDGET = 2 * 2 ** 20;
/** Most files in it. */
const FILES_BUDGET = 300;
/** What no user needs. */
const DEVELOPMENT =
  /(^|\/)(setup|build|test|demo|sbom|set-version)\.js$|vite|tsconfig|typedoc|^(src|tests|bench|www)\//;
/** Other Node releases that the package has to run on, as npm has them. */
const OTHER_NODES = ['22', '24'];

const run = promisify(execFile);
const seed = readSeed('edges');
const here = setUpEnv(seed, 'acme');
const browser = withBrowser();
const ROWS = tableOf(seed, 'edges', 'every_type').records?.length;

/** @type {Awaited<ReturnType<typeof installInto>>} */
let packed;
/** The empty folder that the package was installed in. */
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'petit-consumer-'));
  await cp(CONSUMER, folder, { recursive: true });
  packed = await installInto(folder);
});
after(() => rm(folder, { recursive: true, force: true }));

/** Lets the consumer use a development tool of this project.
 * @param {string[]} names */
async function borrow(...names) {
  for (const name of names) {
    const path = join(folder, 'node_modules', name);
    await mkdir(join(path, '..'), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), path).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

describe('the package', () => {
  it('has what users need and nothing else, and is small', () => {
    const paths = packed.files.map(({ path }) => path);
    for (const path of [
      'pkg-scripts/cli.js',
      'dist/www/wasm/petit_bg.wasm',
      'dist/worker.js',
      'pkg-scripts/api.node.d.ts',
    ]) {
      assert.ok(paths.includes(path), `${path} is missing`);
    }
    assert.deepEqual(
      paths.filter((path) => DEVELOPMENT.test(path)),
      [],
    );
    // Otherwise dist/ has the larger module of a development build.
    if (EXHAUSTIVE) assert.ok(packed.size <= TARBALL_BUDGET, `${packed.size} bytes`);
    assert.ok(paths.length <= FILES_BUDGET, `${paths.length} files`);
  });

  it('has one copy of the WebAssembly module', () => {
    const modules = packed.files.filter(({ path }) => path.endsWith('.wasm'));
    assert.deepEqual(
      modules.map(({ path }) => path),
      ['dist/www/wasm/petit_bg.wasm'],
    );
  });

  it('names no folder of the computer that built it', async () => {
    const sysroot = (await run('rustc', ['--print', 'sysroot'], { cwd: ROOT })).stdout.trim();
    const folders = [ROOT, `${homedir()}/`, `${process.env.CARGO_HOME ?? '/.cargo'}/`, `${sysroot}/`];
    for (const { path } of packed.files) {
      const content = await readFile(join(packageIn(folder), path), 'latin1');
      for (const name of folders) assert.ok(!content.includes(name), `${path} has ${name}`);
    }
  });

  it('has the licence text of each crate in the module, of zstd, of the font and of each bundled package', async () => {
    const text = await readFile(join(packageIn(folder), 'dist/www/licenses.md'), 'utf8');
    /** @type {Map<string, string>} */
    const textOf = new Map();
    for (const section of text.split(/^## /m).slice(1)) {
      const [titles = '', ...lines] = section.split('\n');
      for (const title of titles.split(', ')) {
        const [, name = ''] = /^(.*?) \(/.exec(title) ?? [];
        textOf.set(name, `${textOf.get(name) ?? ''}${lines.join('\n')}`);
      }
    }
    // The messages of panics name the sources, and so the crates.
    const module = await readFile(join(packageIn(folder), 'dist/www/wasm/petit_bg.wasm'), 'latin1');
    const linked = [...module.matchAll(/\/registry\/src\/[^/]+\/([\w-]+?)-(\d[^/]*)\//g)];
    const crates = linked.map(([, name, version]) => `${name} ${version}`);
    const named = ['zstd-sys', 'hyparquet', 'preact', 'uplot', 'workerpool', '@fontsource-variable/inter'];
    const others = [...textOf.keys()].filter((key) => named.includes(key.replace(/ .*/, '')));
    assert.ok(new Set(crates).size > 15 && others.length === named.length);
    for (const name of [...crates, ...others, 'Rust standard library'])
      assert.ok((textOf.get(name)?.length ?? 0) > 500, `${name} has no licence text`);
    assert.match(
      String(textOf.get(others.find((name) => name.startsWith('zstd-sys')) ?? '')),
      /Facebook|Meta/,
    );
    assert.match(text, /SIL OPEN FONT LICENSE/);
  });

  it('runs nothing when it is installed', async () => {
    const { scripts } = await manifestIn(folder);
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    assert.deepEqual(
      hooks.filter((hook) => hook in scripts),
      [],
    );
    const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'));
    const packages = Object.entries(lock.packages);
    assert.deepEqual(
      packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
      [],
    );
  });

  it('is made the same byte for byte each time', async () => {
    // With PETIT_TARBALL, this build equals the one in the tarball.
    const again = await mkdtemp(join(folder, 'again-'));
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', again], { cwd: ROOT });
    const [first, second] = await Promise.all(
      [folder, again].map((place) => readFile(join(place, packed.filename))),
    );
    assert.deepEqual(first, second);
  });

  it('is as publint and "Are the types wrong?" want it', async () => {
    const { messages } = await publint({ pkgDir: ROOT, pack: false });
    assert.deepEqual(messages, []);
    const attw = join(ROOT, 'node_modules/.bin/attw');
    await run(attw, [packed.filename, '--profile', 'esm-only'], { cwd: folder });
  });
});

describe('in Node', () => {
  it('answers npx petit-td --help', async () => {
    const { stdout } = await run('npx', ['petit-td', '--help'], { cwd: folder, env: USER_ENV });
    assert.match(stdout, /petit clone-db/);
  });

  /** @param {string} node */
  async function runScript(node) {
    const file = join(folder, `${process.hrtime.bigint()}.parquet`);
    const args = [join(folder, 'script.mjs'), here.account.endpoint, 'edges', 'every_type', file];
    const { stdout } = await run(node, args, { cwd: folder, env: { TD_API_KEY: here.account.apikey } });
    assert.deepEqual(JSON.parse(stdout), {
      permissions: ['read', 'write'],
      rows: String(ROWS),
      types: ['plan', 'progress', 'summary', 'table'],
    });
    assert.ok((await stat(file)).size > 0);
  }

  it('works from a script', () => runScript(process.execPath));

  for (const release of OTHER_NODES) {
    const name = `node-${process.platform}-${process.arch}`;
    const has = process.platform === 'linux' || process.platform === 'darwin';
    const skip = EXHAUSTIVE ? !has && `npm has no ${name}` : 'only in npm run test:full';
    it(`works with Node ${release}`, { skip }, async () => {
      const place = await mkdtemp(join(folder, `node-${release}-`));
      await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', place, `${name}@${release}`], {
        env: USER_ENV,
      });
      await runScript(join(place, 'node_modules', name, 'bin/node'));
    });
  }

  it('has types that a strict TypeScript project can rely on', async () => {
    await borrow('@types/node', 'undici-types');
    const flags = ['--strict', '--noEmit', '--exactOptionalPropertyTypes', '--types', 'node'];
    const target = ['--target', 'es2023', '--module', 'nodenext', '--lib', 'es2023,dom,dom.asynciterable'];
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const failed = await run(tsc, [...flags, ...target, 'strict.ts'], { cwd: folder }).catch(
      (error) => error,
    );
    assert.equal(failed.stdout, '');
  });

  it('works under vitest', async () => {
    await borrow('vitest');
    await run(join(ROOT, 'node_modules/.bin/vitest'), ['run', '--root', folder], {
      cwd: folder,
      env: USER_ENV,
    });
  });
});

describe('in a page made by', () => {
  const entry = () => join(folder, 'page.js');

  /**
   * @param {string} name
   * @param {string} [head]
   */
  async function pageFolder(name, head = '') {
    const place = await mkdtemp(join(folder, `${name}-`));
    const html = `<!doctype html><link rel="icon" href="data:,">${head}<body><script type="module" src="page.js"></script>`;
    await writeFile(join(place, 'index.html'), html);
    return place;
  }

  /** @param {string} place */
  async function assertExports(place) {
    here.emulator.configure({ cors: true });
    const host = await staticHost(place);
    try {
      const { page, watch } = await browser.open(host.origin);
      await page.waitForFunction(() => document.body.textContent?.includes('ready'));
      const exported = await page.evaluate(
        ({ account, rows }) => /** @type {any} */ (window).exportRows(account, 'edges', 'every_type', rows),
        { account: here.account, rows: ROWS },
      );
      assert.equal(exported.rows, BigInt(ROWS ?? 0));
      assert.equal(exported.head, 'PAR1');
      assert.deepEqual(watch.problems, []);
    } finally {
      host.close();
    }
  }

  it('Vite', async () => {
    const place = await pageFolder('vite');
    await cp(join(place, 'index.html'), join(folder, 'index.html'));
    await vite({
      ...{ root: folder, base: './', logLevel: 'error', configFile: false },
      build: { outDir: place, emptyOutDir: true, target: 'es2023' },
    });
    await assertExports(place);
  });

  it('webpack', async () => {
    const place = await pageFolder('webpack');
    const stats = await new Promise((resolve, reject) => {
      webpack(
        {
          ...{ mode: 'production', context: folder, entry: entry(), target: ['web', 'es2022'] },
          output: { path: place, filename: 'page.js' },
          performance: { hints: false },
        },
        (error, stats) => (error ? reject(error) : resolve(stats)),
      );
    });
    assert.ok(!stats.hasErrors(), stats.toString());
    await assertExports(place);
  });

  it('esbuild, with petit’s files beside it', async () => {
    const script = '<script src="files.js"></script>';
    const place = await pageFolder('esbuild', script);
    await writeFile(
      join(place, 'files.js'),
      `window.petitFiles = { wasm: '/petit_bg.wasm', worker: '/worker.js' };`,
    );
    const dist = join(packageIn(folder), 'dist');
    await cp(join(dist, 'worker.js'), join(place, 'worker.js'));
    await cp(join(dist, 'www/wasm/petit_bg.wasm'), join(place, 'petit_bg.wasm'));
    await esbuild({
      ...{ entryPoints: [entry()], bundle: true, format: 'esm', target: 'es2022', logLevel: 'error' },
      outfile: join(place, 'page.js'),
    });
    await assertExports(place);
  });
});
