import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runShare, secondsLeft, tableShare } from '../../pkg-scripts/shared/run-share.js';
import { Totals } from '../../pkg-scripts/shared/totals.js';

/** @param {Record<string, unknown>[]} events with the fields that matter */
function totalsAfter(...events) {
  const totals = new Totals();
  for (const event of events) totals.applyEvent(/** @type {any} */ (event));
  return totals;
}

const progress = { type: /** @type {const} */ ('progress'), phase: 'copying' };

describe('the totals of a run', () => {
  it('are the plan’s until a job reports better ones', () => {
    const tables = [
      { table: 'a', rows: 100n, copy: {} },
      { table: 'b', rows: 50n, copy: {} },
    ];
    const plan = { type: 'plan', command: 'clone-db', tables };
    assert.deepEqual(totalsAfter(plan).amounts, { rows: 0n, totalRows: 150n, bytes: 0n });
    const updated = totalsAfter(plan, { ...progress, table: 'a', rows: 30n, totalRows: 110n, bytes: 7n });
    assert.deepEqual(updated.amounts, { rows: 30n, totalRows: 160n, bytes: 7n });
  });

  it('exclude skipped tables and the remaining rows of failed tables', () => {
    const tables = [
      { table: 'a', rows: 100n, copy: {} },
      { table: 'b', rows: 50n, copy: {} },
      { table: 'c', rows: 9n },
    ];
    const failed = totalsAfter(
      { type: 'plan', command: 'clone-db', tables },
      { ...progress, table: 'a', rows: 30n, totalRows: 100n, bytes: 7n },
      { type: 'table', table: 'c', state: 'skipped' },
      { type: 'table', table: 'a', state: 'failed' },
    );
    assert.deepEqual(failed.amounts, { rows: 30n, totalRows: 80n, bytes: 7n });
  });

  it('are unknown while the rows of a query are, and count several tables only', () => {
    const one = totalsAfter({ type: 'plan', command: 'td2parquet', tasks: [{ table: 'query.parquet' }] });
    assert.equal(one.amounts.totalRows, undefined);
    assert.equal(one.isSeveral, false);
    assert.ok(
      totalsAfter({ type: 'plan', command: 'td2parquet', tasks: [{ table: 'a' }, { table: 'b' }] }).isSeveral,
    );
  });
});

describe('the share of a run that is done', () => {
  it('is by bytes where a table has them, else by rows', () => {
    assert.equal(tableShare({ rows: 1n, totalRows: 10n, bytes: 5n, totalBytes: 10n }), 0.5);
    assert.equal(tableShare({ rows: 1n, totalRows: 10n, bytes: 5n }), 0.1);
    assert.equal(tableShare({ rows: 1n, bytes: 5n }), 0);
  });

  it('weights tables by what Treasure Data stores of them, and lets empty tables count', () => {
    const large = { share: 0.5, rows: 1n, bytes: 900n };
    const small = { share: 1, rows: 99n, bytes: 100n };
    assert.ok(Math.abs(runShare([large, small]) - (0.9 * 0.55 + 0.1 * 0.75)) < 1e-9);
    assert.equal(
      runShare([
        { share: 1, rows: 0n },
        { share: 0, rows: 0n },
      ]),
      0.5,
    );
    assert.ok(
      runShare([
        { share: 1, rows: 0n },
        { share: 0, rows: 9n },
      ]) > 0,
    );
    assert.equal(runShare([]), 0);
  });

  it('gives the remaining time only after 5 s and 5 %', () => {
    assert.equal(secondsLeft(0.5, 4.9), undefined);
    assert.equal(secondsLeft(0.04, 60), undefined);
    assert.equal(secondsLeft(1, 60), undefined);
    assert.equal(secondsLeft(0.25, 10), 30);
    assert.equal(secondsLeft(0.75, 10, 0.5), 10);
  });
});
