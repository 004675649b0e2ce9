/** An error that becomes an HTTP response in TD's format: `{error, message, text, severity, status_code, details?}`. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status
   * @param {string} message for the client
   * @param {Record<string, unknown>} [details] such as `{conflicts_with}`
   */
  constructor(status, message, details) {
    super(message);
    this.status = status;
    this.details = details;
  }

  /** The body of the response. */
  body() {
    return errorBody(this.status, this.message, this.details);
  }
}

/**
 * TD's clients read different fields of an error, so the body has all of them.
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
