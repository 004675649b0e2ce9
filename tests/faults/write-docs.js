// Runs the matrix and writes docs/fault-tolerance.md by what it sees. Arguments: a pattern of the cells to run, which are then
// only shown.
import { writeFile } from 'node:fs/promises';
import { DOCUMENT, documentText } from './document.js';
import { TABLES } from './fixture.js';
import { CELLS, runCell } from './matrix.js';
import { WorkerSlots } from './worker-slots.js';

const MAX_SLOTS = 5;
const pattern = process.argv[2];
const cells = CELLS.filter(
  ({ command, case: { fault } }) => !pattern || new RegExp(pattern).test(`${command}: ${fault}`),
);
const slots = new WorkerSlots(MAX_SLOTS, TABLES);
/** @type {Map<import('./matrix.js').Cell, import('./matrix.js').Observed>} */
const observed = new Map();
let failures = 0;
await Promise.all(
  cells.map((cell) =>
    slots.use(async (fixture) => {
      const startedAt = performance.now();
      const name = `${cell.command}: ${cell.case.fault}`;
      try {
        const outcome = await runCell(fixture, cell);
        observed.set(cell, outcome);
        console.log(
          `${((performance.now() - startedAt) / 1000).toFixed(1)} s  ${name}: ${JSON.stringify(outcome)}`,
        );
      } catch (error) {
        failures += 1;
        console.error(`FAILED  ${name}\n${/** @type {Error} */ (error).stack}`);
      }
    }),
  ),
);
await slots.close();
if (failures > 0) {
  console.error(`${failures} of ${cells.length} cells have another outcome than expected`);
  process.exitCode = 1;
} else if (!pattern) {
  await writeFile(DOCUMENT, documentText(observed));
  console.log(`${DOCUMENT} is written`);
}
