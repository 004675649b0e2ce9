import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** What a release is made of: the version, the bill of materials, the workflows that make it. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** @param {string} name of a file of the project */
const read = (name) => readFileSync(join(ROOT, name), 'utf8');
const manifest = JSON.parse(read('package.json'));

/** @param {string} command @param {string[]} args */
const run = (command, ...args) =>
  execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

describe('the version', () => {
  it('is that of package.json, in all that is made from it', () => {
    const { version } = manifest;
    const [, inWorkspace] = /^\[workspace\.package\]\nversion = "(.*)"$/m.exec(read('Cargo.toml')) ?? [];
    assert.equal(inWorkspace, version, 'Cargo.toml');
    const crates = [
      ...read('Cargo.lock').matchAll(/^name = "petit(?:-codec|-plan|-td|-text)?"\nversion = "(.*)"$/gm),
    ];
    assert.deepEqual([...new Set(crates.map(([, found]) => found))], [version], 'Cargo.lock');
    assert.equal(crates.length, 5);
    const lock = JSON.parse(read('package-lock.json'));
    assert.deepEqual([lock.version, lock.packages[''].version], [version, version]);
    assert.match(run(process.execPath, 'pkg-scripts/cli.js', '--version'), new RegExp(`^petit ${version}\n`));
    assert.ok(read('CHANGELOG.md').includes(`\n## [${version}]`), 'CHANGELOG.md has a section of it');
  });

  it('is brought to Rust by npm version, which changes nothing else', () => {
    const before = ['Cargo.toml', 'Cargo.lock'].map(read);
    run(process.execPath, 'pkg-scripts/dev/set-version.js');
    assert.deepEqual(['Cargo.toml', 'Cargo.lock'].map(read), before);
    assert.equal(manifest.scripts.version, 'node pkg-scripts/dev/set-version.js');
  });
});

