import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { byteSize, wholeNumber } from '../../pkg-scripts/cli/options.js';
import { progressView } from '../../pkg-scripts/cli/output/progress.js';
import { createFace } from '../../pkg-scripts/cli/output/reporter.js';
import { count, duration, printable, size, table } from '../../pkg-scripts/cli/output/table.js';
import { HINTS, interrupted, PetitError } from '../../pkg-scripts/driver/errors.js';

/** @import { RunEvent as Event } from '../../pkg-scripts/types.js' */

/** A stream that keeps what it was given. @param {{ isTTY?: boolean }} [terminal] */
function captured({ isTTY = false } = {}) {
  const stream = Object.assign(new PassThrough(), {
    ...{ isTTY, columns: 120, rows: 40 },
    ...{ cursorTo() {}, moveCursor() {}, clearLine() {}, clearScreenDown() {} },
  });
  return {
    stream: /** @type {NodeJS.WriteStream} */ (/** @type {unknown} */ (stream)),
    text: () => String(stream.read() ?? ''),
  };
}

/** As much of an event as a test is about.
 * @param {Record<string, unknown>} told
 * @returns {Event} */
const event = (told) => /** @type {any} */ (told);

/** @param {Partial<Extract<Event, { type: 'progress' }>>} more @returns {Event} */
const progress = (more) => ({
  type: 'progress',
  table: 'orders',
  phase: 'exporting',
  rows: 0n,
  bytes: 0n,
  ...more,
});

describe('progress', () => {
  it('on a terminal is a bar for each table: rows, bytes, rate, time left, and how it ended', () => {
    const { stream, text } = captured({ isTTY: true });
    const view = progressView({ bars: true, stream });
    view.show(progress({ phase: 'queued' }));
    view.show(progress({ rows: 1000n, totalRows: 4000n, bytes: 2n ** 20n, totalBytes: 2n ** 22n }));
    view.show(event({ type: 'summary' }));
    view.stop();
    const shown = text();
    assert.match(shown, /orders/);
    assert.match(shown, /25%/);
    assert.match(shown, /exporting {2}1,000\/4,000 rows {2}1 MiB {2}[\d,]+ rows\/s {2}ETA \d/);
    for (const [state, percentage] of /** @type {const} */ ([
      ['done', '100%'],
      ['failed', '0%'],
    ])) {
      const ended = progressView({ bars: true, stream });
      ended.show(event({ type: 'table', table: 'orders', state }));
      ended.stop();
      assert.match(text(), new RegExp(`${percentage} +${state}`));
    }
  });

  it('elsewhere is a line when the phase changes, not for each chunk', () => {
    const { stream, text } = captured();
    const view = progressView({ bars: false, stream });
    view.show(progress({ phase: 'queued' }));
    for (let rows = 1n; rows <= 100n; rows += 1n) view.show(progress({ rows, totalRows: 200n, bytes: rows }));
    view.show(progress({ waiting: 'list tables: HTTP 503; next attempt in 1.0 s' }));
    view.show(event({ type: 'table', table: 'orders', state: 'done' }));
    view.stop();
    const lines = text().trimEnd().split('\n');
    assert.equal(lines.length, 3, lines.join('\n'));
    assert.equal(lines[0], 'orders: queued');
    assert.match(lines[1] ?? '', /^orders: exporting {2}1\/200 rows {2}1 B/);
    assert.equal(lines[2], 'orders: waiting: list tables: HTTP 503; next attempt in 1.0 s');
  });

  it('of several tables has a total', () => {
    const tasks = [
      { table: 'orders', rows: 4000n },
      { table: 'views', rows: 1000n },
    ];
    /** @type {Event[]} */
    const events = [
      event({ type: 'plan', tasks }),
      progress({ rows: 4000n, totalRows: 4000n, bytes: 2n ** 22n, totalBytes: 2n ** 22n }),
      event({ type: 'table', table: 'orders', state: 'done' }),
    ];
    const [bars, lines] = [captured({ isTTY: true }), captured()];
    const views = [
      progressView({ bars: true, stream: bars.stream }),
      progressView({ bars: false, stream: lines.stream }),
    ];
    for (const view of views) {
      for (const event of events) view.show(event);
      view.stop();
    }
    assert.match(bars.text(), /TOTAL .*80%.*4,000\/5,000 rows/s);
    assert.match(lines.text(), /^orders: done; in total 4,000\/5,000 rows {2}4 MiB/m);
  });
});

