import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { summaryText as cleanupText } from '../../pkg-scripts/cli/commands/cleanup/output.js';
import { summaryText as cloneText } from '../../pkg-scripts/cli/commands/clone-db/output.js';
import { integerAtLeast, parseByteSize } from '../../pkg-scripts/cli/options.js';
import { PLAIN, screenOf } from '../../pkg-scripts/cli/output/colors.js';
import { clip, fitLine } from '../../pkg-scripts/cli/output/fit-line.js';
import { progressView } from '../../pkg-scripts/cli/output/progress.js';
import { createReporter } from '../../pkg-scripts/cli/output/reporter.js';
import { escapeControlChars } from '../../pkg-scripts/cli/output/sanitize.js';
import { planTable, table } from '../../pkg-scripts/cli/output/table.js';
import { HINTS, interrupted, PetitError } from '../../pkg-scripts/driver/errors.js';
import { count, duration, size } from '../../pkg-scripts/shared/format.js';

/** @import { RunEvent as Event } from '../../pkg-scripts/types.js' */

/** A stream that collects its output. @param {{ isTTY?: boolean }} [terminal] */
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

/** An event with only the fields that a test needs.
 * @param {Record<string, unknown>} fields
 * @returns {Event} */
const event = (fields) => /** @type {any} */ (fields);

/** @param {Partial<Extract<Event, { type: 'progress' }>>} fields @returns {Event} */
const progress = (fields) => ({
  type: 'progress',
  table: 'orders',
  phase: 'exporting',
  rows: 0n,
  bytes: 0n,
  ...fields,
});

describe('the table of a plan', () => {
  const head = ['ACTION', 'TABLE', 'ROWS'];
  const rows = Array.from({ length: 200 }, (_, index) => ['CREATE', `table_${'x'.repeat(60)}_${index}`, '1']);
  const options = { right: [2], once: [0] };

  it('says once what all rows have, fits into the terminal, and shows the first 20 rows', () => {
    const text = planTable(head, rows, { ...options, screen: { columns: 40, colors: PLAIN.colors } });
    const lines = text.split('\n');
    assert.equal(lines[0], 'All tables: ACTION: CREATE');
    assert.match(lines[1] ?? '', /^TABLE +ROWS$/);
    assert.match(lines[2] ?? '', /^table_x+… +1$/);
    assert.equal(lines.length, 1 + 1 + 20 + 1);
    assert.equal(lines.at(-1), '… 180 more (--all)');
    for (const line of lines) assert.ok(line.length <= 40, line);
  });

  it('has all rows with --all, and all columns in a file', () => {
    const screen = { columns: 40, colors: PLAIN.colors };
    assert.equal(planTable(head, rows, { ...options, screen, all: true }).split('\n').length, 202);
    assert.equal(planTable(head, rows, options), table(head, rows, { right: [2] }));
  });
});

describe('colours', () => {
  it('are those of the terminal, of NO_COLOR and of FORCE_COLOR', () => {
    const isColored = (/** @type {boolean} */ isTTY, /** @type {Record<string, string>} */ variables) =>
      screenOf({ isTTY, columns: 80 }, variables).colors.isColorSupported;
    assert.equal(isColored(true, {}), true);
    assert.equal(isColored(false, {}), false);
    assert.equal(isColored(true, { NO_COLOR: '1' }), false);
    assert.equal(isColored(true, { TERM: 'dumb' }), false);
    assert.equal(isColored(false, { FORCE_COLOR: '1' }), true);
    assert.equal(isColored(true, { FORCE_COLOR: '0' }), false);
  });

  it('mark actions and states, and do not change the columns', () => {
    const { colors } = screenOf({ isTTY: true }, {});
    const shown = table(
      ['TABLE', 'STATE', 'ROWS'],
      [
        ['done', 'done', '1'],
        ['b', 'FAILED', ''],
      ],
      { screen: { colors }, words: [1] },
    );
    assert.ok(shown.includes('done   \u001b[32mdone  \u001b[39m'), shown);
    assert.equal(stripVTControlCharacters(shown).split('\n')[1], 'done   done    1');
    assert.ok(shown.includes('\u001b[31mFAILED'), shown);
  });
});

