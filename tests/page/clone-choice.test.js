import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { choose, chosenNames, copiedCount, listedTables } from '../../www/clone/choice.js';

/** @import { ShownPlan, ShownTable } from '../../www/worker/calls.js' */

/** @param {string} table @param {ShownTable['action']} action @returns {ShownTable} */
const planned = (table, action) => ({
  ...{ table, action, rows: 5n, bytes: 50n, warnings: [], isCopied: action !== 'skip' },
});

/** @param {ShownTable[]} tables @returns {ShownPlan} */
const planOf = (tables) => ({
  ...{ source: '', destination: '', sourceDatabase: 'shop', destinationDatabase: 'copy' },
  ...{ createDatabase: false, notChosen: 0, views: [], run: 1, warnings: [] },
  orphans: { sessions: [], tables: [], jobs: [], inUse: [] },
  totals: {},
  tables,
});

const ALL = planOf([planned('events', 'error'), planned('orders', 'create'), planned('old', 'skip')]);

describe('the choice of tables in the clone view', () => {
  it('has all tables until the user drops one', () => {
    assert.equal(chosenNames(ALL, new Set()), undefined);
    const unchosen = choose(new Set(), ['events'], false);
    assert.deepEqual(chosenNames(ALL, unchosen), ['orders', 'old']);
    assert.equal(chosenNames(ALL, choose(unchosen, ['events'], true)), undefined);
  });

  it('may be empty, which is not all tables', () => {
    assert.deepEqual(chosenNames(ALL, new Set(['events', 'orders', 'old'])), []);
  });

  it('shows the tables that are not chosen in their place, without their conflicts', () => {
    const plan = planOf([planned('orders', 'overwrite'), planned('old', 'skip')]);
    const listed = listedTables(ALL, plan);
    assert.deepEqual(
      listed.map(({ table, action, isChosen }) => [table, action, isChosen]),
      [
        ['events', 'not_chosen', false],
        ['orders', 'overwrite', true],
        ['old', 'skip', true],
      ],
    );
    assert.equal(listed[0]?.rows, 5n);
  });

  it('counts only tables that are copied', () => {
    const total = (/** @type {number} */ tables) => ({ tables, rows: 0n, bytes: 0n });
    const totals = { create: total(2), overwrite: total(1), skip: total(7) };
    assert.equal(copiedCount({ ...ALL, totals }), 3);
  });
});
