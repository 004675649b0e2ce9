import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { PetitError } from '../../pkg-scripts/node.js';
import { describeClone } from '../../www/clone/record.js';
import { hintOf } from '../../www/run/hints.js';
import { EventBatch } from '../../www/worker/event-batch.js';

/** @import { RunEvent } from '../../pkg-scripts/types.js' */

describe('hints', () => {
  const source = readFileSync(new URL('../../pkg-scripts/driver/errors.js', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/^ {2}([a-z][a-z_0-9]+):/gm)].map(([, code = '']) => code);

  test('refer to this page, not to options of the CLI', () => {
    assert.ok(codes.includes('plan_has_errors'), 'the codes were parsed');
    const mentionCli = codes.filter((code) =>
      /--[a-z]|same command/.test(hintOf(new PetitError(code, '')) ?? ''),
    );
    // Only `petit serve` reports the first code, only `petit cleanup` the second.
    assert.deepEqual(mentionCli, ['port_unavailable', 'in_use']);
    assert.deepEqual(
      codes.filter((code) => !hintOf(new PetitError(code, ''))),
      [],
    );
  });

  test('are the library’s own where the page has none', () => {
    assert.equal(hintOf({ code: 'source_refused', hint: 'It said: no' }), 'It said: no');
  });
});

describe('the notice about a run before a reload', () => {
  const record = {
    ...{ sourceDatabase: 'shop', destinationDatabase: 'copy', done: 3 },
    ...{ tables: 5, skipped: 1, failed: 0 },
  };

  test('shows the progress, and how to resume', () => {
    const { tone, title, text } = describeClone({ ...record, status: 'running' });
    assert.equal(tone, 'warn');
    assert.equal(title, 'The clone of shop to copy stopped when the page was closed or reloaded');
    assert.match(text, /^Until then, 3 of 5 tables were copied, 1 skipped, 0 failed\./);
    assert.match(text, /“Skip them”/);
  });

  test('shows that it had ended', () => {
    const { tone, title, text } = describeClone({ ...record, status: 'ended' });
    assert.deepEqual(
      [tone, title],
      ['good', 'The clone of shop to copy had ended before the page was reloaded'],
    );
    assert.match(text, /^3 of 5 tables/);
    assert.equal(describeClone({ ...record, status: 'ended', failed: 1 }).tone, 'warn');
    assert.equal(describeClone({ ...record, status: 'stopped' }).tone, 'warn');
  });
});

describe('events for the page', () => {
  /** @param {bigint} rows @returns {RunEvent} */
  const progress = (rows, phase = 'copying', waiting = '') => ({
    ...{ type: 'progress', table: 'events', phase, rows, bytes: 0n, ...(waiting && { waiting }) },
  });
  const end = /** @type {RunEvent} */ ({ type: 'table', state: 'skipped', table: 'events', action: 'skip' });

  test('are the latest of each phase, in order', () => {
    /** @type {RunEvent[][]} */
    const sent = [];
    const batch = new EventBatch((events) => sent.push(events));
    const all = [
      progress(1n),
      progress(2n),
      progress(2n, 'verifying'),
      progress(2n, 'verifying', 'no answer'),
      end,
    ];
    for (const event of all) batch.add(event);
    batch.add(progress(3n, 'publishing'));
    batch.flush();
    batch.flush();
    assert.deepEqual(sent, [[progress(2n), ...all.slice(3), progress(3n, 'publishing')]]);
  });

  test('are sent after an interval', async () => {
    const sent = await new Promise((resolve) => new EventBatch(resolve).add(end));
    assert.deepEqual(sent, [end]);
  });
});
