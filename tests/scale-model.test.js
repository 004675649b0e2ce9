import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ASSUMPTIONS, crossover, forecast, makespan, pipelined } from '../bench/scale/model.js';

const costs = {
  measuredAs: '',
  clientRowsPerSecond: 300_000,
  clientStartSeconds: 1,
  clientPeakBytes: 400e6,
  bytesPerRow: 100,
  uploadBytesPerRow: 100,
  engineStartSeconds: 1,
  enginePeakBytes: 100e6,
  engineBytes: 20_000,
  engineBytesPerJob: 9000,
};
const PATHS = /** @type {const} */ (['client', 'shards', 'engine', 'output']);

describe('the forecast of clones', () => {
  it('takes jobs as they come, so many at a time', () => {
    assert.equal(makespan([3, 3, 3], 1), 9);
    assert.equal(makespan([3, 3, 3], 2), 6);
    assert.equal(makespan([5, 1, 1, 1], 2), 5);
    assert.equal(makespan([], 4), 0);
  });

  it('works results off one after another while other jobs run', () => {
    const ten = () => 10;
    assert.equal(
      pipelined([1], 4, ten, () => 3),
      13,
    );
    assert.equal(
      pipelined([1, 1, 1], 4, ten, () => 3),
      19,
      'the jobs run together',
    );
    assert.equal(
      pipelined([1, 1, 1], 1, ten, () => 3),
      33,
      'one at a time, ahead of the work',
    );
  });

  it('grows with the rows, but for memory, and for what the engine lets pass', () => {
    for (const path of PATHS) {
      const [small, large] = [forecast(path, 1e7, costs), forecast(path, 1e11, costs)];
      assert.ok(large.seconds > small.seconds, path);
      assert.equal(large.peakBytes, small.peakBytes, path);
      assert.ok(large.jobs > small.jobs, path);
    }
    assert.equal(forecast('client', 1e9, costs).throughBytes, 200e9);
    assert.ok(forecast('engine', 1e9, costs).throughBytes < 1e6);
  });

  it('follows the assumptions', () => {
    const slow = { ...ASSUMPTIONS, lineBytesPerSecond: 1e6 };
    assert.ok(forecast('client', 1e9, costs, slow).seconds > 20 * forecast('client', 1e9, costs).seconds);
    assert.equal(forecast('engine', 1e9, costs, slow).seconds, forecast('engine', 1e9, costs).seconds);
  });

  it('finds where one way begins to be the better', () => {
    const from = crossover((rows) => rows > 5e6);
    assert.ok(from && from > 4.9e6 && from < 5.1e6);
    assert.equal(
      crossover(() => false),
      undefined,
    );
    const engine = crossover(
      (rows) => forecast('engine', rows, costs).seconds < forecast('client', rows, costs).seconds,
    );
    assert.ok(engine !== undefined && engine < 1e9);
  });
});
