// @ts-nocheck: the benchmark installs parquet-wasm and apache-arrow.
// @msgpack/msgpack and apache-arrow with parquet-wasm: node parquet-wasm.js ENDPOINT DATABASE TABLE OUTPUT
// Uses zstd. Writes lists and maps as JSON text, which is less work.
import { writeFile } from 'node:fs/promises';
import { Float64, Int64, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { Compression, Table as WasmTable, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm';
import { readTable } from './result.js';

const [endpoint, database, table, output] = process.argv.slice(2);
const { columns, values } = await readTable(endpoint, database, table);
const toJson = (value) =>
  value === null
    ? null
    : JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? Number(inner) : inner));

function vector(type, data) {
  if (['bigint', 'long'].includes(type)) {
    return vectorFromArray(
      data.map((value) => (value === null ? null : BigInt(value))),
      new Int64(),
    );
  }
  if (type === 'double') return vectorFromArray(data, new Float64());
  if (['varchar', 'string'].includes(type)) return vectorFromArray(data, new Utf8());
  return vectorFromArray(data.map(toJson), new Utf8());
}

const vectors = columns.map(({ name, type }, index) => [name, vector(type, values[index])]);
const ipc = tableToIPC(new Table(Object.fromEntries(vectors)), 'stream');
const properties = new WriterPropertiesBuilder().setCompression(Compression.ZSTD).build();
await writeFile(output, writeParquet(WasmTable.fromIPCStream(ipc), properties));
