import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXHAUSTIVE } from '../support/exhaustive.js';

// A dry run of a database with very many tables, or with very long schemas.

const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));
const KEY = '1/f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3';
/** Prints the largest memory that the process had, in KiB. */
const MEASURE = `data:text/javascript,process.on('exit',()=>console.error('maxRSS',process.resourceUsage().maxRSS))`;

/** @type {{ tables: number, columns: number, maxMegabytes: number }[]} */
const LISTINGS = [
  { tables: 10_000, columns: 10, maxMegabytes: 300 },
  ...(EXHAUSTIVE ? [{ tables: 2_000, columns: 1_900, maxMegabytes: 400 }] : []),
];

let body = Buffer.alloc(0);
const server = createServer(({ url = '' }, response) => {
  /** @type {Map<string, string | Buffer>} */
  const answers = new Map([
    /** @type {[string, string | Buffer]} */ (['/v3/table/list/db', body]),
    ['/v3/bulk_import/list', '{"bulk_imports":[]}'],
    ['/v3/job/list', '{"jobs":[]}'],
  ]);
  const answer = answers.get(url.replace(/\?.*/, ''));
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
  response.end(answer ?? '{"error":"not found"}');
});

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server.close());

/** @param {number} tables @param {number} columns */
function listing(tables, columns) {
  const list = Array.from({ length: tables }, (_, table) => ({
    ...{ name: `table_${table}`, type: 'log', count: table, estimated_storage_size: table },
    schema: JSON.stringify(
      Array.from({ length: columns }, (_, column) => [`column_${table}_${column}`, 'string']),
    ),
  }));
  return Buffer.from(JSON.stringify({ database: 'db', tables: list }));
}

/** @param {string[]} args */
async function run(args) {
  const { PATH, NODE_V8_COVERAGE = '' } = process.env;
  const keys = { TD_API_KEY: KEY, SOURCE_API_KEY: KEY, DEST_API_KEY: KEY.replace('1/', '2/') };
  const child = spawn(process.execPath, ['--import', MEASURE, CLI, ...args], {
    cwd: tmpdir(),
    env: { PATH, NODE_V8_COVERAGE, ...keys },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0, stderr);
  return { stdout, megabytes: Number(/maxRSS (\d+)/.exec(stderr)?.[1]) / 1024 };
}

for (const { tables, columns, maxMegabytes } of LISTINGS) {
  describe(`a dry run of ${tables} tables with ${columns} columns each`, () => {
    before(() => {
      body = listing(tables, columns);
    });

    for (const command of ['td2parquet', 'clone-db']) {
      it(`${command} takes at most ${maxMegabytes} MiB`, async () => {
        const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
        const endpoint = `http://127.0.0.1:${port}`;
        const sides =
          command === 'clone-db'
            ? ['--se', endpoint, '--de', endpoint, '--new-db', 'copy']
            : ['--endpoint', endpoint];
        const { stdout, megabytes } = await run([command, 'db', ...sides, '--dry-run', '--no-progress']);
        assert.equal(stdout.match(/ table_\d+ |^table_\d+ /gm)?.length, tables);
        assert.ok(megabytes < maxMegabytes, `${megabytes} MiB`);
      });
    }
  });
}
