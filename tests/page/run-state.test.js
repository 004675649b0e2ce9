import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildReport } from '../../www/clone/report.js';
import { missingTables, retry, start } from '../../www/clone/run-state.js';
import { clockTime } from '../../www/run/clock.js';
import { activeJobs, isWaiting, runProgress, secondsLeft, tableProgress } from '../../www/run/progress.js';
import { applyEvents, finishRun } from '../../www/run/run-state.js';
import { addSample, currentRate, hasRates, rateSeries } from '../../www/run/samples.js';

/** @import { ShownPlan } from '../../www/worker/calls.js' */
/** @import { RunEvent } from '../../pkg-scripts/types.js' */

const T0 = Date.UTC(2026, 0, 2, 3, 4, 5);

/** @type {ShownPlan} */
const PLAN = {
  source: 'https://source.example',
  destination: 'https://destination.example',
  sourceDatabase: 'shop',
  destinationDatabase: 'copy',
  createDatabase: true,
  notChosen: 0,
  views: [],
  run: 1,
  orphans: { sessions: [], tables: [], jobs: [], inUse: [] },
  warnings: [],
  totals: {},
  tables: [
    planned('events', 800n),
    planned('orders', 200n),
    { ...planned('old', 50n, 'skip'), isCopied: false },
  ],
};

/** @param {string} table @param {bigint} rows @param {'create' | 'skip'} [action] */
function planned(table, rows, action = 'create') {
  return { table, action, rows, bytes: rows * 10n, warnings: [], isCopied: true };
}

/** @param {string} table @param {bigint} rows @returns {RunEvent} */
const progress = (table, rows, phase = 'copying') => ({
  ...{ type: 'progress', table, phase, rows, totalRows: 800n, bytes: rows, totalBytes: 800n },
});

/** @param {string} table @param {bigint} rows @returns {any} */
const done = (table, rows) => ({
  ...{ type: 'table', state: 'done', table, action: 'create', rows, bytes: rows, downloadedBytes: rows },
  ...{ parts: 1, seconds: 2, sourceJob: '7', startedAt: '2026-01-02T03:04:05Z' },
});

/** @param {string} table @returns {RunEvent} */
const failed = (table) => ({
  ...{ type: 'table', state: 'failed', table },
  error: { code: 'job_failed', message: 'no memory', hint: 'Read it.', table, job: '9' },
});

