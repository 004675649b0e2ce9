import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { joinParts, SEGMENT_BOUNDS } from '../../pkg-scripts/driver/clone/parts.js';
import { splitRows } from '../../pkg-scripts/driver/result/split-rows.js';
import { instantiate, wasm } from '../../pkg-scripts/driver/wasm.js';
import { encodeSegment } from '../../pkg-scripts/driver/workers/encode.js';
import { platform } from '../../pkg-scripts/platform/node.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { Random } from '../support/random.js';
import { encodeAnyWidth, gzipOddly } from '../support/random-bytes.js';
import { generate, randomType } from '../support/random-rows.js';

/** @import { Msgpack } from '../support/random-rows.js' */

// Job results of random types, values and encodings become parts of a bulk import. To run one case again:
// PETIT_FUZZ_SEED=<seed> node --test tests/clone/differential.test.js

const CASES = EXHAUSTIVE ? 1000 : 50;
const { PETIT_FUZZ_SEED } = process.env;
const seeds = PETIT_FUZZ_SEED ? [Number(PETIT_FUZZ_SEED)] : Array.from({ length: CASES }, (_, seed) => seed);

before(async () => instantiate(await platform.loadWasm()));

/** Rows of random types. @param {Random} random @returns {Msgpack[][]} */
function randomRows(random) {
  const types = Array.from({ length: 1 + random.below(20) }, () => randomType(random));
  const count = random.choose([1, 7, 100, 1000]);
  return Array.from({ length: count }, () => types.map((type) => generate(random, type).encoded));
}

/** Bytes in chunks of random sizes, as they may arrive. @param {Buffer} bytes @param {Random} random */
async function* inChunks(bytes, random) {
  const size = random.choose([10, 1000, 100_000]);
  for (let start = 0; start < bytes.length; ) {
    const end = start + 1 + random.below(size);
    yield Uint8Array.from(bytes.subarray(start, end));
    start = end;
  }
}

/** @param {string} key */
function encodeKey(key) {
  const bytes = Buffer.from(key);
  const header = bytes.length < 32 ? [0xa0 | bytes.length] : [0xd9, bytes.length];
  return Buffer.concat([Buffer.from(header), bytes]);
}

/** A row as a record: its values are the bytes that were sent. @param {string[]} keys @param {Buffer[]} values */
function record(keys, values) {
  const header = keys.length < 16 ? [0x80 | keys.length] : [0xde, 0, keys.length];
  return Buffer.concat([
    Buffer.from(header),
    ...keys.flatMap((key, place) => [encodeKey(key), values[place] ?? Buffer.alloc(0)]),
  ]);
}

/** The uncompressed bytes of the parts that a clone uploads.
 * @param {Buffer} gzipped @param {string[]} keys @param {Random} random */
async function partsOf(gzipped, keys, random) {
  const bounds = {
    ...SEGMENT_BOUNDS,
    batchRows: random.choose([1, 50, 10_000]),
    groupRows: random.choose([30, 2 ** 31]),
  };
  async function* segments() {
    for await (const { firstRow, batches } of splitRows(inChunks(gzipped, random), bounds)) {
      yield encodeSegment({ keys, options: { level: random.choose([1, 6]), firstRow }, batches });
    }
  }
  const parts = [];
  for await (const { chunks } of joinParts(segments(), random.choose([1, 2 ** 24]))) {
    parts.push(gunzipSync(Buffer.concat(chunks)));
  }
  return Buffer.concat(parts);
}

/** @param {Buffer} rows */
function digest(rows) {
  const digested = new wasm.Digest();
  try {
    digested.push(rows);
    return { rows: digested.rows, text: digested.text };
  } finally {
    digested.free();
  }
}

/** @param {Msgpack[][]} rows @param {Random} random */
const encodeRows = (rows, random) => rows.map((array) => encodeAnyWidth({ array }, random));

describe('clones of random results', () => {
  it(`upload the bytes of the values that were sent, in ${seeds.length} cases`, async () => {
    for (const seed of seeds) {
      const random = new Random(seed);
      const rows = randomRows(random).map((values) => values.map((value) => encodeAnyWidth(value, random)));
      const width = rows[0]?.length ?? 0;
      const keys = Array.from({ length: width }, (_, place) => `${random.text(40)}${place}`);
      const header = width < 16 ? [0x90 | width] : [0xdc, 0, width];
      const sent = rows.map((values) => Buffer.concat([Buffer.from(header), ...values]));
      const uploaded = await partsOf(gzipOddly(Buffer.concat(sent), random), keys, random);
      const expected = Buffer.concat(rows.map((values) => record(keys, values)));
      assert.ok(uploaded.equals(expected), `seed ${seed}: the parts differ from the rows`);
    }
  });

  it(`are equal to their source in any order and encoding, and to no other rows, in ${seeds.length} cases`, () => {
    for (const seed of seeds) {
      const random = new Random(seed);
      const rows = randomRows(random);
      const one = digest(Buffer.concat(encodeRows(rows, random)));
      const other = digest(Buffer.concat(encodeRows(rows.toReversed(), random)));
      assert.deepEqual(other, one, `seed ${seed}`);
      const changed = rows.with(random.below(rows.length), [{ str: Buffer.from('no value has this text') }]);
      assert.notEqual(digest(Buffer.concat(encodeRows(changed, random))).text, one.text, `seed ${seed}`);
    }
  });
});
