import { PetitError } from '../../driver/errors.js';

/** Answers that may be different the next time. */
const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
const TRANSIENT_CODES = new Set(['RequestTimeout', 'SlowDown', 'InternalError', 'ServiceUnavailable']);

const RENEW = 'Get new credentials, then run the same command again.';
const CHECK = 'Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile, and the endpoint.';

/** What the user can do about a refusal, by the store's own code.
 * @type {Record<string, string>} */
const HINTS = {
  ExpiredToken: RENEW,
  ExpiredTokenException: RENEW,
  TokenRefreshRequired: RENEW,
  InvalidToken: RENEW,
  InvalidAccessKeyId: CHECK,
  SignatureDoesNotMatch: CHECK,
  AuthorizationHeaderMalformed: 'Set AWS_REGION to the region of the bucket.',
  NoSuchBucket: 'Check the name of the bucket, the account and AWS_ENDPOINT_URL. petit creates no buckets.',
  RequestTimeTooSkewed: 'Set the clock of this machine.',
};

/** Codes of credentials that are no longer valid. */
export const EXPIRED_CODES = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);

/**
 * The error of an answer.
 * @param {string} url of the object or bucket
 * @param {{ status: number, code: string, message: string, retryAfterMs?: number | undefined }} answer `code`: the store's
 *   own; empty if it has none
 */
export function answerError(url, { status, code, message, retryAfterMs }) {
  const retryable = TRANSIENT_STATUSES.has(status) || TRANSIENT_CODES.has(code);
  const isRefused = status === 401 || status === 403 || Object.hasOwn(HINTS, code);
  const reason = [code || `status ${status}`, message].filter(Boolean).join(': ');
  return new StoreError(
    isRefused && !retryable ? 'store_refused' : 'store_error',
    `${url}: ${reason}`,
    code,
    {
      ...{ retryable, status },
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(Object.hasOwn(HINTS, code) && { hint: HINTS[code] ?? '' }),
    },
  );
}

/** An error with the store's own code. */
export class StoreError extends PetitError {
  /**
   * @param {string} code
   * @param {string} message
   * @param {string} storeCode
   * @param {ConstructorParameters<typeof PetitError>[2]} details
   */
  constructor(code, message, storeCode, details) {
    super(code, message, details);
    this.storeCode = storeCode;
  }
}

/** @param {string} url */
export const objectExists = (url) => new PetitError('file_exists', `${url} already exists`);
