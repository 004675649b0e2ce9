import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstRowsSql, ofUsersQuery, placeIn } from '../../www/export/first-rows-sql.js';
import { failureOfQuery, start } from '../../www/export/run-state.js';
import { applyEvents } from '../../www/run/run-state.js';

/** @import { ErrorData, ExportPlan, RunEvent } from '../../pkg-scripts/types.js' */

describe('the first rows of a query', () => {
  test('are limited in SQL, whatever ends the query', () => {
    assert.equal(firstRowsSql('SELECT 1 -- one'), 'SELECT * FROM (\nSELECT 1 -- one\n) LIMIT 100');
    assert.equal(firstRowsSql(' SELECT 1 ; ;\n'), 'SELECT * FROM (\nSELECT 1\n) LIMIT 100');
  });

  test('have errors at the places of the user’s own query', () => {
    const message = "query failed (job 7): line 3:8: Column 'nope' cannot be resolved";
    const error = ofUsersQuery({ code: 'job_failed', message, job: '7' });
    assert.equal(error.message, message.replace('3:8', '2:8'));
    assert.deepEqual(placeIn(error.message), { line: 2, column: 8 });
    assert.equal(placeIn('out of memory'), undefined);
  });
});

describe('an export of a query', () => {
  const tasks = [{ table: 'query' }];
  const plan = /** @type {ExportPlan} */ (/** @type {unknown} */ ({ tasks }));
  /** @param {ErrorData} error @returns {RunEvent} */
  const failed = (error) => ({ type: 'table', state: 'failed', table: 'query', error });
  const consoleUrl = 'https://console.example/app/jobs/7';
  const job = /** @type {RunEvent} */ ({
    ...{ type: 'progress', table: 'query', phase: 'running', job: '7', consoleUrl, rows: 0n, bytes: 0n },
  });

  test('goes back to its editor if the text of the query is the reason', () => {
    const started = start('shop', plan, { isQuery: true, isDownload: false, nowMs: 0 });
    const error = { code: 'job_failed', message: 'line 1:8', job: '7' };
    const run = applyEvents(started, [job, failed(error)], 0);
    assert.deepEqual(failureOfQuery(run), { error, consoleUrl });
    assert.equal(failureOfQuery(started), undefined);
    const full = applyEvents(started, [failed({ code: 'cannot_write', message: 'full' })], 0);
    assert.equal(failureOfQuery(full), undefined);
    assert.equal(failureOfQuery({ ...run, isQuery: false }), undefined, 'a table stays in the list');
  });
});
