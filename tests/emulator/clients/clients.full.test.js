import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { startEmulator } from '../index.js';
import { JUDGES, runJudge } from './judges.js';
import { countOutcomes, printTable, readTable } from './table.js';

// Each of TD's clients that can be installed judges an emulator of its own; the README has the outcome.

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the emulator', { timeout: 300_000 }, () => {
  for (const judge of JUDGES) {
    it(`answers ${judge.client} as the README lists`, async (t) => {
      const command = judge.install();
      if (!command) return t.skip(`${judge.package} cannot be installed here`);
      const emulator = await startEmulator();
      try {
        const outcomes = await runJudge(command, emulator.url('prod'), emulator.key('prod'));
        for (const { operation, passed, reason } of outcomes) {
          if (!passed) t.diagnostic(`${judge.client}: ${operation}: ${reason}`);
        }
        const cells = countOutcomes(judge.client, outcomes);
        t.diagnostic(printTable(cells));
        const listed = readTable(readme).filter(({ client }) => client === judge.client);
        const byArea = (/** @type {typeof listed} */ all) =>
          Object.fromEntries(all.map(({ area, passed, total }) => [area, `${passed} of ${total}`]));
        assert.deepEqual(byArea(listed), byArea(cells));
      } finally {
        await emulator.close();
      }
    });
  }
});
