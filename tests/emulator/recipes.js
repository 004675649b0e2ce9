import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { literal } from './engine.js';

/**
 * Generates large tables. They are the same each time, because every value is computed from the row number.
 *
 * @typedef {import('./codec.js').DataFile} DataFile
 * @typedef {import('./stored.js').Stored} Stored
 * @typedef {{ key: string, type: string, stored: Stored, sql: string }} Field
 */

const FILE_ROWS = 2_000_000;
let fileCount = 0;
/** The time of the first row, in Unix seconds. */
const START_TIME = 1_700_000_000;

/** @type {Stored} */
const TEXTS = { list: { items: 'text', nulls: false } };

/** @param {string} salt @returns {string} SQL of a pseudo-random number below 2^63 */
const random = (salt) => `CAST(hash(i, ${literal(salt)}) >> 1 AS BIGINT)`;

/** @param {string[]} texts @returns {string} SQL of a list */
const literalList = (texts) => `[${texts.map(literal).join(', ')}]`;

/** @param {string} salt @param {string[]} choices */
const choose = (salt, choices) => `${literalList(choices)}[1 + ${random(salt)} % ${choices.length}]`;

const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'];

/** @type {Field[]} the click events of a shop: short rows with sequential ids; about 117 bytes of MessagePack per row */
const CLICKS = [
  { key: 'id', type: 'long', stored: 'int', sql: '9000000000000000 + i' },
  { key: 'user_id', type: 'long', stored: 'int', sql: `${random('user')} % 2000000` },
  { key: 'session', type: 'string', stored: 'text', sql: `substr(md5(CAST(i AS VARCHAR)), 1, 16)` },
  {
    key: 'url',
    type: 'string',
    stored: 'text',
    sql: `'https://shop.example/c/' || CAST(${random('category')} % 400 AS VARCHAR)
      || '/p/' || CAST(${random('product')} % 90000 AS VARCHAR)`,
  },
  {
    key: 'event',
    type: 'string',
    stored: 'text',
    sql: choose('event', ['view', 'click', 'cart', 'purchase']),
  },
  { key: 'device', type: 'string', stored: 'text', sql: choose('device', ['desktop', 'phone', 'tablet']) },
  {
    key: 'country',
    type: 'string',
    stored: 'text',
    sql: choose('country', ['JP', 'US', 'DE', 'FR', 'KR', 'BR']),
  },
  {
    key: 'price',
    type: 'double',
    stored: 'float',
    sql: `CASE WHEN ${random('priced')} % 10 >= 3 THEN CAST(${random('price')} % 100000 AS DOUBLE) / 100.0 END`,
  },
  {
    key: 'score',
    type: 'double',
    stored: 'float',
    sql: `CAST(${random('score')} AS DOUBLE) / 9223372036854775807.0`,
  },
  { key: 'duration', type: 'long', stored: 'int', sql: `${random('duration')} % 60000` },
];

/** @type {Field[]} columns that compress badly; about 190 bytes of MessagePack per row */
const EVENTS = [
  { key: 'id', type: 'long', stored: 'int', sql: random('id') },
  {
    key: 'uuid',
    type: 'string',
    stored: 'text',
    sql: `CAST(CAST(md5(CAST(i AS VARCHAR)) AS UUID) AS VARCHAR)`,
  },
  {
    key: 'url',
    type: 'string',
    stored: 'text',
    sql: `'https://www.example.com/' || ${choose('shop', words)} || '/catalog/' || ${choose('word', words)} || '/item-'
      || CAST(${random('url')} % 1000000007 AS VARCHAR) || '?campaign_ref=' || CAST(${random('ref')} % 1009 AS VARCHAR)
      || '&session=' || substr(md5('s' || CAST(i AS VARCHAR)), 1, 8)`,
  },
  {
    key: 'score',
    type: 'double',
    stored: 'float',
    sql: `CAST(${random('score')} AS DOUBLE) / 9223372036854775807.0`,
  },
  { key: 'qty', type: 'long', stored: 'int', sql: `${random('qty')} % 100000` },
  {
    key: 'country',
    type: 'string',
    stored: 'text',
    sql: choose('country', ['JP', 'US', 'DE', 'FR', 'KR', 'BR']),
  },
  { key: 'device', type: 'string', stored: 'text', sql: choose('device', ['desktop', 'phone', 'tablet']) },
  {
    key: 'event',
    type: 'string',
    stored: 'text',
    sql: choose('event', ['view', 'click', 'cart', 'purchase']),
  },
  {
    key: 'campaign',
    type: 'string',
    stored: 'text',
    sql: `CASE WHEN i % 3 = 0 THEN 'campaign-' || CAST(${random('campaign')} % 40 AS VARCHAR) END`,
  },
  {
    key: 'tags',
    type: 'array<string>',
    stored: TEXTS,
    sql: `list_transform(range(i % 4), lambda k: ['red', 'green', 'blue', 'large', 'small'][1 + (i * 7 + k) % 5])`,
  },
];

