// Whether time grows with the table and memory does not.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Td } from '../tests/emulator/td.js';
import { contest } from './contest.js';
import { CLI, COPY_KEY, DATABASE, KEYS, startServer } from './server.js';
import { measure } from './support.js';

/**
 * Both commands, on a table of each size.
 * @param {number[]} sizes rows
 * @param {{ runs: number, folder: string }} options
 */
export async function growthContest(sizes, { runs, folder }) {
  const measured = [];
  for (const rows of sizes) {
    const server = await startServer({ events: { recipe: 'events', rows } });
    try {
      const output = join(folder, 'growth.parquet');
      const [source, copy] = [server.source, server.copy];
      const td2parquet = [
        ...[process.execPath, CLI, 'td2parquet', DATABASE, 'events', '--endpoint', source],
        ...['--output', output, '--overwrite'],
      ];
      // The server keeps the results of its queries: those of slices, too, into which the largest table is cut.
      const [program = '', ...args] = td2parquet;
      await measure(program, args, KEYS);
      const clone = [process.execPath, CLI, 'clone-db', DATABASE, '--se', source, '--de', copy];
      const standings = await contest(
        [
          { name: 'td2parquet', command: td2parquet },
          {
            name: 'clone-db',
            command: clone,
            after: async () => {
              await new Td(copy, COPY_KEY).post(`/v3/database/delete/${DATABASE}`);
              return {};
            },
          },
        ],
        { rows, runs, env: KEYS },
      );
      await rm(output, { force: true });
      measured.push({ rows, standings });
    } finally {
      await server.close();
    }
  }
  return measured;
}
