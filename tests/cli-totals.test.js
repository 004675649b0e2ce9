import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Totals } from '../pkg-scripts/totals.js';

/** @param {Record<string, unknown>[]} events as much of each as counts */
function totalsAfter(...events) {
  const totals = new Totals();
  for (const event of events) totals.take(/** @type {any} */ (event));
  return totals;
}

const progress = { type: /** @type {const} */ ('progress'), phase: 'copying' };

describe('the totals of a run', () => {
  it('are what the plan says until a job tells better', () => {
    const tables = [
      { table: 'a', rows: 100, copy: {} },
      { table: 'b', rows: 50, copy: {} },
    ];
    const plan = { type: 'plan', tables };
    assert.deepEqual(totalsAfter(plan).amounts, { rows: 0, totalRows: 150, bytes: 0 });
    const told = totalsAfter(plan, { ...progress, table: 'a', rows: 30, totalRows: 110, bytes: 7 });
    assert.deepEqual(told.amounts, { rows: 30, totalRows: 160, bytes: 7 });
  });

  it('leave out tables that are skipped, and what a failed table had ahead of it', () => {
    const tables = [
      { table: 'a', rows: 100, copy: {} },
      { table: 'b', rows: 50, copy: {} },
      { table: 'c', rows: 9 },
    ];
    const failed = totalsAfter(
      { type: 'plan', tables },
      { ...progress, table: 'a', rows: 30, totalRows: 100, bytes: 7 },
      { type: 'table', table: 'c', state: 'skipped' },
      { type: 'table', table: 'a', state: 'failed' },
    );
    assert.deepEqual(failed.amounts, { rows: 30, totalRows: 80, bytes: 7 });
  });

  it('have no end while a query’s rows are not known, and are of use for several tables only', () => {
    const one = totalsAfter({ type: 'plan', tasks: [{ table: 'query.parquet' }] });
    assert.equal(one.amounts.totalRows, undefined);
    assert.equal(one.isSeveral, false);
    assert.ok(totalsAfter({ type: 'plan', tasks: [{ table: 'a' }, { table: 'b' }] }).isSeveral);
  });
});
