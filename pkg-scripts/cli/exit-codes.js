/** What petit's exit code says. */
export const EXIT = Object.freeze({
  ok: 0,
  general: 1,
  refused: 2,
  someFailed: 3,
  mismatch: 4,
  planHasErrors: 5,
  interrupted: 130,
});

/** Errors that mean "nothing was tried: no key, a bad endpoint, the source missing or refused". */
const REFUSALS = new Set([
  'missing_key',
  'bad_config',
  'bad_endpoint',
  'insecure_endpoint',
  'unauthorized',
  'forbidden',
  'not_found',
  'refused',
  'source_refused',
  'destination_refused',
]);

/**
 * The exit code of a run that stopped with `error`.
 * @param {unknown} error
 */
export function exitCodeOf(error) {
  const { name, code } = /** @type {any} */ (error ?? {});
  if (name === 'AbortError') return EXIT.interrupted;
  return REFUSALS.has(code) ? EXIT.refused : EXIT.general;
}
