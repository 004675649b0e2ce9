import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
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
      // The editor of queries.
      .concat(
        ['autocomplete', 'commands', 'lang-sql', 'language', 'state', 'streamparser', 'view'].map(
          (name) => `@codemirror/${name}`,
        ),
      )
      .concat(['common', 'highlight', 'lr'].map((name) => `@lezer/${name}`))
      .concat('@marijn/find-cluster-break', 'crelt', 'style-mod', 'w3c-keyname')
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
    // Optional dependencies are those of the generated declarations, which no build of the module has.
    const named = sections.flatMap((section) => [
      ...section.matchAll(/^([\w-]+)(?: =|\.workspace)(?!.*optional = true)/gm),
    ]);
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
  const workflows = readdirSync(join(ROOT, folder)).map((file) => {
    const text = read(`${folder}/${file}`);
    return { ...parse(text), file, text };
  });
  const [ci, nightly, release] = ['ci.yml', 'nightly.yml', 'release.yml'].map((name) =>
    workflows.find(({ file }) => file === name),
  );
  const stepsOf = (/** @type {any} */ { jobs }) => Object.values(jobs).flatMap(({ steps }) => steps);
  /** @param {{ steps: { run?: string }[] }} job */
  const linesOf = ({ steps }) => steps.flatMap(({ run = [] }) => run);
  /** @param {string} folder */
  const hasTests = (folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) =>
      /\.test\.js$|(^|\/)test_\w+\.py$/.test(name),
    );

  it('check every change by .ci/run, and by parallel jobs that run scripts of package.json', () => {
    assert.deepEqual(ci.jobs.complete.steps.at(-1), { run: '.ci/run' });
    assert.ok('pull_request' in ci.on && existsSync(join(ROOT, '.ci/run')));
    assert.deepEqual(
      ci.jobs.subject.strategy.matrix.folder,
      readdirSync(join(ROOT, 'tests'), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && hasTests(join(ROOT, 'tests', entry.name)))
        .map(({ name }) => name)
        .filter((name) => name !== 'unit'),
    );
  });

  it('install the tarball on macOS, on Windows, and in Bun and Deno', () => {
    for (const { jobs } of [ci, release]) {
      assert.deepEqual(jobs.smoke.strategy.matrix.os, ['macos-latest', 'windows-latest']);
      assertTestsTarball(jobs.smoke, 'npm run test:smoke');
    }
    assertTestsTarball(ci.jobs.runtimes, 'npm test -- tests/package/runtimes');
    assert.deepEqual(ci.jobs.runtimes.steps.at(-1).env, { PETIT_TEST: 'full' });
  });

  /**
   * @param {any} job
   * @param {string} line that runs the tests
   */
  function assertTestsTarball(job, line) {
    assert.equal(job.needs, 'pack');
    const name = job.steps.findIndex((/** @type {any} */ { run }) => /^echo "PETIT_TARBALL=/.test(run ?? ''));
    const tests = job.steps.findIndex((/** @type {any} */ { run }) => run === line);
    assert.ok(0 < name && name < tests, `${line} runs with PETIT_TARBALL`);
  }

  it('run every test and ask for advisories each night', () => {
    assert.ok('schedule' in nightly.on);
    assert.equal(linesOf(nightly.jobs.full).at(-1), 'npm run test:full');
    const advisories = linesOf(nightly.jobs.advisories);
    assert.equal(advisories.at(-1), 'npm run audit');
    assert.ok(advisories.some((line) => /cargo install cargo-deny --version [\d.]+ --locked/.test(line)));
  });

  it('publish what was packed, tested, installed and built again, and nothing else', () => {
    assert.deepEqual(release.on, { push: { tags: ['v*'] } });
    const { pack, rebuild, test, smoke, publish } = release.jobs;
    assert.ok(linesOf(pack).some((line) => line.startsWith('test "v$(node -p')));
    assertTestsTarball(test, 'npm run test:full');
    assert.deepEqual(publish.needs, ['pack', 'rebuild', 'test', 'smoke']);
    assert.ok(smoke && 'sha256' in pack.outputs);
    const compare = 'echo "$SHA256  $(ls petit-td-*.tgz)" | sha256sum --check --strict';
    for (const step of [rebuild.steps.at(-1), publish.steps[1]]) {
      assert.equal(step.run, compare);
      assert.match(step.env.SHA256, /^\S+ needs\.pack\.outputs\.sha256 \S+$/);
    }
    assert.notEqual(rebuild.defaults.run['working-directory'], undefined);
    const [download, , last] = publish.steps;
    assert.match(download.uses, /^actions\/download-artifact@/);
    assert.deepEqual(last, {
      run: 'npm publish ./petit-td-*.tgz --provenance --access public --ignore-scripts',
    });
    assert.equal(publish.steps.length, 3);
  });

  it('give a job that runs code of others the right to read, and the others one right each', () => {
    /** @type {Record<string, Record<string, string>>} */
    const rights = { publish: { 'id-token': 'write' }, announce: { contents: 'write' } };
    for (const { file, permissions, jobs } of workflows) {
      for (const [name, job] of Object.entries(jobs)) {
        const wanted = (file === 'release.yml' && rights[name]) || { contents: 'read' };
        assert.deepEqual(job.permissions ?? permissions, wanted, `${file}: ${name}`);
        const checkouts = job.steps.filter((/** @type {any} */ { uses }) => /checkout/.test(uses ?? ''));
        for (const step of checkouts) assert.equal(step.with['persist-credentials'], false, name);
      }
    }
    assert.deepEqual(release.permissions, {});
    for (const { file, text } of workflows) assert.doesNotMatch(text, /\bsecrets\./, file);
  });

  it('use actions of GitHub and images by their digests, beside which the versions stand', () => {
    for (const { file, text, jobs, ...workflow } of workflows) {
      const uses = [...text.matchAll(/^ *- uses: (.*)$/gm)].map(([, line = '']) => line);
      assert.equal(uses.length, stepsOf({ jobs, ...workflow }).filter((step) => step.uses).length, file);
      for (const line of uses) assert.match(line, /^actions\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/, file);
      const images = Object.values(jobs).flatMap(({ container = [] }) => container);
      for (const image of images) assert.match(image, /^[\w-]+:\d+\.\d+\.\d+-[\w-]+@sha256:[\da-f]{64}$/);
    }
  });

  it('use one digest of each action and of each image', () => {
    const names = workflows.flatMap(({ text }) => [
      ...text.matchAll(/(?:uses|container): ((\S+?)[@:].*)$/gm),
    ]);
    const distinct = new Map(names.map(([, line = '', name = '']) => [line, name]));
    assert.equal(new Set(distinct.values()).size, distinct.size, [...distinct.keys()].join('\n'));
  });

  it('run scripts that package.json has', () => {
    for (const line of workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap(linesOf))) {
      const [, script] = /^npm (?:run )?(\S+)/.exec(line) ?? [];
      const isNpms = script === undefined || ['ci', 'pack', 'publish'].includes(script);
      assert.ok(isNpms || script in manifest.scripts, line);
    }
  });

  it('let npm pack go by what the checklist says', () => {
    const checklist = read('docs/releasing.md');
    for (const step of ['npm run audit', 'npm version', 'npm run ready', 'npm run test:full', 'CHANGELOG.md'])
      assert.ok(checklist.includes(step), step);
  });
});

describe('npm run audit', () => {
  it('fails when a check cannot run', () => {
    // Without a PATH, neither npm nor cargo is found.
    const { status, stderr } = spawnSync(process.execPath, ['tests/package/audit.js'], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: '' },
    });
    assert.equal(status, 1);
    assert.match(stderr, /cargo install cargo-deny --locked/);
    assert.match(stderr, /crates: weaknesses, licences, sources: failed/);
  });
});
