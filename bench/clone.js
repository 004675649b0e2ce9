// `petit clone-db` against the obvious Python: a large table and twelve smaller; and many tiny ones.

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
  spool,
  startServer,
} from './server.js';

/** @import { ProfileEvent } from '../pkg-scripts/types.js' */
/** @import { Standing } from './contest.js' */
/** @import { Server, Tables } from './server.js' */
/** @import { Measured } from './support.js' */

export const NAMES = {
  python: 'Python: td-client, pandas, pytd',
  one: 'petit, one wasm instance (`--workers 0`)',
  petit: 'petit',
};
const SMALL_TABLES = 12;

/** @param {Server} server */
const petitClone = ({ source, copy }) => [
  ...[process.execPath, CLI, 'clone-db', DATABASE, '--se', source, '--de', copy],
];

/**
 * @param {number} large rows of the large table
 * @param {number} small rows of each smaller one
 * @param {{ runs: number }} options
 */
export async function cloneContest(large, small, { runs }) {
  /** @type {Tables} */
  const tables = { events: { recipe: 'events', rows: large } };
  for (let place = 1; place <= SMALL_TABLES; place += 1) {
    tables[`small_${place}`] = { recipe: 'events', rows: small };
  }
  const rows = large + SMALL_TABLES * small;
  const server = await startServer(tables);
  try {
    const bytes = await spoolClone(server, Object.keys(tables));
    const petit = petitClone(server);
    const peer = join(ROOT, 'bench/peers/clone_db.py');
    const after = async () => {
      await takeAway(server, tables);
      return {};
    };
    const standings = await contest(
      [
        {
          ...{ name: NAMES.python, after },
          command: [PYTHON, peer, server.source, server.copy, DATABASE, DATABASE],
        },
        { name: NAMES.one, command: [...petit, '--workers', '0'], after },
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
 * Deflate's share of the time that the stages worked.
 * @param {string} events
 */
function deflateShare(events) {
  const all = events
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  /** @type {ProfileEvent} */
  const profile = all.find(({ type }) => type === 'profile');
  // Those that use a processor; the others wait for the network.
  const working = profile.stages.filter(({ stage }) => ['gunzip, split', 'encode', 'join'].includes(stage));
  const seconds = working.reduce((sum, stage) => sum + stage.seconds, 0);
  const deflate = working.find(({ parts }) => parts)?.parts?.deflate ?? 0;
  return deflate / seconds;
}

/**
 * Runs the queries of a clone beforehand, petit's and the peer's.
 * @param {Server} server
 * @param {string[]} tables
 * @returns {Promise<number>} bytes of the results that petit fetches
 */
async function spoolClone(server, tables) {
  const [program = '', ...args] = [...petitClone(server), '--dry-run', '--json'];
  const { stdout } = await promisify(execFile)(program, args, {
    ...{ env: { ...process.env, ...KEYS }, maxBuffer: 2 ** 28 },
  });
  for (const table of tables) await spool(server, peerSql(table));
  let bytes = 0;
  for (const { copy } of JSON.parse(stdout).tables) bytes += (await spool(server, copy.sql)).bytes;
  return bytes;
}

/**
 * Counts the copy's rows and deletes it.
 * @param {Server} server
 * @param {Tables} tables what it has to have
 */
async function takeAway({ copy }, tables) {
  const td = new Td(copy, COPY_KEY);
  for (const [table, { rows }] of Object.entries(tables)) {
    const [[count]] = await td.rows(DATABASE, `SELECT COUNT(1) FROM "${table}"`);
    if (count !== rows) throw new Error(`${table} has ${count} of ${rows} rows`);
  }
  await td.post(`/v3/database/delete/${DATABASE}`);
}

/**
 * Many tables of few rows: what a table costs beside the server's own answers.
 * @param {number} count
 * @param {{ runs: number, folder: string }} options
 * @returns {Promise<Standing[]>}
 */
export async function tinyContest(count, { runs, folder }) {
  /** @type {Tables} */
  const tables = {};
  for (let place = 1; place <= count; place += 1) tables[`tiny_${place}`] = { recipe: 'tiny', rows: 10 };
  const server = await startServer(tables);
  try {
    await spoolClone(server, []);
    for (const table of Object.keys(tables)) await spool(server, petitSql(table));
    let began = 0;
    const before = async () => {
      server.emulator.clearRequests();
      began = Date.now();
    };
    /** @param {Measured} measured */
    const overhead = async ({ seconds }) => ({
      overheadMs: ((seconds - secondsOfServer(server, began)) / count) * 1000,
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
            const more = await overhead(measured);
            await takeAway(server, tables);
            return more;
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
 * How long the server had something to answer, or a job to run.
 * @param {Server} server
 * @param {number} began when what is measured did, in milliseconds since 1970: earlier jobs do not count
 */
function secondsOfServer({ emulator }, began) {
  const requests = emulator.requests().map(({ startMs, endMs }) => [startMs, endMs ?? startMs]);
  const jobs = ['source', 'copy'].flatMap((account) =>
    [...emulator.account(account).jobs.jobs.values()].map(({ createdAt, endAt }) => [
      createdAt.getTime(),
      (endAt ?? createdAt).getTime(),
    ]),
  );
  let [ms, reached] = [0, began];
  for (const [start = 0, end = 0] of [...requests, ...jobs].toSorted(([a = 0], [b = 0]) => a - b)) {
    ms += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return ms / 1000;
}
