import { createLogUpdate } from 'log-update';
import { createSupportsHyperlinks } from 'supports-hyperlinks';
import { count, rowRate, size } from '../../shared/format.js';
import { secondsLeft, tableShare } from '../../shared/run-share.js';
import { Totals } from '../../shared/totals.js';
import { clip, fitLine, pad } from './fit-line.js';
import { escapeControlChars } from './sanitize.js';
import { Stopwatch } from './stopwatch.js';

/** @import { RunEvent } from '../../types.js' */
/** @import { ProgressEvent, ProgressView } from './progress.js' */

/** Time between two frames, in milliseconds. */
const FRAME_MS = 125;
/** Size of a terminal that does not report it. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
/** Lines of the terminal that a frame leaves free. */
const FREE_ROWS = 2;
/** Columns of the names of tables. */
const MAX_NAME = 28;
/** The phases in which a job of Treasure Data works, whose time is shown. */
const JOB_PHASE = /queued|booting|running|job/;

/**
 * Shows the running tables and the whole run at the end of the terminal, and redraws them. Finished tables scroll away.
 * @implements {ProgressView}
 */
export class LiveView {
  #stream;
  #draw;
  #hasLinks;
  /** @type {Map<string, ProgressEvent>} the latest progress of the running tables */
  #running = new Map();
  #totals = new Totals();
  #stopwatch = new Stopwatch();
  #timer;
  #onResize = () => this.#render();
  #hasBegun = false;
  #hasStopped = false;

