import { readFileSync } from 'node:fs';

/** @import { Seed } from '../emulator/seed.js' */

const ROWS = 500;
/** A time shortly before now, so that examples that export the rows of yesterday find some. */
const YESTERDAY = Math.floor(Date.now() / 1000) - 86_400;

/** The emulator's sample, its large tables small, with workflows and fresh rows: what the documents' examples work on.
 * @type {Seed} */
export const docsSeed = JSON.parse(readFileSync(new URL('../emulator/seed.json', import.meta.url), 'utf8'));
for (const account of docsSeed.accounts) {
  for (const database of account.databases ?? []) {
    for (const table of database.tables ?? []) {
      if (table.generate) table.generate.rows = ROWS;
      if (table.name === 'orders') {
        table.records?.push({ time: YESTERDAY, order_id: 1004, customer_id: 3, amount: 12, status: 'paid' });
      }
    }
  }
}
Object.assign(docsSeed.accounts[0] ?? {}, {
  workflows: [{ id: '12345', name: 'nightly', ends: 'success', ms: 100 }],
});
