import { HINTS, PetitError, toPetitError } from '../../driver/errors.js';
import { Outlet } from '../../driver/utils/redact.js';
import { exitCodeOf } from '../exit-codes.js';
import { screenOf } from './colors.js';
import { DetailLog } from './detail-log.js';
import { profileText } from './profile.js';
import { noProgress, progressView } from './progress.js';
import { RunOutcome } from './run-outcome.js';
import { escapeControlChars } from './sanitize.js';

/** @import { ErrorData, ProfileEvent, RunEvent as Event } from '../../types.js' */
/** @import { Colors, Screen } from './colors.js' */
/** @import { Detail } from './details.js' */
/** @import { DetailTargets } from './detail-log.js' */

/** Version of the event format. */
export const EVENT_VERSION = 1;
/** Minimum time between two progress events of a table on stdout, in milliseconds. */
const PROGRESS_INTERVAL_MS = 500;

/** Printed immediately after an interruption of a command that writes tables or files. */
const CLEANING_UP = 'Stopping and cleaning up… Press Ctrl-C again to quit immediately.';

/**
 * Prints what a command does: results or events on stdout, messages on stderr.
 * @typedef {object} Reporter
 * @property {(event: Event) => void} onEvent
 * @property {(text: string, resultLine?: string) => void} output prints a result on stdout, or with `--quiet` its result
 *   line; does nothing with `--json`
 * @property {Screen} screen what is known of stdout
 * @property {(text: string) => void} log prints a message on stderr, unless `--quiet`
 * @property {(detail: Detail) => void} detail adds an entry to the detailed log
 * @property {(targets: DetailTargets) => void} addDetails starts the detailed log
 * @property {(key: string) => void} hide keeps an API key out of everything that is printed afterwards
 * @property {(data: object) => string} toJson data as indented JSON without keys, for a file
 * @property {(error: unknown) => ErrorData} toErrorData the error that stopped the command, as data
 * @property {(error: unknown) => number} fail prints the error that stopped the command; returns the exit code
 * @property {() => void} close ends the progress display and prints the profile, if there is one
 */

/**
 * @typedef {object} ReporterOptions
 * @property {boolean} [json] whether stdout gets events instead of text
 * @property {boolean | undefined} [quiet] whether only errors and the result line are printed
 * @property {boolean} [progress] whether to show progress (default: if stderr is a terminal)
 * @property {AbortSignal} [signal] aborted when the user interrupts the command
 * @property {string} [interruptMessage] printed immediately after an interruption
 * @property {(outcome: RunOutcome) => string} [resumeHint] the state after an interruption and how to resume
 * @property {string} [command] whose help lists the options
 * @property {boolean} [hasTables] whether the tasks are tables (default), not one query or job
 */

/**
 * @param {{ stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, env?: NodeJS.ProcessEnv }} process
 * @param {ReporterOptions} options
 * @returns {Reporter}
 */
export function createReporter({ stdout, stderr, env = {} }, options) {
  const {
    json,
    quiet = false,
    progress = stderr.isTTY === true,
    signal,
    interruptMessage = CLEANING_UP,
    resumeHint = () => 'Run the same command again.',
    command,
    hasTables = true,
  } = options;
  const outlet = new Outlet();
  const { colors } = screenOf(stderr, env);
  const view =
    json || quiet || !progress
      ? noProgress(stderr)
      : progressView({ live: stderr.isTTY === true, stream: stderr });
  const writeEvent = json ? eventWriter(stdout, outlet) : undefined;
  const outcome = new RunOutcome();
  /** @type {ProfileEvent | undefined} */
  let profile;
  const print = (/** @type {string} */ text) => view.print(outlet.text(text));
  const log = (/** @type {string} */ text) => {
    if (!quiet) print(text);
  };
  const details = new DetailLog(outlet, print);
  const onInterrupt = () => {
    view.stop();
    log(interruptMessage);
  };
  signal?.addEventListener('abort', onInterrupt);
  const toErrorData = (/** @type {unknown} */ error) =>
    withHelp(errorData(error, outcome, resumeHint), command);
  const logError = (/** @type {ErrorData} */ error) =>
    print(errorText(hasTables ? error : { ...error, table: undefined }, colors));
  return {
    onEvent(event) {
      outcome.record(event);
      writeEvent?.(event);
      details.addEvent(event);
      // Of a plan, progress shows only numbers. Its statements may be very long.
      if (!signal?.aborted) view.show(event.type === 'plan' ? event : outlet.data(event));
      if (event.type === 'error') logError(event);
      if (event.type === 'profile') profile = event;
    },
    output(text, resultLine = text) {
      const shown = quiet ? resultLine : text;
      if (!json && shown !== '') stdout.write(`${outlet.text(shown)}\n`);
    },
    screen: screenOf(stdout, env),
    log,
    detail: (detail) => details.add(detail),
    addDetails: (targets) => details.start(targets),
    hide: (key) => outlet.hide(key),
    toJson: (data) => outlet.json(data, 2),
    toErrorData,
    fail(error) {
      view.stop();
      const data = toErrorData(error);
      writeEvent?.({ type: 'error', ...data });
      details.addEvent({ type: 'error', ...data });
      logError(data);
      if (data.code === 'internal') print(stackText(error));
      return exitCodeOf(error);
    },
    close() {
      signal?.removeEventListener('abort', onInterrupt);
      view.stop();
      if (profile && !json) log(profileText(profile));
    },
  };
}

