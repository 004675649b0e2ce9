import { plannedJobs } from '../../shared/totals.js';

/** @import { PlanEvent, RunEvent } from '../../types.js' */
/** @import { RequestDetail } from './requests.js' */

/**
 * An entry of the detailed log: plain data. It has no SQL and no row.
 * @typedef {RequestDetail | ({ type: string } & Record<string, unknown>)} Detail
 */

/** Turns the events of a run into entries of the detailed log: decisions, waits, phases and outcomes. */
export class Details {
  /** @type {Map<string, string>} the last phase and job, by table */
  #phases = new Map();

  /**
   * @param {RunEvent} event
   * @returns {Detail[]}
   */
  of(event) {
    switch (event.type) {
      case 'plan':
        return decisions(event);
      case 'waiting':
        return [{ type: 'wait', message: event.message }];
      case 'progress':
        return this.#progress(event);
      case 'table':
        return [tableDetail(event)];
      case 'view':
        return [{ type: 'view', view: event.view, action: event.action, state: event.state }];
      case 'database':
        return [{ ...event }];
      case 'comparison':
        return [{ type: 'comparison', table: event.table, sign: event.sign, method: event.method }];
      case 'check':
        return [{ type: 'check', check: event.check, state: event.state }];
      case 'workflow_attempt':
        return [{ type: 'workflow_attempt', attemptId: event.attemptId, status: event.status }];
      case 'error':
        return [errorDetail(event)];
      default:
        return [];
    }
  }

  /** @param {Extract<RunEvent, { type: 'progress' }>} event @returns {Detail[]} */
  #progress({ table, phase, job, waiting }) {
    if (waiting !== undefined) return [{ type: 'wait', table, message: waiting }];
    const state = `${phase}\n${job ?? ''}`;
    if (this.#phases.get(table) === state) return [];
    this.#phases.set(table, state);
    return [{ type: 'phase', table, phase, job }];
  }
}

/** What a plan decides about each table. @param {PlanEvent} plan @returns {Detail[]} */
function decisions(plan) {
  if (plan.command === 'clone-db') {
    return plan.tables.map(({ table, action, rows, bytes, via, viaReason, update, copy, problem }) => ({
      ...{ type: 'decision', table, action, rows, bytes, via },
      reason: problem?.message ?? update?.reason ?? viaReason,
      jobs: copy && plannedJobs(rows, copy),
    }));
  }
  if (plan.command !== 'td2parquet') return [];
  return plan.tasks.map((task) => ({
    ...{ type: 'decision', table: task.table, action: 'export', rows: task.rows, bytes: task.bytes },
    ...{ output: task.outputPath, jobs: task.jobId === undefined ? plannedJobs(task.rows, task) : 0 },
  }));
}

/** @param {Extract<RunEvent, { type: 'table' }>} event @returns {Detail} */
function tableDetail(event) {
  const { table, state } = event;
  if (state === 'failed') return { type: 'table', table, state, code: event.error.code };
  if (state === 'skipped') return { type: 'table', table, state };
  const { rows, bytes, seconds, jobs } = event;
  return { type: 'table', table, state, rows, bytes, seconds, jobs };
}

/** @param {Extract<RunEvent, { type: 'error' }>} event @returns {Detail} */
const errorDetail = ({ code, message, endpoint, database, table, job, status }) => ({
  ...{ type: 'error', code, message, endpoint, database, table, job, status },
});

/**
 * An entry as a line of text.
 * @param {Detail} detail
 */
export function detailText(detail) {
  if (isRequest(detail)) {
    const { method, url, status, ms, error } = detail;
    return [method, url, status, `in ${ms} ms`, error && `(${error})`].filter(Boolean).join(' ');
  }
  const { type, table, ...rest } = detail;
  const fields = Object.entries(rest).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return `${name}=${typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : String(value)}`;
  });
  return [table === undefined ? `${type}:` : `${table}: ${type}`, ...fields].join(' ');
}

/** @param {Detail} detail @returns {detail is RequestDetail} */
const isRequest = (detail) => detail.type === 'request';