/** @type {Field[]} columns with few distinct values, which compress well */
const LOGS = [
  {
    key: 'level',
    type: 'string',
    stored: 'text',
    sql: choose('level', ['INFO', 'INFO', 'INFO', 'WARN', 'ERROR']),
  },
  { key: 'host', type: 'string', stored: 'text', sql: `'web-' || CAST(i % 12 AS VARCHAR)` },
  {
    key: 'status',
    type: 'long',
    stored: 'int',
    sql: 'CAST([200, 200, 200, 304, 404, 500][1 + i % 6] AS BIGINT)',
  },
  {
    key: 'message',
    type: 'string',
    stored: 'text',
    sql: choose(
      'message',
      words.map((word) => `request for ${word} served`),
    ),
  },
];

/** @param {number} columns @returns {Field[]} */
const wide = (columns) =>
  Array.from({ length: columns }, (_, index) => {
    const key = `col_${String(index + 1).padStart(3, '0')}`;
    if (index % 3 === 0) return { key, type: 'long', stored: 'int', sql: `i * ${index + 1}` };
    if (index % 3 === 1)
      return { key, type: 'double', stored: 'float', sql: `CAST(i AS DOUBLE) / ${index + 1}` };
    return {
      key,
      type: 'string',
      stored: 'text',
      sql: `CASE WHEN i % 5 <> 0 THEN 'v' || CAST(i % ${index + 7} AS VARCHAR) END`,
    };
  });
const WIDE_COLUMNS = 300;

/** @param {number} bytes @returns {Field[]} a number and a long text of hexadecimal digits, which compress badly */
const long = (bytes) => [
  { key: 'id', type: 'long', stored: 'int', sql: 'i' },
  {
    key: 'body',
    type: 'string',
    stored: 'text',
    sql: `array_to_string(list_transform(range(${Math.ceil(bytes / 32)}), lambda k: md5(CAST(i AS VARCHAR) || ' ' || CAST(k AS VARCHAR))), '')`,
  },
];
const LONG_BYTES = 10_000_000;

/** @type {Field[]} */
const TINY = [
  { key: 'id', type: 'long', stored: 'int', sql: 'i' },
  { key: 'name', type: 'string', stored: 'text', sql: `'name ' || CAST(i AS VARCHAR)` },
];

/** @type {Field[]} nested values */
const NESTED = [
  {
    key: 'words',
    type: 'array<string>',
    stored: TEXTS,
    sql: `list_transform(range(i % 6), lambda k: ${literalList(words)}[1 + (i * 7 + k) % ${words.length}])`,
  },
  {
    key: 'numbers',
    type: 'array<array<long>>',
    stored: { list: { items: { list: { items: 'int', nulls: false } }, nulls: false } },
    sql: 'list_transform(range(i % 4), lambda k: range(k, k + 3))',
  },
  {
    key: 'attributes',
    type: 'string',
    stored: 'text',
    sql: `'{"colour":"' || ${choose('colour', ['red', 'green', 'blue'])} || '","size":' || CAST(i % 100 AS VARCHAR) || '}'`,
  },
];

/** @type {Record<string, (size?: number) => Field[]>} */
const RECIPES = {
  clicks: () => CLICKS,
  events: () => EVENTS,
  logs: () => LOGS,
  wide: (columns = WIDE_COLUMNS) => wide(columns),
  long: (bytes = LONG_BYTES) => long(bytes),
  nested: () => NESTED,
  tiny: () => TINY,
};

/**
 * @typedef {object} Generated
 * @property {string} recipe clicks, events, logs, wide, long, nested or tiny
 * @property {number} rows
 * @property {number} [size] number of columns of `wide`, bytes per row of `long`
 * @property {number} [copies] how often the table contains these rows, for a huge table that is generated quickly; default 1
 *
 * @param {import('./accounts.js').Account} account provides the engine and the folder
 * @param {Generated} generated
 * @returns {Promise<{ schema: string[][], files: DataFile[] }>}
 */
export async function generate(account, { recipe, rows, size, copies = 1 }) {
  const fields = RECIPES[recipe]?.(size);
  if (!fields)
    throw new Error(`unknown recipe ${recipe}, expected one of ${Object.keys(RECIPES).join(', ')}`);
  const all = [
    ...fields,
    { key: 'time', type: 'long', stored: /** @type {Stored} */ ('int'), sql: `${START_TIME} + i // 20` },
  ];
  const columns = all.map(({ key, stored }, index) => ({ key, column: `c${index}`, stored }));
  const items = all.map(({ sql }, index) => `${sql} AS c${index}`);
  const connection = await account.engine.instance.connect();
  /** @type {DataFile[]} */
  const files = [];
  try {
    for (let from = 0; from < rows; from += FILE_ROWS) {
      const to = Math.min(from + FILE_ROWS, rows);
      const path = join(account.folder, `${recipe}${fileCount++}.parquet`);
      const select = `SELECT ${items.join(', ')} FROM range(${from}, ${to}) AS r(i)`;
      await connection.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION uncompressed)`);
      files.push({ path, rows: to - from, bytes: (await stat(path)).size, columns });
    }
  } finally {
    connection.closeSync();
  }
  return {
    schema: fields.map(({ key, type }) => [key, type]),
    files: Array.from({ length: copies }, () => files).flat(),
  };
}
