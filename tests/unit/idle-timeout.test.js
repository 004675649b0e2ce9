import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { interrupted } from '../../pkg-scripts/driver/errors.js';
import { IdleTimeout } from '../../pkg-scripts/driver/utils/idle-timeout.js';

describe('an idle timeout', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('aborts when no data has arrived for so long; data starts the time again', () => {
    const idleTimeout = new IdleTimeout(60_000);
    mock.timers.tick(59_999);
    idleTimeout.reset();
    mock.timers.tick(59_999);
    assert.equal(idleTimeout.signal.aborted, false);
    mock.timers.tick(1);
    assert.equal(idleTimeout.signal.aborted, true);
    const { code, message, retryable } = idleTimeout.signal.reason;
    assert.deepEqual([code, message, retryable], ['network', 'no response for 60 s', true]);
  });

  it('does not abort while it is paused', () => {
    const idleTimeout = new IdleTimeout(1000);
    idleTimeout.pause();
    mock.timers.tick(5000);
    assert.equal(idleTimeout.signal.aborted, false);
    idleTimeout.reset();
    mock.timers.tick(1000);
    assert.equal(idleTimeout.signal.aborted, true);
  });

  it('does not start again after it is cleared', () => {
    const idleTimeout = new IdleTimeout(1000);
    idleTimeout.clear();
    idleTimeout.reset();
    mock.timers.tick(5000);
    assert.equal(idleTimeout.signal.aborted, false);
  });

  it('follows the outer signal until it is cleared', () => {
    const outer = new AbortController();
    const followed = new IdleTimeout(1000, outer.signal);
    const cleared = new IdleTimeout(1000, outer.signal);
    cleared.clear();
    outer.abort(interrupted());
    mock.timers.tick(2000);
    assert.equal(followed.signal.reason.name, 'AbortError');
    assert.equal(cleared.signal.aborted, false);
    assert.throws(() => new IdleTimeout(1000, outer.signal), { name: 'AbortError' });
  });
});
