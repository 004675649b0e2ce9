import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { measure } from '../../bench/support.js';
import { startEmulator } from '../emulator/index.js';
import { Td } from '../emulator/td.js';

/**
 * Large loads. Each command runs as a separate process; every row must arrive, and memory must stay within the bound.
 * `npm test` runs small versions (load.test.js), `npm run load` the full ones (run.js).
 *
 * @typedef {import('../emulator/seed.js').TableSeed} TableSeed
 * @typedef {import('../emulator/recipes.js').Generated} Generated
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {number} [tables] number of such tables (default: 1)
 * @property {Generated} generate
 * @property {Partial<BoundOptions>} [bound] what increases the memory bound
 *
 * @typedef {object} Outcome
 * @property {string} command
 * @property {number} seconds
 * @property {number} peakBytes
 * @property {number} boundBytes the memory bound of this run
 * @property {number} rows
 * @property {number} [columnChunks] columns × row groups of the largest file
 * @property {number} bytes of the downloaded results
 */

const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));
const SOURCE_KEY = '1/a000000000000000000000000000000000000001';
const COPY_KEY = '2/b000000000000000000000000000000000000001';
const DATABASE = 'load';
const MEGABYTE = 1_000_000;

/**
 * @typedef {object} BoundOptions
 * @property {number} workers
 * @property {number} rowBytes of the longest row
 * @property {number} columns
 * @property {number} columnChunks columns × row groups of the largest file
 */

/** Description of {@link memoryBound} for docs/memory.md. */
export const BOUND = `With the default options memory does not depend on the number of tables. It depends on the size of a table only through the Parquet
footer described below. The bound is the sum of:

- **230 MB** for Node, petit and data in flight: per table at most \`--download-parallelism\` + 1 ranges of 4 MiB; for clone-db also up to
  64 MiB of parts in upload, and one part of 16 MiB to 32 MiB that petit is filling;
- **50 MB for each worker**: its WebAssembly instance and one block, which is 8 MiB of rows for td2parquet (\`--row-group-bytes\`) and
  4 MiB for clone-db. One more block waits.

With two workers the bound is less than 350 MB. A block contains at least one row, and every column has its own buffers. Therefore:

- A row of more than 2 MB adds **ten times** its size for each worker, and the same amount once more.
- Each column above 300 adds **20 KB** for each worker, and the same amount once more.

petit holds the footer of a Parquet file in memory until it closes the file: **1 KB** for each column of each row group. With twelve
columns that is about 15 MB for a file of 5 GB. To keep the footer of wide tables small, petit uses larger row groups by default above
1,024 columns: 8 KiB per column.`;

/**
 * The maximum memory of a run with the default options, in bytes.
 * @param {Partial<BoundOptions>} options
 */
export function memoryBound({
  workers = availableParallelism(),
  rowBytes = 0,
  columns = 0,
  columnChunks = 0,
}) {
  const [base, worker] = [230 * MEGABYTE, 50 * MEGABYTE];
  const rows = rowBytes > 2 * MEGABYTE ? 10 * rowBytes : 0;
  const wide = Math.max(0, columns - 300) * 20_000;
  return base + rows + wide + workers * (worker + rows + wide) + columnChunks * 1_000;
}

/**
 * Runs both commands over the scenario's tables.
 * @param {Scenario} scenario
 * @returns {Promise<Outcome[]>}
 */
export async function runScenario({ tables = 1, generate, bound = {} }) {
  const folder = await mkdtemp(join(tmpdir(), 'petit-load-'));
  const server = await startEmulator({ seed: seedOf(tables, generate) });
  const expected = { tables, rows: tables * generate.rows * (generate.copies ?? 1) };
  const run = async (/** @type {string} */ command, /** @type {string[]} */ args) => {
    server.clearRequests();
    const measured = await measure(process.execPath, [CLI, command, DATABASE, ...args], {
      ...{ TD_API_KEY: SOURCE_KEY, SOURCE_API_KEY: SOURCE_KEY, DEST_API_KEY: COPY_KEY },
      NODE_V8_COVERAGE: '',
    });
    const results = server.requests().filter(({ path }) => path.includes('/job/result/'));
    const bytes = results.reduce((sum, { bytesOut }) => sum + bytesOut, 0);
    return { command, ...measured, rows: expected.rows, bytes };
  };
  try {
    const [source, copy] = [server.url('source'), server.url('copy')];
    const exported = await run('td2parquet', ['--endpoint', source, '--output-dir', folder]);
    const { columnChunks, ...files } = await filesIn(folder);
    assert.deepEqual(files, expected);
    await rm(folder, { recursive: true });
    const cloned = await run('clone-db', ['--se', source, '--de', copy]);
    assert.deepEqual(await tablesOf(copy), expected);
    return [
      { ...exported, columnChunks, boundBytes: memoryBound({ ...bound, columnChunks }) },
      { ...cloned, boundBytes: memoryBound(bound) },
    ];
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {number} tables
 * @param {Generated} generate
 * @returns {import('../emulator/seed.js').Seed}
 */
function seedOf(tables, generate) {
  const key = (/** @type {string} */ key) => [
    { name: 'master', key, permission: /** @type {const} */ ('master') },
  ];
  const databases = [
    {
      name: DATABASE,
      tables: Array.from({ length: tables }, (_, place) => ({ name: `table_${place + 1}`, generate })),
    },
  ];
  return {
    accounts: [
      { name: 'source', id: 1, site: 'us01', keys: key(SOURCE_KEY), databases },
      { name: 'copy', id: 2, site: 'ap01', keys: key(COPY_KEY) },
    ],
  };
}

/** @param {string} folder of Parquet files */
async function filesIn(folder) {
  const names = await readdir(folder);
  let [rows, columnChunks] = [0, 0];
  for (const name of names) {
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(join(folder, name)));
    rows += Number(metadata.num_rows);
    const chunks = metadata.row_groups.reduce((sum, { columns }) => sum + columns.length, 0);
    columnChunks = Math.max(columnChunks, chunks);
  }
  return { tables: names.length, rows, columnChunks };
}

/** @param {string} url */
async function tablesOf(url) {
  const { body } = await new Td(url, COPY_KEY).get(`/v3/table/list/${DATABASE}`);
  const counts = body.tables.map((/** @type {{ count: number }} */ { count }) => count);
  return {
    tables: counts.length,
    rows: counts.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0),
  };
}
