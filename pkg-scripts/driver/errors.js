/** @import { ErrorReport } from '../core.js' */
/** @import { ErrorData, ErrorContext } from '../types.js' */

/** What the user can do, by error code.
 * @type {Record<string, string>} */
export const HINTS = {
  unauthorized:
    'Check the API key, and that the endpoint belongs to the account’s site. The account’s IP allowlist may also exclude this address, or the key may lack the right Download, which reading results needs.',
  forbidden:
    'Ask the account administrator for the permission, or use another key. Reading results also needs the right Download, and the account’s IP allowlist may exclude this address.',
  not_found:
    'Check the name, the permissions of the key, and that the endpoint belongs to the account’s site.',
  conflict: 'The name is already in use; choose another name, or delete the existing object.',
  too_many_attempts: 'Wait until one of the account’s workflows has ended, then start this one again.',
  too_many_requests: 'Treasure Data is limiting requests; try again later or with less parallelism.',
  server_error: 'Treasure Data reported an internal error; run the same command again.',
  network:
    'Check the endpoint and the network connection, then run again; --retry-timeout sets how long petit keeps retrying.',
  proxy_refused:
    'Check the proxy’s user name and password in HTTPS_PROXY or HTTP_PROXY, or ask its administrator to allow the host. NO_PROXY lists hosts that petit calls without the proxy.',
  untrusted_certificate:
    'For a private certificate authority, or a proxy that decrypts TLS, pass its certificates with --ca-file FILE. If the certificate has expired, check the clock of this machine. If it is for another host, check the endpoint.',
  wrong_protocol:
    'Check the scheme (https:// or http://) and the port of the endpoint, and whether a proxy answers in its place.',
  redirected:
    'Use that address as the endpoint if you trust it. If it is a login page, log in to the network first.',
  key_in_job:
    'Allow it with --allow-key-in-job (in code: allowKeyInJob: true), or copy the rows with --via client.',
  cross_origin:
    'Run "petit serve" and use the page that it opens, which forwards the calls. Or use an endpoint that allows this page’s origin.',
  relay_stopped:
    'Start "petit serve" again, and use the page that it opens. Do not reload this page: another program may answer at its address.',
  relay_replaced:
    'The page sent it nothing. Close this page without a reload, start "petit serve" again if it has ended, and use the page that it opens.',
  cannot_load: 'Check that all files of dist/ are served next to the page.',
  port_unavailable: 'Choose another --port, or omit the option to use a free port.',
  no_output: 'Use a browser that can write files, or petit td2parquet in a terminal.',
  unexpected_reply: 'Check that the endpoint is a Treasure Data API host; a proxy may have answered instead.',
  in_use: 'Wait until the job has ended. --force kills it, and the clone that waits for it fails.',
  job_failed: 'Correct the query or the table, then run again.',
  partial_write: 'Nothing was published; run the same command again.',
  job_killed: 'petit did not kill the job; run the same command again.',
  no_result: 'Only a SELECT has a result; run one with --query.',
  corrupt_gzip: 'The download was damaged; run the same command again.',
  truncated_result: 'The download ended early; run the same command again.',
  malformed_msgpack: 'The job result is damaged or in another format; run the same command again.',
  type_mismatch: 'The stored value does not fit the column’s type; cast the column with --query.',
  out_of_range: 'The value does not fit the column’s type; cast the column to a wider type with --query.',
  invalid_utf8: 'Run again with --invalid-utf8 replace or --invalid-utf8 binary.',
  bad_schema: 'Please report this schema; meanwhile cast the column to a plain type with --query.',
  row_count_mismatch: 'Nothing was kept; run the same command again.',
  result_changed: 'The job result changed during the download; run the same command again.',
  file_exists: 'Use --overwrite to replace it, or another --output-dir.',
  path_conflict:
    'Choose another --output or --output-dir. petit replaces no folder, and no file of a folder that it did not write.',
  cannot_read: 'Check the path or the address, and that the file may be read.',
  not_parquet: 'Name a complete Parquet file.',
  cannot_write: 'Check that the folder exists and is writable, and that the disk has free space.',
  store_refused:
    'Check the credentials, their permissions and the address of the store: see docs/buckets.md.',
  store_error: 'The store reported an error; run the same command again.',
  missing_credentials: 'Set the credentials of the store: see docs/buckets.md.',
  too_many_files:
    'Raise the limit (ulimit -n), or use a lower --table-parallelism or --download-parallelism.',
  out_of_memory:
    'Use fewer --workers, a lower --table-parallelism or --download-parallelism, or smaller --row-group-bytes.',
  bad_endpoint:
    'Use the base URL of an API host, such as https://api.treasuredata.com, or the name of a site.',
  insecure_endpoint:
    'Use HTTPS. If you trust the whole network path, allow HTTP with --allow-http (in code: allowHttp: true).',
  missing_key:
    'Set it to a Treasure Data API key, pass the key on standard input with --api-key-stdin, or name an account of the configuration file. Keys are never read from command-line arguments.',
  key_in_name: 'Give the column another name with --query: petit writes no part of an API key into a file.',
  bad_key: 'Set the key alone: without quotes, spaces or line ends.',
  bad_config: 'Correct the file, or set the key in the environment and the site or endpoint by an option.',
  invalid_option: 'Correct the option. The documentation lists the values that each option accepts.',
  plan_has_errors: 'See the plan with --dry-run, then use --skip-existing, --overwrite or --new-db.',
  already_exists: 'Use --skip-existing to skip the table, or --overwrite to replace it.',
  bad_view:
    'Leave the view out with --exclude and create it in the destination yourself, or use --views skip.',
  file_clash: 'Export these tables one by one, with --output-dir for each.',
  staging_lost:
    'Another run into the same database, or a user, removed it; nothing was published. Run again with --skip-existing when no other clone writes there.',
  schema_drift:
    'Give both tables the same columns, or replace the table with --on-drift rebuild. --exclude leaves it out.',
  update_conflict: 'Run the same command again: it compares both sides again.',
  publish_unknown:
    'Compare the table with its source by petit verify; then run again with --skip-existing or --overwrite.',
  not_allowed: 'Choose another name with --new-db, or another destination.',
  perform_failed:
    'Treasure Data could not load the rows; nothing was published. Run again with --skip-existing.',
  commit_failed:
    'Treasure Data could not commit the rows; nothing was published. Run again with --skip-existing.',
  verification_failed:
    'Nothing was published. Run again with --skip-existing; if it happens again, report it.',
  request_refused: 'Treasure Data rejected the request; its message above gives the reason.',
  parquet: 'Please report this with the schema; meanwhile select fewer columns with --query.',
  interrupted: 'Run the same command again.',
  internal: 'This is a defect in petit; please report it with the command and this message.',
};