describe('progress on a terminal', () => {
  /** The frames of a run on a terminal of so many columns. @param {Event[]} events @param {number} [columns] */
  function framesOf(events, columns = 120) {
    const { stream, text } = captured({ isTTY: true });
    stream.columns = columns;
    const view = progressView({ live: true, stream });
    for (const event of events) view.show(event);
    view.stop();
    return stripVTControlCharacters(text()).split('\n');
  }

  it('is a line per running table with percentage, phase, bar, rows and bytes', () => {
    const amounts = { rows: 1000n, totalRows: 4000n, bytes: 2n ** 20n, totalBytes: 2n ** 22n };
    const [line = ''] = framesOf([progress(amounts)]);
    assert.match(line, /^orders +25% {2}exporting {2}█+░+ {2}1,000\/4,000 rows {2}1 MiB {2}[\d,]+ rows\/s$/);
  });

  it('shows the job that works, and how long', () => {
    const [line = ''] = framesOf([progress({ phase: 'source job running', job: '123' })]);
    assert.match(line, /^orders +source job running 0:00 {2}job 123$/);
  });

  it('lets finished tables scroll away, and keeps the running ones below them', () => {
    const tasks = ['orders', 'views', 'users'].map((table) => ({ table, rows: 1000n, bytes: 1n }));
    const lines = framesOf([
      event({ type: 'plan', command: 'td2parquet', tasks }),
      progress({ rows: 1000n, totalRows: 1000n, bytes: 5n }),
      progress({ table: 'views', rows: 500n, totalRows: 1000n, bytes: 5n }),
      event({ type: 'table', table: 'orders', state: 'done' }),
    ]).filter((line) => line !== '');
    assert.match(lines[0] ?? '', /^orders +done {2}1,000 rows {2}5 B {2}0:00$/);
    assert.match(lines.at(-2) ?? '', /^views +50%/);
    assert.match(lines.at(-1) ?? '', /^ 50% {2}0:00 {2}1\/3 tables {2}█+░+ {2}1,500\/3,000 rows/);
    assert.ok(!lines.slice(1).some((line) => line.startsWith('orders')), lines.join('\n'));
  });

  for (const columns of [40, 80, 200]) {
    it(`fits into ${columns} columns, and has the percentage first`, () => {
      const tasks = [
        { table: 'x'.repeat(90), rows: 10n ** 12n },
        { table: 'b', rows: 1n },
      ];
      const amounts = { rows: 10n ** 11n, totalRows: 10n ** 12n, bytes: 10n ** 12n };
      const lines = framesOf(
        [
          event({ type: 'plan', command: 'td2parquet', tasks }),
          progress({ table: tasks[0]?.table, ...amounts }),
        ],
        columns,
      );
      for (const line of lines) assert.ok(line.length < columns, line);
      assert.match(lines.at(-2) ?? '', /^ {2}9% {2}0:00 {2}0\/2 tables/);
    });
  }

  it('leaves out what does not fit, the least important first', () => {
    const parts = [
      { text: ' 45%', rank: 0 },
      { text: '1:23', rank: 2 },
      { text: 'ETA 2:03', rank: 1 },
    ];
    const all = [...parts, { text: '57/200 tables', rank: 3 }, { bar: 0.5 }];
    assert.equal(fitLine(all, 60), ` 45%  1:23  ETA 2:03  57/200 tables  ${'█'.repeat(11)}${'░'.repeat(12)}`);
    assert.equal(fitLine(all, 30), ` 45%  1:23  ETA 2:03  ${'█'.repeat(4)}${'░'.repeat(4)}`);
    assert.equal(fitLine(all, 15), ' 45%  ETA 2:03');
    assert.equal(clip('データベース', 7), 'データ…');
  });
});

