import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, describe, it } from 'node:test';
import { DOCUMENT, documentOf } from './document.js';
import { TABLES } from './fixture.js';
import { CELLS, runCell } from './matrix.js';
import { Lanes } from './worker-slots.js';

/** Runs at a time: most of them wait for something. */
const LANES = 5;
const TIMEOUT_MS = 240_000;

const lanes = new Lanes(LANES, TABLES);
/** @type {Map<import('./matrix.js').Cell, import('./matrix.js').Observed>} */
const observed = new Map();
after(() => lanes.close());

describe('against every fault', { concurrency: LANES }, () => {
  for (const cell of CELLS) {
    it(`${cell.command}: ${cell.case.fault}`, { timeout: TIMEOUT_MS }, async () => {
      observed.set(cell, await lanes.use((world) => runCell(world, cell)));
    });
  }
});

it('docs/fault-tolerance.md says what happened', {
  skip: process.execArgv.some((one) => /test-name/.test(one)),
}, async () => {
  assert.equal(await readFile(DOCUMENT, 'utf8'), documentOf(observed), 'run node tests/faults/write-docs.js');
});
