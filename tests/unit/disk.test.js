import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  mkdtemp,
  open as openFile,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { interrupted } from '../../pkg-scripts/driver/errors.js';
import { openDiskFile } from '../../pkg-scripts/sinks/disk/file.js';
import { parseName } from '../../pkg-scripts/sinks/disk/names.js';
import { renameWithRetry } from '../../pkg-scripts/sinks/disk/partial-file.js';
import { whyNotWindowsPath } from '../../pkg-scripts/sinks/disk/windows-path.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'petit-disk-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** @param {string} name */
const path = (name) => join(folder, name);

/** @param {string} name @param {{ overwrite: boolean }} [options] */
const open = (name, options = { overwrite: false }) => openDiskFile(path(name), options);

/** @param {string} name @param {string} text @param {{ overwrite: boolean }} [options] */
async function write(name, text, options) {
  const { writable } = await open(name, options);
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}

/** @param {string} name */
const read = (name) => readFile(path(name), 'utf8');

describe('a file on disk', () => {
  it('appears when it is closed; until then it has a name of petit’s own', async () => {
    const { writable } = await open('a');
    const writer = writable.getWriter();
    await writer.write(new Uint8Array([1]));
    const [partial = '', ...others] = await readdir(folder);
    assert.deepEqual(others, []);
    assert.equal(parseName(partial)?.stem, 'a');
    await writer.close();
    assert.deepEqual(await readdir(folder), ['a']);
  });

  it('is removed when it is aborted', async () => {
    const { writable } = await open('a');
    await writable.abort(interrupted());
    assert.deepEqual(await readdir(folder), []);
  });

  it('never replaces a file that appeared in the meantime', async () => {
    const { writable } = await open('a');
    await writeFile(path('a'), 'precious');
    await assert.rejects(writable.close(), { code: 'file_exists' });
    assert.deepEqual(await readdir(folder), ['a']);
    assert.equal(await read('a'), 'precious');
    await assert.rejects(open('a'), { code: 'file_exists' });
  });

  it('leaves files and folders alone that have the names of earlier partial files', async () => {
    await mkdir(path('a.partial'));
    await writeFile(path('precious'), 'precious');
    await symlink('precious', path('b.partial'));
    await write('a', 'new');
    await write('b', 'new');
    assert.deepEqual((await readdir(folder)).sort(), ['a', 'a.partial', 'b', 'b.partial', 'precious']);
    assert.equal(await read('precious'), 'precious');
  });

  it('is not published if another process replaced its partial file', async () => {
    const { writable } = await open('a');
    const writer = writable.getWriter();
    await writer.write(new Uint8Array([1]));
    const [partial = ''] = await readdir(folder);
    await writeFile(path('other'), 'precious');
    await rename(path('other'), path(partial));
    await assert.rejects(writer.close(), { code: 'cannot_write' });
    assert.equal(await read(partial), 'precious');
    await assert.rejects(stat(path('a')), { code: 'ENOENT' });
  });

  it('keeps the permissions of the file that it replaces', async () => {
    await writeFile(path('a'), 'old');
    await chmod(path('a'), 0o600);
    await write('a', 'new', { overwrite: true });
    assert.equal((await stat(path('a'))).mode & 0o777, 0o600);
  });

  it('has a partial name that fits, however long its name is', async () => {
    for (const name of ['a'.repeat(255), '日'.repeat(85)]) {
      await write(name, 'x');
      assert.equal(await read(name), 'x');
    }
    await assert.rejects(open('a'.repeat(256)), /name is too long/);
  });

  it('can be renamed again on Windows while a virus scanner has it open', async () => {
    const move = mock.fn(async () => {
      if (move.mock.callCount() < 2) throw Object.assign(new Error('busy'), { code: 'EPERM' });
    });
    await renameWithRetry('a', 'b', { platform: 'win32', move });
    assert.equal(move.mock.callCount(), 3);
    move.mock.resetCalls();
    await assert.rejects(renameWithRetry('a', 'b', { platform: 'linux', move }), { code: 'EPERM' });
  });
});

describe('a file on disk', () => {
  describe('of many megabytes', () => {
    const MEGABYTE = 2 ** 20;
    /** @type {import('node:test').Mock<() => Promise<void>>} */
    let datasync;
    beforeEach(async () => {
      const handle = await openFile(folder, 'r');
      datasync = mock.method(Object.getPrototypeOf(handle), 'datasync');
      await handle.close();
    });
    afterEach(() => datasync.mock.restore());

    /** @param {number} megabytes */
    async function writeMegabytes(megabytes) {
      const { writable } = await open('a');
      const writer = writable.getWriter();
      for (let count = 0; count < megabytes; count += 1) {
        await writer.write(new Uint8Array(MEGABYTE).fill(count));
      }
      await writer.close();
    }

    it('is synced while it is written', async () => {
      await writeMegabytes(70);
      assert.equal(datasync.mock.callCount(), 2);
      const bytes = await readFile(join(folder, 'a'));
      assert.equal(bytes.length, 70 * MEGABYTE);
      for (let count = 0; count < 70; count += 1) {
        assert.ok(bytes.subarray(count * MEGABYTE, (count + 1) * MEGABYTE).every((byte) => byte === count));
      }
    });

    // A disk reports a failure once: the last sync would succeed.
    for (const [when, megabytes] of /** @type {const} */ ([
      ['before more is written', 70],
      ['before it is published', 40],
    ])) {
      it(`is removed when the disk fails, noticed ${when}`, async () => {
        datasync.mock.mockImplementationOnce(async () => {
          throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
        });
        await assert.rejects(writeMegabytes(megabytes), { code: 'EIO' });
        assert.deepEqual(await readdir(folder), []);
      });
    }
  });

  it('is created with its folder, which several may create at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const names = ['1', '2', '3'].map((name) => `${round}/deep/er/${name}`);
      const sinks = await Promise.all(names.map((name) => open(name)));
      await Promise.all(sinks.map(({ writable }) => writable.close()));
      assert.deepEqual((await readdir(join(folder, `${round}/deep/er`))).sort(), ['1', '2', '3']);
    }
  });
});