describe('progress elsewhere', () => {
  it('is a line per phase, not a line per chunk', () => {
    const { stream, text } = captured();
    const view = progressView({ live: false, stream });
    view.show(progress({ phase: 'queued', job: '7' }));
    for (let rows = 1n; rows <= 100n; rows += 1n) view.show(progress({ rows, totalRows: 200n, bytes: rows }));
    view.show(progress({ waiting: 'list tables: HTTP 503; next attempt in 1.0 s' }));
    view.show(event({ type: 'table', table: 'orders', state: 'done' }));
    view.stop();
    const lines = text().trimEnd().split('\n');
    assert.equal(lines.length, 3, lines.join('\n'));
    assert.equal(lines[0], 'orders: queued  job 7');
    assert.match(lines[1] ?? '', /^orders: exporting {2}1\/200 rows {2}1 B/);
    assert.equal(lines[2], 'orders: waiting: list tables: HTTP 503; next attempt in 1.0 s');
  });

  it('has a total for several tables', () => {
    const tasks = [
      { table: 'orders', rows: 4000n },
      { table: 'views', rows: 1000n },
    ];
    const { stream, text } = captured();
    const view = progressView({ live: false, stream });
    view.show(event({ type: 'plan', command: 'td2parquet', tasks }));
    view.show(progress({ rows: 4000n, totalRows: 4000n, bytes: 2n ** 22n, totalBytes: 2n ** 22n }));
    view.show(event({ type: 'table', table: 'orders', state: 'done' }));
    view.stop();
    assert.match(text(), /^orders: done; total 4,000\/5,000 rows {2}4 MiB/m);
  });
});

describe('a summary', () => {
  const hint = /Treasure Data keeps deleted tables for 7 days: GET \/v3\/table\/deleted lists them/;

  it('of a clone says how a replaced table can come back, and only then', () => {
    const summary = (/** @type {string} */ action) => {
      const table = { table: 't', action, rows: 1n, bytes: 1n, seconds: 1, via: 'client', verified: 'count' };
      const plan = { sourceDatabase: 'a', destinationDatabase: 'b', notChosen: 0, tables: [] };
      const rest = { skipped: [], views: [], errors: [], rows: 1n, bytes: 1n, seconds: 1 };
      return cloneText(/** @type {any} */ ({ plan, tables: [{ ...table, sourceJob: '1' }], ...rest }));
    };
    for (const action of ['overwrite', 'rebuild']) assert.match(summary(action), hint);
    for (const action of ['create', 'append']) assert.doesNotMatch(summary(action), hint);
  });

  it('of a cleanup says how a deleted table can come back, and only then', () => {
    const table = { database: 'd', table: 'petit_staging_1', rows: 1n, bytes: 1n };
    const summary = (/** @type {boolean} */ remove, /** @type {object[]} */ tables) => {
      const found = { jobs: [], sessions: [{ database: 'd', session: 's', status: '' }], tables, inUse: [] };
      const rest = { account: 'a', inaccessible: [], removed: remove ? 1 : 0, errors: [] };
      return cleanupText(/** @type {any} */ ({ ...rest, found }), { remove });
    };
    assert.match(summary(true, [table]), hint);
    assert.doesNotMatch(summary(false, [table]), hint);
    assert.doesNotMatch(summary(true, []), hint);
  });
});

