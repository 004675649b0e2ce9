import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openDiskFolder } from '../../pkg-scripts/sinks/disk/folder.js';
import { inspectOutputs } from '../../pkg-scripts/sinks/disk/inspect.js';
import { Journal } from '../../pkg-scripts/sinks/disk/journal.js';
import { manifestPath } from '../../pkg-scripts/sinks/disk/manifest.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'petit-folder-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const path = (/** @type {string} */ name) => join(root, name);
const read = (/** @type {string} */ name) => readFile(path(name), 'utf8');
const part = (/** @type {string} */ day) => `day=${day}`;
const file = (/** @type {string} */ day) => `${part(day)}/part-0.parquet`;

/** The folder `out` as a plan's output. @type {{ outputPath: string, partitioning: { by: 'day', key: string }, isSet: boolean, isUpdate: boolean }} */
const output = {
  get outputPath() {
    return path('out');
  },
  partitioning: { by: 'day', key: 'day' },
  isSet: false,
  isUpdate: false,
};

/** All files of the test's folder. */
async function files() {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile());
  return found.map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1)).sort();
}

/**
 * Fills the folder `out`, up to its publishing.
 * @param {Record<string, string>} content by day
 */
async function fill(content, { overwrite = false, name = 'out' } = {}) {
  const folder = await openDiskFolder(path(name), { overwrite, isSet: false });
  const days = Object.entries(content);
  await folder.checkParts(days.map(([day]) => part(day)));
  /** @type {{ path: string, sha256: string }[]} */
  const listed = [];
  for (const [day, text] of days) {
    const sink = await folder.openSink(part(day), 0);
    const writer = sink.writable.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    listed.push({ path: file(day), sha256: sink.sha256() });
  }
  return { folder, publish: () => folder.publish({ files: listed }) };
}

/** @param {Record<string, string>} content @param {{ overwrite?: boolean, name?: string }} [options] */
async function fillAndPublish(content, options) {
  const { publish } = await fill(content, options);
  await publish();
}

