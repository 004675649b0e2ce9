import { errorCode, PetitError, unknownStep } from '../errors.js';
import { sleep, withGrace } from '../utils/sleep.js';
import { verifyContents } from '../verify/verify-contents.js';
import { wasm } from '../wasm.js';
import { learnIdRule } from './id-rule.js';
import { verifyHint } from './verify-hint.js';

/** @import { Call, ComparedContents, ListedTables, NotPublishedReason, PublishDoubt } from '../../core.js' */
/** @import { CopyTask } from '../../types.js' */
/** @import { CallContext } from '../td/client.js' */
/** @import { RetryBudget } from '../utils/retry-budget.js' */
/** @import { CloneTask, TableRun } from './table.js' */

/** How long renames may go on after the run is aborted, in milliseconds. */
const PUBLISH_GRACE_MS = 5_000;
/** How long it may take to settle the outcome after the last rename, in milliseconds. It is longer than a listing may lag. */
const SETTLE_TIMEOUT_MS = 40_000;
/** Wait between two looks at the tables, in milliseconds. */
const LOOK_INTERVAL_MS = 1_000;

/** Two tables, as a listing shows them.
 * @typedef {ListedTables & { sinceAnswerMs: number }} Look */

/**
 * Gives the staging table the table's name, in one step. The core decides after each answer what to do next; this function
 * sends, looks and waits. It returns if the publish took place, and throws if it did not and will not, or if the outcome
 * is unknown (`publish_unknown`).
 * @param {TableRun} run
 * @param {CloneTask} task
 * @param {bigint} rows in the staging table
 */
export async function publish(run, task, rows) {
  run.progress.setPhase('publishing');
  const work = (/** @type {AbortSignal} */ signal) => new Publish(run, task, signal).run(rows);
  await withGrace(run.signal, PUBLISH_GRACE_MS, work, run.clock);
}

class Publish {
  #run;
  #task;
  /** @type {CallContext} */
  #calls;
  /** @type {RetryBudget} */
  #budget;
  /** @type {Look | undefined} */
  #seen;
  #answeredAt;
  #exhausted = false;
  #lookFailed = false;
  #isSettling = false;
  /** The last error of a rename or a delete.
   * @type {unknown} */
  #error;

  /**
   * @param {TableRun} run
   * @param {CloneTask} task
   * @param {AbortSignal} signal aborts renames; what settles the outcome goes on
   */
  constructor(run, task, signal) {
    this.#run = run;
    this.#task = task;
    this.#answeredAt = run.clock.nowMs();
    this.#calls = { ...run.calls, signal };
    this.#budget = run.destination.retryBudget(this.#calls);
  }

