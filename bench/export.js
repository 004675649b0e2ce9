// Compares `petit td2parquet` with a straightforward Python script, JavaScript's Parquet writers, lower bounds, and the same
// core without wasm.
import { spawnSync } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { contest } from './contest.js';
import {
  CLI,
  DATABASE,
  KEYS,
  PYTHON,
  peerSql,
  petitSql,
  ROOT,
  SOURCE_KEY,
  startServer,
  warmUp,
} from './server.js';
import { measure } from './support.js';

/** @import { Contestant, Standing } from './contest.js' */

/** The number of rows for writers that hold all rows in memory. */
const MAX_ROWS_IN_MEMORY = 500_000;
/** Recipes whose rows DuckDB also converts from a csv.gz file. A nested value has no standard form in CSV. */
const CSV_RECIPES = ['clicks', 'logs'];
const NATIVE = join(ROOT, process.env.CARGO_TARGET_DIR ?? 'target', 'release/petit-native');

export const NAMES = {
  python: 'Python: td-client, pandas, pyarrow',
  hyparquet: 'hyparquet-writer, @msgpack/msgpack',
  parquetWasm: 'parquet-wasm, apache-arrow, @msgpack/msgpack',
  curl: 'floor: `curl` of the result',
  gzip: 'floor: `gzip -dc` of the result',
  duckdb: 'DuckDB, all cores, from csv.gz: `COPY (FROM read_csv(…)) TO … (COMPRESSION zstd)`',
  native: 'the same core, native, one thread, from a file',
  singleInstance: 'petit, one wasm instance (`--workers 0`)',
  petit: 'petit',
};

/**
 * @param {string} recipe
 * @param {number} rows
 * @param {{ runs: number, folder: string, peers: boolean }} options `peers`: includes the JavaScript writers
 * @returns {Promise<{ recipe: string, rows: number, bytes: number, standings: Standing[] }>}
 */
export async function exportContest(recipe, rows, { runs, folder, peers }) {
  const smallRows = Math.min(rows, MAX_ROWS_IN_MEMORY);
  const server = await startServer({ [recipe]: { recipe, rows }, small: { recipe, rows: smallRows } });
  try {
    const { job, bytes, schema } = await warmUp(server, petitSql(recipe));
    for (const table of [recipe, 'small']) await warmUp(server, peerSql(table));
    const contestants = createContestants({
      url: server.source,
      recipe,
      rows,
      smallRows,
      job,
      schema,
      folder,
      peers,
    });
    // Some contestants read the result from a file.
    const [curl] = contestants.filter(({ name }) => name === NAMES.curl);
    const [program = '', ...args] = curl?.command ?? [];
    await measure(program, args, {});
    if (CSV_RECIPES.includes(recipe)) await writeCsv(folder, schema);
    const standings = await contest(contestants, { rows, runs, env: KEYS });
    return { recipe, rows, bytes, standings };
  } finally {
    await server.close();
  }
}

const resultFile = (/** @type {string} */ folder) => join(folder, 'result.msgpack.gz');
const csvFile = (/** @type {string} */ folder) => join(folder, 'result.csv.gz');
const DUCKDB = [process.execPath, join(ROOT, 'bench/peers/duckdb.js')];

/**
 * Writes the rows of the result as CSV, for DuckDB.
 * @param {string} folder
 * @param {string} schema
 */
async function writeCsv(folder, schema) {
  const parquet = join(folder, 'for-csv.parquet');
  await measure(NATIVE, ['export', resultFile(folder), schema, parquet], {});
  const [node = '', ...args] = DUCKDB;
  await measure(node, [...args, parquet, csvFile(folder)], {});
  await rm(parquet);
}

/**
 * @param {{ url: string, recipe: string, rows: number, smallRows: number, job: string, schema: string, folder: string,
 *   peers: boolean }} setup
 * @returns {Contestant[]}
 */
function createContestants({ url, recipe, rows, smallRows, job, schema, folder, peers }) {
  const input = resultFile(folder);
  /** @param {string} name @param {string} file @param {(output: string) => string[]} command @param {number} [ownRows] */
  const writer = (name, file, command, ownRows = rows) => {
    const output = join(folder, file);
    return {
      ...{ name, rows: ownRows, command: command(output) },
      before: () => rm(output, { force: true }),
      after: async () => {
        const count = await countRows(output);
        if (count !== ownRows) throw new Error(`${name} wrote ${count} of ${ownRows} rows`);
        return { fileBytes: (await stat(output)).size };
      },
    };
  };
  const petit = (/** @type {string} */ output) => [
    ...[process.execPath, CLI, 'td2parquet', DATABASE, recipe, '--endpoint', url, '--output', output],
  ];
  const peer = (/** @type {string} */ script) => (/** @type {string} */ output) => [
    ...[process.execPath, join(ROOT, 'bench/peers', script), url, DATABASE, 'small', output],
  ];
  const result = `${url}/v3/job/result/${job}?format=msgpack.gz`;
  const javascript = [
    writer(NAMES.hyparquet, 'hyparquet.parquet', peer('hyparquet.js'), smallRows),
    writer(NAMES.parquetWasm, 'parquet-wasm.parquet', peer('parquet-wasm.js'), smallRows),
  ];
  const duckdb = writer(NAMES.duckdb, 'duckdb.parquet', (output) => [...DUCKDB, csvFile(folder), output]);
  return [
    writer(NAMES.python, 'python.parquet', (output) => [
      ...[PYTHON, join(ROOT, 'bench/peers/td2parquet.py'), url, DATABASE, recipe, output],
    ]),
    ...(peers ? javascript : []),
    {
      name: NAMES.curl,
      command: ['curl', '-sf', '-H', `Authorization: TD1 ${SOURCE_KEY}`, result, '-o', input],
    },
    { name: NAMES.gzip, command: ['sh', '-c', `gzip -dc '${input}' > /dev/null`] },
    ...(CSV_RECIPES.includes(recipe) ? [duckdb] : []),
    writer(NAMES.native, 'native.parquet', (output) => [NATIVE, 'export', input, schema, output]),
    writer(NAMES.singleInstance, 'single-instance.parquet', (output) => [...petit(output), '--workers', '0']),
    writer(NAMES.petit, 'petit.parquet', petit),
  ];
}

/** @param {string} path */
async function countRows(path) {
  const { num_rows: rows } = await parquetMetadataAsync(await asyncBufferFromFile(path));
  return Number(rows);
}

/**
 * One table on one core and two tables on two cores: measures the gain of the second core.
 * @param {number} rows
 * @param {{ runs: number, folder: string }} options
 * @returns {Promise<Standing[] | undefined>} undefined if the system lacks `taskset`
 */
export async function scalingContest(rows, { runs, folder }) {
  if (spawnSync('taskset', ['--version']).status !== 0) return undefined;
  const recipe = 'events';
  const server = await startServer({ first: { recipe, rows }, second: { recipe, rows } });
  try {
    for (const table of ['first', 'second']) await warmUp(server, petitSql(table));
    const petit = (/** @type {string} */ cores, /** @type {string[]} */ ...tables) => [
      ...['taskset', '-c', cores, process.execPath, CLI, 'td2parquet', DATABASE, ...tables],
      ...['--endpoint', server.source, '--output-dir', join(folder, 'scaling'), '--overwrite'],
    ];
    return await contest(
      [
        { name: 'one table, one core', rows, command: petit('0', 'first') },
        { name: 'two tables, two cores', rows: 2 * rows, command: petit('0,1', 'first', 'second') },
      ],
      { rows, runs, env: KEYS },
    );
  } finally {
    await server.close();
  }
}