  /** @param {NodeJS.WriteStream} stream a terminal */
  constructor(stream) {
    this.#stream = stream;
    this.#draw = createLogUpdate(stream);
    this.#hasLinks = createSupportsHyperlinks(stream);
    this.#timer = setInterval(() => this.#render(), FRAME_MS).unref();
    stream.on('resize', this.#onResize);
  }

  /** @param {RunEvent} event */
  show(event) {
    this.#totals.applyEvent(event);
    if (event.type === 'waiting') this.print(`waiting: ${escapeControlChars(event.message)}`);
    if (event.type === 'progress' || event.type === 'table') this.#hasBegun = true;
    if (event.type === 'progress') this.#showProgress(event);
    if (event.type === 'table') this.#showEnd(event);
  }

  /** @param {string} text */
  print(text) {
    if (this.#hasStopped) {
      this.#stream.write(`${text}\n`);
      return;
    }
    this.#draw.persist(text);
    this.#render();
  }

  stop() {
    if (this.#hasStopped) return;
    this.#render();
    this.#hasStopped = true;
    clearInterval(this.#timer);
    this.#stream.off('resize', this.#onResize);
    this.#draw.done();
  }

  /** @param {ProgressEvent} event */
  #showProgress(event) {
    this.#running.set(event.table, event);
    this.#stopwatch.start(event.table);
    this.#stopwatch.start(phaseKey(event));
  }

  /** @param {Extract<RunEvent, { type: 'table' }>} event */
  #showEnd(event) {
    const { table, state } = event;
    const progress = this.#running.get(table);
    this.#running.delete(table);
    if (state === 'skipped') return;
    const amounts = progress ? [`${count(progress.rows)} rows`, size(progress.bytes)] : [];
    const seconds = progress ? clock(this.#stopwatch.seconds(table)) : '';
    const texts = [this.#name(table), state, ...amounts, seconds];
    this.print(
      fitLine(
        texts.map((text, rank) => ({ text, rank })),
        this.#columns,
      ),
    );
  }

  #render() {
    if (this.#hasStopped) return;
    const columns = this.#columns;
    const most = Math.max(1, (this.#stream.rows || DEFAULT_ROWS) - FREE_ROWS - 1);
    const running = [...this.#running.values()].slice(0, most);
    const lines = running.map((event) => fitLine(this.#tableParts(event), columns));
    if (this.#totals.isSeveral && this.#hasBegun) lines.push(fitLine(this.#totalParts(), columns));
    if (lines.length === 0) this.#draw.clear();
    else this.#draw(lines.map((line, index) => this.#withLink(line, running[index])).join('\n'));
  }

  /** One column stays free: some terminals begin a new line after the last one. */
  get #columns() {
    return (this.#stream.columns || DEFAULT_COLUMNS) - 1;
  }

  /** The name of a table, clipped and padded. @param {string} table */
  #name(table) {
    const columns = Math.min(MAX_NAME, Math.floor(this.#columns / 3));
    return pad(clip(escapeControlChars(table), columns), columns);
  }

  /** @param {ProgressEvent} event */
  #tableParts(event) {
    const { table, phase, bytes, waiting } = event;
    const name = { text: this.#name(table), rank: 0 };
    if (waiting !== undefined) return [name, { text: `waiting: ${escapeControlChars(waiting)}`, rank: 1 }];
    if (bytes === 0n) return [name, ...this.#phaseParts(event)];
    const share = tableShare(event);
    const seconds = this.#stopwatch.seconds(table);
    return [
      name,
      { text: percent(share), rank: 1 },
      { text: eta(share, seconds), rank: 2 },
      { text: escapeControlChars(phase), rank: 3 },
      { bar: share },
      ...amountParts(event, seconds, 4),
    ];
  }

  /** What is done before the first rows arrive: mostly a job of Treasure Data works. @param {ProgressEvent} event */
  #phaseParts(event) {
    const { phase, job } = event;
    const seconds = JOB_PHASE.test(phase) ? ` ${clock(this.#stopwatch.seconds(phaseKey(event)))}` : '';
    return [
      { text: escapeControlChars(phase) + seconds, rank: 1 },
      { text: job === undefined ? '' : jobText(job), rank: 2 },
    ];
  }

  #totalParts() {
    const { share, amounts, tables } = this.#totals;
    const seconds = this.#stopwatch.seconds();
    return [
      { text: percent(share), rank: 0 },
      { text: clock(seconds), rank: 2 },
      { text: eta(share, seconds), rank: 1 },
      { text: `${count(tables.ended)}/${count(tables.all)} tables`, rank: 3 },
      { bar: share },
      ...amountParts(amounts, seconds, 4),
    ];
  }

  /**
   * The line with a link from the job's id to its page in TD's console.
   * @param {string} line
   * @param {ProgressEvent} [event]
   */
  #withLink(line, event) {
    const { job, consoleUrl } = event ?? {};
    if (!this.#hasLinks || job === undefined || consoleUrl === undefined) return line;
    return line.replace(jobText(job), (text) => `\u001b]8;;${consoleUrl}\u0007${text}\u001b]8;;\u0007`);
  }
}

/** @param {string} job */
const jobText = (job) => `job ${escapeControlChars(job)}`;

/** @param {Pick<ProgressEvent, 'table' | 'phase'>} event */
const phaseKey = ({ table, phase }) => `${table}\n${phase}`;

/** @param {number} share */
const percent = (share) => `${Math.floor(share * 100)}%`.padStart(4);

/** @param {number} share @param {number} seconds */
function eta(share, seconds) {
  const left = secondsLeft(share, seconds);
  return left === undefined ? '' : `ETA ${clock(left)}`;
}

/**
 * @param {{ rows: bigint, totalRows?: bigint | undefined, bytes: bigint }} amounts
 * @param {number} seconds that they took
 * @param {number} rank of the first part
 */
const amountParts = ({ rows, totalRows, bytes }, seconds, rank) => [
  { text: `${count(rows)}/${count(totalRows)} rows`, rank },
  { text: size(bytes), rank: rank + 1 },
  { text: rows > 0n && seconds > 0 ? rowRate(rows, seconds) : '', rank: rank + 2 },
];

/** A time as a clock shows it: 0:07, 12:34, 1:02:03. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