describe('the reporter of a command', () => {
  /** @param {{ json: boolean, progress?: boolean }} options */
  function capturedReporter(options) {
    const [out, err] = [captured(), captured()];
    const reporter = createReporter(/** @type {any} */ ({ stdout: out.stream, stderr: err.stream }), options);
    return { reporter, out: out.text, err: err.text };
  }

  it('prints an error with its context and hint, and returns its exit code', () => {
    const { reporter, out, err } = capturedReporter({ json: false });
    const error = new PetitError('not_found', 'no such table', { table: 'a\u001b[31mb', job: '7' });
    assert.equal(reporter.fail(error), 2);
    assert.equal(err(), `Error: table "a\\u001b[31mb", job 7: no such table\n  ${HINTS.not_found}\n`);
    assert.equal(out(), '');
    assert.equal(reporter.fail(new PetitError('file_exists', 'x')), 1);
    assert.equal(reporter.fail(interrupted()), 130);
  });

  it('prints the stack of a defect', () => {
    const { reporter, err } = capturedReporter({ json: false });
    assert.equal(reporter.fail(new TypeError('x is not a function')), 1);
    assert.match(err(), /TypeError: x is not a function.*cli-output\.test\.js/s);
  });

  it('prints either results or events on stdout', () => {
    const text = capturedReporter({ json: false });
    text.reporter.output('1 of 1');
    text.reporter.onEvent(event({ type: 'summary' }));
    assert.deepEqual([text.out(), text.err()], ['1 of 1\n', '']);

    const json = capturedReporter({ json: true, progress: true });
    json.reporter.output('1 of 1');
    json.reporter.onEvent(event({ type: 'summary', rows: 1n }));
    json.reporter.onEvent(progress({ rows: 1n }));
    json.reporter.onEvent(progress({ rows: 2n }));
    json.reporter.onEvent(progress({ rows: 3n, waiting: 'cut' }));
    json.reporter.onEvent(progress({ phase: 'done', rows: 4n }));
    json.reporter.close();
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
  it('formats counts, sizes and durations', () => {
    assert.deepEqual([count(1234567), count(undefined)], ['1,234,567', '?']);
    assert.deepEqual([size(0), size(1536), size(undefined)], ['0 B', '1.5 KiB', '?']);
    const seconds = [0.04, 59.94, 60, 3599.6, 3661, Number.POSITIVE_INFINITY];
    assert.deepEqual(seconds.map(duration), ['0.0 s', '59.9 s', '1 min 0 s', '1 h 0 min', '1 h 1 min', '?']);
  });

  it('from outside cannot control the terminal', () => {
    assert.equal(
      escapeControlChars('a\u001b[2J\r\n\u202eb\u0000\u200bé😀'),
      'a\\u001b[2J\\u000d\\u000a\\u202eb\\u0000\\u200bé😀',
    );
    assert.ok(!table(['T'], [['\u001b[2J']]).includes('\u001b'));
  });

  it('of 100,000 rows has a line for each, and counts the columns of the terminal', () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => [`${index}`, '日本', 'x']);
    const lines = table(['N', 'NAME', 'END'], rows).split('\n');
    assert.equal(lines.length, 100_001);
    assert.equal(lines[0], 'N      NAME  END');
    assert.equal(lines.at(-1), '99999  日本  x');
  });

  it('in columns can be aligned right', () => {
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

describe('an option', () => {
  it('takes an integer with a minimum', () => {
    const atLeastOne = integerAtLeast(1);
    assert.deepEqual([atLeastOne('1'), atLeastOne('9007199254740991')], [1, 9007199254740991]);
    for (const text of ['0', '-1', '1.5', '1e3', '', ' 1', '9007199254740993', 'x']) {
      assert.throws(() => atLeastOne(text), /Expected an integer ≥ 1\./, text);
    }
  });

  it('takes a size in bytes with a unit', () => {
    /** @type {[string, number][]} */
    const sizes = [
      ['1', 1],
      ['16384k', 2 ** 24],
      ['16MiB', 2 ** 24],
      ['16 mb', 2 ** 24],
      ['1G', 2 ** 30],
    ];
    for (const [text, bytes] of sizes) assert.equal(parseByteSize(text), bytes, text);
    for (const text of ['0', '', 'MiB', '-1k', '1.5m', '1t', '99999999999999g']) {
      assert.throws(() => parseByteSize(text), /Expected a number of bytes/, text);
    }
  });
});
