import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { startCodec } from '../codec.js';
import { copyTo, describe } from '../prepare.js';
import { toWire } from '../sql-types.js';

/**
 * Sends the rows of a query as maps, in MessagePack or as a JSON array.
 * @param {import('../accounts.js').Account} account
 * @param {string} database
 * @param {string} sql
 * @param {Record<string, unknown>} params
 * @param {import('fastify').FastifyReply} reply
 */
export async function sendRows(account, database, sql, params, reply) {
  const connection = await account.engine.connect(database);
  try {
    const { types, names: keys } = await describe(connection, sql);
    const aliases = types.map((_, index) => `c${index}`);
    const items = types.map((type, index) => `${toWire(`c${index}`, type)} AS c${index}`);
    const rows = `SELECT ${items.join(', ')} FROM (${sql}) AS q(${aliases.join(', ')})`;
    const write = (/** @type {string} */ file) => connection.run(copyTo(rows, file));
    const spool = await account.results.spool({ write, cacheKey: null, keys }, new AbortController().signal);
    if (params.format === 'msgpack') {
      return reply.type('application/x-msgpack').send(createReadStream(spool.path).pipe(createGunzip()));
    }
    const task = { input: spool.path, format: 'json', header: null, nullify_special: true };
    let lines = '';
    for await (const chunk of startCodec('text', task).stdout.setEncoding('utf8')) lines += chunk;
    return reply.type('application/json').send(`[${lines.trim().split('\n').join(',')}]`);
  } finally {
    connection.closeSync();
  }
}
