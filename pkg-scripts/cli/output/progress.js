import { MultiBar } from 'cli-progress';
import { count, duration, rowRate, share, size } from '../../shared/format.js';
import { Totals } from '../../shared/totals.js';
import { escapeControlChars } from './sanitize.js';

/** @import { SingleBar } from 'cli-progress' */
/** @import { Amounts, RunEvent } from '../../types.js' */

/** @typedef {Extract<RunEvent, { type: 'progress' }>} ProgressEvent */

/** Minimum time between two lines of a table in the same phase, in milliseconds. */
const LINE_INTERVAL_MS = 5_000;
/** Rows of a terminal that does not report its size. */
const DEFAULT_TERMINAL_ROWS = 24;
/** Name of the bar for all tables. */
const TOTAL = 'TOTAL';

/**
 * Shows the progress of a run.
 * @typedef {object} ProgressView
 * @property {(event: RunEvent) => void} show
 * @property {() => void} stop
 */

/**
 * @param {{ bars: boolean, stream: NodeJS.WriteStream }} options `bars`: draw bars, for a terminal; else write lines
 * @returns {ProgressView}
 */
export function progressView({ bars, stream }) {
  return bars ? new BarView(stream) : new LineView(stream);
}

/** Shows nothing.
 * @type {ProgressView} */
export const noProgress = { show() {}, stop() {} };

/** One bar for each table and one for all tables.
 * @implements {ProgressView} */
class BarView {
  #stream;
  #multiBar;
  /** @type {Map<string, SingleBar>} */
  #bars = new Map();
  /** @type {Set<string>} names of tables that ended */
  #ended = new Set();
  #totals = new Totals();
  #stopwatch = new Stopwatch();

  /** @param {NodeJS.WriteStream} stream */
  constructor(stream) {
    this.#stream = stream;
    this.#multiBar = new MultiBar({
      stream,
      format: '{table} {bar} {percentage}%  {amounts}',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: false,
      stopOnComplete: false,
      forceRedraw: true,
      fps: 8,
      barCompleteChar: '█',
      barIncompleteChar: '░',
    });
  }

  /** @param {RunEvent} event */
  show(event) {
    this.#totals.applyEvent(event);
    if (event.type === 'waiting') this.#multiBar.log(`waiting: ${escapeControlChars(event.message)}\n`);
    if (event.type !== 'progress' && event.type !== 'table') return;
    if (this.#totals.isSeveral) this.#showTotal();
    const name = escapeControlChars(event.table);
    const bar = this.#barFor(name);
    if (event.type === 'table') {
      this.#ended.add(name);
      bar.update(event.state === 'done' ? 1 : 0, { amounts: event.state });
    } else {
      const seconds = this.#stopwatch.seconds(event.table);
      bar.update(fraction(event), { amounts: progressText(event, seconds) });
    }
  }

  stop() {
    this.#multiBar.stop();
  }

  #showTotal() {
    const { amounts } = this.#totals;
    const text = amountsText(amounts, this.#stopwatch.seconds());
    this.#barFor(TOTAL).update(fraction(amounts), { amounts: text });
  }

  /** @param {string} name @returns {SingleBar} */
  #barFor(name) {
    const existing = this.#bars.get(name);
    if (existing) return existing;
    this.#makeSpace();
    const bar = this.#multiBar.create(1, 0, { table: name.padEnd(20).slice(0, 28), amounts: '' });
    this.#bars.set(name, bar);
    return bar;
  }

  /** Removes the bar of a table that ended if the terminal is full: more lines than it has cannot be redrawn. */
  #makeSpace() {
    const [name] = this.#ended;
    if (name === undefined || this.#bars.size + 1 < (this.#stream.rows || DEFAULT_TERMINAL_ROWS)) return;
    this.#multiBar.remove(/** @type {SingleBar} */ (this.#bars.get(name)));
    this.#bars.delete(name);
    this.#ended.delete(name);
  }
}

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
      const total = amountsText(this.#totals.amounts, this.#stopwatch.seconds());
      this.#write(event.table, `${event.state}; total ${total}`);
    }
    if (event.type === 'progress' && this.#isDue(event)) {
      this.#lastLines.set(event.table, { phase: event.phase, writtenAt: performance.now() });
      this.#write(event.table, progressText(event, this.#stopwatch.seconds(event.table)));
    }
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
    this.#stream.write(`${escapeControlChars(subject)}: ${text}\n`);
  }
}

/** Measures how long the run and each of its tables have taken. */
class Stopwatch {
  #startedAt = performance.now();
  /** @type {Map<string, number>} start times by table */
  #tables = new Map();

  /**
   * Seconds since the start of the run, or since the first call for this table.
   * @param {string} [table]
   */
  seconds(table) {
    const now = performance.now();
    if (table === undefined) return (now - this.#startedAt) / 1000;
    const startedAt = this.#tables.get(table) ?? now;
    this.#tables.set(table, startedAt);
    return (now - startedAt) / 1000;
  }
}

/** The finished share, from 0 to 1. By bytes if their total is known: rows differ in size.
 * @param {Amounts} amounts */
function fraction({ rows, totalRows, bytes, totalBytes }) {
  if (totalBytes) return share(bytes, totalBytes);
  return totalRows ? share(rows, totalRows) : 0;
}

/**
 * @param {ProgressEvent} event
 * @param {number} seconds since the table started
 */
function progressText(event, seconds) {
  const { phase, bytes, waiting } = event;
  if (waiting !== undefined) return `waiting: ${escapeControlChars(waiting)}`;
  const shownPhase = escapeControlChars(phase);
  return bytes === 0n ? shownPhase : `${shownPhase}  ${amountsText(event, seconds)}`;
}

/**
 * @param {Amounts} amounts
 * @param {number} seconds that they took
 */
function amountsText(amounts, seconds) {
  const { rows, totalRows, bytes } = amounts;
  const done = fraction(amounts);
  const speed = seconds > 0 ? `  ${rowRate(rows, seconds)}` : '';
  const eta = done > 0 && done < 1 ? `  ETA ${duration((seconds * (1 - done)) / done)}` : '';
  return `${count(rows)}/${count(totalRows)} rows  ${size(bytes)}${speed}${eta}`;
}
