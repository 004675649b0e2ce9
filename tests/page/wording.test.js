import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { PetitError } from '../../pkg-scripts/node.js';
import { explain } from '../../www/clone/record.js';
import { hintOf } from '../../www/run/hints.js';
import { EventBatch } from '../../www/worker/event-batch.js';

/** @import { RunEvent as Event } from '../../pkg-scripts/types.js' */

describe('hints', () => {
  const source = readFileSync(new URL('../../pkg-scripts/driver/errors.js', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/^ {2}([a-z][a-z_0-9]+):/gm)].map(([, code = '']) => code);

  test('speak of this page, not of a command’s options', () => {
    assert.ok(codes.includes('plan_has_errors'), 'the codes were found');
    const speaks = codes.filter((code) =>
      /--[a-z]|same command/.test(hintOf(new PetitError(code, '')) ?? ''),
    );
    // Only petit serve itself has the one, only petit cleanup the other.
    assert.deepEqual(speaks, ['cannot_listen', 'in_use']);
    assert.deepEqual(
      codes.filter((code) => !hintOf(new PetitError(code, ''))),
      [],
    );
  });

  test('are the library’s own where the page has nothing better', () => {
    assert.equal(hintOf({ code: 'source_refused', hint: 'It said: no' }), 'It said: no');
  });
});

describe('the word about a run that a reload ended', () => {
  const record = {
    ...{ sourceDatabase: 'shop', destinationDatabase: 'copy', destination: 'https://x.example', beganMs: 0 },
    ...{ tables: 5, done: 3, skipped: 1, failed: 0 },
  };

  test('says how far it was, and how to go on', () => {
    const { tone, title, text } = explain({ ...record, is: 'running' });
    assert.equal(tone, 'warn');
    assert.equal(title, 'The clone of shop to copy stopped when the page was closed or reloaded');
    assert.match(text, /^By then 3 of its 5 tables were copied, 1 left as they were, 0 failed\./);
    assert.match(text, /“Leave them”/);
  });

  test('says that it was over', () => {
    const { tone, title, text } = explain({ ...record, is: 'ended' });
    assert.deepEqual(
      [tone, title],
      ['good', 'The clone of shop to copy was over before the page was reloaded'],
    );
    assert.match(text, /^3 of its 5 tables/);
    assert.equal(explain({ ...record, is: 'ended', failed: 1 }).tone, 'warn');
    assert.equal(explain({ ...record, is: 'stopped' }).tone, 'warn');
  });
});

describe('events on their way to the page', () => {
  /** @param {bigint} rows @returns {Event} */
  const progress = (rows, phase = 'copying', waiting = '') => ({
    ...{ type: 'progress', table: 'events', phase, rows, bytes: 0n, ...(waiting && { waiting }) },
  });
  const end = /** @type {Event} */ ({ type: 'table', state: 'skipped', table: 'events', action: 'skip' });

  test('are the latest of each phase, in order, and none is lost', () => {
    /** @type {Event[][]} */
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

  test('come by themselves after a while', async () => {
    const sent = await new Promise((resolve) => new EventBatch(resolve).add(end));
    assert.deepEqual(sent, [end]);
  });
});
