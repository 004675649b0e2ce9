import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { allow } from '../accounts.js';
import { startCodec } from '../codec.js';
import { ApiError, noJob, validation } from '../errors.js';
import { callerOf, flag, integer, paramsOf, pathOf, text } from '../parameters.js';
import { openOutput, parseResultUrl } from '../result-output.js';
import { sendSpool } from './storage.js';

/**
 * Routes of jobs.
 * @typedef {import('../server.js').Request} Request
 * @typedef {import('fastify').FastifyReply} Reply
 */

const QUERY_TYPES = new Set(['presto', 'trino', 'hive']);
const MAX_QUERY = { presto: 1_000_000, hive: 2_097_152 };
const DEFAULT_COUNT = 20;
const TEXT_FORMATS = new Set(['json', 'csv', 'tsv']);

/**
 * @param {import('../server.js').App} app
 * @param {import('../emulator.js').Emulator} emulator
 */
export function jobRoutes(app, emulator) {
  app.post('/v3/job/issue/:type/:database', (request) => issue(request, emulator));

  app.get('/v3/job/status/:id', (request) => find(request).toStatus());

  app.get('/v3/job/status_by_domain_key/:key', (request) => {
    const { jobs } = callerOf(request).account;
    const { key = '' } = pathOf(request);
    const id = jobs.domainKeys.get(key);
    if (!id) throw noJob(`domain_key ${key}`);
    return jobs.get(id).toStatus();
  });

  app.get('/v3/job/show/:id', (request) => {
    const job = find(request);
    const debug = { cmdout: job.cmdout || null, stderr: job.stderr || null };
    return { ...job.toShow(emulator.consoleUrl), debug };
  });

  app.get('/v3/job/list', (request) => {
    const { account, key } = callerOf(request);
    allow(key, 'query');
    const params = paramsOf(request);
    const from = integer(params.from) ?? 0;
    const to = integer(params.to) ?? from + DEFAULT_COUNT - 1;
    const slowerThan = integer(params.slower_than) ?? 0;
    const jobs = [...account.jobs.jobs.values()]
      .reverse()
      .filter((job) => params.status === undefined || job.status === params.status)
      .filter((job) => (job.toStatus().duration ?? 0) >= slowerThan);
    const shown = jobs.slice(from, to + 1).map((job) => job.toShow(emulator.consoleUrl));
    return {
      count: jobs.length,
      from: integer(params.from) ?? null,
      to: integer(params.to) ?? null,
      jobs: shown,
    };
  });

  app.post('/v3/job/kill/:id', (request) => {
    const job = find(request);
    const formerStatus = job.status;
    job.controller.abort(new Error('killed by the user'));
    return { job_id: job.id, former_status: formerStatus };
  });

  app.get('/v3/job/statistics/:id', (request) => {
    const inserted = find(request).outcome?.inserted;
    return inserted === null || inserted === undefined ? {} : { records_inserted: String(inserted) };
  });

  app.post('/v3/job/result_export/:id', (request) => exportResult(request, emulator));

  app.get('/v3/job/result/:id', (request, reply) => result(request, reply, emulator));
}

/** @param {Request} request */
function find(request) {
  const { account, key } = callerOf(request);
  allow(key, 'query');
  return account.jobs.get(pathOf(request).id ?? '');
}

/**
 * @param {Request} request
 * @param {import('../emulator.js').Emulator} emulator
 */
function issue(request, emulator) {
  const { account, key } = callerOf(request);
  const { type = '', database = '' } = pathOf(request);
  const params = paramsOf(request);
  account.catalog.database(database);
  allow(key, 'query', database);
  if (!QUERY_TYPES.has(type)) throw validation(`Type is not included in the list: ${type}`);
  const engineVersion = text(params.engine_version);
  if (engineVersion && !['stable', 'experimental'].includes(engineVersion)) {
    throw validation(`Job engine version '${engineVersion}' is invalid`);
  }
  const pool = text(params.pool_name);
  if (pool) throw new ApiError(400, `Resource pool ${pool} is not available`);
  const query = text(params.query) ?? '';
  if (query === '') throw validation("Query can't be blank");
  /** @type {any} */ (request).entry.readsCatalog = /^SELECT [\w, ]+ FROM information_schema\.views /.test(
    query,
  );
  if (query.length > (type === 'hive' ? MAX_QUERY.hive : MAX_QUERY.presto))
    throw validation('Query is too long');
  const priority = integer(params.priority) ?? 0;
  if (Math.abs(priority) > 2) throw validation('Priority is not included in the list');
  const retryLimit = integer(params.retry_limit) ?? 0;
  if (retryLimit < 0 || retryLimit > 32) throw validation('Retry limit must be 0 to 32');
  const jobRequest = {
    type: type === 'trino' ? 'presto' : type,
    database,
    query,
    priority,
    retryLimit,
    resultUrl: text(params.result),
    domainKey: text(params.domain_key),
    userName: account.user.name,
  };
  const output = jobRequest.resultUrl
    ? openOutput(emulator, { account, key }, parseResultUrl(jobRequest.resultUrl))
    : undefined;
  const scheduledTime = secondsOf(text(params.scheduled_time), account.jobs.clock);
  const job = account.jobs.start(jobRequest, async (signal, started) => {
    const run = { type, database, query, id: started.id, scheduledTime, lagMs: started.lagMs };
    if (!output || !emulator.settings.linkedExport)
      return account.runQuery(account, key, run, output, signal);
    const outcome = await account.runQuery(account, key, run, undefined, signal);
    startExport({ account, key }, started, run, output, jobRequest.resultUrl);
    return outcome;
  });
  return { job: job.id, job_id: job.id, database };
}

