import { PetitError, toPetitError } from '../../driver/errors.js';
import { toJson } from '../../driver/utils/bigint-json.js';
import { exitCodeOf } from '../exit-codes.js';
import { profileText } from './profile.js';
import { noProgress, progressView } from './progress.js';
import { Finished } from './run-outcome.js';
import { printable } from './table.js';

/** @import { ErrorData, ProfileEvent, RunEvent as Event } from '../../types.js' */

/** Version of the events' format. */
export const EVENT_VERSION = 1;
/** How often a table's progress appears among the JSON events, in milliseconds. */
const PROGRESS_INTERVAL_MS = 500;

/** What is said at once when somebody asks a command to stop that moves tables. */
const STOPPING = 'Stopping: what is half done is removed. Once more stops at once.';

/**
 * How a command shows itself: results on stdout, talk on stderr.
 * @typedef {object} Face
 * @property {(event: Event) => void} onEvent
 * @property {(text: string) => void} result prints a result, unless events are printed instead
 * @property {(text: string) => void} say
 * @property {(error: unknown) => ErrorData} failureOf why the command stops, as data
 * @property {(error: unknown) => number} fail tells why the command stops; gives the exit code
 * @property {() => void} close
 */

/**
 * @typedef {object} FaceOptions
 * @property {boolean} json
 * @property {boolean} [progress] by default on a terminal
 * @property {AbortSignal} [signal] asks the command to stop
 * @property {string} [stopping] what is said at once when it is asked to
 * @property {(finished: Finished) => string} [goOn] how things are after an interruption, and what to do
 */

/**
 * @param {Pick<NodeJS.Process, 'stdout' | 'stderr'>} io
 * @param {FaceOptions} options
 * @returns {Face}
 */
export function createFace({ stdout, stderr }, options) {
  const {
    json,
    progress = stderr.isTTY === true,
    signal,
    stopping: whenAsked = STOPPING,
    goOn = () => 'Run the same command again.',
  } = options;
  const view = json || !progress ? noProgress : progressView({ bars: stderr.isTTY === true, stream: stderr });
  const events = json ? jsonEvents(stdout) : undefined;
  const say = (/** @type {string} */ text) => void stderr.write(`${text}\n`);
  /** @type {ProfileEvent | undefined} */
  let profile;
  const finished = new Finished();
  const stopping = () => {
    view.stop();
    say(whenAsked);
  };
  signal?.addEventListener('abort', stopping);
  const failureOf = (/** @type {unknown} */ error) => errorData(error, finished, goOn);
  return {
    onEvent(event) {
      finished.take(event);
      events?.(event);
      if (!signal?.aborted) view.show(event);
      if (event.type === 'error') say(errorText(event));
      if (event.type === 'profile') profile = event;
    },
    result(text) {
      if (!json) stdout.write(`${text}\n`);
    },
    say,
    failureOf,
    fail(error) {
      view.stop();
      const data = failureOf(error);
      events?.({ type: 'error', ...data });
      say(errorText(data));
      if (data.code === 'internal') say(stackOf(error));
      return exitCodeOf(error);
    },
    close() {
      signal?.removeEventListener('abort', stopping);
      view.stop();
      if (profile && !json) say(profileText(profile));
    },
  };
}

/**
 * @param {unknown} error
 * @param {Finished} finished
 * @param {(finished: Finished) => string} goOn
 * @returns {ErrorData & { finished?: string[], left?: string[] }}
 */
function errorData(error, finished, goOn) {
  const known = toPetitError(error);
  if (known instanceof PetitError) return known.toJSON();
  const { tables, left } = finished;
  return { code: 'interrupted', message: known.message, hint: goOn(finished), finished: tables, left };
}

/** Where a defect showed, for the person who will look for it.
 * @param {unknown} error */
function stackOf(error) {
  const { cause, stack } = /** @type {Error & { cause?: Error }} */ (error);
  return String(cause?.stack ?? stack)
    .split('\n')
    .map(printable)
    .join('\n');
}

/** @param {ErrorData} error */
function errorText({ message, hint, table, job }) {
  const isNamed = message.includes(`job ${job}`) || message.includes(`job "${job}"`);
  const where = [table && `table "${table}"`, job && !isNamed && `job ${job}`].filter(Boolean).join(', ');
  const next = hint ? `\n  ${printable(hint)}` : '';
  return `Error: ${where && `${printable(where)}: `}${printable(message)}${next}`;
}

/** One JSON object a line; progress not more often than anyone can use.
 * @param {NodeJS.WriteStream} stdout */
function jsonEvents(stdout) {
  /** @type {Map<string, { phase: string, at: number }>} */
  const told = new Map();
  return (/** @type {Event} */ event) => {
    if (event.type === 'progress') {
      const now = performance.now();
      const last = told.get(event.table);
      if (last?.phase === event.phase && now - last.at < PROGRESS_INTERVAL_MS && !event.waiting) return;
      told.set(event.table, { phase: event.phase, at: now });
    }
    // JSON itself escapes only some of what could steer the terminal.
    stdout.write(`${printable(toJson({ version: EVENT_VERSION, ...event }))}\n`);
  };
}
