// The local Treasure Data for all contestants. Its queries run before the measurement.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '../tests/emulator/index.js';
import { Td } from '../tests/emulator/td.js';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const CLI = join(ROOT, 'pkg-scripts/cli.js');
export const PYTHON = join(ROOT, '.venv/bin/python');
export const SOURCE_KEY = '1/a000000000000000000000000000000000000001';
export const COPY_KEY = '2/b000000000000000000000000000000000000001';
export const DATABASE = 'bench';
/** The environment variables from which petit and the peers read their keys. */
export const KEYS = { TD_API_KEY: SOURCE_KEY, SOURCE_API_KEY: SOURCE_KEY, DEST_API_KEY: COPY_KEY };

/** @typedef {Awaited<ReturnType<typeof startServer>>} Server */
/** @typedef {Record<string, { recipe: string, rows: number }>} Tables */

/**
 * @param {Tables} tables
 */
export async function startServer(tables) {
  const keys = (/** @type {string} */ key) => [
    { name: 'master', key, permission: /** @type {const} */ ('master') },
  ];
  const generated = Object.entries(tables).map(([name, generate]) => ({ name, generate }));
  const databases = [{ name: DATABASE, tables: generated }];
  const emulator = await startEmulator({
    seed: {
      accounts: [
        { name: 'source', id: 1, site: 'us01', keys: keys(SOURCE_KEY), databases },
        { name: 'copy', id: 2, site: 'ap01', keys: keys(COPY_KEY) },
      ],
    },
  });
  const [source, copy] = [emulator.url('source'), emulator.url('copy')];
  return { emulator, source, copy, close: () => emulator.close() };
}

/**
 * Runs a query. The server caches its result, so that the SQL is not measured.
 * @param {Server} server
 * @param {string} sql
 * @returns {Promise<{ job: string, bytes: number, schema: string }>}
 */
export async function warmUp({ source }, sql) {
  const job = await new Td(source, SOURCE_KEY).query(DATABASE, sql);
  if (job.status !== 'success') throw new Error(job.debug.stderr);
  return { job: job.job_id, bytes: job.result_size, schema: job.hive_result_schema };
}

/** petit's query for a table. @param {string} table */
export const petitSql = (table) => `SELECT * FROM "${DATABASE}"."${table}"`;
/** The peers' query for a table. @param {string} table */
export const peerSql = (table) => `SELECT * FROM "${table}"`;
