import { errorCode, errorStatus, PetitError } from '../errors.js';
import { fetchSmallResult } from '../result/query.js';
import { readBody } from '../result/read-body.js';
import { runQuery, waitForJob } from '../td/job.js';
import { concatBytes } from '../utils/concat-bytes.js';
import { wasm } from '../wasm.js';

/** @import { Ask, IssueJob } from '../../core.js' */
/** @import { ProbeContext, Seen } from './index.js' */

/** Maximum bytes of a result that is read whole. The large result of the probe has about 3 MB. */
const MAX_BYTES = 64 * 2 ** 20;
/** The last byte of the range that is requested. */
const RANGE_END = 99;
/** How long a request of a browser may take, in milliseconds. */
const PREFLIGHT_TIMEOUT_MS = 10_000;
/** A page that is no page of TD. */
const ORIGIN = 'https://petit.example';

/**
 * The probes that only read.
 * @type {{ [K in Exclude<Ask['kind'], 'rename' | 'import'>]:
 *   (context: ProbeContext, ask: Extract<Ask, { kind: K }>) => Promise<Seen> }}
 */
export const READERS = {
  clock: probeClock,
  permissions: probePermissions,
  preflight: probePreflight,
  burst: probeBurst,
  value: probeValue,
  empty: probeEmpty,
  download: probeDownload,
  domain_key: probeDomainKey,
  views: probeViews,
};

/** @param {ProbeContext} context @returns {Promise<Seen>} */
async function probeClock({ run, td }) {
  await td.call({ call: 'list_databases' }, run.calls);
  const differenceMs = td.clockDifferenceMs;
  return { observation: { kind: 'clock', ...(differenceMs !== undefined && { differenceMs }) } };
}

/** @param {ProbeContext} context @returns {Promise<Seen>} */
async function probePermissions({ run, td }) {
  const databases = await td.call({ call: 'list_databases' }, run.calls);
  const names = databases.flatMap(({ permission }) => (permission ? [permission] : []));
  return { observation: { kind: 'permissions', names } };
}

/**
 * Sends no key: a browser sends none with such a request.
 * @param {ProbeContext} context
 * @returns {Promise<Seen>}
 */
