import { exportTables } from '../../pkg-scripts/node.js';
import { readSeed } from '../support/index.js';

/** @import { ExportRequest } from '../../pkg-scripts/types.js' */
/** @import { TestEnv } from '../support/index.js' */

/**
 * The files that every reader reads.
 *
 * @typedef {object} TestFile
 * @property {string} name
 * @property {string[]} [has] properties that some readers lack
 * @property {Partial<ExportRequest>} request
 */

const CODECS = /** @type {const} */ (['zstd', 'snappy', 'gzip', 'lz4', 'none']);

/** Columns of every type without nested values: a value, an extreme and a NULL each. */
const FLAT = `SELECT * FROM (VALUES
  (1, TRUE, CAST(-128 AS tinyint), CAST(-32768 AS smallint), CAST(-2147483648 AS integer), 9007199254740993,
    CAST(0.1 AS real), 0.1e0, DECIMAL '12.340', DATE '2020-02-29', TIMESTAMP '2020-02-29 01:02:03.456', 'é', X'00ff80'),
  (2, FALSE, CAST(127 AS tinyint), CAST(32767 AS smallint), CAST(2147483647 AS integer), 9223372036854775807,
    CAST(-1.5 AS real), -1e300, DECIMAL '-99.999', DATE '1969-12-31', TIMESTAMP '1969-12-31 23:59:59.999', '', X''),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
  ) AS t(id, flag, tiny, small, int, big, single, dbl, money, day, at, text, bytes)`;

const NESTED = `SELECT * FROM (VALUES
  (1, ARRAY[1, NULL], MAP(ARRAY['a', 'b'], ARRAY[1.5e0, NULL]),
    CAST(ROW(9007199254740993, 'a', NULL) AS row(n bigint, "odd name" varchar, none double)),
    ARRAY[CAST(ROW(1, ARRAY['x']) AS row(n integer, l array(varchar))), NULL]),
  (2, ARRAY[], MAP(), CAST(ROW(1, NULL, 2e0) AS row(n bigint, "odd name" varchar, none double)), ARRAY[]),
  (3, NULL, NULL, NULL, NULL)) AS t(id, list, map, "row", "rows")`;

/** In each column the values that decide the minimum and the maximum of floats. */
const FLOATS = `SELECT * FROM (VALUES
  (1, nan(), nan(), 0e0, -0e0, 1e0, infinity(), CAST(nan() AS real), CAST(-0e0 AS real)),
  (2, 1e0, nan(), 0e0, -0e0, -0e0, -infinity(), CAST(1.5 AS real), CAST(0e0 AS real)),
  (3, NULL, nan(), NULL, NULL, 0e0, nan(), NULL, NULL))
  AS t(id, some_nan, only_nan, zero, minus_zero, zeros, inf, single_nan, single_zero)`;

/** @type {TestFile[]} */
const CODEC_FILES = CODECS.flatMap((compression) => [
  { name: `flat columns, ${compression}`, request: { query: FLAT, compression } },
  { name: `nested columns, ${compression}`, has: ['nested'], request: { query: NESTED, compression } },
]);

/** @type {TestFile[]} */
export const FILES = [
  ...CODEC_FILES,
  { name: 'every type of a table', has: ['nested'], request: { tables: ['every_type'] } },
  { name: 'NaN, zeros and infinities', request: { query: FLOATS } },
  {
    name: 'long text',
    request: { query: "SELECT id, repeat('petit ü ', id * 100000) AS text FROM (VALUES 1, 2) t(id)" },
  },
  { name: 'no rows', request: { query: `${FLAT} WHERE id > 3` } },
  { name: 'no rows, nested', has: ['nested'], request: { query: `${NESTED} WHERE id > 3` } },
  {
    name: 'integers as deltas',
    request: { query: 'SELECT id, qty, "time", score, uuid, country FROM large', rowGroupRows: 4000 },
  },
  {
    name: 'several row groups',
    has: ['nested'],
    request: { tables: ['large'], rowGroupRows: 3000, chunkSize: 1000 },
  },
];

/** @type {TestFile} */
export const PARTITIONS = {
  name: 'partitions as one table',
  has: ['partitions'],
  request: { tables: ['large'], partition: 'hour' },
};

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
