import { exportTables } from '../../pkg-scripts/node.js';
import { readSeed } from '../support/index.js';

/** @import { ExportRequest } from '../../pkg-scripts/types.js' */
/** @import { TestEnv } from '../support/index.js' */
/** @import { Property } from './readers.js' */

/**
 * The files that every reader reads.
 *
 * @typedef {object} TestFile
 * @property {string} name
 * @property {Property[]} [has] what some readers lack
 * @property {Partial<ExportRequest>} request
 */

const CODECS = /** @type {const} */ (['zstd', 'snappy', 'gzip', 'lz4', 'none']);

/** Numbers, text and bytes: a value, an extreme and a NULL each. */
const FLAT = `SELECT * FROM (VALUES
  (1, TRUE, CAST(-128 AS tinyint), CAST(-32768 AS smallint), CAST(-2147483648 AS integer), 9007199254740993,
    CAST(0.1 AS real), 0.1e0, 'é', X'00ff80'),
  (2, FALSE, CAST(127 AS tinyint), CAST(32767 AS smallint), CAST(2147483647 AS integer), 9223372036854775807,
    CAST(-1.5 AS real), -1e300, '', X''),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
  ) AS t(id, flag, tiny, small, int, big, single, dbl, text, bytes)`;

const DECIMALS = `SELECT * FROM (VALUES
  (1, DECIMAL '12.340', CAST('-99999999999999999999999999999999.123456' AS decimal(38,6)), CAST('-7' AS decimal(5,0))),
  (2, DECIMAL '-99.999', CAST('1.5' AS decimal(38,6)), CAST('0' AS decimal(5,0))),
  (3, NULL, NULL, NULL)) AS t(id, small, large, whole)`;

const DATES = `SELECT * FROM (VALUES
  (1, DATE '2020-02-29', TIMESTAMP '2020-02-29 01:02:03.456'),
  (2, DATE '1969-12-31', TIMESTAMP '1969-12-31 23:59:59.999'),
  (3, NULL, NULL)) AS t(id, day, moment)`;

const NESTED = `SELECT * FROM (VALUES
  (1, ARRAY[1, NULL], ARRAY[ARRAY['x', NULL], NULL, ARRAY[]],
    CAST(ROW(9007199254740993, 'a', NULL) AS row(n bigint, "odd name" varchar, none double))),
  (2, ARRAY[], ARRAY[], CAST(ROW(1, NULL, 2e0) AS row(n bigint, "odd name" varchar, none double))),
  (3, NULL, NULL, NULL)) AS t(id, list, lists, "row")`;

const MAPS = `SELECT * FROM (VALUES
  (1, MAP(ARRAY['a', 'b'], ARRAY[1.5e0, NULL]), ARRAY[MAP(ARRAY['k'], ARRAY[1])]),
  (2, MAP(), ARRAY[]),
  (3, NULL, NULL)) AS t(id, map, maps)`;

/** In each column the values that decide the minimum and the maximum of floats. */
const FLOATS = `SELECT * FROM (VALUES
  (1, nan(), nan(), 0e0, -0e0, 1e0, infinity(), CAST(nan() AS real), CAST(-0e0 AS real)),
  (2, 1e0, nan(), 0e0, -0e0, -0e0, -infinity(), CAST(1.5 AS real), CAST(0e0 AS real)),
  (3, NULL, nan(), NULL, NULL, 0e0, nan(), NULL, NULL))
  AS t(id, some_nan, only_nan, zero, minus_zero, zeros, inf, single_nan, single_zero)`;

/** @param {string} compression @returns {Property[]} */
const codec = (compression) => (compression === 'lz4' ? ['lz4'] : []);

/** @type {TestFile[]} */
const CODEC_FILES = CODECS.flatMap((compression) => [
  { name: `flat columns, ${compression}`, has: codec(compression), request: { query: FLAT, compression } },
  {
    name: `nested columns, ${compression}`,
    has: ['nested', ...codec(compression)],
    request: { query: NESTED, compression },
  },
]);

/** Columns for which each of the encodings is chosen. */
const ENCODED = {
  query: 'SELECT id, qty, "time", score, uuid, url, country, CAST("time" AS integer) AS seconds FROM large',
  rowGroupRows: 4000,
};

/** @type {TestFile[]} */
export const FILES = [
  ...CODEC_FILES,
  { name: 'maps', has: ['nested', 'maps'], request: { query: MAPS } },
  { name: 'decimals', has: ['decimals'], request: { query: DECIMALS } },
  { name: 'dates and timestamps', has: ['dates'], request: { query: DATES } },
  { name: 'every type of a table', has: ['nested', 'maps'], request: { tables: ['every_type'] } },
  { name: 'NaN, zeros and infinities', request: { query: FLOATS } },
  {
    name: 'long text',
    request: {
      query: "SELECT id, lpad('é', id * 700000, 'petit ü ') AS text FROM (VALUES (1), (2)) AS t(id)",
    },
  },
  { name: 'no rows', request: { query: `${FLAT} WHERE id > 3` } },
  { name: 'no rows, nested', has: ['nested'], request: { query: `${NESTED} WHERE id > 3` } },
  { name: 'several row groups', has: ['nested'], request: { tables: ['large'], rowGroupRows: 3000 } },
  { name: 'the encodings of compatible', request: { ...ENCODED, encodings: 'compatible' } },
  { name: 'the encodings of delta', has: ['deltas'], request: { ...ENCODED, encodings: 'delta' } },
  {
    name: 'the encodings of modern',
    has: ['deltas', 'newer encodings'],
    request: { ...ENCODED, encodings: 'modern' },
  },
  {
    name: 'partitions as one table',
    has: ['nested', 'partitions'],
    request: { tables: ['large'], partition: 'hour' },
  },
];

/** A seed with the tables of the files. */
export function seedOfFiles() {
  const seed = readSeed('edges');
  const [database] = seed.accounts[0]?.databases ?? [];
  database?.tables?.push({ name: 'large', generate: { recipe: 'events', rows: 20_000 } });
  return seed;
}

/**
 * Writes a file.
 * @param {TestEnv} env
 * @param {TestFile} file
 * @param {number} index
 * @returns {Promise<string>} its path; of a folder, with a slash at its end
 */
export async function writeFile(env, { request }, index) {
  const where = { database: 'edges', account: env.account, workers: 0 };
  const folder = env.path(`files/${index}`);
  const { tables, errors } = await exportTables({ ...where, outputDir: folder, ...request });
  const [written] = tables;
  if (!written) throw errors[0];
  return request.partition ? `${written.outputPath}/` : written.outputPath;
}
