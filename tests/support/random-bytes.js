import { constants, crc32, deflateRawSync } from 'node:zlib';

/** @import { Random } from './random.js' */
/** @import { Msgpack } from './random-rows.js' */

// Encodings that are valid, but not those that Treasure Data chooses.

/**
 * MessagePack in which integers, floats and lengths have any width that holds them.
 * @param {Msgpack} value
 * @param {Random} random
 * @returns {Buffer}
 */
export function encodeAnyWidth(value, random) {
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if ('int' in value) return encodeInt(value.int, random);
  if ('float' in value) return encodeFloat(value, random);
  if ('str' in value) {
    const forms = [fixed(0xa0, 31), sized(0xd9, 1), sized(0xda, 2), sized(0xdb, 4)];
    return Buffer.concat([withAnyWidth(value.str.length, forms, random), value.str]);
  }
  if ('bin' in value) {
    const forms = [sized(0xc4, 1), sized(0xc5, 2), sized(0xc6, 4)];
    return Buffer.concat([withAnyWidth(value.bin.length, forms, random), value.bin]);
  }
  if ('array' in value) {
    const header = withAnyWidth(
      value.array.length,
      [fixed(0x90, 15), sized(0xdc, 2), sized(0xdd, 4)],
      random,
    );
    return Buffer.concat([header, ...value.array.map((item) => encodeAnyWidth(item, random))]);
  }
  const header = withAnyWidth(value.map.length, [fixed(0x80, 15), sized(0xde, 2), sized(0xdf, 4)], random);
  return Buffer.concat([header, ...value.map.flat().map((item) => encodeAnyWidth(item, random))]);
}

/** A form of a length: its largest value, and the header.
 * @typedef {{ max: number, write: (length: number) => Buffer }} LengthForm */

/** @param {number} marker @param {number} max @returns {LengthForm} */
const fixed = (marker, max) => ({ max, write: (length) => Buffer.from([marker | length]) });

/** @param {number} marker @param {number} bytes @returns {LengthForm} */
const sized = (marker, bytes) => ({
  max: 2 ** (8 * bytes) - 1,
  write(length) {
    const header = Buffer.alloc(1 + bytes);
    header[0] = marker;
    header.writeUIntBE(length, 1, bytes);
    return header;
  },
});

/** @param {number} length @param {LengthForm[]} forms @param {Random} random */
function withAnyWidth(length, forms, random) {
  return random.choose(forms.filter(({ max }) => length <= max)).write(length);
}

/** @param {bigint} int @param {Random} random */
function encodeInt(int, random) {
  const forms = [];
  if (int >= -32n && int < 128n) forms.push(Buffer.from([Number(int) & 0xff]));
  for (const [power, bits] of [8, 16, 32, 64].entries()) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt.asIntN(64, int));
    const tail = bytes.subarray(8 - bits / 8);
    if (BigInt.asUintN(bits, int) === int) forms.push(Buffer.concat([Buffer.from([0xcc + power]), tail]));
    if (BigInt.asIntN(bits, int) === int) forms.push(Buffer.concat([Buffer.from([0xd0 + power]), tail]));
  }
  return random.choose(forms);
}

/** @param {{ float: number, width: 32 | 64 }} value @param {Random} random */
function encodeFloat({ float }, random) {
  const [narrow, wide] = [Buffer.alloc(5), Buffer.alloc(9)];
  narrow[0] = 0xca;
  narrow.writeFloatBE(float, 1);
  wide[0] = 0xcb;
  wide.writeDoubleBE(float, 1);
  const forms = [wide];
  if (Object.is(Math.fround(float), float)) forms.push(narrow);
  // An exact integer within the range of the type.
  if (Number.isSafeInteger(float) && !Object.is(float, -0) && Math.abs(float) <= 2 ** 24) {
    forms.push(encodeInt(BigInt(float), random));
  }
  return random.choose(forms);
}

const FLAG = { headerChecksum: 2, extra: 4, name: 8, comment: 16 };

/**
 * Gzip with any number of members, empty ones too, any level, and any optional field of the header.
 * @param {Buffer} bytes
 * @param {Random} random
 */
export function gzipOddly(bytes, random) {
  const members = [];
  for (let start = 0; start < bytes.length || members.length === 0; ) {
    const length = random.choose([0, 1, random.below(bytes.length + 1), bytes.length]);
    members.push(gzipMember(bytes.subarray(start, start + length), random));
    start += length;
  }
  if (random.chance(0.2)) members.push(gzipMember(Buffer.alloc(0), random));
  return Buffer.concat(members);
}

/** @param {Buffer} bytes @param {Random} random */
function gzipMember(bytes, random) {
  const strategies = [
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_FIXED,
    constants.Z_RLE,
  ];
  const deflated = deflateRawSync(bytes, { level: random.below(10), strategy: random.choose(strategies) });
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([gzipHeader(random), deflated, trailer]);
}

/** @param {Random} random */
function gzipHeader(random) {
  let flags = 0;
  const parts = [];
  if (random.chance(0.2)) {
    flags |= FLAG.extra;
    const extra = random.bytes(random.below(300));
    const length = Buffer.alloc(2);
    length.writeUInt16LE(extra.length);
    parts.push(length, extra);
  }
  for (const flag of [FLAG.name, FLAG.comment]) {
    if (!random.chance(0.2)) continue;
    flags |= flag;
    parts.push(Buffer.from(`${'x'.repeat(random.below(300))}\0`));
  }
  const hasChecksum = random.chance(0.2);
  if (hasChecksum) flags |= FLAG.headerChecksum;
  const fixedPart = Buffer.from([
    0x1f,
    0x8b,
    8,
    flags,
    ...random.bytes(4),
    random.choose([0, 2, 4]),
    random.choose([0, 3, 255]),
  ]);
  const header = Buffer.concat([fixedPart, ...parts]);
  if (!hasChecksum) return header;
  const checksum = Buffer.alloc(2);
  checksum.writeUInt16LE(crc32(header) & 0xffff);
  return Buffer.concat([header, checksum]);
}
