// Measures how time and memory depend on the size of the table.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Td } from '../tests/emulator/td.js';
import { contest } from './contest.js';
import { CLI, COPY_KEY, DATABASE, KEYS, startServer } from './server.js';

/** @import { Contestant, Standing } from './contest.js' */
/** @import { Server } from './server.js' */

/**
 * Runs both commands on a table of each size. The sizes take turns, because the largest takes minutes.
 * @param {number[]} sizes rows
 * @param {{ runs: number, folder: string }} options
 */
export async function growthContest(sizes, { runs, folder }) {
  /** @type {Server[]} */
  const servers = [];
  /** @type {Contestant[]} */
  const exports = [];
  /** @type {Contestant[]} */
  const clones = [];
  const output = join(folder, 'growth.parquet');
  try {
    for (const rows of sizes) {
      const server = await startServer({ events: { recipe: 'events', rows } });
      servers.push(server);
      exports.push(exporter(server, rows, output));
      clones.push(cloner(server, rows));
    }
    // The first run fills the servers' caches, also with the results of slices of large tables.
    await contest(exports, { rows: 0, runs: 1, env: KEYS });
    const exported = await contest(exports, { rows: 0, runs, env: KEYS });
    const cloned = await contest(clones, { rows: 0, runs, env: KEYS });
    return sizes.map((rows, index) => ({
      rows,
      standings: [renamed('td2parquet', exported[index]), renamed('clone-db', cloned[index])],
    }));
  } finally {
    for (const server of servers) await server.close();
  }
}

/**
 * @param {string} name
 * @param {Standing | undefined} standing
 * @returns {Standing}
 */
const renamed = (name, standing) => ({ .../** @type {Standing} */ (standing), name });

/**
 * @param {Server} server
 * @param {number} rows
 * @param {string} output
 * @returns {Contestant}
 */
const exporter = ({ source }, rows, output) => ({
  name: `td2parquet, ${rows} rows`,
  command: [
    ...[process.execPath, CLI, 'td2parquet', DATABASE, 'events', '--endpoint', source],
    ...['--output', output, '--overwrite'],
  ],
  rows,
  // Otherwise the next run waits until the disk has written or deleted this file.
  after: async () => {
    await rm(output);
    return {};
  },
});

/**
 * @param {Server} server
 * @param {number} rows
 * @returns {Contestant}
 */
const cloner = ({ source, copy }, rows) => ({
  name: `clone-db, ${rows} rows`,
  command: [process.execPath, CLI, 'clone-db', DATABASE, '--se', source, '--de', copy],
  rows,
  after: async () => {
    await new Td(copy, COPY_KEY).post(`/v3/database/delete/${DATABASE}`);
    return {};
  },
});
