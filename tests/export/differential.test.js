import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exportTables } from '../../pkg-scripts/node.js';
import { readWithPython } from '../readers/read.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { Random } from '../support/random.js';
import { encodeAnyWidth, gzipOddly } from '../support/random-bytes.js';
import { generate, randomType } from '../support/random-rows.js';
import { sorted } from '../support/readers.js';
import { ResultServer } from '../support/result-server.js';

/** @import { ExportRequest } from '../../pkg-scripts/types.js' */
/** @import { Value } from '../support/values.js' */

// Job results of random types, values and encodings are exported and read back by pyarrow. To run one case again:
// PETIT_FUZZ_SEED=<seed> node --test tests/export/differential.test.js

const CASES = EXHAUSTIVE ? 1000 : 50;
const { PETIT_FUZZ_SEED } = process.env;
const seeds = PETIT_FUZZ_SEED ? [Number(PETIT_FUZZ_SEED)] : Array.from({ length: CASES }, (_, seed) => seed);
/** Files that one process of pyarrow reads. */
const FILES_PER_READER = 250;

const server = new ResultServer();
let folder = '';
before(async () => {
  await server.start();
  folder = await mkdtemp(join(tmpdir(), 'petit-differential-'));
});
after(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/**
 * A random job result, and its rows.
 * @param {Random} random
 */
function randomResult(random) {
  const types = Array.from({ length: 1 + random.below(6) }, () => randomType(random));
  const count = random.choose([0, 1, 7, 100, 1000]);
  /** @type {Value[][]} */
  const rows = [];
  const encoded = [];
  for (let row = 0; row < count; row += 1) {
    const values = types.map((type) => generate(random, type));
    rows.push(values.map(({ value }) => value));
    encoded.push(encodeAnyWidth({ array: values.map((value) => value.encoded) }, random));
  }
  /** @type {[string, string][]} */
  const schema = types.map(({ name }, place) => [`c${place}`, name]);
  return { rows, result: { schema, rows: count, gzipped: gzipOddly(Buffer.concat(encoded), random) } };
}

/** @param {Random} random @returns {Partial<ExportRequest>} */
const randomOptions = (random) => ({
  compression: random.choose(['zstd', 'snappy', 'gzip', 'lz4', 'none']),
  encodings: random.choose(['compatible', 'delta', 'modern']),
  chunkSize: random.choose([1, 10, 10_000]),
  rowGroupRows: random.choose([20, 300, 1_000_000]),
});

/**
 * Exports the case of a seed.
 * @param {number} seed
 */
async function exportCase(seed) {
  const random = new Random(seed);
  const { rows, result } = randomResult(random);
  const options = randomOptions(random);
  const output = join(folder, `${seed}.parquet`);
  const where = { account: server.account, database: 'db', jobId: server.add(result), output, workers: 0 };
  const { errors } = await exportTables({ ...where, ...options });
  return { seed, rows, output, error: errors[0], schema: result.schema };
}

describe('exports of random results', () => {
  it(`hold what was sent, in ${seeds.length} cases`, async () => {
    for (let start = 0; start < seeds.length; start += FILES_PER_READER) {
      const cases = [];
      for (const seed of seeds.slice(start, start + FILES_PER_READER)) cases.push(await exportCase(seed));
      for (const { seed, schema, error } of cases) {
        assert.equal(error, undefined, `seed ${seed}: ${error?.message} ${JSON.stringify(schema)}`);
      }
      const read = await readWithPython(
        'pyarrow',
        cases.map(({ output }) => output),
      );
      for (const [index, { seed, rows, schema }] of cases.entries()) {
        const file = read[index];
        const about = `seed ${seed}, ${JSON.stringify(schema)}`;
        assert.ok(file && 'rows' in file, `${about}: ${file?.error}`);
        assert.deepEqual(file.rows.map(sorted), rows, about);
      }
    }
  });
});
