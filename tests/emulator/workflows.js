import { randomUUID } from 'node:crypto';
import { ApiError } from './errors.js';

/**
 * An account's workflows and their attempts. Nothing is executed: an attempt ends after a time and with a status that the
 * seed of its workflow sets.
 *
 * @typedef {object} Workflow
 * @property {string} id
 * @property {string} name
 * @property {{ id: string, name: string }} project
 * @property {'success' | 'error'} ends status of its attempts
 * @property {number} ms duration of an attempt, in milliseconds
 *
 * @typedef {object} Attempt
 * @property {string} id
 * @property {Workflow} workflow
 * @property {string} sessionId
 * @property {string} sessionTime
 * @property {string | null} retryAttemptName
 * @property {unknown} params
 * @property {number} startedMs
 * @property {number | null} killedMs null if it was not killed
 *
 * @typedef {object} WorkflowSeed
 * @property {string} id
 * @property {string} name
 * @property {string} [project]
 * @property {'success' | 'error'} [ends] status of its attempts; default success
 * @property {number} [ms] duration of an attempt, in milliseconds; default 0
 */

const FIRST_ID = 500_001;

/** An error in the format of the workflow service, which differs from the rest of TD. */
export class WorkflowError extends ApiError {
  /** @override */
  body() {
    return /** @type {any} */ ({ message: this.message, status: this.status });
  }
}

/** @param {string} what @param {string} id */
const notFound = (what, id) => new WorkflowError(404, `${what} not found: ${id}`);

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
    if (!found) throw notFound('workflow', id);
    return found;
  }

  /** @param {string} project @param {string} name */
  findByName(project, name) {
    const found = this.list().find((workflow) => workflow.project.name === project && workflow.name === name);
    if (!found) throw notFound('workflow', `${project}/${name}`);
    return found;
  }

  /** All attempts, the newest first. */
  attempts() {
    return [...this.#attempts.values()].reverse();
  }

  /** @param {string} id */
  attempt(id) {
    const found = this.#attempts.get(id);
    if (!found) throw notFound('attempt', id);
    return found;
  }

  /**
   * @param {Workflow} workflow
   * @param {{ sessionTime: string, retryAttemptName?: string, params?: unknown }} start
   * @returns {{ attempt: Attempt, isNew: boolean }} `isNew` is false if there is an attempt with this session time
   */
  start(workflow, { sessionTime, retryAttemptName, params = {} }) {
    const time = Date.parse(sessionTime);
    if (Number.isNaN(time)) throw new WorkflowError(400, `sessionTime is not a time: ${sessionTime}`);
    const session = this.attempts().find(
      (attempt) => attempt.workflow === workflow && Date.parse(attempt.sessionTime) === time,
    );
    if (session && session.retryAttemptName === (retryAttemptName ?? null))
      return { attempt: session, isNew: false };
    const running = this.attempts().filter((attempt) => !this.show(attempt).done).length;
    const { attemptLimit } = this.settings;
    if (attemptLimit > 0 && running >= attemptLimit) {
      const counts = `Limit: ${attemptLimit}, Current: ${running}`;
      throw new WorkflowError(400, `Too many attempts running. ${counts}`);
    }
    const attempt = {
      ...{ id: String(this.#ids++), workflow, sessionTime, params, killedMs: null, startedMs: Date.now() },
      ...{ sessionId: session?.sessionId ?? String(this.#ids++), retryAttemptName: retryAttemptName ?? null },
    };
    this.#attempts.set(attempt.id, attempt);
    return { attempt, isNew: true };
  }

  /** @param {Attempt} attempt */
  kill(attempt) {
    if (this.show(attempt).done) throw new WorkflowError(409, `attempt ${attempt.id} has ended already`);
    attempt.killedMs = Date.now();
  }

  /**
   * An attempt as the service represents it.
   * @param {Attempt} attempt
   */
  show({ id, workflow, sessionId, sessionTime, retryAttemptName, params, startedMs, killedMs }) {
    const endMs = killedMs ?? startedMs + workflow.ms;
    const done = Date.now() >= endMs;
    const success = done && killedMs === null && workflow.ends === 'success';
    const status = killedMs === null ? workflow.ends : 'killed';
    return {
      ...{ id, index: 1, project: workflow.project, workflow: { id: workflow.id, name: workflow.name } },
      ...{ sessionId, sessionUuid: randomUUID(), sessionTime, retryAttemptName, done, success },
      ...{ cancelRequested: killedMs !== null, params, createdAt: new Date(startedMs).toISOString() },
      ...{ finishedAt: done ? new Date(endMs).toISOString() : null, status: done ? status : 'running' },
    };
  }
}
