import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import {
  compareRanges,
  compareWithCopy,
  countRanges,
} from '../../pkg-scripts/driver/result/compare-ranges.js';
import { createRun } from '../../pkg-scripts/driver/run/run.js';
import { wasm } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';
import { seedForClones, setUpEnv } from '../support/index.js';

// The comparison of two tables by ranges of time.

const DAY = 86_400;
/** 2026-01-01. */
const START = 1_767_225_600;
const NOW = START + 10 * DAY;
const schema = [['n', 'long']];

/** @param {[time: number, n: number][]} rows */
const records = (rows) => rows.map(([time, n]) => ({ time, n }));
/** @type {[number, number][]} */
const shared = [
  [START - 400 * DAY, 1],
  [START, 2],
  [START + 60, 3],
];
const source = records([...shared, [START + 61, 4], [START + DAY, 5], [-1, 6], [4_102_444_800, 7]]);
const copy = records([...shared, [START + 2 * DAY, 9], [-1, 8]]);
const databases = [
  { name: 'shop', tables: [{ name: 'visits', schema, records: source }] },
  { name: 'copy', tables: [{ name: 'visits', schema, records: copy }] },
];
const env = setUpEnv(seedForClones(databases), 'prod');

/** @type {import('../../pkg-scripts/driver/run/run.js').RunContext} */
let run;
before(async () => {
  await env.ready;
  run = await createRun(platform, {});
});

/** @param {string} database */
const side = (database) => ({ td: run.connect(env.account), database, table: 'visits' });

/** @param {import('../../pkg-scripts/core.js').RangeComparison} comparison */
const found = ({ differences }) =>
  differences.map(({ label, sourceRows, destinationRows }) => [label, sourceRows, destinationRows]);

describe('a comparison by ranges of time', () => {
  it('takes one query a side, and names each range that differs', async () => {
    const grid = wasm.rangeGridAt(BigInt(NOW));
    const columns = [{ key: 'n', type: 'long' }];
    const counted = await compareRanges(side('shop'), side('copy'), grid, {}, run.calls);
    assert.deepEqual(found(counted), [
      ['2026-01-01 00:00', 3n, 2n],
      ['2026-01-02 00:00', 1n, 0n],
      ['2026-01-03 00:00', 0n, 1n],
      ['from 2100-01-01', 1n, 0n],
    ]);
    assert.deepEqual([counted.sourceRows, counted.destinationRows, counted.ranges], [7n, 5n, 6]);
    const jobs = env.requests().filter((request) => request.includes('/v3/job/issue/'));
    assert.equal(jobs.length, 2);
    const checked = await compareRanges(side('shop'), side('copy'), grid, { columns }, run.calls);
    assert.deepEqual(found(checked)[0], ['before 1970-01-01', 1n, 1n]);
    assert.equal(checked.differences.length, 5);
  });

  it('is limited to the rows of a condition', async () => {
    const grid = wasm.hourlyRangeGrid(BigInt(START), BigInt(START + DAY));
    const condition = `TD_TIME_RANGE(time, ${START}, ${START + DAY})`;
    const compared = await compareRanges(side('shop'), side('copy'), grid, { condition }, run.calls);
    assert.deepEqual(found(compared), [['2026-01-01 00:00', 3n, 2n]]);
    const counts = await countRanges(side('copy'), grid, { condition }, run.calls);
    assert.deepEqual(
      counts.map(({ range, rows, checksum }) => [range.start, range.end, rows, checksum]),
      [[START, START + 3600, 2n, undefined]],
    );
  });

  it('ends a range after the latest row of a copy', async () => {
    const grid = wasm.rangeGridAt(BigInt(NOW));
    const condition = `TD_TIME_RANGE(time, ${START}, ${START + DAY})`;
    const compared = await compareWithCopy(side('shop'), side('copy'), grid, { condition }, run.calls);
    assert.deepEqual(found(compared), [['2026-01-01 00:01:01 to 2026-01-01 01:00', 1n, 0n]]);
  });
});