describe('the face of a command', () => {
  /** @param {{ json: boolean, progress?: boolean }} options */
  function face(options) {
    const [out, err] = [captured(), captured()];
    const made = createFace(/** @type {any} */ ({ stdout: out.stream, stderr: err.stream }), options);
    return { made, out: out.text, err: err.text };
  }

  it('tells an error with its place and what to do next; the exit code follows from it', () => {
    const { made, out, err } = face({ json: false });
    const error = new PetitError('not_found', 'no such table', { table: 'a\u001b[31mb', job: '7' });
    assert.equal(made.fail(error), 2);
    assert.equal(err(), `Error: table "a\\u001b[31mb", job 7: no such table\n  ${HINTS.not_found}\n`);
    assert.equal(out(), '');
    assert.equal(made.fail(new PetitError('file_exists', 'x')), 1);
    assert.equal(made.fail(interrupted()), 130);
  });

  it('tells a defect with where it is in the code', () => {
    const { made, err } = face({ json: false });
    assert.equal(made.fail(new TypeError('x is not a function')), 1);
    assert.match(err(), /TypeError: x is not a function.*cli-output\.test\.js/s);
  });

  it('prints results or events on stdout, never both', () => {
    const text = face({ json: false });
    text.made.result('1 of 1');
    text.made.onEvent(event({ type: 'summary' }));
    assert.deepEqual([text.out(), text.err()], ['1 of 1\n', '']);

    const json = face({ json: true, progress: true });
    json.made.result('1 of 1');
    json.made.onEvent(event({ type: 'summary', rows: 1n }));
    json.made.onEvent(progress({ rows: 1n }));
    json.made.onEvent(progress({ rows: 2n }));
    json.made.onEvent(progress({ rows: 3n, waiting: 'cut' }));
    json.made.onEvent(progress({ phase: 'done', rows: 4n }));
    json.made.close();
    const events = json
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(events[0], { version: 1, type: 'summary', rows: 1 });
    assert.deepEqual(
      events.slice(1).map(({ rows }) => rows),
      [1, 3, 4],
    );
    assert.equal(json.err(), '');
  });
});

describe('text', () => {
  it('of numbers, sizes, durations', () => {
    assert.deepEqual([count(1234567), count(undefined)], ['1,234,567', '?']);
    assert.deepEqual([size(0), size(1536), size(undefined)], ['0 B', '1.5 KiB', '?']);
    const seconds = [0.04, 59.94, 60, 3599.6, 3661, Number.POSITIVE_INFINITY];
    assert.deepEqual(seconds.map(duration), ['0.0 s', '59.9 s', '1 min 0 s', '1 h 0 min', '1 h 1 min', '?']);
  });

  it('from elsewhere cannot command the terminal', () => {
    assert.equal(printable('a\u001b[2J\r\n\u202eb\u0000é😀'), 'a\\u001b[2J\\u000d\\u000a\\u202eb\\u0000é😀');
    assert.ok(!table(['T'], [['\u001b[2J']]).includes('\u001b'));
  });

  it('in columns, numbers to the right', () => {
    const text = table(
      ['NAME', 'ROWS'],
      [
        ['a', '1'],
        ['long', '1,000'],
      ],
      { right: [1] },
    );
    assert.deepEqual(text.split('\n'), ['NAME   ROWS', 'a         1', 'long  1,000']);
  });
});

describe('options', () => {
  it('whole numbers', () => {
    const atLeastOne = wholeNumber(1);
    assert.deepEqual([atLeastOne('1'), atLeastOne('9007199254740991')], [1, 9007199254740991]);
    for (const text of ['0', '-1', '1.5', '1e3', '', ' 1', '9007199254740993', 'x']) {
      assert.throws(() => atLeastOne(text), /whole number of at least 1/, text);
    }
  });

  it('sizes', () => {
    /** @type {[string, number][]} */
    const sizes = [
      ['1', 1],
      ['16384k', 2 ** 24],
      ['16MiB', 2 ** 24],
      ['16 mb', 2 ** 24],
      ['1G', 2 ** 30],
    ];
    for (const [text, bytes] of sizes) assert.equal(byteSize(text), bytes, text);
    for (const text of ['0', '', 'MiB', '-1k', '1.5m', '1t', '99999999999999g']) {
      assert.throws(() => byteSize(text), /number of bytes/, text);
    }
  });
});