/** Maximum causes of an error that are searched. */
const MAX_CAUSES = 5;

/** Every error of petit: see types.d.ts. */
export class PetitError extends Error {
  /**
   * @param {string} code stable, in snake_case
   * @param {string} message one sentence: what happened, and where
   * @param {{ retryable?: boolean, hint?: string, cause?: unknown, status?: number, retryAfterMs?: number,
   *   column?: string, row?: number, finished?: string[], left?: string[] } & ErrorContext} [details]
   */
  constructor(code, message, { cause, retryable = false, hint = HINTS[code], ...context } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PetitError';
    this.code = code;
    this.retryable = retryable;
    this.hint = hint;
    this.endpoint = context.endpoint;
    this.database = context.database;
    this.table = context.table;
    this.job = context.job;
    this.part = context.part;
    this.column = context.column;
    this.row = context.row;
    this.status = context.status;
    this.retryAfterMs = context.retryAfterMs;
    this.finished = context.finished;
    this.left = context.left;
  }

  /** The error as plain data, for events, reports and messages between threads.
   * @returns {ErrorData} */
  toJSON() {
    const { code, message, retryable, hint, endpoint, database, table, job, part, column, row } = this;
    const { status, finished, left } = this;
    return {
      ...{ code, message, retryable, hint, endpoint, database, table, job, part, column, row, status },
      ...(finished && { finished }),
      ...(left && { left }),
    };
  }
}

/**
 * The code of whatever was thrown, if it has one.
 * @param {unknown} thrown
 * @returns {string | undefined}
 */
