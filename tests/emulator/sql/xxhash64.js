import { BLOB, blobValue, DuckDBScalarFunction } from '@duckdb/node-api';

// Trino's xxhash64: XXH64 with the seed 0, as 8 bytes in big-endian order.
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md#xxh64-algorithm-description

const MASK = 2n ** 64n - 1n;
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;
/** Bytes that are read at a time. */
const STRIPE = 32;

/** @param {bigint} value @param {bigint} bits */
const rotate = (value, bits) => ((value << bits) | (value >> (64n - bits))) & MASK;

/** @param {bigint} accumulator @param {bigint} lane */
const round = (accumulator, lane) => (rotate((accumulator + lane * P2) & MASK, 31n) * P1) & MASK;

/** @param {bigint} hash @param {bigint} accumulator */
const merge = (hash, accumulator) => ((hash ^ round(0n, accumulator)) * P1 + P4) & MASK;

/**
 * @param {Uint8Array} bytes
 * @returns {bigint}
 */
export function xxhash64(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lane = (/** @type {number} */ at) => view.getBigUint64(at, true);
  let at = 0;
  let hash = P5;
  if (bytes.length >= STRIPE) {
    let sums = [(P1 + P2) & MASK, P2, 0n, (MASK + 1n - P1) & MASK];
    for (; at + STRIPE <= bytes.length; at += STRIPE) {
      const start = at;
      sums = sums.map((sum, index) => round(sum, lane(start + 8 * index)));
    }
    const [a = 0n, b = 0n, c = 0n, d = 0n] = sums;
    hash = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & MASK;
    hash = sums.reduce(merge, hash);
  }
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; at + 8 <= bytes.length; at += 8) hash = (rotate(hash ^ round(0n, lane(at)), 27n) * P1 + P4) & MASK;
  for (; at + 4 <= bytes.length; at += 4) {
    const word = BigInt(view.getUint32(at, true));
    hash = (rotate(hash ^ ((word * P1) & MASK), 23n) * P2 + P3) & MASK;
  }
  for (; at < bytes.length; at += 1)
    hash = (rotate(hash ^ ((BigInt(view.getUint8(at)) * P5) & MASK), 11n) * P1) & MASK;
  return avalanche(hash);
}

/** @param {bigint} hash */
function avalanche(hash) {
  const first = ((hash ^ (hash >> 33n)) * P2) & MASK;
  const second = ((first ^ (first >> 29n)) * P3) & MASK;
  return second ^ (second >> 32n);
}

/** The function of DuckDB, which is NULL for NULL. */
export const xxhash64Function = () =>
  DuckDBScalarFunction.create({
    name: 'xxhash64',
    returnType: BLOB,
    parameterTypes: [BLOB],
    mainFunction: (_, input, output) => {
      const values = input.getColumnValues(0);
      for (const [row, value] of values.entries()) output.setItem(row, value && blobValue(hashOf(value)));
      output.flush();
    },
  });

/** @param {any} value a BLOB */
function hashOf({ bytes }) {
  const hash = new Uint8Array(8);
  new DataView(hash.buffer).setBigUint64(0, xxhash64(bytes));
  return hash;
}
