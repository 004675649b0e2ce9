/** @import { ErrorData, ErrorContext } from '../types.js' */

/** What the user can do about an error, by its code.
 * @type {Record<string, string>} */
export const HINTS = {
  unauthorized: 'Check the API key, and that the endpoint is the site the account lives on.',
  forbidden: 'Ask the account administrator for the permission, or use another key.',
  not_found:
    'Check the spelling of the name, that the key may see it, and that the endpoint is the account’s site.',
  conflict: 'Something of that name exists already; choose another name or remove it first.',
  too_many_attempts: 'Wait until one of the account’s workflows has ended, then run it again.',
  too_many_requests: 'Treasure Data is limiting requests; try again later or with less parallelism.',
  server_error: 'Treasure Data had trouble; run the same command again.',
  network:
    'Check the endpoint and the network connection, then run again; --retry-timeout allows trouble to last longer.',
  cross_origin:
    'Run "npx petit-td serve" and use the page that it opens: it passes the calls on. Or name an endpoint that allows this page’s origin.',
  relay_stopped: 'Start "npx petit-td serve" again, and use the page that it opens.',
  cannot_load: 'Check that all files of dist/ are served beside the page.',
  cannot_listen: 'Choose another --port, or leave it out for a free one.',
  no_sink: 'Use a browser that can write files, or petit td2parquet in a terminal.',
  unexpected_reply: 'Check that the endpoint is a Treasure Data API host; a proxy may have result instead.',
  in_use: 'Wait until the job has ended; --force kills it, and with it the clone that waits for it.',
  job_failed: 'Read the job’s own message above; correct the query or the table, then run again.',
  half_written: 'Nothing was published; run the same command again.',
  job_killed: 'Somebody or something killed the job; run the same command again.',
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
  cannot_write: 'Check that the folder exists, is writable and has room.',
  bad_endpoint:
    'Give the base URL of an API host, such as https://api.treasuredata.com, or the name of a site.',
  insecure_endpoint:
    'Use https. If the network on the way can be trusted, allow it by --allow-http (in code: allowHttp: true).',
  missing_key:
    'Set it to a Treasure Data API key; it is never read from the command line, but --api-key-stdin reads it from standard input.',
  bad_config: 'Correct the file, or give the key in the environment and the site or endpoint by an option.',
  invalid_option: 'See --help for the options.',
  plan_has_errors: 'Look at --dry-run, then use --skip-existing, --overwrite or --new-db.',
  already_exists: 'Use --skip-existing to leave the table, or --overwrite to replace it.',
  file_clash: 'Export these tables one by one, with --output-dir for each.',
  staging_lost:
    'Another run into the same database, or somebody, removed it; nothing was published. Run again with --skip-existing when nothing else copies there.',
  refused: 'Choose another name with --new-db, or another destination.',
  perform_failed:
    'Treasure Data could not load the rows; nothing was published. Run again with --skip-existing.',
  commit_failed:
    'Treasure Data could not commit the rows; nothing was published. Run again with --skip-existing.',
  verification_failed:
    'Nothing was published. Run again with --skip-existing; if it happens again, report it.',
  request_refused: 'Treasure Data does not take the request as it is; its own words above say why.',
  parquet: 'Please report this with the schema; meanwhile select fewer columns with --query.',
  interrupted: 'Run the same command again.',
  internal: 'This is a defect in petit; please report it with the command and this message.',
};

/** An error as data: a stable code, where it happened, whether a repeat can help, what to do. */
export class PetitError extends Error {
  /**
   * @param {string} code stable, snake_case
   * @param {string} message one sentence: what happened, and where
   * @param {{ retryable?: boolean, hint?: string, cause?: unknown, status?: number, retryAfterMs?: number,
   *   column?: string, row?: number } & ErrorContext} [details]
   */
  constructor(code, message, { cause, retryable = false, hint = HINTS[code], ...place } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PetitError';
    this.code = code;
    this.retryable = retryable;
    this.hint = hint;
    this.database = place.database;
    this.table = place.table;
    this.job = place.job;
    this.part = place.part;
    this.column = place.column;
    this.row = place.row;
    this.status = place.status;
    this.retryAfterMs = place.retryAfterMs;
  }

  /** The error as plain data: for events, reports and messages between threads.
   * @returns {ErrorData} */
  toJSON() {
    const { code, message, retryable, hint, database, table, job, part, column, row, status } = this;
    return { code, message, retryable, hint, database, table, job, part, column, row, status };
  }
}

/**
 * Whatever was thrown, as a PetitError that knows its place. An abort comes back as it is.
 * @param {unknown} thrown
 * @param {ErrorContext} [place]
 * @returns {Error}
 */
export function toPetitError(thrown, place = {}) {
  if (thrown instanceof PetitError) {
    thrown.database ??= place.database;
    thrown.table ??= place.table;
    thrown.job ??= place.job;
    thrown.part ??= place.part;
    return thrown;
  }
  if (thrown instanceof Error && thrown.name === 'AbortError') return thrown;
  const { code, message, cause, ...rest } = /** @type {any} */ (thrown ?? {});
  const text = String(message ?? thrown);
  if (typeof code === 'string' && 'retryable' in rest)
    return new PetitError(code, text, { ...rest, ...place });
  if (typeof code === 'string' && 'syscall' in rest) {
    return new PetitError('cannot_write', text, { ...place, cause: thrown });
  }
  return new PetitError('internal', text, { ...place, cause: thrown });
}

/** Why a run was stopped: the only reason petit aborts with. */
export function interrupted(reason = 'interrupted') {
  const error = new Error(reason);
  error.name = 'AbortError';
  return error;
}
