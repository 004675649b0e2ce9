// Runs the matrix and writes docs/fault-tolerance.md by what it sees. Arguments: a pattern of the cells to run, which are then
// only shown.
import { writeFile } from 'node:fs/promises';
import { DOCUMENT, documentOf } from './document.js';
import { TABLES } from './fixture.js';
import { CELLS, runCell } from './matrix.js';
import { Lanes } from './worker-slots.js';

const LANES = 5;
const pattern = process.argv[2];
const wanted = CELLS.filter(
  ({ command, case: { fault } }) => !pattern || new RegExp(pattern).test(`${command}: ${fault}`),
);
const lanes = new Lanes(LANES, TABLES);
/** @type {Map<import('./matrix.js').Cell, import('./matrix.js').Observed>} */
const observed = new Map();
let failures = 0;
await Promise.all(
  wanted.map((cell) =>
    lanes.use(async (world) => {
      const began = performance.now();
      const name = `${cell.command}: ${cell.case.fault}`;
      try {
        const seen = await runCell(world, cell);
        observed.set(cell, seen);
        console.log(`${((performance.now() - began) / 1000).toFixed(1)} s  ${name}: ${JSON.stringify(seen)}`);
      } catch (error) {
        failures += 1;
        console.error(`FAILED  ${name}\n${/** @type {Error} */ (error).stack}`);
      }
    }),
  ),
);
await lanes.close();
if (failures > 0) {
  console.error(`${failures} of ${wanted.length} cells did not end as they should`);
  process.exitCode = 1;
} else if (!pattern) {
  await writeFile(DOCUMENT, documentOf(observed));
  console.log(`${DOCUMENT} is written`);
}
