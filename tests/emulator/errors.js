/** An error that becomes an HTTP answer in TD's shape: `{error, message, text, severity, status_code, details?}`. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status
   * @param {string} message what to tell the client
   * @param {Record<string, unknown>} [details] e.g. `{conflicts_with}`
   */
  constructor(status, message, details) {
    super(message);
    this.status = status;
    this.details = details;
  }

  /** The body to send. */
  body() {
    return errorBody(this.status, this.message, this.details);
  }
}

/**
 * TD's clients read different fields of an error, so all of them are there.
 * @param {number} status
 * @param {string} message
 * @param {Record<string, unknown>} [details]
 */
export function errorBody(status, message, details) {
  return {
    error: message,
    message,
    text: message,
    severity: 'error',
    status_code: status,
    ...(details && { details }),
  };
}

/** @param {string} name */
export const noDatabase = (name) => new ApiError(404, `Couldn't find UserDatabase with name = ${name}`);
/** @param {string} name */
export const noTable = (name) => new ApiError(404, `Couldn't find UserTableReference with name = ${name}`);
/** @param {string} id */
export const noJob = (id) => new ApiError(404, `Couldn't find Job with job_id = ${id}`);
/** @param {string} name */
export const noSession = (name) => new ApiError(404, `Couldn't find BulkImport with name = ${name}`);
/** @param {string} what */
export const validation = (what) => new ApiError(422, `Validation failed: ${what}`);
