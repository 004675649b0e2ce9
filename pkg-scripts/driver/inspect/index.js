import { PetitError } from '../errors.js';
import { wasm } from '../wasm.js';

/** @import { Dialect, FileDescription } from '../../core.js' */
/** @import { ByteSource, InspectedFile } from '../../types.js' */

/** Bytes of the first read: most footers fit. */
const TAIL_BYTES = 64 * 2 ** 10;
/** How every Parquet file begins. */
const MAGIC = 'PAR1';
const DAMAGED = 'A file that is not complete has no footer. Write or download it again.';

/**
 * Describes a Parquet file by its footer. Reads nothing else of it, unless rows are wanted.
 * @param {ByteSource} source
 * @param {{ rows?: number | undefined, ddl?: Dialect | undefined }} wanted
 * @returns {Promise<InspectedFile>}
 */
export async function inspectSource(source, { rows = 0, ddl }) {
  const { name, byteLength } = source;
  const footer = await readFooter(source);
  await checkStart(source);
  const description = orNotParquet(name, () => wasm.describeFile(footer, byteLength));
  const statement = ddl && tableStatement(name, footer, description, ddl);
  const firstRows = rows > 0 ? await readRows(source, rows) : undefined;
  return {
    ...{ file: name, bytes: BigInt(byteLength), ...description },
    ...(firstRows && { firstRows }),
    ...(statement !== undefined && { ddl: statement }),
  };
}

/** A file whose start is cut has a footer, too.
 * @param {ByteSource} source */
async function checkStart(source) {
  const start = await source.slice(0, MAGIC.length);
  if (new TextDecoder().decode(start) === MAGIC) return;
  throw notParquet(source.name, new Error('this is not a complete Parquet file: its start is missing'));
}

/** @param {ByteSource} source */
async function readFooter(source) {
  const { name, byteLength } = source;
  const tail = await source.slice(Math.max(0, byteLength - TAIL_BYTES), byteLength);
  const length = orNotParquet(name, () => wasm.footerLength(tail, byteLength));
  if (length <= tail.length) return tail.subarray(tail.length - length);
  return source.slice(byteLength - length, byteLength);
}

/**
 * @param {string} name
 * @param {Uint8Array} footer
 * @param {FileDescription} description
 * @param {Dialect} dialect
 */
function tableStatement(name, footer, { metadata }, dialect) {
  const text = (/** @type {string} */ key) => metadata.find(([other]) => other === key)?.[1];
  const partition = text('td.partition')?.split('=')[0];
  const table = text('td.table') ?? text('td.view');
  const { folder, base } = placeOf(name, partition);
  const named = table === undefined ? base : `${text('td.database')}_${table}`;
  const place = { name: named, location: folder, ...(partition && { partition }) };
  return wasm.tableDdl(footer, dialect, place);
}

/** Where the files of a table are that only this computer has. */
const UNKNOWN_FOLDER = 's3://BUCKET/FOLDER/';

/**
 * The folder of the table's files, and a name for the table.
 * @param {string} name
 * @param {string | undefined} partition key of the folders of partitions
 */
function placeOf(name, partition) {
  const path = name.replaceAll('\\', '/').split('/');
  const file = path.pop() ?? '';
  if (partition !== undefined && path.at(-1)?.startsWith(`${partition}=`)) path.pop();
  const isInStore = /^[a-z0-9]+:\/\//.test(name);
  return {
    folder: isInStore ? `${path.join('/')}/` : UNKNOWN_FOLDER,
    base: (partition === undefined ? file.replace(/\.parquet$/, '') : path.at(-1)) || 'table',
  };
}

/** @param {ByteSource} source @param {number} rows */
async function readRows(source, rows) {
  const { readFirstRows } = await import('./rows.js');
  try {
    return await readFirstRows(source, rows);
  } catch (thrown) {
    throw thrown instanceof PetitError ? thrown : notParquet(source.name, thrown);
  }
}

/**
 * @template T
 * @param {string} name
 * @param {() => T} work
 * @returns {T}
 */
function orNotParquet(name, work) {
  try {
    return work();
  } catch (thrown) {
    throw notParquet(name, thrown);
  }
}

/** @param {string} name @param {unknown} thrown */
function notParquet(name, thrown) {
  const { message } = /** @type {Error} */ (thrown);
  return new PetitError('not_parquet', `${name}: ${message}`, { cause: thrown, hint: DAMAGED });
}
