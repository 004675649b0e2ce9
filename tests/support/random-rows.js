import { binary, float, integer, mapOf } from './values.js';

/** @import { Random } from './random.js' */
/** @import { Value } from './values.js' */

/**
 * Random types and values of job results, each value in the form of values.js and in MessagePack of random widths.
 *
 * @typedef {object} Generated
 * @property {Value} value
 * @property {Msgpack} encoded
 *
 * @typedef {null | boolean | { int: bigint } | { float: number, width: 32 | 64 } | { str: Buffer } | { bin: Buffer }
 *   | { array: Msgpack[] } | { map: [Msgpack, Msgpack][] }} Msgpack a value that is not encoded yet
 *
 * @typedef {object} RandomType
 * @property {string} name as TD writes it
 * @property {(random: Random) => Generated} generate a value that is not NULL
 */

/** @type {Generated} */
const NULL = { value: null, encoded: null };
const MAX_DEPTH = 3;
const text = (/** @type {string} */ value) => ({ value: `s:${value}`, encoded: { str: Buffer.from(value) } });

/** @param {string} name @param {number} bits @returns {RandomType} */
function integers(name, bits) {
  return {
    name,
    generate(random) {
      const int = random.integer(bits);
      return { value: integer(int), encoded: { int } };
    },
  };
}

const FLOATS = [0, -0, 1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1, 2 ** 60];

/** @param {string} name @param {32 | 64} width @returns {RandomType} */
function floats(name, width) {
  return {
    name,
    generate(random) {
      const any = random.chance(0.5) ? random.choose(FLOATS) : (random.next() - 0.5) * 10 ** random.below(30);
      const number = width === 32 ? Math.fround(any) : any;
      return { value: float(number), encoded: { float: number, width } };
    },
  };
}

const two = (/** @type {number} */ number) => String(number).padStart(2, '0');

/** @param {Random} random */
const randomDate = (random) =>
  `${String(1 + random.below(9999)).padStart(4, '0')}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`;

/** @type {RandomType} */
const DATE = {
  name: 'date',
  generate(random) {
    const date = randomDate(random);
    return { value: `d:${date}`, encoded: { str: Buffer.from(date) } };
  },
};

/** @param {number} digits 3 or 6 @returns {RandomType} */
const timestamps = (digits) => ({
  name: `timestamp(${digits})`,
  generate(random) {
    const [hour, minute, second] = [random.below(24), random.below(60), random.below(60)].map(two);
    const fraction = String(random.choose([0, random.below(10 ** digits)])).padStart(digits, '0');
    const time = `${randomDate(random)} ${hour}:${minute}:${second}`;
    const micros = fraction.padEnd(6, '0');
    const shown = Number(micros) === 0 ? time : `${time}.${micros}`;
    return { value: `d:${shown}`, encoded: { str: Buffer.from(`${time}.${fraction}`) } };
  },
});

/** @param {number} precision @param {number} scale @returns {RandomType} */
const decimals = (precision, scale) => ({
  name: `decimal(${precision},${scale})`,
  generate(random) {
    const digits = Array.from({ length: precision }, () => random.below(10)).join('');
    const [whole, fraction] = [
      BigInt(digits.slice(0, precision - scale) || '0'),
      digits.slice(precision - scale),
    ];
    const isZero = BigInt(digits) === 0n;
    const sign = !isZero && random.chance(0.5) ? '-' : '';
    const shown = `${sign}${whole}${scale > 0 ? `.${fraction}` : ''}`;
    return { value: `d:${shown}`, encoded: { str: Buffer.from(shown) } };
  },
});

/** @type {RandomType[]} */
const SCALARS = [
  { name: 'boolean', generate: (random) => ((flag) => ({ value: flag, encoded: flag }))(random.chance(0.5)) },
  ...[integers('tinyint', 8), integers('smallint', 16), integers('integer', 32), integers('bigint', 64)],
  ...[floats('real', 32), floats('double', 64), decimals(5, 0), decimals(9, 2), decimals(38, 6)],
  ...[DATE, timestamps(3), timestamps(6)],
  { name: 'varchar', generate: (random) => text(random.text(random.choose([3, 40, 400]))) },
  { name: 'json', generate: (random) => text(JSON.stringify([random.text(9)])) },
  {
    name: 'varbinary',
    generate(random) {
      const bytes = random.bytes(random.below(40));
      const encoded = random.chance(0.5) ? { bin: bytes } : { str: Buffer.from(bytes.toString('base64')) };
      return { value: binary(bytes), encoded };
    },
  },
];

/**
 * A random type.
 * @param {Random} random
 * @param {number} [depth]
 * @returns {RandomType}
 */
export function randomType(random, depth = 0) {
  const kind = depth < MAX_DEPTH ? random.below(8) : 7;
  if (kind === 0) return arrays(randomType(random, depth + 1));
  if (kind === 1) return maps(random.choose([SCALARS[4], SCALARS[13]]), randomType(random, depth + 1));
  if (kind === 2) {
    const count = 1 + random.below(3);
    return rows(Array.from({ length: count }, () => randomType(random, depth + 1)));
  }
  return random.choose(SCALARS);
}

/** @param {Random} random @param {RandomType} type @returns {Generated} */
export const generate = (random, type) => (random.chance(0.15) ? NULL : type.generate(random));

/** @param {RandomType} type @returns {RandomType} */
const arrays = (type) => ({
  name: `array(${type.name})`,
  generate(random) {
    const items = Array.from({ length: random.choose([0, 1, 3, 20]) }, () => generate(random, type));
    return {
      value: items.map(({ value }) => value),
      encoded: { array: items.map(({ encoded }) => encoded) },
    };
  },
});

/** @param {RandomType | undefined} key @param {RandomType} type @returns {RandomType} */
const maps = (key, type) => ({
  name: `map(${key?.name}, ${type.name})`,
  generate(random) {
    /** @type {Map<string, [Generated, Generated]>} */
    const pairs = new Map();
    for (let count = random.below(5); count > 0; count -= 1) {
      const made = /** @type {RandomType} */ (key).generate(random);
      pairs.set(String(made.value), [made, generate(random, type)]);
    }
    const entries = [...pairs.values()];
    return {
      value: mapOf(entries.map(([first, second]) => [first.value, second.value])),
      encoded: { map: entries.map(([first, second]) => [first.encoded, second.encoded]) },
    };
  },
});

/** @param {RandomType[]} types @returns {RandomType} */
const rows = (types) => ({
  name: `row(${types.map(({ name }, place) => `f${place} ${name}`).join(', ')})`,
  generate(random) {
    const fields = types.map((type) => generate(random, type));
    return {
      value: { row: Object.fromEntries(fields.map(({ value }, place) => [`f${place}`, value])) },
      encoded: { array: fields.map(({ encoded }) => encoded) },
    };
  },
});
