import formbody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import fastify from 'fastify';
import { authenticate, checkAddress } from './accounts.js';
import { ApiError, errorBody } from './errors.js';
import { accountRoutes } from './routes/account.js';
import { bulkImportRoutes } from './routes/bulk-import.js';
import { controlRoutes } from './routes/control.js';
import { databaseRoutes } from './routes/databases.js';
import { importRoutes } from './routes/imports.js';
import { jobRoutes } from './routes/jobs.js';
import { storageRoutes } from './routes/storage.js';
import { tableRoutes } from './routes/tables.js';
import { trinoRoutes } from './routes/trino.js';
import { workflowRoutes } from './routes/workflows.js';

/**
 * The HTTP server of one site.
 *
 * @typedef {import('fastify').FastifyInstance} App
 * @typedef {import('fastify').FastifyRequest} Request
 * @typedef {{ account: import('./accounts.js').Account, key: import('./accounts.js').Key }} Caller
 */

const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Enough for a percent-encoded name of the maximum length. */
const MAX_PARAM_LENGTH = 3 * 1024;

/**
 * @param {import('./emulator.js').Emulator} emulator
 * @param {string} site
 * @returns {Promise<App>}
 */
export async function createApp(emulator, site) {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    requestTimeout: 0,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    rewriteUrl: (request) => normalizePath(request.url ?? '/'),
  });
  await app.register(formbody, { bodyLimit: MAX_BODY_BYTES });
  await app.register(multipart, { attachFieldsToBody: 'keyValues', limits: { fieldSize: MAX_BODY_BYTES } });
  acceptBodies(app);
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ApiError) return reply.code(error.status).send(error.body());
    const { statusCode = 500, message } = /** @type {Error & { statusCode?: number }} */ (error);
    return reply.code(statusCode).send(errorBody(statusCode, message));
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(errorBody(404, `No such endpoint: ${request.method} ${request.url}`)),
  );
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request, reply) => {
    const entry = emulator.log.start(site, request.raw, reply.raw);
    /** @type {any} */ (request).entry = entry;
    if (emulator.settings.cors) allowOrigins(request, reply);
    if (request.method === 'OPTIONS' && emulator.settings.cors) return reply.code(204).send();
    if (request.url.startsWith('/__emulator/')) return;
    let account = null;
    if (/^\/(api|v3(?!\/system))\//.test(request.url)) {
      try {
        const caller = authenticate(emulator.accounts, site, request.headers.authorization);
        /** @type {any} */ (request).caller = caller;
        account = caller.account.name;
        entry.account = account;
        entry.key = caller.key.name;
        checkAddress(caller.key, request.ip, emulator.settings.allowlistStatus);
      } catch (error) {
        /** @type {any} */ (request).refusal = error;
      }
    }
    await emulator.faults.onRequest({ request, reply, site, account, entry, emulator });
    if (reply.sent) return;
    if (/** @type {any} */ (request).refusal) throw /** @type {any} */ (request).refusal;
  });
  app.addHook('onSend', async (request, _reply, payload) => {
    const { patch } = /** @type {any} */ (request);
    return patch && typeof payload === 'string'
      ? JSON.stringify({ ...JSON.parse(payload), ...patch })
      : payload;
  });
  app.get('/v3/system/server_status', () => ({ status: 'ok' }));
  for (const routes of [
    databaseRoutes,
    accountRoutes,
    tableRoutes,
    jobRoutes,
    bulkImportRoutes,
    importRoutes,
    storageRoutes,
  ])
    routes(app, emulator);
  workflowRoutes(app);
  trinoRoutes(app, emulator, site);
  controlRoutes(app, emulator);
  return app;
}

/**
 * Normalizes a path for the routes: some clients double the first slash or add one at the end (td-client-node), and some
 * add `.json`. The name of a part keeps its dots.
 * @param {string} url
 */
function normalizePath(url) {
  const [given = '', ...query] = url.replace(/^\/+/, '/').split('?');
  const path = given.replace(/(?<=[^/])\/$/, '');
  const isPart = /^\/v3\/bulk_import\/(upload|delete)_part\//.test(path);
  return [isPart ? path : path.replace(/\.json$/, ''), ...query].join('?');
}

/** @param {App} app */
function acceptBodies(app) {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? {} : JSON.parse(String(text)));
    } catch {
      done(new ApiError(400, 'The body is not JSON'));
    }
  });
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}

/**
 * @param {Request} request
 * @param {import('fastify').FastifyReply} reply
 */
function allowOrigins(request, reply) {
  reply.headers({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST, PUT, OPTIONS',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-expose-headers': 'content-range, etag, retry-after, content-length',
    'access-control-max-age': '600',
  });
}
