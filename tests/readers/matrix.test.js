import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { setUpEnv } from '../support/index.js';
import { FILES, seedOfFiles, writeFile } from './files.js';
import { readWith, readWithPython } from './read.js';
import { READERS } from './readers.js';

/** @import { Value } from '../support/values.js' */
/** @import { ReadFile } from './read.js' */
/** @import { Loss, Reader } from './readers.js' */

// Releases of readers of the last years read what petit writes by default. The newest pyarrow says what the files hold; that
// it is what Treasure Data sent is tested in tests/export/values.test.js.

const env = setUpEnv(seedOfFiles(), 'acme');
const readers = READERS.filter(({ quick }) => quick || EXHAUSTIVE);

/** @type {{ folder: string, paths: string[], expected: ReadFile[] }} */
const written = { folder: '', paths: [], expected: [] };

before(async () => {
  await env.ready;
  written.folder = await mkdtemp(join(tmpdir(), 'petit-readers-'));
  env.folder = written.folder;
  for (const [index, file] of FILES.entries()) written.paths.push(await writeFile(env, file, index));
  written.expected = await readWithPython('pyarrow', written.paths);
});

after(() => rm(written.folder, { recursive: true, force: true }));

/**
 * The nested parts of a column: of lists their items, of maps their values, of rows their fields.
 * @typedef {{ kind: 'scalar' } | { kind: 'list' | 'map', items: Shape } | { kind: 'row', fields: Map<string, Shape> }} Shape
 *
 * @param {Value[]} values
 * @returns {Shape}
 */
function shapeOf(values) {
  /** @type {any[]} */
  const present = values.filter((value) => typeof value === 'object' && value !== null);
  const [first] = present;
  if (!first) return { kind: 'scalar' };
  if (Array.isArray(first)) return { kind: 'list', items: shapeOf(present.flat()) };
  if ('map' in first) {
    return {
      kind: 'map',
      items: shapeOf(present.flatMap(({ map }) => map.map((/** @type {Value[]} */ [, value]) => value))),
    };
  }
  const fields = Object.keys(first.row).map((name) => [name, shapeOf(present.map(({ row }) => row[name]))]);
  return { kind: 'row', fields: new Map(/** @type {[string, Shape][]} */ (fields)) };
}

/**
 * A value as a reader shows it that does not distinguish some values.
 * @param {any} value
 * @param {Shape} shape
 * @param {Loss[]} losses
 * @returns {Value}
 */
function withLosses(value, shape, losses) {
  const has = (/** @type {Loss} */ loss) => losses.includes(loss);
  if (shape.kind === 'scalar') {
    if (typeof value !== 'string') return value;
    if (has('nan-is-null') && /^f:[7f]ff8/.test(value)) return null;
    const isText = has('text-is-binary') && value.startsWith('s:');
    return isText ? `b:${Buffer.from(value.slice(2)).toString('hex')}` : value;
  }
  if (shape.kind === 'row') {
    if (value === null && !has('null-row-has-fields')) return null;
    const fields = [...shape.fields].map(([name, field]) => [
      name,
      withLosses(value?.row[name] ?? null, field, losses),
    ]);
    return { row: Object.fromEntries(fields) };
  }
  if (value === null && !has('null-list-is-empty')) return null;
  if (shape.kind === 'list')
    return (value ?? []).map((/** @type {Value} */ item) => withLosses(item, shape.items, losses));
  const pairs = (value?.map ?? []).map((/** @type {[Value, Value]} */ [key, item]) => [
    withLosses(key, { kind: 'scalar' }, losses),
    withLosses(item, shape.items, losses),
  ]);
  return { map: pairs.toSorted((/** @type {any} */ a, /** @type {any} */ b) => (a[0] < b[0] ? -1 : 1)) };
}

/**
 * The rows of a file as text and in one order, because folders are read in any order.
 * @param {ReadFile | undefined} file
 * @param {string[]} columns
 * @param {Loss[]} [losses]
 */
function rowsOf(file, columns, losses = []) {
  assert.ok(file && 'rows' in file, file?.error ?? 'not read');
  const places = columns.map((column) => file.columns.indexOf(column));
  const shapes = places.map((place) => shapeOf(file.rows.map((row) => row[place] ?? null)));
  const rows = file.rows.map((row) =>
    places.map((place, index) => withLosses(row[place] ?? null, shapes[index] ?? { kind: 'scalar' }, losses)),
  );
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

/** @param {Reader} reader */
function filesFor({ lacks = [] }) {
  return [...FILES.entries()].filter(([, { has = [] }]) => !has.some((property) => lacks.includes(property)));
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
        const { losses } = reader;
        assert.deepEqual(rowsOf(read.get(index), columns), rowsOf(expected, columns, losses));
      });
    }
  });
}
