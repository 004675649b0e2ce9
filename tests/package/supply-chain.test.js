import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import satisfies from 'spdx-satisfies';
import { parse } from 'yaml';

/** What petit is made of: whence it comes, under which licences, and what it may do while it is installed. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** @param {string} name of a file at the top */
const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

const manifest = JSON.parse(read('package.json'));
/** @type {Record<string, any>} */
const locked = JSON.parse(read('package-lock.json')).packages;
const packages = Object.entries(locked).filter(([path]) => path !== '');

/** Licences of the packages that a user installs. */
const SHIPPED = ['Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];
/** Those of tools that only work on petit, and of the page's font, beside these. */
const TOOLS = [
  ...SHIPPED,
  '0BSD',
  'BlueOak-1.0.0',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'MPL-2.0',
  'OFL-1.1',
  'Python-2.0',
];

describe('npm packages', () => {
  it('have licences that let petit be passed on', () => {
    for (const [path, { license, dev }] of packages) {
      assert.ok(license, `${path} tells no licence`);
      assert.ok(satisfies(license, dev ? TOOLS : SHIPPED), `${path} is under ${license}`);
    }
  });

  it('come from the npm registry, each pinned by its version and its hash', () => {
    const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    assert.ok(wanted.length > 0);
    for (const [name, version] of wanted) assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
    for (const [path, { resolved, integrity, link }] of packages) {
      assert.ok(!link, path);
      assert.match(integrity ?? '', /^sha512-/, path);
      assert.ok(resolved === undefined || resolved.startsWith('https://registry.npmjs.org/'), path);
    }
  });

  it('run nothing when a user installs them', () => {
    for (const [path, { dev, hasInstallScript }] of packages) assert.ok(dev || !hasInstallScript, path);
  });
});

describe('the package itself', () => {
  it('runs nothing when it is installed', () => {
    for (const name of [
      'preinstall',
      'install',
      'postinstall',
      'prepublish',
      'preprepare',
      'prepare',
      'postprepare',
    ])
      assert.equal(manifest.scripts[name], undefined, name);
    // Its presence alone would have npm compile something.
    assert.ok(!existsSync(`${ROOT}/binding.gyp`));
    assert.equal(manifest.gypfile, undefined);
  });

  it('holds what users need, and no tests, keys or sources of the tools', () => {
    const [{ files }] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: ROOT,
        encoding: 'utf8',
      }),
    );
    const paths = files.map((/** @type {{ path: string }} */ { path }) => path);
    assert.ok(paths.includes('dist/www/wasm/petit_bg.wasm'));
    const isExpected = (/** @type {string} */ path) =>
      /^(pkg-scripts|dist)\/|^(package\.json|README(\.ja)?\.md|LICENSE)$/.test(path);
    assert.deepEqual(
      paths.filter(
        (/** @type {string} */ path) => !isExpected(path) || /\.(env|pem|key|test\.js)$/.test(path),
      ),
      [],
    );
  });
});

describe('recipes', () => {
  /** Commands that download a package by its name. */
  const DOWNLOAD =
    /\b(npx|bunx|npm (exec|x|i|install|add)|pnpm (dlx|add)|yarn (dlx|add)|deno (run|install)) +(-\S+ +)*(npm:)?petit\b/g;
  const WARNINGS = [/do not run `npx petit-td`/gi, /`npx petit-td` を実行しないでください/g];
  // The last steps of releasing.md follow the publication.
  const patterns = ['*.md', '*.yml', 'pkg-scripts', 'www', ':!docs/releasing.md'];
  const files = execFileSync('git', ['ls-files', ...patterns], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((name) => name && existsSync(`${ROOT}/${name}`));

  it('run no package of the registry, where someone else may have the name', () => {
    assert.ok(files.includes('README.md') && files.includes('.github/workflows/ci.yml'));
    for (const name of files) {
      const text = WARNINGS.reduce((rest, warning) => rest.replaceAll(warning, ''), read(name));
      const commands = [...text.matchAll(DOWNLOAD)].map(([command]) => command);
      assert.deepEqual(
        commands.filter((command) => !command.includes('--no-install')),
        [],
        name,
      );
    }
  });
});

describe('recipes of workflows', () => {
  const blocks = ['README.md', 'README.ja.md', 'docs/scaling-out.md'].flatMap((name) =>
    [...read(name).matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => ({ name, ...parse(text) })),
  );

  it('give the keys only to the step that runs petit', () => {
    const jobs = blocks.flatMap(({ name, jobs = {} }) =>
      Object.values(jobs).map((job) => ({ name, ...job })),
    );
    assert.ok(jobs.length >= 4);
    for (const { name, env, steps } of jobs) {
      assert.equal(env, undefined, name);
      for (const { run = '', env } of steps) assert.ok(!env || /^npx --no-install petit /.test(run), run);
    }
  });
});

describe('crates', () => {
  const metadata = JSON.parse(
    execFileSync('cargo', ['metadata', '--locked', '--format-version', '1', '--all-features'], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  /** @type {{ name: string, license: string | null, source: string | null }[]} */
  const crates = metadata.packages;
  const foreign = crates.filter(({ source }) => source !== null);

  it('have licences of the list that cargo-deny goes by', () => {
    const [, list = ''] = /\nallow = \[([^\]]*)\]/.exec(read('.cargo/deny.toml')) ?? [];
    const allowed = [...list.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
    assert.ok(allowed.includes('MIT') && foreign.length > 50);
    for (const { name, license } of foreign) {
      assert.ok(license, `${name} tells no licence`);
      // Some use the separator of before SPDX.
      assert.ok(satisfies(license.replaceAll('/', ' OR '), allowed), `${name} is under ${license}`);
    }
  });

  it('come from crates.io, each pinned by its version and its hash', () => {
    for (const { name, source } of foreign)
      assert.equal(source, 'registry+https://github.com/rust-lang/crates.io-index', name);
    const entries = read('Cargo.lock').split('[[package]]').slice(1);
    for (const entry of entries) {
      const isForeign = entry.includes('\nsource = ');
      assert.equal(/\nchecksum = "[0-9a-f]{64}"/.test(entry), isForeign, entry);
    }
  });
});