export function errorCode(thrown) {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/**
 * The HTTP status of whatever was thrown, if it has one.
 * @param {unknown} thrown
 * @returns {number | undefined}
 */
export function errorStatus(thrown) {
  const status =
    typeof thrown === 'object' && thrown !== null && 'status' in thrown ? thrown.status : undefined;
  return typeof status === 'number' ? status : undefined;
}

/**
 * Converts anything that was thrown to a PetitError with its context. Returns an abort as it is.
 * @param {unknown} thrown
 * @param {ErrorContext} [context]
 * @returns {Error}
 */
export function toPetitError(thrown, context = {}) {
  if (thrown instanceof PetitError) {
    thrown.endpoint ??= context.endpoint;
    thrown.database ??= context.database;
    thrown.table ??= context.table;
    thrown.job ??= context.job;
    thrown.part ??= context.part;
    return thrown;
  }
  if (thrown instanceof Error && thrown.name === 'AbortError') return thrown;
  /** @type {Partial<ErrorReport> & { cause?: unknown }} */
  const { code, message, cause, ...rest } = thrown ?? {};
  const text = String(message ?? thrown);
  if (typeof code === 'string' && 'retryable' in rest)
    return new PetitError(code, text, { ...rest, ...context });
  const resource = exhaustedResource(thrown);
  if (resource) return new PetitError(resource.code, resource.message, { ...context, cause: thrown });
  if (typeof code === 'string' && 'syscall' in rest) {
    const reason = DISK_ERRORS[code];
    return new PetitError('cannot_write', reason ? `${reason} (${text})` : text, {
      ...context,
      cause: thrown,
    });
  }
  return new PetitError('internal', text, { ...context, cause: thrown });
}

/** Why a file cannot be written, by the code of the system.
 * @type {Record<string, string>} */
const DISK_ERRORS = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than the file system or a limit allows',
  EROFS: 'the file system is read-only',
  EIO: 'the device reports an error',
};

const FILES_USED_UP = { code: 'too_many_files', message: 'no more files and connections can be opened' };
const MEMORY_USED_UP = { code: 'out_of_memory', message: 'no more memory is available' };
/** @type {Record<string, { code: string, message: string }>} */
const EXHAUSTED = {
  EMFILE: FILES_USED_UP,
  ENFILE: FILES_USED_UP,
  ENOMEM: MEMORY_USED_UP,
  ERR_MEMORY_ALLOCATION_FAILED: MEMORY_USED_UP,
  ERR_WORKER_OUT_OF_MEMORY: MEMORY_USED_UP,
};
/** What V8 says in a RangeError about a buffer or a WebAssembly memory that it cannot allocate. */
const ALLOCATION_FAILED = /allocation failed|could not allocate|out of memory/i;

/**
 * The resource of the machine that is used up, from an error or one of its causes: fetch wraps those of connections.
 * @param {unknown} thrown
 * @returns {{ code: string, message: string } | undefined}
 */
export function exhaustedResource(thrown) {
  let error = thrown;
  for (let depth = 0; error instanceof Object && depth < MAX_CAUSES; depth += 1) {
    if (error instanceof RangeError && ALLOCATION_FAILED.test(error.message)) return MEMORY_USED_UP;
    const code = errorCode(error) ?? '';
    const resource = Object.hasOwn(EXHAUSTED, code) && EXHAUSTED[code];
    if (resource) return resource;
    error = 'cause' in error ? error.cause : undefined;
  }
  return undefined;
}

/**
 * The error of a step of the core that no case of a `switch` is for. `never` makes the type checker find a missing case.
 * @param {never} next
 */
export function unknownStep(next) {
  const { step } = /** @type {{ step: string }} */ (next);
  return new PetitError('internal', `petit's core asks for the unknown step "${step}"`);
}

/**
 * The error of a call or a run that its signal has stopped: `interrupted`, with what was finished and what was left.
 * Anything else that was thrown stays as it is.
 * @param {unknown} thrown
 * @param {AbortSignal | undefined} signal
 * @param {{ finished?: string[], remaining?: string[] }} [tables]
 */
export function withInterruption(thrown, signal, { finished, remaining } = {}) {
  if (!signal?.aborted) return thrown;
  const isAbort = thrown === signal.reason || (thrown instanceof Error && thrown.name === 'AbortError');
  if (!isAbort) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const tables = { ...(finished && { finished }), ...(remaining && { left: remaining }) };
  return new PetitError('interrupted', message, { cause: thrown, ...tables });
}

/** The reason of every abort: an error named `AbortError`. */
export function interrupted(reason = 'interrupted') {
  const error = new Error(reason);
  error.name = 'AbortError';
  return error;
}
