// @ts-nocheck: the benchmark installs hyparquet-writer.
// @msgpack/msgpack with hyparquet-writer: node hyparquet.js ENDPOINT DATABASE TABLE OUTPUT
// Uses snappy, its only codec. Writes lists and maps as JSON text, which is less work.
import { parquetWriteFile } from 'hyparquet-writer';
import { readTable } from './result.js';

const TYPES = { bigint: 'INT64', long: 'INT64', double: 'DOUBLE', varchar: 'STRING', string: 'STRING' };

const [endpoint, database, table, filename] = process.argv.slice(2);
const { columns, values } = await readTable(endpoint, database, table);
const toJson = (value) =>
  value === null
    ? null
    : JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? Number(inner) : inner));
const columnData = columns.map(({ name, type }, index) => {
  const parquetType = TYPES[type];
  if (!parquetType) return { name, data: values[index].map(toJson), type: 'STRING' };
  // The decoder returns small integers as numbers, but INT64 accepts only bigint.
  const data =
    parquetType === 'INT64'
      ? values[index].map((value) => (value === null ? null : BigInt(value)))
      : values[index];
  return { name, data, type: parquetType };
});
parquetWriteFile({ filename, columnData });
