import { text as readText } from 'node:stream/consumers';
import { allow, authenticate, checkAddress } from '../accounts.js';
import { ApiError } from '../errors.js';
import { pathOf } from '../parameters.js';
import { TrinoQuery, trinoError } from '../trino-query.js';

/** The DuckDB schema of a statement without X-Trino-Schema, in which no table is. */
const NO_SCHEMA = '__functions';

/**
 * Trino's client protocol, which pytd's `query` and Trino's own clients speak. The user is the API key, as in TD. A
 * statement is a job of the account.
 * @param {import('../server.js').App} app
 * @param {import('../emulator.js').Emulator} emulator
 * @param {string} site
 */
export function trinoRoutes(app, emulator, site) {
  /** @type {Map<string, TrinoQuery>} */
  const queries = new Map();

  app.post('/v1/statement', async (request, reply) => {
    const { account, key } = callerOf(request, emulator, site);
    const statement = await statementOf(request);
    const database = headerOf(request, 'schema');
    try {
      if (database) account.catalog.database(database);
      allow(key, 'query', database);
    } catch (error) {
      return refuse(error);
    }
    const run = {
      type: 'trino',
      database: database ?? NO_SCHEMA,
      query: statement,
      scheduledTime: Math.floor(Date.now() / 1000),
    };
    const job = account.jobs.start(
      { type: 'presto', database: database ?? '', query: statement, userName: account.user.name },
      (signal, { id, lagMs }) => account.runQuery(account, key, { ...run, id, lagMs }, undefined, signal),
    );
    const query = new TrinoQuery(job);
    queries.set(query.id, query);
    return reply.type('application/json').send(query.start(baseOf(request)));
  });

  app.get('/v1/statement/executing/:id/:slug/:token', async (request, reply) => {
    const body = await find(request).page(baseOf(request), Number(pathOf(request).token));
    if (body === undefined) throw new ApiError(410, 'The page is gone');
    return reply.type('application/json').send(body);
  });

  app.delete('/v1/statement/executing/:id/:slug/:token', (request, reply) => {
    find(request).cancel();
    return reply.code(204).send();
  });

  /** @param {import('../server.js').Request} request */
  function find(request) {
    const { id = '', slug = '' } = pathOf(request);
    const query = queries.get(id);
    if (!query?.isSecret(slug)) throw new ApiError(404, 'Query not found');
    return query;
  }
}

/**
 * @param {import('../server.js').Request} request
 * @param {import('../emulator.js').Emulator} emulator
 * @param {string} site
 */
function callerOf(request, emulator, site) {
  const caller = authenticate(emulator.accounts, site, `TD1 ${userOf(request)}`);
  const { entry } = /** @type {any} */ (request);
  entry.account = caller.account.name;
  entry.key = caller.key.name;
  checkAddress(caller.key, request.ip, emulator.settings.allowlistStatus);
  return caller;
}

/** @param {import('../server.js').Request} request */
function userOf(request) {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const named = basic && Buffer.from(basic, 'base64').toString().split(':')[0];
  return named || headerOf(request, 'user');
}

/**
 * A header of the protocol, by its name of today or that of Presto.
 * @param {import('../server.js').Request} request
 * @param {string} name
 */
function headerOf(request, name) {
  const value = request.headers[`x-trino-${name}`] ?? request.headers[`x-presto-${name}`];
  return value === undefined ? undefined : String(value);
}

/** @param {import('../server.js').Request} request */
async function statementOf({ body }) {
  if (typeof body === 'string') return body;
  if (body && typeof body === 'object' && 'pipe' in body)
    return readText(/** @type {import('node:stream').Readable} */ (body));
  throw new ApiError(400, 'SQL statement is empty');
}

/**
 * A statement that is refused before it runs.
 * @param {unknown} error
 */
function refuse(error) {
  const message = error instanceof Error ? error.message : String(error);
  const failed = { id: 'refused', infoUri: '', warnings: [], stats: { state: 'FAILED' } };
  return { ...failed, error: trinoError(message) };
}

/** @param {import('../server.js').Request} request */
const baseOf = (request) => `${request.protocol}://${request.host}`;
