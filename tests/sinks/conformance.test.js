import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { instantiate } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';
import { openDiskFile } from '../../pkg-scripts/sinks/disk/file.js';
import { openDiskFolder } from '../../pkg-scripts/sinks/disk/folder.js';
import { memorySink } from '../../pkg-scripts/sinks/sinks.js';
import { openObject } from '../../pkg-scripts/sinks/store/object.js';
import { startGcs } from '../support/gcs.js';
import { startS3 } from '../support/s3.js';
import { sinkTests } from './conformance.js';

/** @type {Awaited<ReturnType<typeof startS3>>} */
let s3;
/** @type {Awaited<ReturnType<typeof startGcs>>} */
let gcs;
let root = '';
let count = 0;
const newName = () => {
  count += 1;
  return `file ${count}+é`;
};

before(async () => {
  await instantiate(await platform.loadWasm());
  root = await mkdtemp(join(tmpdir(), 'petit-sinks-'));
  [s3, gcs] = await Promise.all([startS3(), startGcs()]);
  Object.assign(process.env, s3.env, gcs.env);
});
after(async () => {
  await s3?.close();
  await gcs?.close();
  await rm(root, { recursive: true, force: true });
});

/** @param {string} path */
const readOrNone = async (path) => new Uint8Array(await readFile(path).catch(() => new ArrayBuffer(0)));
const memory = memorySink();
const keyOf = (/** @type {string} */ url) => encodeURIComponent(url.slice('s3://bucket/'.length));

/** @type {[name: string, subject: import('./conformance.js').Subject][]} */
const SUBJECTS = [
  [
    'a file on disk',
    {
      openSink: openDiskFile,
      newPath: () => join(root, newName()),
      read: async (path) => (await readFile(path).catch(() => undefined)) && readOrNone(path),
      put: (path, bytes) => writeFile(path, bytes),
    },
  ],
  [
    'a file of a folder on disk',
    {
      openSink: async (path) => {
        const folder = await openDiskFolder(path, { overwrite: false, isSet: false });
        const sink = await folder.openSink('day=1', 0);
        const files = [{ path: 'day=1/part-0.parquet' }];
        return { ...sink, commit: () => folder.publish({ files }), abort: () => folder.discard() };
      },
      newPath: () => join(root, newName()),
      read: async (path) => {
        const file = join(path, 'day=1/part-0.parquet');
        return (await readFile(file).catch(() => undefined)) && readOrNone(file);
      },
    },
  ],
  [
    'a file in memory',
    {
      openSink: memory.openSink,
      newPath: newName,
      read: async (path) => {
        const file = memory.file(path);
        return file && new Uint8Array(await file.arrayBuffer());
      },
    },
  ],
  [
    'an object in S3',
    {
      openSink: openObject,
      newPath: () => `s3://bucket/${newName()}`,
      read: (url) => s3.read(keyOf(url)),
      put: (url, bytes) => s3.put(keyOf(url), bytes),
    },
  ],
  [
    'an object in Google Cloud Storage',
    {
      openSink: openObject,
      newPath: () => `gs://bucket/${newName()}`,
      read: async (url) => gcs.read(url.slice('gs://bucket/'.length)),
      put: async (url, bytes) => gcs.put(url.slice('gs://bucket/'.length), bytes),
    },
  ],
];

for (const [name, subject] of SUBJECTS) {
  describe(name, () => {
    for (const { title, run } of sinkTests(subject)) it(title, run);
  });
}

describe('standard output', () => {
  it('gets the bytes in order', () => {
    const script = fileURLToPath(new URL('write-stdout.js', import.meta.url));
    const { stdout, status } = spawnSync(process.execPath, [script], { maxBuffer: 2 ** 25 });
    assert.equal(status, 0);
    assert.equal(stdout.toString(), 'abc');
  });
});
