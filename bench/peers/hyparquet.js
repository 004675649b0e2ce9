// @ts-nocheck: hyparquet-writer is installed by the benchmark itself.
// hyparquet-writer fed by @msgpack/msgpack: node hyparquet.js ENDPOINT DATABASE TABLE OUTPUT
// snappy, which is what it has; lists and maps as JSON text, which is less work.
import { parquetWriteFile } from 'hyparquet-writer';
import { readTable } from './result.js';

const TYPES = { bigint: 'INT64', long: 'INT64', double: 'DOUBLE', varchar: 'STRING', string: 'STRING' };

const [endpoint, database, table, filename] = process.argv.slice(2);
const { columns, values } = await readTable(endpoint, database, table);
const toJson = (value) =>
  value === null
    ? null
    : JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? Number(inner) : inner));
const columnData = columns.map(({ name, type }, place) => {
  const known = TYPES[type];
  if (!known) return { name, data: values[place].map(toJson), type: 'STRING' };
  // Small integers are numbers to the decoder, and INT64 takes bigint only.
  const data =
    known === 'INT64' ? values[place].map((value) => (value === null ? null : BigInt(value))) : values[place];
  return { name, data, type: known };
});
parquetWriteFile({ filename, columnData });
