import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, describe, it } from 'node:test';
import { EXHAUSTIVE } from '../support/exhaustive.js';
import { DOCUMENT, documentText } from './document.js';
import { TABLES } from './fixture.js';
import { CELLS, runCell, sampleCells } from './matrix.js';
import { WorkerSlots } from './worker-slots.js';

/** Parallel runs; most of the time they wait. */
const MAX_SLOTS = 5;
const TIMEOUT_MS = 240_000;

const slots = new WorkerSlots(MAX_SLOTS, TABLES);
/** @type {Map<import('./matrix.js').Cell, import('./matrix.js').Observed>} */
const observed = new Map();
after(() => slots.close());

describe('each command with each fault', { concurrency: MAX_SLOTS }, () => {
  for (const cell of EXHAUSTIVE ? CELLS : sampleCells()) {
    it(`${cell.command}: ${cell.case.fault}`, { timeout: TIMEOUT_MS }, async () => {
      observed.set(cell, await slots.use((fixture) => runCell(fixture, cell)));
    });
  }
});

it('docs/fault-tolerance.md matches the outcomes', {
  skip: !EXHAUSTIVE || process.execArgv.some((argument) => /test-name/.test(argument)),
}, async () => {
  assert.equal(
    await readFile(DOCUMENT, 'utf8'),
    documentText(observed),
    'run node tests/faults/write-docs.js',
  );
});
