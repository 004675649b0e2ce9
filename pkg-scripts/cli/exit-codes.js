import { errorCode } from '../driver/errors.js';

/** The exit codes of petit: stable within a major version. */
export const EXIT = Object.freeze({
  ok: 0,
  general: 1,
  refused: 2,
  someFailed: 3,
  mismatch: 4,
  planHasErrors: 5,
  outcomeUnknown: 6,
  interrupted: 130,
});

/** Codes of errors about a missing key, a bad endpoint, or a source or destination that is missing or denies access. */
const ACCESS_ERRORS = new Set([
  'missing_key',
  'bad_key',
  'bad_config',
  'bad_endpoint',
  'insecure_endpoint',
  'key_in_job',
  'redirected',
  'unauthorized',
  'forbidden',
  'not_found',
  'not_allowed',
  'source_refused',
  'destination_refused',
  'missing_credentials',
  'store_refused',
]);

/**
 * The exit code of a run that `error` stopped.
 * @param {unknown} error
 */
export function exitCodeOf(error) {
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted;
  if (errorCode(error) === 'interrupted') return EXIT.interrupted;
  return ACCESS_ERRORS.has(errorCode(error) ?? '') ? EXIT.refused : EXIT.general;
}