describe('the bill of materials', () => {
  const folder = mkdtempSync(join(tmpdir(), 'petit-sbom-'));
  const made = [1, 2].map((number) => {
    const file = join(folder, `${number}.json`);
    run(process.execPath, 'pkg-scripts/dev/sbom.js', file);
    return readFileSync(file, 'utf8');
  });
  rmSync(folder, { recursive: true });
  const bill = JSON.parse(made[0] ?? '');
  /** @type {string[]} */
  const purls = bill.components.map((/** @type {any} */ { purl }) => decodeURIComponent(purl));

  it('is CycloneDX, of this version, and the same each time', () => {
    assert.equal(made[0], made[1]);
    assert.deepEqual([bill.bomFormat, bill.metadata.component.version], ['CycloneDX', manifest.version]);
    assert.match(bill.serialNumber, /^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
  });

  it('has every npm package that a user gets, in node_modules or within the page, and no others', () => {
    /** @type {Record<string, any>} */
    const { packages } = JSON.parse(read('package-lock.json'));
    const installed = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
    const names = installed.map(
      ([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`,
    );
    const page = ['preact', '@preact/signals', '@preact/signals-core', 'uplot', 'hyparquet']
      .concat('hyparquet-compressors', 'fzstd', 'hysnappy', '@fontsource-variable/inter')
      .map((name) => `${name}@${packages[`node_modules/${name}`].version}`);
    const found = purls.flatMap((purl) => /^pkg:npm\/(.*)$/.exec(purl)?.[1] ?? []);
    assert.deepEqual(found.sort(), [...new Set([...names, ...page])].sort());
  });

  it('has every crate of the WebAssembly module: all that Cargo.toml names and what these need, no others', () => {
    const manifests = readdirSync(join(ROOT, 'src')).map((name) => read(`src/${name}/Cargo.toml`));
    const sections = manifests
      .flatMap((text) => text.split(/^(?=\[)/m))
      .filter((section) =>
        /^\[(dependencies|target\.'cfg\(target_arch = "wasm32"\)'\.dependencies)\]/.test(section),
      );
    const named = sections.flatMap((section) => [...section.matchAll(/^([\w-]+)(?: =|\.workspace)/gm)]);
    const direct = named.map(([, name = '']) => name).filter((name) => !name.startsWith('petit'));
    const crates = purls.flatMap((purl) => /^pkg:cargo\/(.*)@/.exec(purl)?.[1] ?? []);
    assert.ok(direct.length > 10 && crates.length > 50);
    for (const name of [...direct, 'arrow-array', 'zstd-sys']) assert.ok(crates.includes(name), name);
    for (const name of ['proptest', 'syn', 'libfuzzer-sys']) assert.ok(!crates.includes(name), name);
  });

  it('tells the hash and the licence of each', () => {
    for (const { name, hashes, licenses } of bill.components) {
      assert.match(hashes[0].content, /^[\da-f]{64,128}$/, name);
      const lock = read(hashes[0].alg === 'SHA-256' ? 'Cargo.lock' : 'package-lock.json');
      const hash = Buffer.from(hashes[0].content, 'hex').toString('base64');
      assert.ok(lock.includes(hashes[0].content) || lock.includes(hash), name);
      assert.ok(licenses[0].license?.id ?? licenses[0].expression, name);
    }
  });
});

describe('the workflows', () => {
  const folder = '.github/workflows';
  const workflows = readdirSync(join(ROOT, folder)).map((file) => ({
    ...parse(read(`${folder}/${file}`)),
    file,
  }));
  const stepsOf = (/** @type {any} */ { jobs }) => Object.values(jobs).flatMap(({ steps }) => steps);
  /** @param {string} folder */
  const hasTests = (folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) =>
      /\.test\.js$|(^|\/)test_\w+\.py$/.test(name),
    );
  const runsOf = (/** @type {any} */ workflow) => stepsOf(workflow).flatMap(({ run = [] }) => run);

  it('check every change by .ci/run, and by parallel jobs that run scripts of package.json', () => {
    const ci = workflows.find(({ file }) => file === 'ci.yml');
    assert.deepEqual(ci.jobs.complete.steps.at(-1), { run: '.ci/run' });
    assert.ok('pull_request' in ci.on && existsSync(join(ROOT, '.ci/run')));
    const { os } = ci.jobs.smoke.strategy.matrix;
    assert.deepEqual(os, ['macos-latest', 'windows-latest']);
    assert.deepEqual(
      ci.jobs.subject.strategy.matrix.folder,
      readdirSync(join(ROOT, 'tests'), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && hasTests(join(ROOT, 'tests', entry.name)))
        .map(({ name }) => name)
        .filter((name) => name !== 'unit'),
    );
  });

  it('run every test each night', () => {
    const nightly = workflows.find(({ file }) => file === 'nightly.yml');
    assert.ok('schedule' in nightly.on);
    assert.ok(runsOf(nightly).includes('npm run test:full'));
  });

  it('release a tag of the version, after every test, with its provenance', () => {
    const release = workflows.find(({ file }) => file === 'release.yml');
    assert.deepEqual(Object.keys(release.on), ['push']);
    const runs = runsOf(release).map((/** @type {string} */ line) => line.split(' ').slice(0, 3).join(' '));
    assert.deepEqual(runs, [
      'test "v$(node -p',
      'npm run test:full',
      'npm run sbom',
      'npm pack',
      'npm publish ./*.tgz',
      'gh release create',
    ]);
    assert.ok(
      runsOf(release).some((/** @type {string} */ line) => /^npm publish .* --provenance\b/.test(line)),
    );
    assert.equal(release.jobs.publish.permissions['id-token'], 'write');
  });

  it('run scripts that package.json has', () => {
    const lines = workflows.flatMap((workflow) => runsOf(workflow));
    for (const line of lines) {
      const [, script] = /^npm (?:run )?(\S+)/.exec(line) ?? [];
      const isNpms = script === undefined || ['ci', 'pack', 'publish'].includes(script);
      assert.ok(isNpms || script in manifest.scripts, line);
    }
  });

  it('may do little, and use GitHub’s own actions, each at a version', () => {
    for (const { file, permissions, ...workflow } of workflows) {
      assert.deepEqual(permissions, { contents: 'read' }, file);
      for (const { uses = '', run } of stepsOf(workflow))
        assert.ok(run ?? /^actions\/[\w-]+@v\d+$/.test(uses), uses);
    }
  });

  it('let npm pack go by what the checklist says', () => {
    const checklist = read('docs/releasing.md');
    for (const step of ['npm run audit', 'npm version', 'npm run ready', 'npm run test:full', 'CHANGELOG.md'])
      assert.ok(checklist.includes(step), step);
  });
});
