/**
 * Encodes JSON values as MessagePack, for seeds and tests. An object with one of these keys is a value that JSON lacks:
 * `{"$int": "9007199254740993"}`, `{"$float": "NaN"}` (or "1.0", "-0.0", "Infinity"), `{"$bytes": "<base64>"}` for a
 * string of any bytes, `{"$map": [[key, value], …]}` for a map with keys of any type, `{"$repeat": [value, times]}` for a
 * long string. Other numbers are integers if they are whole, otherwise floats.
 *
 * @param {unknown} value
 * @returns {Buffer}
 */
export function encode(value) {
  if (value === null || value === undefined) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'bigint') return encodeInt(value);
  if (typeof value === 'number')
    return Number.isInteger(value) && !Object.is(value, -0) ? encodeInt(BigInt(value)) : encodeFloat(value);
  if (typeof value === 'string') return withLength(Buffer.from(value), [0xa0, 31], 0xd9);
  if (Array.isArray(value))
    return Buffer.concat([header(value.length, [0x90, 15], 0xdb), ...value.map(encode)]);
  return encodeObject(/** @type {Record<string, unknown>} */ (value));
}

/** @param {Record<string, unknown>} object */
function encodeObject(object) {
  const entries = Object.entries(object);
  const [[name, content] = ['', undefined]] = entries;
  if (entries.length === 1) {
    if (name === '$int') return encodeInt(BigInt(String(content)));
    if (name === '$float') return encodeFloat(Number(content));
    if (name === '$bytes') return withLength(Buffer.from(String(content), 'base64'), [0xa0, 31], 0xd9);
    if (name === '$map') return encodeMap(/** @type {[unknown, unknown][]} */ (content));
    if (name === '$repeat') {
      const [text, times] = /** @type {[string, number]} */ (content);
      return encode(text.repeat(times));
    }
  }
  return encodeMap(entries);
}

/** @param {[unknown, unknown][]} entries */
function encodeMap(entries) {
  return Buffer.concat([
    header(entries.length, [0x80, 15], 0xdd),
    ...entries.flatMap((pair) => pair.map(encode)),
  ]);
}

/** @param {bigint} value */
function encodeInt(value) {
  if (value >= -32n && value < 128n) return Buffer.from([Number(value) & 0xff]);
  const bytes = Buffer.alloc(9);
  if (value > 0x7fffffffffffffffn) {
    bytes.writeUInt8(0xcf);
    bytes.writeBigUInt64BE(value, 1);
  } else {
    bytes.writeUInt8(0xd3);
    bytes.writeBigInt64BE(value, 1);
  }
  return bytes;
}

/** @param {number} value */
function encodeFloat(value) {
  const bytes = Buffer.alloc(9, 0xcb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

/**
 * @param {Buffer} bytes
 * @param {[number, number]} fixed
 * @param {number} tag
 */
function withLength(bytes, fixed, tag) {
  return Buffer.concat([header(bytes.length, fixed, tag), bytes]);
}

/**
 * @param {number} length
 * @param {[tag: number, max: number]} fixed tag and maximum length of the short form
 * @param {number} tag of the form with an 8-bit length; tag + 2 has a 32-bit length
 */
function header(length, [short, max], tag) {
  if (length <= max) return Buffer.from([short | length]);
  const bytes = Buffer.alloc(5, tag + 2);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}