  /** @param {bigint} rows */
  async run(rows) {
    const before = await this.#listBefore();
    this.#seen = before;
    let progress = wasm.beginPublish(before.staging, before.target, rows);
    for (;;) {
      const retry = {
        sinceAnswerMs: this.#seen?.sinceAnswerMs ?? 0,
        exhausted: this.#exhausted,
        lookFailed: this.#lookFailed,
      };
      const step = wasm.nextPublishStep(this.#seen, progress, retry);
      switch (step.step) {
        case 'rename':
        case 'remove':
          progress = wasm.afterPublishStep(progress, step, await this.#send(step.step));
          break;
        case 'look':
          await this.#look();
          // Nothing was sent yet: the first listing has lagged behind the creation of the staging table.
          if (progress.answer === 'none' && this.#seen) {
            progress = wasm.beginPublish(this.#seen.staging, this.#seen.target, rows);
          }
          break;
        case 'learn_id_rule':
          progress = { ...progress, idRule: await learnIdRule(this.#settling(), this.#task.copy) };
          break;
        case 'compare':
          progress = { ...progress, contents: await this.#compare() };
          break;
        case 'published':
          return;
        case 'not_published':
          throw this.#notPublished(step.reason);
        case 'unknown':
          throw this.#unknown(step.reason);
        default:
          throw unknownStep(step);
      }
    }
  }

  /**
   * Sends a rename or a delete, once. Waits before the next one if it has no answer.
   * @param {'rename' | 'remove'} step
   * @returns {Promise<string | undefined>} the error's code
   */
  async #send(step) {
    if (step === 'remove' && !this.#isSettling) this.#startSettling();
    const { destination, destinationDatabase: database } = this.#run;
    const { table, copy } = this.#task;
    const { stagingTable, overwrite } = copy;
    /** @type {Call} */
    const call =
      step === 'rename'
        ? { call: 'rename_table', database, table: stagingTable, newName: table, overwrite }
        : { call: 'delete_table', database, table: stagingTable };
    try {
      await destination.callOnce(call, this.#calls);
      return undefined;
    } catch (error) {
      // An aborted request may have been carried out.
      const code = errorCode(error) ?? 'network';
      if (step === 'rename') this.#error = error;
      if (wasm.isUnanswered(code)) await this.#backoff(error);
      return code;
    } finally {
      this.#answeredAt = this.#run.clock.nowMs();
      this.#seen = undefined;
      this.#lookFailed = false;
    }
  }

  /**
   * Waits as long as the retry budget says; it is exhausted also when the run is aborted.
   * @param {unknown} error
   * @returns {Promise<boolean>} whether there is time for another attempt
   */
  async #backoff(error) {
    try {
      this.#calls.signal?.throwIfAborted();
      await this.#budget.backoff(/** @type {PetitError} */ (error));
      return true;
    } catch {
      this.#exhausted = true;
      return false;
    }
  }

  /** From here on no rename is sent. What settles the outcome has a time limit of its own, and goes on after an abort. */
  #startSettling() {
    this.#isSettling = true;
    this.#exhausted = false;
    this.#calls = { ...this.#run.calls, signal: this.#run.clock.timeout(SETTLE_TIMEOUT_MS) };
    this.#budget = this.#run.destination.retryBudget(this.#calls);
  }

  async #look() {
    try {
      if (this.#seen) await sleep(LOOK_INTERVAL_MS, this.#calls.signal, this.#run.clock);
      this.#seen = await this.#list();
    } catch (error) {
      // A proxy may deny that the database exists. That says nothing about the table.
      const isDenied = errorCode(error) === 'not_found';
      if (isDenied && (await this.#backoff(error))) return;
      this.#error ??= error;
      this.#lookFailed = true;
      this.#exhausted = true;
    }
  }

  /** The tables before the first rename. The database is there, because it has the staging table, whatever a proxy says. */
  async #listBefore() {
    for (;;) {
      try {
        const look = await this.#list();
        this.#budget.reset();
        return look;
      } catch (error) {
        const isDenied = errorCode(error) === 'not_found';
        if (!isDenied || !(await this.#backoff(error))) throw error;
      }
    }
  }

  /** @returns {Promise<Look>} */
  async #list() {
    const { destination, destinationDatabase } = this.#run;
    const sinceAnswerMs = Math.round(this.#run.clock.nowMs() - this.#answeredAt);
    const tables = await destination.listTables(destinationDatabase, this.#calls);
    const [staging, target] = [tables.find(this.#task.copy.stagingTable), tables.find(this.#task.table)];
    tables.free();
    return { staging, target, sinceAnswerMs };
  }

  /** The run with calls that outlast an abort, for a limited time. */
  #settling() {
    return {
      ...this.#run,
      calls: { ...this.#run.calls, signal: this.#run.clock.timeout(SETTLE_TIMEOUT_MS) },
    };
  }

  /** @returns {Promise<ComparedContents>} */
  async #compare() {
    const { table, copy } = this.#task;
    try {
      const published = { ...copy, stagingTable: table };
      await verifyContents(this.#settling(), table, published, this.#task.update?.condition);
      return 'equal';
    } catch (error) {
      return errorCode(error) === 'verification_failed' ? 'different' : 'not_compared';
    }
  }

  /** @param {NotPublishedReason} reason */
  #notPublished(reason) {
    const { destinationDatabase, signal } = this.#run;
    const cause = this.#error;
    if (reason === 'taken') {
      const message = `a table of this name was created in "${destinationDatabase}" during the clone; it was left unchanged`;
      return new PetitError('already_exists', message, { cause });
    }
    if (reason === 'staging_lost') {
      const message = `its staging table "${this.#task.copy.stagingTable}" was removed before it was published`;
      return new PetitError('staging_lost', message, { cause });
    }
    return cause ?? signal.reason;
  }

  /** @param {PublishDoubt} reason */
  #unknown(reason) {
    const { table } = this.#task;
    const { destinationDatabase: database } = this.#run;
    const message = `it is unknown whether the table was published in "${database}": ${DOUBTS[reason]}`;
    const hint = verifyHint(this.#run, table);
    return new PetitError('publish_unknown', message, { cause: this.#error, hint });
  }
}

/** Why an outcome is unknown. */
const DOUBTS = {
  unreachable: 'the destination did not answer the rename, and not the questions about it either',
  replaced: 'its staging table is gone, and the name has another table or none',
  indistinguishable:
    'its staging table is gone, and petit cannot distinguish the table of that name from another one',
};
