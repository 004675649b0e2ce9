import assert from 'node:assert/strict';
import { mkdtemp, open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { interrupted } from '../../pkg-scripts/driver/errors.js';
import { openDiskFile } from '../../pkg-scripts/sinks/disk.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'petit-disk-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a file on disk', () => {
  /** @param {string} name @param {{ overwrite: boolean }} [options] */
  const open = (name, options = { overwrite: false }) => openDiskFile(join(folder, name), options);

  it('appears when it is closed', async () => {
    const { writable } = await open('a');
    const writer = writable.getWriter();
    await writer.write(new Uint8Array([1]));
    assert.deepEqual(await readdir(folder), ['a.partial']);
    await writer.close();
    assert.deepEqual(await readdir(folder), ['a']);
  });

  it('is removed when it is aborted', async () => {
    const { writable } = await open('a');
    await writable.abort(interrupted());
    assert.deepEqual(await readdir(folder), []);
  });

  it('is removed when it cannot be published', async () => {
    const { writable } = await open('a');
    await writeFile(join(folder, 'a'), 'precious');
    await assert.rejects(writable.close(), { code: 'file_exists' });
    assert.deepEqual(await readdir(folder), ['a']);
    await assert.rejects(open('a'), { code: 'file_exists' });
  });

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
    async function write(megabytes) {
      const { writable } = await open('a');
      const writer = writable.getWriter();
      for (let count = 0; count < megabytes; count += 1) {
        await writer.write(new Uint8Array(MEGABYTE).fill(count));
      }
      await writer.close();
    }

    it('is synced while it is written', async () => {
      await write(70);
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
        await assert.rejects(write(megabytes), { code: 'EIO' });
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
