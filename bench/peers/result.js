// Reads a table in the straightforward way: downloads the job's result, decompresses it, and decodes it row by row.
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { decodeMultiStream } from '@msgpack/msgpack';
import { Td } from '../../tests/emulator/td.js';

/**
 * @param {string} endpoint
 * @param {string} database
 * @param {string} table
 * @returns {Promise<{ columns: { name: string, type: string }[], values: unknown[][] }>} `values` by column
 */
export async function readTable(endpoint, database, table) {
  const key = process.env.TD_API_KEY ?? '';
  const job = await new Td(endpoint, key).query(database, `SELECT * FROM "${table}"`);
  const columns = JSON.parse(job.hive_result_schema).map((/** @type {[string, string]} */ [name, type]) => ({
    ...{ name, type },
  }));
  const url = `${endpoint}/v3/job/result/${job.job_id}?format=msgpack.gz`;
  const { body } = await fetch(url, { headers: { authorization: `TD1 ${key}` } });
  if (!body) throw new Error('no result');
  const rows = pipeline(body, createGunzip(), () => {});
  /** @type {unknown[][]} */
  const values = columns.map(() => []);
  // With BigInt, 64-bit integers are exact.
  for await (const row of decodeMultiStream(rows, { useBigInt64: true })) {
    for (const [index, value] of /** @type {unknown[]} */ (row).entries()) values[index]?.push(value);
  }
  return { columns, values };
}
