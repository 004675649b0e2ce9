// `petit td2parquet` against the obvious Python, JavaScript's Parquet writers, the floor, and the same core without wasm.
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
  spool,
  startServer,
} from './server.js';
import { measure } from './support.js';

/** @import { Contestant, Standing } from './contest.js' */

/** Most rows for writers that hold all of them in memory. */
const HELD_ROWS = 500_000;
const NATIVE = join(ROOT, process.env.CARGO_TARGET_DIR ?? 'target', 'release/petit-native');

export const NAMES = {
  python: 'Python: td-client, pandas, pyarrow',
  hyparquet: 'hyparquet-writer, @msgpack/msgpack',
  parquetWasm: 'parquet-wasm, apache-arrow, @msgpack/msgpack',
  curl: 'floor: `curl` of the result',
  gzip: 'floor: `gzip -dc` of the result',
  native: 'the same core, native, one thread, from a file',
  one: 'petit, one wasm instance (`--workers 0`)',
  petit: 'petit',
};

/**
 * @param {string} recipe
 * @param {number} rows
 * @param {{ runs: number, folder: string, peers: boolean }} options `peers`: the JavaScript writers, too
 * @returns {Promise<{ recipe: string, rows: number, bytes: number, standings: Standing[] }>}
 */
export async function exportContest(recipe, rows, { runs, folder, peers }) {
  const held = Math.min(rows, HELD_ROWS);
  const server = await startServer({ [recipe]: { recipe, rows }, held: { recipe, rows: held } });
  try {
    const { job, bytes, schema } = await spool(server, petitSql(recipe));
    for (const table of [recipe, 'held']) await spool(server, peerSql(table));
    const contestants = contestantsAt({ url: server.source, recipe, rows, held, job, schema, folder, peers });
    // The result as a file, for those that read one.
    const [fetchResult] = contestants.filter(({ name }) => name === NAMES.curl);
    const [program = '', ...args] = fetchResult?.command ?? [];
    await measure(program, args, {});
    const standings = await contest(contestants, { rows, runs, env: KEYS });
    return { recipe, rows, bytes, standings };
  } finally {
    await server.close();
  }
}

/**
 * @param {{ url: string, recipe: string, rows: number, held: number, job: string, schema: string, folder: string,
 *   peers: boolean }} setting
 * @returns {Contestant[]}
 */
function contestantsAt({ url, recipe, rows, held, job, schema, folder, peers }) {
  const fetched = join(folder, 'result.msgpack.gz');
  /** @param {string} name @param {string} file @param {(output: string) => string[]} command @param {number} [own] */
  const writer = (name, file, command, own = rows) => {
    const output = join(folder, file);
    return {
      ...{ name, rows: own, command: command(output) },
      before: () => rm(output, { force: true }),
      after: async () => {
        const written = await rowsIn(output);
        if (written !== own) throw new Error(`${name} wrote ${written} of ${own} rows`);
        return { fileBytes: (await stat(output)).size };
      },
    };
  };
  const petit = (/** @type {string} */ output) => [
    ...[process.execPath, CLI, 'td2parquet', DATABASE, recipe, '--endpoint', url, '--output', output],
  ];
  const peer = (/** @type {string} */ script) => (/** @type {string} */ output) => [
    ...[process.execPath, join(ROOT, 'bench/peers', script), url, DATABASE, 'held', output],
  ];
  const result = `${url}/v3/job/result/${job}?format=msgpack.gz`;
  const javascript = [
    writer(NAMES.hyparquet, 'hyparquet.parquet', peer('hyparquet.js'), held),
    writer(NAMES.parquetWasm, 'parquet-wasm.parquet', peer('parquet-wasm.js'), held),
  ];
  return [
    writer(NAMES.python, 'python.parquet', (output) => [
      ...[PYTHON, join(ROOT, 'bench/peers/td2parquet.py'), url, DATABASE, recipe, output],
    ]),
    ...(peers ? javascript : []),
    {
      name: NAMES.curl,
      command: ['curl', '-sf', '-H', `Authorization: TD1 ${SOURCE_KEY}`, result, '-o', fetched],
    },
    { name: NAMES.gzip, command: ['sh', '-c', `gzip -dc '${fetched}' > /dev/null`] },
    writer(NAMES.native, 'native.parquet', (output) => [NATIVE, 'export', fetched, schema, output]),
    writer(NAMES.one, 'one.parquet', (output) => [...petit(output), '--workers', '0']),
    writer(NAMES.petit, 'petit.parquet', petit),
  ];
}

/** @param {string} path */
async function rowsIn(path) {
  const { num_rows: rows } = await parquetMetadataAsync(await asyncBufferFromFile(path));
  return Number(rows);
}

/**
 * One table on one core, two tables on two: how much more the second core gives.
 * @param {number} rows
 * @param {{ runs: number, folder: string }} options
 * @returns {Promise<Standing[] | undefined>} undefined where processes cannot be kept to a core
 */
export async function scalingContest(rows, { runs, folder }) {
  if (spawnSync('taskset', ['--version']).status !== 0) return undefined;
  const recipe = 'events';
  const server = await startServer({ first: { recipe, rows }, second: { recipe, rows } });
  try {
    for (const table of ['first', 'second']) await spool(server, petitSql(table));
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