describe('a path that is a link', () => {
  it('stays a link: its target is written', async () => {
    await mkdir(path('real'));
    await mkdir(path('links'));
    await writeFile(path('real/a'), 'old');
    await symlink('../real/a', path('links/a'));
    await symlink('a', path('links/b'));
    await write('links/b', 'new', { overwrite: true });
    assert.equal(await read('real/a'), 'new');
    assert.equal(await readlink(path('links/a')), '../real/a');
    assert.equal(await readlink(path('links/b')), 'a');
    assert.deepEqual([await readdir(path('real')), await readdir(path('links'))], [['a'], ['a', 'b']]);
  });

  it('can lead to a file that does not exist yet', async () => {
    await mkdir(path('real'));
    await symlink('real/a', path('a'));
    await write('a', 'new');
    assert.equal(await read('real/a'), 'new');
    assert.equal(await readlink(path('a')), 'real/a');
  });

  it('can be in a folder that is a link', async () => {
    await mkdir(path('real'));
    await symlink('real', path('folder'));
    await write('folder/a', 'new');
    assert.deepEqual(await readdir(path('real')), ['a']);
  });

  it('is an error in a loop', async () => {
    await symlink('b', path('a'));
    await symlink('a', path('b'));
    await assert.rejects(open('a', { overwrite: true }), /links form a loop/);
  });
});

describe('a path that is no file', () => {
  it('is an error if it is a folder', async () => {
    await mkdir(path('a'));
    await assert.rejects(open('a', { overwrite: true }), { code: 'path_conflict' });
  });

  it('gets the bytes if it is a device, which stays', async () => {
    const before = await stat('/dev/null');
    const { writable } = await openDiskFile('/dev/null', { overwrite: true });
    const writer = writable.getWriter();
    await writer.write(new Uint8Array(100));
    await writer.close();
    const after = await stat('/dev/null');
    assert.ok(after.isCharacterDevice());
    assert.equal(after.ino, before.ino);
  });

  it('gets the bytes if it is a FIFO, which stays', async () => {
    execFileSync('mkfifo', [path('a')]);
    const reader = spawn('cat', [path('a')]);
    let text = '';
    reader.stdout.on('data', (chunk) => {
      text += chunk;
    });
    await Promise.all([write('a', 'x'.repeat(100_000), { overwrite: true }), once(reader, 'close')]);
    assert.equal(text, 'x'.repeat(100_000));
    assert.ok((await stat(path('a'))).isFIFO());
  });

  it('waits for the reader of a FIFO until it is aborted', async () => {
    execFileSync('mkfifo', [path('a')]);
    const stop = new AbortController();
    const opened = openDiskFile(path('a'), { overwrite: true, signal: stop.signal });
    stop.abort(interrupted());
    await assert.rejects(opened, { name: 'AbortError' });
  });

  it('gets the bytes if it is a socket, which stays', async () => {
    const server = createServer().listen(path('a'));
    await once(server, 'listening');
    const received = once(server, 'connection').then(async ([socket]) => {
      const chunks = [];
      for await (const chunk of socket) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    });
    await write('a', 'hello', { overwrite: true });
    assert.equal(await received, 'hello');
    assert.ok((await stat(path('a'))).isSocket());
    server.close();
  });

  it('reports a full device', async () => {
    const { writable } = await openDiskFile('/dev/full', { overwrite: true });
    await assert.rejects(writable.getWriter().write(new Uint8Array(10)), { code: 'ENOSPC' });
  });
});

describe('a path on Windows', () => {
  for (const path of [
    ...['C:\\x.parquet', 'C:x.parquet', 'c:/a/b', '..\\x', '.', '', 'C:', '\\\\server\\share\\x'],
    ...[
      '\\\\?\\C:\\x',
      '\\\\.\\pipe\\x',
      'com1_x.parquet',
      'console',
      'td_hour=2026-01-01T00\\part-0.parquet',
    ],
  ]) {
    it(`can be ${JSON.stringify(path)}`, () => {
      assert.equal(whyNotWindowsPath(path), undefined);
    });
  }

  for (const [path, reason] of [
    ['name:y.parquet', /allows none of/],
    ['C:\\a:b', /allows none of/],
    ['C:a\\what?', /allows none of/],
    ['2026-01-01T00:00', /allows none of/],
    ['a|b', /allows none of/],
    ['a\nb', /allows none of/],
    ['out.\\x', /removes a dot or a blank/],
    ['C:\\x ', /removes a dot or a blank/],
    ['NUL', /device/],
    ['out\\com1.parquet', /device/],
    ['C:aux', /device/],
  ]) {
    it(`cannot be ${JSON.stringify(path)}`, () => {
      assert.match(whyNotWindowsPath(String(path)) ?? '', /** @type {RegExp} */ (reason));
    });
  }
});