describe('a folder of partitions', () => {
  it('has only files of partitions in it, and its manifest beside it', async () => {
    await fillAndPublish({ 1: 'a', 2: 'b' });
    assert.deepEqual(await files(), ['out.manifest.json', `out/${file('1')}`, `out/${file('2')}`]);
    const { files: listed } = JSON.parse(await read('out.manifest.json'));
    // printf a | sha256sum
    assert.equal(listed[0].sha256, 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb');
  });

  it('is not changed until all files are complete: partial files lie beside it', async () => {
    await fillAndPublish({ 1: 'a' });
    const before = await files();
    const { folder } = await fill({ 1: 'A', 2: 'B' }, { overwrite: true });
    const added = (await files()).filter((name) => !before.includes(name));
    assert.equal(added.length, 2);
    for (const name of added) assert.match(name, /^\.out\..*\.petit-partial$/);
    assert.equal(await read(`out/${file('1')}`), 'a');
    await folder.discard();
    assert.deepEqual(await files(), before);
  });

  it('keeps everything that the manifest does not list', async () => {
    await mkdir(path('out/day=0'), { recursive: true });
    await mkdir(path('out/sub'));
    for (const name of ['out/notes.txt', 'out/sub/keep.csv', `out/${file('0')}`, 'out/day=0/part-1.parquet'])
      await writeFile(path(name), 'mine');
    const mine = await files();
    await fillAndPublish({ 1: 'a', 2: 'b' }, { overwrite: true });
    await fillAndPublish({ 2: 'B' }, { overwrite: true });
    assert.deepEqual(await files(), ['out.manifest.json', ...[...mine, `out/${file('2')}`].sort()]);
    for (const name of mine) assert.equal(await read(name), 'mine');
    assert.equal(await read(`out/${file('2')}`), 'B');
  });

  it('replaces an earlier export only on request', async () => {
    await fillAndPublish({ 1: 'a' });
    await assert.rejects(openDiskFolder(path('out'), { overwrite: false, isSet: false }), {
      code: 'file_exists',
    });
  });

  for (const overwrite of [false, true]) {
    it(`does not replace a file that is not listed, ${overwrite ? 'even' : 'or'} with overwrite: ${overwrite}`, async () => {
      await mkdir(path('out/day=1'), { recursive: true });
      await writeFile(path(`out/${file('1')}`), 'mine');
      await assert.rejects(fill({ 1: 'a' }, { overwrite }), { code: 'path_conflict' });
      assert.deepEqual(await files(), [`out/${file('1')}`]);
    });
  }

  it('does not replace a file that appeared while the run was exporting', async () => {
    const { folder, publish } = await fill({ 1: 'a', 2: 'b' }, { overwrite: true });
    await mkdir(path('out/day=2'), { recursive: true });
    await writeFile(path(`out/${file('2')}`), 'mine');
    await assert.rejects(publish(), { code: 'path_conflict' });
    await folder.discard();
    assert.deepEqual(await files(), [`out/${file('2')}`]);
    assert.equal(await read(`out/${file('2')}`), 'mine');
  });

  it('follows no manifest out of the folder, and trusts none that petit did not write', async () => {
    await writeFile(path('precious'), 'mine');
    const paths = ['../precious', 'day=1/../../precious', '/etc/passwd', 'day=1/part-0.parquet/..'];
    const manifest = { writer: 'petit', files: paths.map((path) => ({ path })) };
    await writeFile(path('out.manifest.json'), JSON.stringify(manifest));
    await fillAndPublish({ 1: 'a' }, { overwrite: true });
    assert.equal(await read('precious'), 'mine');
    for (const content of ['{"files":[]}', 'no JSON', '[]']) {
      await writeFile(path('out.manifest.json'), content);
      await assert.rejects(openDiskFolder(path('out'), { overwrite: true, isSet: false }), {
        code: 'path_conflict',
      });
      assert.equal(await read('out.manifest.json'), content);
    }
  });

  for (const [title, place] of /** @type {const} */ ([
    ['a file in place of its folder', 'out/day=1'],
    ['a folder', `out/${file('1')}/x`],
  ])) {
    it(`names what is in the way of a partition before anything is written: ${title}`, async () => {
      await mkdir(join(path(place), '..'), { recursive: true });
      await writeFile(path(place), 'mine');
      const [found] = await inspectOutputs([output]);
      const conflict = place.replace('/x', '');
      assert.deepEqual([found?.unlisted, found?.conflict], [[path(conflict)], undefined]);
      await assert.rejects(fill({ 1: 'a' }), (/** @type {any} */ error) => {
        assert.ok(error.message.startsWith(`${path(conflict)} exists`), error.message);
        return error.code === 'path_conflict';
      });
      // The manifest of an earlier export lists the file, but it is another one by now.
      const manifest = { writer: 'petit', files: [{ path: file('1') }] };
      await writeFile(path('out.manifest.json'), JSON.stringify(manifest));
      const [listed] = await inspectOutputs([output]);
      assert.deepEqual([listed?.unlisted, listed?.conflict], [[], path(conflict)]);
      assert.equal(await read(place), 'mine');
    });
  }

  it('may be a link, which stays', async () => {
    await mkdir(path('disk'));
    await symlink('disk', path('out'));
    await fillAndPublish({ 1: 'a' });
    assert.deepEqual(await files(), [`disk/${file('1')}`, 'out.manifest.json']);
  });

  it('is not a file', async () => {
    await writeFile(path('out'), 'mine');
    await assert.rejects(openDiskFolder(path('out'), { overwrite: true, isSet: false }), {
      code: 'path_conflict',
    });
    assert.equal(await read('out'), 'mine');
  });

  it('has a manifest beside it on every platform', () => {
    const cases = [
      [posix, 'a/b//', 'a/b.manifest.json'],
      [posix, 'a\\', 'a\\.manifest.json'],
      [posix, '/', '/.manifest.json'],
      [win32, 'a\\b\\', 'a\\b.manifest.json'],
      [win32, 'C:b/', 'C:b.manifest.json'],
      [win32, 'C:\\', 'C:\\.manifest.json'],
    ];
    for (const [platform, folder, manifest] of /** @type {[typeof posix, string, string][]} */ (cases))
      assert.equal(manifestPath(folder, platform), manifest);
  });

  it('has a named manifest, even if its own path ends with a dot', () => {
    assert.equal(manifestPath('a/b//'), 'a/b.manifest.json');
    assert.equal(manifestPath('.'), `${process.cwd()}.manifest.json`);
  });
});

describe('a run that is killed while it publishes', () => {
  // The renames happen in the order of the files, so that each prefix of them is a moment of the kill.
  const old = { 1: 'old', 2: 'old', 3: 'old' };
  const next = { 2: 'new', 4: 'new', 5: 'new' };

  /** @param {number} renamed files that have their names when the run ends */
  async function killAfter(renamed) {
    const journal = await Journal.open(path('out.manifest.json'));
    const paths = Object.keys(next).map(file);
    await journal.write([...Object.keys(old).map(file), ...paths]);
    for (const name of paths.slice(0, renamed)) {
      await mkdir(join(path('out'), name, '..'), { recursive: true });
      await writeFile(join(path('out'), name), 'new');
    }
    await journal.abandon();
  }

  for (const renamed of [0, 1, 2, 3]) {
    it(`after ${renamed} of 3 files is repaired by the next run`, async () => {
      await fillAndPublish(old);
      await killAfter(renamed);
      await fillAndPublish({ 5: 'last' }, { overwrite: true });
      assert.deepEqual(await files(), ['out.manifest.json', `out/${file('5')}`]);
      assert.equal(await read(`out/${file('5')}`), 'last');
    });
  }

  it('for the first time is repaired by the same command', async () => {
    await killAfter(2);
    const [found] = await inspectOutputs([{ ...output, outputPath: path('out') }]);
    assert.ok(found?.unfinished?.includes(file('4')));
    assert.deepEqual([found?.manifest, found?.unlisted], [undefined, []]);
    await fillAndPublish({ 4: 'last' });
    assert.deepEqual(await files(), ['out.manifest.json', `out/${file('4')}`]);
  });

  it('after the new manifest still deletes the old files', async () => {
    await fillAndPublish(old);
    await killAfter(3);
    const manifest = { writer: 'petit', files: Object.keys(next).map((day) => ({ path: file(day) })) };
    await writeFile(path('out.manifest.json'), JSON.stringify(manifest));
    await fillAndPublish(next, { overwrite: true });
    assert.deepEqual(await files(), [
      'out.manifest.json',
      ...Object.keys(next).map((day) => `out/${file(day)}`),
    ]);
  });
});

describe('two runs into one folder', () => {
  it('publish one after the other', async () => {
    const first = await fill({ 1: 'a', 2: 'a', 3: 'a' }, { overwrite: true });
    const second = await fill({ 1: 'b', 3: 'b', 4: 'b' }, { overwrite: true });
    await Promise.all([first.publish(), second.publish()]);
    const { files: listed } = JSON.parse(await read('out.manifest.json'));
    const names = listed.map((/** @type {any} */ { path }) => `out/${path}`);
    assert.deepEqual(await files(), ['out.manifest.json', ...names]);
    const contents = await Promise.all(names.map(read));
    assert.equal(new Set(contents).size, 1, String(contents));
  });
});