/**
 * @param {unknown} thrown
 * @param {RunOutcome} outcome
 * @param {(outcome: RunOutcome) => string} resumeHint
 * @returns {ErrorData & { finished?: string[], left?: string[] }}
 */
function errorData(thrown, outcome, resumeHint) {
  const error = toPetitError(thrown);
  if (error instanceof PetitError && error.code !== 'interrupted') return error.toJSON();
  return {
    code: 'interrupted',
    message: error.message,
    hint: resumeHint(outcome),
    finished: outcome.finished,
    left: outcome.remaining,
  };
}

/**
 * The stack of a defect, for a bug report.
 * @param {unknown} error
 */
function stackText(error) {
  const { cause, stack } = /** @type {Error & { cause?: Error }} */ (error);
  return String(cause?.stack ?? stack)
    .split('\n')
    .map(escapeControlChars)
    .join('\n');
}

/**
 * The error with the command that lists the options, if an option is wrong and nothing better is known.
 * @template {ErrorData} E
 * @param {E} error
 * @param {string} [command]
 * @returns {E}
 */
const withHelp = (error, command) =>
  command && error.hint === HINTS.invalid_option
    ? { ...error, hint: `"petit help ${command}" lists the options and their values.` }
    : error;

/**
 * What happened, where, the endpoint that was asked, then what the user can do.
 * @param {Pick<ErrorData, 'message' | 'hint' | 'endpoint' | 'job'> & { table?: string | undefined }} error
 * @param {Colors} colors
 */
function errorText({ message, hint, endpoint, table, job }, colors) {
  const namesJob = message.includes(`job ${job}`) || message.includes(`job "${job}"`);
  const context = [table && `table "${table}"`, job && !namesJob && `job ${job}`].filter(Boolean).join(', ');
  const prefix = context && `${escapeControlChars(context)}: `;
  const isNamed = endpoint !== undefined && message.includes(endpoint);
  const details = [endpoint && !isNamed && `Endpoint: ${endpoint}`, hint].filter(Boolean);
  const lines = details.map((text) => `\n  ${escapeControlChars(text)}`);
  return `${colors.red('Error:')} ${prefix}${escapeControlChars(message)}${lines.join('')}`;
}

/**
 * Writes events, one JSON object per line. Drops progress events that follow too soon and show no new phase or wait.
 * @param {NodeJS.WriteStream} stdout
 * @param {Outlet} outlet
 */
function eventWriter(stdout, outlet) {
  /** @type {Map<string, { phase: string, writtenAt: number }>} by table */
  const lastProgress = new Map();
  return (/** @type {Event} */ event) => {
    if (event.type === 'progress') {
      const now = performance.now();
      const last = lastProgress.get(event.table);
      const isTooSoon = last?.phase === event.phase && now - last.writtenAt < PROGRESS_INTERVAL_MS;
      if (isTooSoon && !event.waiting) return;
      lastProgress.set(event.table, { phase: event.phase, writtenAt: now });
    }
    // JSON escapes only some of the characters that control a terminal.
    stdout.write(`${escapeControlChars(outlet.json({ version: EVENT_VERSION, ...event }))}\n`);
  };
}
