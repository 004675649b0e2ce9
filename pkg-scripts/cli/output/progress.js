import { MultiBar } from 'cli-progress';
import { Totals } from '../../shared/totals.js';
import { count, duration, printable, rowRate, share, size } from './table.js';

/** @import { Amounts, RunEvent as Event } from '../../types.js' */

/** How often a piped run says how far it is, in milliseconds. */
const LINE_INTERVAL_MS = 5_000;
/** Rows of a terminal that does not tell how many it has. */
const FEWEST_ROWS = 24;

/**
 * Shows progress events of tables.
 * @typedef {object} ProgressView
 * @property {(event: Event) => void} show
 * @property {() => void} stop
 */

/**
 * Bars on a terminal, lines elsewhere.
 * @param {{ bars: boolean, stream: NodeJS.WriteStream }} options
 * @returns {ProgressView}
 */
export function progressView({ bars, stream }) {
  return bars ? barView(stream) : lineView(stream);
}

/** No progress at all.
 * @type {ProgressView} */
export const noProgress = { show() {}, stop() {} };

/** @param {NodeJS.WriteStream} stream
 * @returns {ProgressView} */
function barView(stream) {
  const multi = new MultiBar({
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
  /** @type {Map<string, import('cli-progress').SingleBar>} */
  const bars = new Map();
  /** @type {Set<string>} */
  const ended = new Set();
  const barOf = (/** @type {string} */ name) => {
    const known = bars.get(name);
    if (known) return known;
    // More lines than the terminal has could not be redrawn: tables that ended make room.
    const [oldest] = ended;
    if (oldest !== undefined && bars.size + 1 >= (stream.rows || FEWEST_ROWS)) {
      multi.remove(/** @type {import('cli-progress').SingleBar} */ (bars.get(oldest)));
      bars.delete(oldest);
      ended.delete(oldest);
    }
    const bar = multi.create(1, 0, { table: name.padEnd(20).slice(0, 28), amounts: '' });
    bars.set(name, bar);
    return bar;
  };
  const totals = new Totals();
  const clock = new Clock();
  return {
    show(event) {
      totals.applyEvent(event);
      if (event.type === 'waiting') multi.log(`waiting: ${printable(event.message)}\n`);
      if (event.type !== 'progress' && event.type !== 'table') return;
      if (totals.isSeveral) {
        const amounts = totals.amounts;
        barOf('TOTAL').update(fraction(amounts), { amounts: describe(amounts, clock.seconds()) });
      }
      const name = printable(event.table);
      const bar = barOf(name);
      if (event.type === 'table') {
        ended.add(name);
        bar.update(event.state === 'done' ? 1 : 0, { amounts: event.state });
      } else bar.update(fraction(event), { amounts: describeTable(event, clock.seconds(event.table)) });
    },
    stop() {
      multi.stop();
    },
  };
}

/** @param {NodeJS.WriteStream} stream
 * @returns {ProgressView} */
function lineView(stream) {
  /** @type {Map<string, { phase: string, at: number }>} */
  const told = new Map();
  const totals = new Totals();
  const clock = new Clock();
  const tell = (/** @type {string} */ table, /** @type {string} */ text) =>
    stream.write(`${printable(table)}: ${text}\n`);
  return {
    show(event) {
      totals.applyEvent(event);
      if (event.type === 'waiting') stream.write(`waiting: ${printable(event.message)}\n`);
      if (event.type === 'table' && totals.isSeveral) {
        tell(event.table, `${event.state}; in total ${describe(totals.amounts, clock.seconds())}`);
      }
      if (event.type !== 'progress') return;
      const now = performance.now();
      const last = told.get(event.table);
      const due = last === undefined || last.phase !== event.phase || now - last.at >= LINE_INTERVAL_MS;
      if (!due && event.waiting === undefined) return;
      told.set(event.table, { phase: event.phase, at: now });
      tell(event.table, describeTable(event, clock.seconds(event.table)));
    },
    stop() {},
  };
}

/** How long the run, and each of its tables, is under way. */
class Clock {
  #began = performance.now();
  /** @type {Map<string, number>} */
  #tables = new Map();

  /** Seconds since the run began, or since the table was first asked for.
   * @param {string} [table] */
  seconds(table) {
    const now = performance.now();
    const began = table === undefined ? this.#began : (this.#tables.get(table) ?? now);
    if (table !== undefined) this.#tables.set(table, began);
    return (now - began) / 1000;
  }
}

/** @param {Amounts} amounts */
function fraction({ rows, totalRows, bytes, totalBytes }) {
  if (totalBytes) return share(bytes, totalBytes);
  return totalRows ? share(rows, totalRows) : 0;
}

/**
 * @param {Extract<Event, { type: 'progress' }>} event
 * @param {number} seconds since the table began
 */
function describeTable(event, seconds) {
  const { phase, bytes, waiting } = event;
  if (waiting !== undefined) return `waiting: ${printable(waiting)}`;
  const shown = printable(phase);
  return bytes === 0n ? shown : `${shown}  ${describe(event, seconds)}`;
}

/**
 * @param {Amounts} amounts
 * @param {number} seconds they took
 */
function describe(amounts, seconds) {
  const { rows, totalRows, bytes } = amounts;
  const part = fraction(amounts);
  const speed = seconds > 0 ? `  ${rowRate(rows, seconds)}` : '';
  const eta = part > 0 && part < 1 ? `  ETA ${duration((seconds * (1 - part)) / part)}` : '';
  return `${count(rows)}/${count(totalRows)} rows  ${size(bytes)}${speed}${eta}`;
}