/**
 * Starts a job that writes the rows of another job to a target. The emulator runs the query again.
 * @param {import('../server.js').Caller} caller
 * @param {import('../jobs.js').Job} exported
 * @param {{ type: string, database: string, query: string, scheduledTime: number }} run
 * @param {import('../result-output.js').Output} output
 * @param {string | undefined} resultUrl
 */
function startExport({ account, key }, exported, run, output, resultUrl) {
  const request = { ...exported.request, type: 'result_export', domainKey: undefined, resultUrl };
  const job = account.jobs.start(request, (signal, { id, lagMs }) =>
    account.runQuery(account, key, { ...run, id, lagMs }, output, signal),
  );
  job.exported = exported;
  exported.exportJob = job;
  return job;
}

/**
 * Writes the result of a finished job to a target.
 * @param {Request} request
 * @param {import('../emulator.js').Emulator} emulator
 */
function exportResult(request, emulator) {
  const { account, key } = callerOf(request);
  const exported = find(request);
  const { type, database, query } = exported.request;
  if (exported.status !== 'success' || !exported.outcome?.result || query === null)
    throw new ApiError(404, `Job ${exported.id} has no result`);
  const resultUrl = text(paramsOf(request).result) ?? '';
  const output = openOutput(emulator, { account, key }, parseResultUrl(resultUrl));
  const run = { type, database, query, scheduledTime: secondsOf(undefined, account.jobs.clock) };
  const job = startExport({ account, key }, exported, run, output, resultUrl);
  return { job: job.id, job_id: job.id, database };
}

/**
 * @param {string | undefined} time Unix seconds or ISO 8601; default now
 * @param {import('../clock.js').Clock} clock
 */
function secondsOf(time, clock) {
  if (!time) return Math.floor(clock.date().getTime() / 1000);
  if (/^\d+$/.test(time)) return Number(time);
  const timeMs = Date.parse(time);
  if (Number.isNaN(timeMs)) throw validation(`Scheduled time is invalid: ${time}`);
  return Math.floor(timeMs / 1000);
}

/**
 * TD does not document the following. Here, a job that has not ended, has failed or has no rows (INSERT, CREATE …) is
 * answered with 404. A SELECT without rows has an empty gzip member as its result, and its result_size is 20 bytes. Only
 * msgpack.gz supports Range.
 *
 * @param {Request} request
 * @param {Reply} reply
 * @param {import('../emulator.js').Emulator} emulator
 */
function result(request, reply, emulator) {
  const job = find(request);
  const params = paramsOf(request);
  const format = text(params.format);
  if (!format) throw new ApiError(500, 'format is missing');
  if (!['msgpack.gz', 'msgpack'].includes(format) && !TEXT_FORMATS.has(format)) {
    throw new ApiError(406, `Unknown format: ${format}`);
  }
  allow(callerOf(request).key, 'download', job.request.database);
  const spool = job.outcome?.result;
  if (job.status !== 'success' || !spool) throw new ApiError(404, `Job ${job.id} has no result`);
  const { redirect } = /** @type {any} */ (request);
  if (redirect) return reply.redirect(emulator.storageUrl(spool), redirect);
  if (format === 'msgpack.gz') return sendSpool(request, reply, spool);
  const encodings = request.headers['accept-encoding'] ?? '';
  const gzip = /\bgzip\b/.test(String(encodings));
  if (format === 'msgpack') {
    reply.type('application/x-msgpack');
    const file = createReadStream(spool.path);
    if (!gzip) return reply.send(file.pipe(createGunzip()));
    // With Content-Length, because Python's urllib3 does not decode a streamed body in chunked transfer encoding.
    return reply.headers({ 'content-encoding': 'gzip', 'content-length': spool.size }).send(file);
  }
  const names = JSON.parse(job.outcome?.schema ?? '[]').map((/** @type {string[]} */ [name]) => name);
  const task = {
    input: spool.path,
    format,
    header: flag(params.header) ? names : null,
    nullify_special: flag(params.nullify_special) ?? false,
  };
  const codec = startCodec('text', task);
  reply.raw.once('close', () => codec.kill());
  return reply.type(format === 'json' ? 'application/json' : `text/${format}`).send(codec.stdout);
}
