// Compares `petit clone-db` with a straightforward Python script: one large table and twelve smaller ones; many tiny tables.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Td } from '../tests/emulator/td.js';
import { contest } from './contest.js';
import {
  CLI,
  COPY_KEY,
  DATABASE,
  KEYS,
  PYTHON,
  peerSql,
  petitSql,
  ROOT,
  startServer,
  warmUp,
} from './server.js';

/** @import { ProfileEvent } from '../pkg-scripts/types.js' */
/** @import { Standing } from './contest.js' */
/** @import { Server, Tables } from './server.js' */
/** @import { Measured } from './support.js' */

export const NAMES = {
  python: 'Python: td-client, pandas, pytd',
  singleInstance: 'petit, one wasm instance (`--workers 0`)',
  petit: 'petit',
};
const SMALL_TABLES = 12;

/** @param {Server} server */
const petitClone = ({ source, copy }) => [
  ...[process.execPath, CLI, 'clone-db', DATABASE, '--se', source, '--de', copy],
];

/**
 * @param {number} large rows of the large table
 * @param {number} small rows of each small table
 * @param {{ runs: number }} options
 */
export async function cloneContest(large, small, { runs }) {
  /** @type {Tables} */
  const tables = { events: { recipe: 'events', rows: large } };
  for (let number = 1; number <= SMALL_TABLES; number += 1) {
    tables[`small_${number}`] = { recipe: 'events', rows: small };
  }
  const rows = large + SMALL_TABLES * small;
  const server = await startServer(tables);
  try {
    const bytes = await warmUpClone(server, Object.keys(tables));
    const petit = petitClone(server);
    const peer = join(ROOT, 'bench/peers/clone_db.py');
    const after = async () => {
      await checkAndDelete(server, tables);
      return {};
    };
    const standings = await contest(
      [
        {
          ...{ name: NAMES.python, after },
          command: [PYTHON, peer, server.source, server.copy, DATABASE, DATABASE],
        },
        { name: NAMES.singleInstance, command: [...petit, '--workers', '0'], after },
        { name: NAMES.petit, command: petit, after },
      ],
      { rows, runs, env: KEYS },
    );
    const { stdout } = await promisify(execFile)(petit[0] ?? '', [...petit.slice(1), '--json', '--profile'], {
      ...{ env: { ...process.env, ...KEYS }, maxBuffer: 2 ** 28 },
    });
    return { rows, large, small, bytes, standings, deflateShare: deflateShare(stdout) };
  } finally {
    await server.close();
  }
}

/**
 * Deflate's share of the CPU time of the stages.
 * @param {string} events
 */
function deflateShare(events) {
  const all = events
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  /** @type {ProfileEvent} */
  const profile = all.find(({ type }) => type === 'profile');
  // The other stages wait for the network.
  const working = profile.stages.filter(({ stage }) => ['gunzip, split', 'encode', 'join'].includes(stage));
  const seconds = working.reduce((sum, stage) => sum + stage.seconds, 0);
  const deflate = working.find(({ parts }) => parts)?.parts?.deflate ?? 0;
  return deflate / seconds;
}

/**
 * Runs the queries of a clone in advance, petit's and the peer's.
 * @param {Server} server
 * @param {string[]} tables
 * @returns {Promise<number>} bytes of the results that petit downloads
 */
async function warmUpClone(server, tables) {
  const [program = '', ...args] = [...petitClone(server), '--dry-run', '--json'];
  const { stdout } = await promisify(execFile)(program, args, {
    ...{ env: { ...process.env, ...KEYS }, maxBuffer: 2 ** 28 },
  });
  for (const table of tables) await warmUp(server, peerSql(table));
  let bytes = 0;
  for (const { copy } of JSON.parse(stdout).tables) bytes += (await warmUp(server, copy.sql)).bytes;
  return bytes;
}

/**
 * Checks the row counts of the copy and deletes it.
 * @param {Server} server
 * @param {Tables} tables the expected tables
 */
async function checkAndDelete({ copy }, tables) {
  const td = new Td(copy, COPY_KEY);
  for (const [table, { rows }] of Object.entries(tables)) {
    const [[count]] = await td.rows(DATABASE, `SELECT COUNT(1) FROM "${table}"`);
    if (count !== rows) throw new Error(`${table} has ${count} of ${rows} rows`);
  }
  await td.post(`/v3/database/delete/${DATABASE}`);
}

/**
 * Many tables with few rows: measures the overhead per table, without the server's time.
 * @param {number} count
 * @param {{ runs: number, folder: string }} options
 * @returns {Promise<Standing[]>}
 */
export async function tinyContest(count, { runs, folder }) {
  /** @type {Tables} */
  const tables = {};
  for (let number = 1; number <= count; number += 1) tables[`tiny_${number}`] = { recipe: 'tiny', rows: 10 };
  const server = await startServer(tables);
  try {
    await warmUpClone(server, []);
    for (const table of Object.keys(tables)) await warmUp(server, petitSql(table));
    let startMs = 0;
    const before = async () => {
      server.emulator.clearRequests();
      startMs = Date.now();
    };
    /** @param {Measured} measured */
    const overhead = async ({ seconds }) => ({
      overheadMs: ((seconds - serverSeconds(server, startMs)) / count) * 1000,
    });
    return await contest(
      [
        {
          ...{ name: `td2parquet, ${count} tables`, before, after: overhead },
          command: [
            ...[process.execPath, CLI, 'td2parquet', DATABASE, '--endpoint', server.source],
            ...['--output-dir', join(folder, 'tiny'), '--overwrite'],
          ],
        },
        {
          ...{ name: `clone-db, ${count} tables`, before, command: petitClone(server) },
          after: async (measured) => {
            const figures = await overhead(measured);
            await checkAndDelete(server, tables);
            return figures;
          },
        },
      ],
      { rows: 10 * count, runs, env: KEYS },
    );
  } finally {
    await server.close();
  }
}

/**
 * The time in which the server answered at least one request or ran at least one job, in seconds.
 * @param {Server} server
 * @param {number} startMs start of the measurement, in milliseconds since 1970; earlier jobs do not count
 */
function serverSeconds({ emulator }, startMs) {
  const requests = emulator.requests().map((request) => [request.startMs, request.endMs ?? request.startMs]);
  const jobs = ['source', 'copy'].flatMap((account) =>
    [...emulator.account(account).jobs.jobs.values()].map(({ createdAt, endAt }) => [
      createdAt.getTime(),
      (endAt ?? createdAt).getTime(),
    ]),
  );
  let [ms, reached] = [0, startMs];
  for (const [start = 0, end = 0] of [...requests, ...jobs].toSorted(([a = 0], [b = 0]) => a - b)) {
    ms += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return ms / 1000;
}
