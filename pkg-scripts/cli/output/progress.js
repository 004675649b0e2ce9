import { count, duration, rowRate, size } from '../../shared/format.js';
import { secondsLeft, tableShare } from '../../shared/run-share.js';
import { Totals } from '../../shared/totals.js';
import { LiveView } from './live-progress.js';
import { escapeControlChars } from './sanitize.js';
import { Stopwatch } from './stopwatch.js';

/** @import { Amounts, RunEvent } from '../../types.js' */

/** @typedef {Extract<RunEvent, { type: 'progress' }>} ProgressEvent */

/** Minimum time between two lines of a table in the same phase, in milliseconds. */
const LINE_INTERVAL_MS = 5_000;

/**
 * Shows the progress of a run.
 * @typedef {object} ProgressView
 * @property {(event: RunEvent) => void} show
 * @property {(text: string) => void} print prints a message between the progress
 * @property {() => void} stop
 */

/**
 * @param {{ live: boolean, stream: NodeJS.WriteStream }} options `live`: redraw, for a terminal; else write lines
 * @returns {ProgressView}
 */
export function progressView({ live, stream }) {
  return live ? new LiveView(stream) : new LineView(stream);
}

/** Shows only messages.
 * @param {NodeJS.WriteStream} stream
 * @returns {ProgressView} */
export const noProgress = (stream) => ({
  show() {},
  print: (text) => void stream.write(`${text}\n`),
  stop() {},
});

/** Plain lines, for a file or a pipe.
 * @implements {ProgressView} */
class LineView {
  #stream;
  /** @type {Map<string, { phase: string, writtenAt: number }>} by table */
  #lastLines = new Map();
  #totals = new Totals();
  #stopwatch = new Stopwatch();

  /** @param {NodeJS.WriteStream} stream */
  constructor(stream) {
    this.#stream = stream;
  }

  /** @param {RunEvent} event */
  show(event) {
    this.#totals.applyEvent(event);
    if (event.type === 'waiting') this.#write('waiting', escapeControlChars(event.message));
    if (event.type === 'table' && this.#totals.isSeveral) {
      const { amounts, share } = this.#totals;
      const total = amountsText(amounts, share, this.#stopwatch.seconds());
      this.#write(event.table, `${event.state}; total ${total}`);
    }
    if (event.type === 'progress' && this.#isDue(event)) {
      this.#lastLines.set(event.table, { phase: event.phase, writtenAt: performance.now() });
      this.#write(event.table, progressText(event, this.#stopwatch.seconds(event.table)));
    }
  }

  /** @param {string} text */
  print(text) {
    this.#stream.write(`${text}\n`);
  }

  stop() {}

  /** @param {ProgressEvent} event */
  #isDue({ table, phase, waiting }) {
    const last = this.#lastLines.get(table);
    if (waiting !== undefined || last?.phase !== phase) return true;
    return performance.now() - last.writtenAt >= LINE_INTERVAL_MS;
  }

  /** @param {string} subject @param {string} text */
  #write(subject, text) {
    this.print(`${escapeControlChars(subject)}: ${text}`);
  }
}

/**
 * @param {ProgressEvent} event
 * @param {number} seconds since the table started
 */
function progressText(event, seconds) {
  const { phase, bytes, waiting, job } = event;
  if (waiting !== undefined) return `waiting: ${escapeControlChars(waiting)}`;
  const shownPhase = escapeControlChars(phase);
  if (bytes > 0n) return `${shownPhase}  ${amountsText(event, tableShare(event), seconds)}`;
  return job === undefined ? shownPhase : `${shownPhase}  job ${escapeControlChars(job)}`;
}

/**
 * @param {Amounts} amounts
 * @param {number} share that is done
 * @param {number} seconds that they took
 */
function amountsText({ rows, totalRows, bytes }, share, seconds) {
  const speed = seconds > 0 ? `  ${rowRate(rows, seconds)}` : '';
  const left = secondsLeft(share, seconds);
  const eta = left === undefined ? '' : `  ETA ${duration(left)}`;
  return `${count(rows)}/${count(totalRows)} rows  ${size(bytes)}${speed}${eta}`;
}
