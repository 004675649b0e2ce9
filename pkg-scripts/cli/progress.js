import { MultiBar } from 'cli-progress';
import { count, duration, printable, size } from './text.js';

/** @import { Event } from '../driver/types.js' */

/** How often a piped run says how far it is, in milliseconds. */
const LINE_INTERVAL_MS = 5_000;

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
  const bars = new Map();
  const began = performance.now();
  return {
    show(event) {
      if (event.type !== 'progress' && event.type !== 'table') return;
      const name = printable(event.table);
      let bar = bars.get(event.table);
      bar ??= multi.create(1, 0, { table: name.padEnd(20).slice(0, 28), amounts: '' });
      bars.set(event.table, bar);
      if (event.type === 'table') {
        bar.update(event.state === 'done' ? 1 : 0, { amounts: event.state });
        return;
      }
      bar.update(fraction(event), { amounts: describe(event, (performance.now() - began) / 1000) });
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
  const began = performance.now();
  return {
    show(event) {
      if (event.type !== 'progress') return;
      const now = performance.now();
      const last = told.get(event.table);
      const due = last === undefined || last.phase !== event.phase || now - last.at >= LINE_INTERVAL_MS;
      if (!due && event.waiting === undefined) return;
      told.set(event.table, { phase: event.phase, at: now });
      stream.write(`${printable(event.table)}: ${describe(event, (now - began) / 1000)}\n`);
    },
    stop() {},
  };
}

/** @param {Extract<Event, { type: 'progress' }>} event */
function fraction({ rows, totalRows, bytes, totalBytes }) {
  if (totalBytes) return Math.min(1, bytes / totalBytes);
  return totalRows ? Math.min(1, rows / totalRows) : 0;
}

/**
 * @param {Extract<Event, { type: 'progress' }>} event
 * @param {number} seconds since the run began
 */
function describe(event, seconds) {
  const { phase, rows, totalRows, bytes, waiting } = event;
  if (waiting !== undefined) return `waiting: ${printable(waiting)}`;
  if (bytes === 0) return phase;
  const part = fraction(event);
  const rate = `${count(Math.round(rows / seconds))} rows/s`;
  const eta = part > 0 && part < 1 ? `  ETA ${duration((seconds * (1 - part)) / part)}` : '';
  return `${phase}  ${count(rows)}/${count(totalRows)} rows  ${size(bytes)}  ${rate}${eta}`;
}
