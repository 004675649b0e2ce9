import { PetitError, toPetitError } from '../driver/errors.js';
import { exitCodeOf } from './exit-codes.js';
import { profileText } from './profile-text.js';
import { noProgress, progressView } from './progress.js';
import { printable } from './text.js';

/** @import { ErrorData, Event, ProfileEvent } from '../driver/types.js' */

/** Version of the events' format. */
export const EVENT_VERSION = 1;
/** How often a table's progress appears among the JSON events, in milliseconds. */
const PROGRESS_INTERVAL_MS = 500;

/** What to do after an interruption: what was finished is whole. */
const AFTER_INTERRUPTION =
  'Finished tables stay, nothing half done does. Run it again for the rest: clone-db with --skip-existing, ' +
  'td2parquet with the tables that are missing or with --overwrite.';

/**
 * How a command shows itself: results on stdout, talk on stderr.
 * @typedef {object} Face
 * @property {(event: Event) => void} onEvent
 * @property {(text: string) => void} result prints a result, unless events are printed instead
 * @property {(text: string) => void} say
 * @property {(error: unknown) => number} fail tells why the command stops; gives the exit code
 * @property {() => void} close
 */

/**
 * @param {Pick<NodeJS.Process, 'stdout' | 'stderr'>} io
 * @param {{ json: boolean, progress?: boolean }} options
 * @returns {Face}
 */
export function createFace({ stdout, stderr }, { json, progress = stderr.isTTY === true }) {
  const view = json || !progress ? noProgress : progressView({ bars: stderr.isTTY === true, stream: stderr });
  const events = json ? jsonEvents(stdout) : undefined;
  const say = (/** @type {string} */ text) => void stderr.write(`${text}\n`);
  /** @type {ProfileEvent | undefined} */
  let profile;
  return {
    onEvent(event) {
      events?.(event);
      view.show(event);
      if (event.type === 'error') say(errorText(event));
      if (event.type === 'profile') profile = event;
    },
    result(text) {
      if (!json) stdout.write(`${text}\n`);
    },
    say,
    fail(error) {
      view.stop();
      const data = errorData(error);
      events?.({ type: 'error', ...data });
      say(errorText(data));
      if (data.code === 'internal') say(stackOf(error));
      return exitCodeOf(error);
    },
    close() {
      view.stop();
      if (profile && !json) say(profileText(profile));
    },
  };
}

/** @param {unknown} error
 * @returns {ErrorData} */
function errorData(error) {
  const known = toPetitError(error);
  if (known instanceof PetitError) return known.toJSON();
  return { code: 'interrupted', message: known.message, hint: AFTER_INTERRUPTION };
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
  const next = hint ? `\n  ${hint}` : '';
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
    stdout.write(`${JSON.stringify({ version: EVENT_VERSION, ...event })}\n`);
  };
}
