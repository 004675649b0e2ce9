import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readWithHyparquet } from '../support/readers.js';
import { install, PYTHON } from './install.js';

/** @import { Value } from '../support/values.js' */
/** @import { Reader } from './readers.js' */

/** @typedef {{ columns: string[], rows: Value[][] } | { error: string }} ReadFile */

const SCRIPT = fileURLToPath(new URL('read.py', import.meta.url));
const MAX_OUTPUT_BYTES = 2 ** 28;

/**
 * Reads files with a reader. A path that ends with a slash is a folder of partitions.
 * @param {Reader} reader
 * @param {string[]} paths
 * @returns {Promise<ReadFile[]>}
 */
export async function readWith(reader, paths) {
  const folder = await install(reader);
  if (reader.registry === 'pip') return readWithPython(reader.engine, paths, folder);
  const read = reader.engine === 'hyparquet' ? hyparquet : parquetWasm;
  return Promise.all(paths.map((path) => read(folder, path).catch((error) => ({ error: String(error) }))));
}

/**
 * @param {string} engine of read.py
 * @param {string[]} paths
 * @param {string} [folder] of the reader. Default: the reader of .venv
 * @returns {Promise<ReadFile[]>}
 */
export async function readWithPython(engine, paths, folder) {
  // Without the packages of .venv, which are of other versions.
  const isolated = folder ? ['-S'] : [];
  const env = { ...process.env, TZ: 'UTC', ...(folder && { PYTHONPATH: folder }) };
  const options = { maxBuffer: MAX_OUTPUT_BYTES, env };
  const { stdout } = await promisify(execFile)(PYTHON, [...isolated, SCRIPT, engine, ...paths], options);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** @param {string} folder @param {string} path @returns {Promise<ReadFile>} */
async function hyparquet(folder, path) {
  const [library, { compressors }] = await Promise.all(
    ['hyparquet/src/node.js', 'hyparquet-compressors/src/index.js'].map(
      (file) => import(join(folder, 'node_modules', file)),
    ),
  );
  const { columns, rows } = await readWithHyparquet(path, { ...library, compressors });
  return { columns, rows };
}

/**
 * parquet-wasm returns Arrow's stream format, which pyarrow reads.
 * @param {string} folder @param {string} path @returns {Promise<ReadFile>}
 */
async function parquetWasm(folder, path) {
  const library = createRequire(join(folder, 'package.json'))('parquet-wasm/node');
  const stream = library.readParquet(new Uint8Array(await readFile(path))).intoIPCStream();
  const temporary = await mkdtemp(join(tmpdir(), 'petit-readers-'));
  try {
    const file = join(temporary, 'stream.arrow');
    await writeFile(file, stream);
    const [read] = await readWithPython('arrow_stream', [file]);
    return read ?? { error: 'pyarrow printed nothing' };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