async function probePreflight({ run, td, isRelayed }) {
  // A relay answers browsers by itself.
  if (isRelayed) return { observation: { kind: 'failed', code: 'not_applicable' } };
  const response = await fetch(`${td.endpoint}/v3/database/list`, {
    method: 'OPTIONS',
    headers: {
      origin: ORIGIN,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
    redirect: 'manual',
    signal: AbortSignal.any([run.signal, run.clock.timeout(PREFLIGHT_TIMEOUT_MS)]),
  });
  await response.body?.cancel();
  const allowed = response.headers.get('access-control-allow-origin');
  return { observation: { kind: 'preflight', isAllowed: allowed === '*' || allowed === ORIGIN } };
}

/** @param {ProbeContext} context @param {Extract<Ask, { kind: 'burst' }>} ask @returns {Promise<Seen>} */
async function probeBurst({ run, td }, { calls }) {
  const sent = Array.from({ length: calls }, () => td.callOnce({ call: 'list_databases' }, run.calls));
  const outcomes = await Promise.allSettled(sent);
  const codes = outcomes.flatMap((it) => (it.status === 'rejected' ? [errorCode(it.reason)] : []));
  const refused = codes.filter((code) => code === 'too_many_requests').length;
  if (codes.length > refused) throw new PetitError('network', 'some of the calls failed');
  return { observation: { kind: 'burst', refused } };
}

/** @param {ProbeContext} context @param {Extract<Ask, { kind: 'value' }>} ask @returns {Promise<Seen>} */
async function probeValue({ run, td, database }, { sql }) {
  const { jobId, schema } = await runQuery(td, { database, sql }, run.calls);
  const { bytes } = await read(run, td, jobId);
  return { observation: { kind: 'value', schema }, body: bytes };
}

/** @param {ProbeContext} context @param {Extract<Ask, { kind: 'empty' }>} ask @returns {Promise<Seen>} */
async function probeEmpty({ run, td, database }, { sql }) {
  const { jobId } = await runQuery(td, { database, sql }, run.calls);
  const { status, bytes } = await read(run, td, jobId);
  return { observation: { kind: 'empty', status, byteLength: bytes.length } };
}

/** @param {ProbeContext} context @param {Extract<Ask, { kind: 'download' }>} ask @returns {Promise<Seen>} */
async function probeDownload({ run, td, database }, { sql }) {
  const { jobId, resultSize } = await runQuery(td, { database, sql }, run.calls);
  const { bytes, etag } = await read(run, td, jobId);
  const range = { start: 0, end: RANGE_END };
  const { status: rangeStatus } = await read(run, td, jobId, range);
  const { status: staleStatus } = await read(run, td, jobId, { ...range, etag: '"another"' });
  return {
    observation: {
      ...{ kind: 'download', rangeStatus, staleStatus },
      ...(etag !== undefined && { etag }),
      ...(resultSize !== undefined && { resultSize: Number(resultSize) }),
    },
    body: bytes,
  };
}

/** @param {ProbeContext} context @param {Extract<Ask, { kind: 'domain_key' }>} ask @returns {Promise<Seen>} */
async function probeDomainKey({ run, td, database }, { sql }) {
  const domainKey = `petit-${crypto.randomUUID()}`;
  /** @type {{ call: 'issue_job' } & IssueJob} */
  const call = { call: 'issue_job', engine: 'presto', database, query: sql, domainKey, retryLimit: 0 };
  const { jobId } = await td.call(call, run.calls);
  await waitForJob(td, jobId, run.calls);
  const again = await td.callOnce(call, run.calls);
  const found = await td.call({ call: 'job_status_by_domain_key', domainKey }, run.calls);
  const isFirst = again.jobId === jobId;
  return { observation: { kind: 'domain_key', isFirst, isFound: found.jobId === jobId } };
}

/** @param {ProbeContext} context @param {Extract<Ask, { kind: 'views' }>} ask @returns {Promise<Seen>} */
async function probeViews({ run, td, database }, { sql }) {
  const views = wasm.readRows(await fetchSmallResult(td, database, sql, run.calls));
  const schema = views[0]?.[0];
  if (schema === undefined) return { observation: { kind: 'views', listed: [] } };
  const tables = (await td.listTables(schema, run.calls)).toData();
  const listed = views
    .filter(([of]) => of === schema)
    .map(([, name]) => tables.find((table) => table.name === name))
    .map((table) => table && (table.type ?? 'log'));
  return { observation: { kind: 'views', listed: listed.map((type) => type ?? null) } };
}

/**
 * Reads a result, or a range of it. A status other than 2xx is an answer as well.
 * @param {ProbeContext['run']} run
 * @param {ProbeContext['td']} td
 * @param {string} jobId
 * @param {{ start?: number, end?: number, etag?: string }} [range]
 * @returns {Promise<{ status: number, etag?: string | undefined, bytes: Uint8Array }>}
 */
async function read({ calls }, td, jobId, range = {}) {
  try {
    const opened = await td.open(jobId, range, calls);
    const chunks = [];
    let length = 0;
    for await (const chunk of readBody(opened)) {
      chunks.push(chunk.slice());
      length += chunk.length;
      if (length > MAX_BYTES) throw new PetitError('unexpected_reply', 'the result exceeds 64 MiB');
    }
    return { status: opened.status, etag: opened.etag, bytes: concatBytes(chunks) };
  } catch (error) {
    const status = errorStatus(error);
    if (status === undefined) throw error;
    return { status, bytes: new Uint8Array() };
  }
}

/**
 * The code of the error that a call fails with; undefined if it succeeds. Without an answer there is none.
 * @param {Promise<unknown>} call
 * @returns {Promise<string | undefined>}
 */
export async function codeOf(call) {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (errorStatus(error) === undefined) throw error;
    return errorCode(error);
  }
}
