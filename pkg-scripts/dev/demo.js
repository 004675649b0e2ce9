// npm run demo: sets up, builds, starts the emulator with its sample data, clones a database with the real command, exports
// the copy and shows the result. Only Node's own modules may be imported before the set-up has run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { build, isBuilt } from './build.js';
import { setUp } from './setup.js';
import { ROOT, runScript } from './steps.js';

/** @import { SchemaElement, SchemaTree } from 'hyparquet' */

const DATABASE = 'shop';
const COPY = 'shop_copy';
const OUTPUT = 'demo';
const TABLES_SHOWN = ['customers', 'page_views'];
const ROWS_SHOWN = 3;
/** How long the first build takes on two cores. */
const BUILD_MINUTES = 5;
/** How long the emulator's jobs are queued, booting and running, in milliseconds each. Jobs of TD never start at once. */
const JOB_DELAY_MS = 150;

/** @type {(text?: string) => void} */
const print = (text = '') => console.log(text);

/** @param {string} title */
const heading = (title) => print(`\n== ${title}\n`);

/**
 * Runs the real command, and shows the line to type for it, without the keys.
 * @param {string[]} arguments_
 * @param {Record<string, string>} keys by environment variable
 * @param {AbortSignal} signal
 */
async function petit(arguments_, keys, signal) {
  const shownKeys = Object.keys(keys).map((name) => `${name}=… `);
  print(`$ ${shownKeys.join('')}npx --no-install petit ${arguments_.join(' ')}\n`);
  const child = spawn(process.execPath, [join(ROOT, 'pkg-scripts/cli.js'), ...arguments_], {
    cwd: ROOT,
    env: { ...process.env, ...keys },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const end = () => child.kill();
  signal.addEventListener('abort', end);
  const [code] = await once(child, 'exit');
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`petit exited with ${code}`);
}

/** @param {AbortSignal} signal */
async function demo(signal) {
  heading('A local Treasure Data with two accounts');
  const { startEmulator } = await import('../../tests/emulator/index.js');
  const delays = { queued: JOB_DELAY_MS, booting: JOB_DELAY_MS, running: JOB_DELAY_MS, final: 0 };
  const emulator = await startEmulator({ delays });
  try {
    const [source, destination] = [emulator.url('prod'), emulator.url('backup')];
    print(`account prod   at ${source}, with the sample database ${DATABASE}`);
    print(`account backup at ${destination}, empty`);

    const keys = { SOURCE_API_KEY: emulator.key('prod'), DEST_API_KEY: emulator.key('backup') };
    const endpoints = ['--source-endpoint', source, '--dest-endpoint', destination];
    const clone = ['clone-db', DATABASE, '--new-db', COPY, ...endpoints];
    heading('Preview the clone');
    await petit([...clone, '--dry-run'], keys, signal);
    heading('Clone: each table is loaded and verified before it gets its name');
    await petit([...clone, '--progress'], keys, signal);

    heading('Export the copy to Parquet');
    const out = ['--output-dir', OUTPUT, '--overwrite', '--progress'];
    const export_ = ['td2parquet', COPY, '--endpoint', destination, ...out];
    await petit(export_, { TD_API_KEY: emulator.key('backup') }, signal);

    heading(`What is in ${OUTPUT}/`);
    for (const name of readdirSync(join(ROOT, OUTPUT)).sort()) {
      print(
        `${statSync(join(ROOT, OUTPUT, name))
          .size.toLocaleString('en-US')
          .padStart(12)} bytes  ${name}`,
      );
    }
    for (const table of TABLES_SHOWN) await showParquet(join(OUTPUT, `${COPY}_${table}.parquet`));
    showNext();
  } finally {
    await emulator.close();
  }
}

/** @param {string} path */
async function showParquet(path) {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import(
    'hyparquet'
  );
  const { compressors } = await import('hyparquet-compressors');
  const file = await asyncBufferFromFile(join(ROOT, path));
  const metadata = await parquetMetadataAsync(file);
  heading(`${path}: ${metadata.num_rows.toLocaleString('en-US')} rows`);
  const columns = parquetSchema(metadata).children;
  const width = Math.max(...columns.map(({ element }) => element.name.length));
  for (const column of columns) print(`${column.element.name.padEnd(width)}  ${typeName(column)}`);
  print();
  const rows = await parquetReadObjects({ file, metadata, compressors, rowEnd: ROWS_SHOWN });
  for (const row of rows)
    print(inspect(withNulls(row), { breakLength: Number.POSITIVE_INFINITY, depth: null }));
}

/** The row, NULL always null: hyparquet gives undefined for a NULL list or map.
 * @param {Record<string, unknown>} row */
const withNulls = (row) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? null]));

/**
 * A column's type in short: `INT64`, `STRING`, `LIST of STRING`.
 * @param {SchemaTree} column
 * @returns {string}
 */
function typeName({ element, children }) {
  const [first] = children;
  if (!first) return element.logical_type?.type ?? element.converted_type ?? String(element.type);
  const inner = children.length === 1 && isRepeated(first.element) ? first.children : children;
  return `${element.converted_type ?? 'STRUCT'} of ${inner.map(typeName).join(', ')}`;
}

/** @param {SchemaElement} element */
const isRepeated = (element) => element.repetition_type === 'REPEATED';

function showNext() {
  heading('What to try next');
  print(`Open ${OUTPUT}/ with DuckDB, pandas or any other reader of Parquet.

Start the same local Treasure Data (it prints the addresses and the keys; Ctrl-C stops it):

  npm run emulator -- --port us01=8080 --port ap01=8081

and in another terminal, with the master key of account prod:

  export TD_API_KEY=…
  npx --no-install petit td2parquet edge_cases all_types --endpoint http://127.0.0.1:8080 --invalid-utf8 replace

With your own accounts (--dry-run writes nothing):

  export SOURCE_API_KEY=… DEST_API_KEY=…
  npx --no-install petit clone-db your_database --source-site aws --dest-site aws-tokyo --dry-run

npx --no-install petit --help lists all commands. README.md lists the guarantees.`);
}

await runScript(async () => {
  if (!isBuilt()) console.error(`demo: builds once, about ${BUILD_MINUTES} minutes`);
  await setUp({ forTests: false });
  await build({ emulator: true });
});
const controller = new AbortController();
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(name, () => controller.abort(new Error(`stopped by ${name}`)));
}
try {
  await demo(controller.signal);
} catch (error) {
  console.error(`\ndemo: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
