import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { startCodec } from '../codec.js';
import { literal } from '../engine.js';
import { toWire } from '../sql-types.js';

/**
 * Sends the rows of an inner query as maps: MessagePack, or JSON as one array.
 * @param {import('../accounts.js').Account} account
 * @param {string} database
 * @param {string} sql
 * @param {Record<string, unknown>} params
 * @param {import('fastify').FastifyReply} reply
 */
export async function sendRows(account, database, sql, params, reply) {
  const connection = await account.engine.connect(database);
  try {
    const prepared = await connection.prepare(sql);
    const places = [...Array(prepared.columnCount).keys()];
    const keys = places.map((place) => prepared.columnName(place));
    const items = places.map((place) => `${toWire(`c${place}`, prepared.columnType(place))} AS c${place}`);
    const rows = `SELECT ${items.join(', ')} FROM (${sql}) AS q(${places.map((place) => `c${place}`).join(', ')})`;
    /** @param {string} file */
    const write = (file) => connection.run(`COPY (${rows}) TO ${literal(file)} (FORMAT parquet)`);
    const spool = await account.results.spool({ write, cacheKey: null, keys }, new AbortController().signal);
    if (params.format !== 'json') {
      return reply.type('application/x-msgpack').send(createReadStream(spool.path).pipe(createGunzip()));
    }
    const order = { input: spool.path, format: 'json', header: null, nullify_special: true };
    let lines = '';
    for await (const chunk of startCodec('text', order).stdout.setEncoding('utf8')) lines += chunk;
    return reply.type('application/json').send(`[${lines.trim().split('\n').join(',')}]`);
  } finally {
    connection.closeSync();
  }
}