describe('the state of a run', () => {
  const started = start(PLAN, T0);

  test('shows an unknown outcome as unknown', () => {
    const unknown = /** @type {RunEvent} */ ({
      ...{ type: 'table', state: 'failed', table: 'events' },
      error: {
        code: 'publish_unknown',
        message: 'it is unknown',
        hint: 'petit verify shop',
        table: 'events',
      },
    });
    const { log, counts } = applyEvents(started, [unknown], T0);
    assert.equal(counts.failed, 1);
    assert.match(log.at(-1) ?? '', /events: unknown: it is unknown$/);
  });

  test('starts with all tables waiting', () => {
    assert.deepEqual(started.counts, { waiting: 2, active: 0, done: 0, failed: 0, skipped: 1 });
    assert.deepEqual([started.rows, started.totalRows, runProgress(started)], [0n, 1000n, 0]);
    assert.equal(secondsLeft(started, T0 + 1000), undefined);
    assert.equal(currentRate(started.samples), undefined);
  });

  test('applies the events of each table', () => {
    const run = applyEvents(
      started,
      [progress('events', 400n), { type: 'table', state: 'skipped', table: 'old', action: 'skip' }],
      T0 + 4000,
    );
    const events = run.tables.get('events');
    assert.deepEqual(
      [events?.state, events?.phase, events && tableProgress(events)],
      ['active', 'copying', 0.5],
    );
    assert.deepEqual([run.rows, run.totalRows, run.bytes], [400n, 1000n, 400n]);
    assert.equal(secondsLeft(run, T0 + 4000), undefined, 'too early');
    const share = 0.9 * 0.8 * 0.5 + 0.1 * 0.25;
    assert.equal(secondsLeft(run, T0 + 10_000)?.toFixed(3), ((10 * (1 - share)) / share).toFixed(3));
    assert.equal(currentRate(run.samples), 100);
    const time = clockTime(T0 + 4000);
    assert.deepEqual(run.log.slice(1), [`${time}  events: copying`, `${time}  old: skipped`]);
    assert.equal(started.rows, 0n, 'the earlier state is unchanged');
  });

  test('waits for Treasure Data until there are rows, and names the jobs', () => {
    const consoleUrl = 'https://console.example/app/jobs/7';
    const queued = /** @type {RunEvent} */ ({
      ...progress('events', 0n, 'source job queued'),
      ...{ bytes: 0n, job: '7', consoleUrl },
    });
    const run = applyEvents(started, [queued], T0);
    assert.ok(isWaiting(run));
    assert.deepEqual(activeJobs(run), [
      { table: 'events', job: '7', consoleUrl, phase: 'source job queued' },
    ]);
    assert.match(run.log.at(-1) ?? '', /events: source job queued \(job 7\)$/);
    const copying = applyEvents(run, [progress('events', 1n), failed('orders')], T0);
    assert.ok(!isWaiting(copying));
    assert.equal(copying.tables.get('events')?.consoleUrl, consoleUrl, 'the job stays within reach');
    assert.ok(!isWaiting(applyEvents(run, [failed('events')], T0)));
    assert.deepEqual(activeJobs(finishRun(run, T0)), []);
  });

  test('logs why a table waits, and each phase once', () => {
    const waits = /** @type {RunEvent} */ ({ ...progress('events', 1n), waiting: 'no answer' });
    const run = applyEvents(started, [progress('events', 1n), progress('events', 2n), waits], T0);
    assert.deepEqual(
      run.log.slice(1).map((line) => line.replace(/^.*? {2}/, '')),
      ['events: copying', 'events: waiting: no answer'],
    );
    assert.equal(run.tables.get('events')?.waitReason, 'no answer');
    assert.equal(applyEvents(run, [progress('events', 3n)], T0).tables.get('events')?.waitReason, undefined);
  });

  test('subtracts the rows of a failed table, and keeps its error', () => {
    const run = applyEvents(
      started,
      [progress('events', 400n), failed('events'), done('orders', 200n)],
      T0 + 9000,
    );
    assert.deepEqual(run.counts, { waiting: 0, active: 0, done: 1, failed: 1, skipped: 1 });
    assert.deepEqual([run.rows, run.totalRows, runProgress(run)], [200n, 200n, 1]);
    assert.match(run.log.at(-2) ?? '', /events: failed: no memory$/);
    const over = finishRun(run, T0 + 10_000);
    assert.equal(over.status, 'ended');
    assert.deepEqual(missingTables(over), ['events']);
    const { tables, skipped, errors, rows, seconds, state } = buildReport(over);
    assert.deepEqual(
      [tables.map(({ table }) => table), skipped, rows, seconds, state],
      [['orders'], ['old'], 200n, 10, 'ended'],
    );
    assert.deepEqual(
      errors.map(({ table, code }) => [table, code]),
      [['events', 'job_failed']],
    );
  });

  test('retries only the missing tables, and sums up all attempts', () => {
    const over = finishRun(
      applyEvents(started, [failed('events'), done('orders', 200n)], T0 + 1000),
      T0 + 2000,
    );
    const again = retry(over, T0 + 60_000);
    assert.deepEqual(again.counts, { waiting: 1, active: 0, done: 1, failed: 0, skipped: 1 });
    assert.deepEqual(again.samples, [{ atMs: 0, rows: 200n }], 'earlier rows do not count for the rate');
    const whole = finishRun(applyEvents(again, [done('events', 800n)], T0 + 61_000), T0 + 63_000);
    const { tables, errors, rows, seconds } = buildReport(whole);
    assert.deepEqual([tables.length, errors, rows, seconds], [2, [], 1000n, 5]);
  });

  test('distinguishes a stopped run from a failed one', () => {
    const run = applyEvents(started, [progress('events', 400n), done('orders', 200n)], T0 + 1000);
    const stopped = finishRun(run, T0 + 2000, { code: 'interrupted', message: 'interrupted' });
    assert.deepEqual([stopped.status, stopped.error, stopped.rows], ['stopped', undefined, 200n]);
    assert.deepEqual(buildReport(stopped).notReached, ['events']);
    assert.match(stopped.log.at(-1) ?? '', /stopped; 1 copied, 1 skipped, 0 failed; 200 rows in 2\.0 s/);
    const error = { code: 'destination_refused', message: 'Authentication failed.' };
    const failedRun = finishRun(started, T0, error);
    assert.deepEqual(
      [failedRun.status, failedRun.error, buildReport(failedRun).errors],
      ['failed', error, [error]],
    );
  });

  test('measures empty tables by their number', () => {
    const run = start({ ...PLAN, tables: [planned('one', 0n), planned('two', 0n)] }, T0);
    assert.equal(runProgress(applyEvents(run, [done('one', 0n)], T0)), 0.5);
  });
});

describe('the clock', () => {
  test('is the local time, with its zone', (test) => {
    const { TZ } = process.env;
    test.after(() => {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    });
    for (const [zone, text] of [
      ['UTC', '03:04:05 +00:00'],
      ['Asia/Tokyo', '12:04:05 +09:00'],
      ['America/St_Johns', '23:34:05 -03:30'],
    ]) {
      process.env.TZ = zone;
      assert.equal(clockTime(T0), text);
    }
  });
});

describe('the rate', () => {
  test('is drawn once there are two, and not only zeros', () => {
    const sample = (/** @type {number} */ atMs, /** @type {bigint} */ rows) => ({ atMs, rows });
    assert.ok(!hasRates([sample(0, 0n), sample(500, 5n)]));
    assert.ok(!hasRates([sample(0, 0n), sample(500, 0n), sample(1000, 0n)]));
    assert.ok(hasRates([sample(0, 0n), sample(500, 0n), sample(1000, 5n)]));
  });

  test('has a limited number of samples in a long run', () => {
    let samples = [{ atMs: 0, rows: 0n }];
    for (let atMs = 100; atMs <= 86_400_000; atMs += atMs < 60_000 ? 100 : 5_000) {
      samples = addSample(samples, { atMs, rows: BigInt(atMs) });
    }
    assert.ok(samples.length > 200 && samples.length < 2000, String(samples.length));
    const [seconds, values] = rateSeries(samples);
    assert.equal(seconds.length, values.length);
    assert.ok(values.slice(1).every((value) => Math.abs(value - 1000) < 1e-6));
  });

  test('covers the last ten seconds, and is never negative', () => {
    const samples = [
      { atMs: 0, rows: 0n },
      { atMs: 60_000, rows: 600_000n },
      { atMs: 65_000, rows: 605_000n },
    ];
    assert.equal(currentRate(samples), 1000);
    assert.deepEqual(
      rateSeries([
        { atMs: 0, rows: 500n },
        { atMs: 1000, rows: 0n },
      ])[1],
      [0, 0],
    );
  });
});
