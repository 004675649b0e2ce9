import assert from 'node:assert/strict';

// What every sink promises. It needs no test framework: call `sinkTests`, and run each test by any of them.

/**
 * A sink under test.
 * @typedef {object} Subject
 * @property {import('../../pkg-scripts/types.js').OpenSink} openSink
 * @property {() => string} newPath a path at which nothing is
 * @property {(path: string) => Promise<Uint8Array | undefined>} read what is at a path; undefined if nothing is
 * @property {(path: string, bytes: Uint8Array) => Promise<void>} [put] makes a file at a path, as another program does. Without
 *   it, the sink knows no other files: it is not asked whether one exists
 */

/** More than a part of a store, so that a file has several. */
const LARGE = 9 * 2 ** 20;

/** @param {number} length @returns {Uint8Array} bytes that repeat rarely; the same for the same length */
export function bytesOf(length) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + (at >> 8) * 7 + (at >> 16)) & 255;
  return bytes;
}

/**
 * Writes bytes to a sink in chunks. A sink may detach what it writes.
 * @param {import('../../pkg-scripts/types.js').Sink} sink
 * @param {Uint8Array} bytes
 */
export async function fill({ writable }, bytes, chunkBytes = 1_000_003) {
  const writer = writable.getWriter();
  for (let at = 0; at < bytes.length; at += chunkBytes) await writer.write(bytes.slice(at, at + chunkBytes));
  writer.releaseLock();
}

/** @param {import('../../pkg-scripts/types.js').Sink} sink */
export async function closeAndCommit(sink) {
  await sink.writable.close();
  await sink.commit?.();
}

/**
 * @param {Subject} subject
 * @returns {{ title: string, run: () => Promise<void> }[]}
 */
export function sinkTests({ openSink, newPath, read, put }) {
  const open = (/** @type {string} */ path, overwrite = false) => openSink(path, { overwrite });
  /** @type {{ title: string, run: () => Promise<void> }[]} */
  const tests = [
    ...[0, 1, LARGE].map((length) => ({
      title: `a file of ${length} bytes appears when it is committed, and not before`,
      run: async () => {
        const [path, bytes] = [newPath(), bytesOf(length)];
        const sink = await open(path);
        await fill(sink, bytes);
        assert.equal(await read(path), undefined);
        await closeAndCommit(sink);
        assert.deepEqual(await read(path), bytes);
      },
    })),
    {
      title: 'an aborted file does not appear',
      run: async () => {
        const path = newPath();
        const sink = await open(path);
        await fill(sink, bytesOf(LARGE));
        await sink.writable.abort(new Error('stop'));
        await sink.abort?.();
        assert.equal(await read(path), undefined);
      },
    },
    {
      title: 'a file that is closed and not committed can still be aborted',
      run: async () => {
        const path = newPath();
        const sink = await open(path);
        if (!sink.commit) return sink.writable.abort();
        await fill(sink, bytesOf(10));
        await sink.writable.close();
        assert.equal(await read(path), undefined);
        await sink.abort?.();
        assert.equal(await read(path), undefined);
      },
    },
  ];
  if (!put) return tests;
  const exists = (/** @type {Error & { code?: string }} */ error) => error.code === 'file_exists';
  return [
    ...tests,
    {
      title: 'a file that exists is not replaced without overwrite',
      run: async () => {
        const path = newPath();
        await put(path, bytesOf(3));
        await assert.rejects(async () => {
          const sink = await open(path);
          await fill(sink, bytesOf(5));
          await closeAndCommit(sink);
        }, exists);
        assert.deepEqual(await read(path), bytesOf(3));
      },
    },
    {
      title: 'a file that appears meanwhile is not replaced without overwrite',
      run: async () => {
        const path = newPath();
        const sink = await open(path);
        await fill(sink, bytesOf(5));
        await put(path, bytesOf(3));
        await assert.rejects(closeAndCommit(sink), exists);
        await sink.abort?.();
        assert.deepEqual(await read(path), bytesOf(3));
      },
    },
    {
      title: 'with overwrite, a file stays as it was until its replacement is committed',
      run: async () => {
        const path = newPath();
        await put(path, bytesOf(3));
        const aborted = await open(path, true);
        await fill(aborted, bytesOf(LARGE));
        assert.deepEqual(await read(path), bytesOf(3));
        await aborted.writable.abort();
        await aborted.abort?.();
        assert.deepEqual(await read(path), bytesOf(3));
        const sink = await open(path, true);
        await fill(sink, bytesOf(5));
        await closeAndCommit(sink);
        assert.deepEqual(await read(path), bytesOf(5));
      },
    },
  ];
}
