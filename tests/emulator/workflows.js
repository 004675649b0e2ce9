import { randomUUID } from 'node:crypto';
import { ApiError } from './errors.js';

/**
 * An account's workflows and their attempts. Nothing is really run: an attempt ends by itself, as its workflow was told to.
 *
 * @typedef {object} Workflow
 * @property {string} id
 * @property {string} name
 * @property {{ id: string, name: string }} project
 * @property {'success' | 'error'} ends
 * @property {number} ms how long an attempt takes
 *
 * @typedef {object} Attempt
 * @property {string} id
 * @property {Workflow} workflow
 * @property {string} sessionId
 * @property {string} sessionTime
 * @property {string | null} retryAttemptName
 * @property {unknown} params
 * @property {number} begun
 * @property {number | null} killed when, if it was
 *
 * @typedef {object} WorkflowSeed
 * @property {string} id
 * @property {string} name
 * @property {string} [project]
 * @property {'success' | 'error'} [ends]
 * @property {number} [ms]
 */

const FIRST_ID = 500_001;

/** An error in the shape of the workflow service, which is not that of the rest of TD. */
export class WorkflowError extends ApiError {
  /** @override */
  body() {
    return /** @type {any} */ ({ message: this.message, status: this.status });
  }
}

/** @param {string} what @param {string} id */
const missing = (what, id) => new WorkflowError(404, `${what} not found: ${id}`);

export class Workflows {
  /** @type {Map<string, Workflow>} */
  #workflows = new Map();
  /** @type {Map<string, Attempt>} */
  #attempts = new Map();
  #ids = FIRST_ID;

  /** @param {{ attemptLimit: number }} settings */
  constructor(settings) {
    this.settings = settings;
  }

  /** @param {WorkflowSeed[]} seeds */
  add(seeds) {
    for (const { id, name, project = 'project', ends = 'success', ms = 0 } of seeds) {
      this.#workflows.set(id, { id, name, project: { id: `${id}0`, name: project }, ends, ms });
    }
  }

  list() {
    return [...this.#workflows.values()];
  }

  /** @param {string} id */
  workflow(id) {
    const found = this.#workflows.get(id);
    if (!found) throw missing('workflow', id);
    return found;
  }

  /** @param {string} project @param {string} name */
  named(project, name) {
    const found = this.list().find((one) => one.project.name === project && one.name === name);
    if (!found) throw missing('workflow', `${project}/${name}`);
    return found;
  }

  /** Attempts, the newest first. */
  attempts() {
    return [...this.#attempts.values()].reverse();
  }

  /** @param {string} id */
  attempt(id) {
    const found = this.#attempts.get(id);
    if (!found) throw missing('attempt', id);
    return found;
  }

  /**
   * @param {Workflow} workflow
   * @param {{ sessionTime: string, retryAttemptName?: string, params?: unknown }} start
   * @returns {{ attempt: Attempt, isNew: boolean }} not new when one has this session time already
   */
  start(workflow, { sessionTime, retryAttemptName, params = {} }) {
    const time = Date.parse(sessionTime);
    if (Number.isNaN(time)) throw new WorkflowError(400, `sessionTime is not a time: ${sessionTime}`);
    const session = this.attempts().find(
      (one) => one.workflow === workflow && Date.parse(one.sessionTime) === time,
    );
    if (session && session.retryAttemptName === (retryAttemptName ?? null))
      return { attempt: session, isNew: false };
    const running = this.attempts().filter((one) => !this.show(one).done).length;
    const { attemptLimit } = this.settings;
    if (attemptLimit > 0 && running >= attemptLimit) {
      const counts = `Limit: ${attemptLimit}, Current: ${running}`;
      throw new WorkflowError(400, `Too many attempts running. ${counts}`);
    }
    const attempt = {
      ...{ id: String(this.#ids++), workflow, sessionTime, params, killed: null, begun: Date.now() },
      ...{ sessionId: session?.sessionId ?? String(this.#ids++), retryAttemptName: retryAttemptName ?? null },
    };
    this.#attempts.set(attempt.id, attempt);
    return { attempt, isNew: true };
  }

  /** @param {Attempt} attempt */
  kill(attempt) {
    if (this.show(attempt).done) throw new WorkflowError(409, `attempt ${attempt.id} has ended already`);
    attempt.killed = Date.now();
  }

  /**
   * An attempt as the service shows it.
   * @param {Attempt} attempt
   */
  show({ id, workflow, sessionId, sessionTime, retryAttemptName, params, begun, killed }) {
    const end = killed ?? begun + workflow.ms;
    const done = Date.now() >= end;
    const success = done && killed === null && workflow.ends === 'success';
    const ended = killed === null ? workflow.ends : 'killed';
    return {
      ...{ id, index: 1, project: workflow.project, workflow: { id: workflow.id, name: workflow.name } },
      ...{ sessionId, sessionUuid: randomUUID(), sessionTime, retryAttemptName, done, success },
      ...{ cancelRequested: killed !== null, params, createdAt: new Date(begun).toISOString() },
      ...{ finishedAt: done ? new Date(end).toISOString() : null, status: done ? ended : 'running' },
    };
  }
}
