import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { JUDGES } from './judges.js';
import { countOutcomes, readTable } from './table.js';

const README = new URL('../README.md', import.meta.url);
const readme = readFileSync(README, 'utf8');

describe('the table of clients in the README of the emulator', () => {
  for (const { client, source, operations, ...judge } of JUDGES) {
    it(`counts the operations of ${client}`, () => {
      const names = [...readFileSync(source, 'utf8').matchAll(operations)].map(([, name = '']) => name);
      assert.equal(new Set(names).size, names.length, 'each has a name of its own');
      const counted = countOutcomes(
        client,
        names.map((operation) => ({ operation, passed: true })),
      );
      const listed = readTable(readme).filter((cell) => cell.client === client);
      const totals = (/** @type {typeof listed} */ cells) =>
        Object.fromEntries(cells.map(({ area, total }) => [area, total]));
      assert.deepEqual(totals(listed), totals(counted));
      assert.ok(readme.includes(judge.package), `the README names ${judge.package}`);
    });
  }
});
