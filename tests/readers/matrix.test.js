import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { setUpEnv } from '../support/index.js';
import { FILES, PARTITIONS, seedOfFiles, writeFile } from './files.js';
import { readWith, readWithPython } from './read.js';
import { READERS } from './readers.js';

/** @import { Value } from '../support/values.js' */
/** @import { ReadFile } from './read.js' */
/** @import { Loss, Reader } from './readers.js' */

// Releases of readers of the last years read what petit writes by default. The newest pyarrow says what the files hold; that
// it is what Treasure Data sent is tested in tests/export/values.test.js.

const env = setUpEnv(seedOfFiles(), 'acme');
const files = [...FILES, PARTITIONS];
const readers = READERS.filter(({ quick }) => quick || EXHAUSTIVE);

/** @type {{ folder: string, paths: string[], expected: ReadFile[] }} */
const written = { folder: '', paths: [], expected: [] };

before(async () => {
  await env.ready;
  written.folder = await mkdtemp(join(tmpdir(), 'petit-readers-'));
  env.folder = written.folder;
  for (const [index, file] of files.entries()) written.paths.push(await writeFile(env, file, index));
  written.expected = await readWithPython('pyarrow', written.paths);
});

after(() => rm(written.folder, { recursive: true, force: true }));

/**
 * A value as a reader shows it that does not distinguish some values.
 * @param {Value} value
 * @param {Loss[]} losses
 * @returns {Value}
 */
function withLosses(value, losses) {
  if (losses.includes('nan-is-null') && typeof value === 'string' && /^f:[7f]ff8/.test(value)) return null;
  return value;
}

/**
 * The rows of a file by their text, because folders are read in any order.
 * @param {ReadFile | undefined} file
 * @param {string[]} columns
 * @param {Loss[]} losses
 */
function rowsOf(file, columns, losses) {
  assert.ok(file && 'rows' in file, file?.error ?? 'not read');
  const places = columns.map((column) => file.columns.indexOf(column));
  const rows = file.rows.map((row) =>
    JSON.stringify(places.map((place) => withLosses(row[place] ?? null, losses))),
  );
  return rows.toSorted();
}

/** @param {Reader} reader */
function filesFor({ lacks = [] }) {
  return [...files.entries()].filter(([, { has = [] }]) => !has.some((property) => lacks.includes(property)));
}

for (const reader of readers) {
  describe(reader.name, () => {
    /** @type {Map<number, ReadFile | undefined>} */
    const read = new Map();

    before(async () => {
      const indexes = filesFor(reader).map(([index]) => index);
      const results = await readWith(
        reader,
        indexes.map((index) => written.paths[index] ?? ''),
      );
      for (const [place, index] of indexes.entries()) read.set(index, results[place]);
    });

    for (const [index, { name }] of filesFor(reader)) {
      it(`reads ${name}`, () => {
        const expected = written.expected[index];
        assert.ok(expected && 'rows' in expected, expected?.error);
        // The key of the folders is a column of some readers.
        const columns = expected.columns.filter((column) => column !== 'hour');
        const losses = reader.losses ?? [];
        assert.deepEqual(rowsOf(read.get(index), columns, losses), rowsOf(expected, columns, losses));
      });
    }
  });
}
