import { computed, signal } from '@preact/signals';
import { CallError } from '../worker/rpc-client.js';
import { applyEvents, finishRun, isRunning } from './run-state.js';

/** @import { Signal } from '@preact/signals' */
/** @import { Options } from '../worker/rpc-client.js' */
/** @import { RunState } from './run-state.js' */

/**
 * Executes runs and holds the one that is shown.
 * @template {RunState} S
 */
export class RunController {
  /** The run that is shown; undefined if there is none. */
  run = signal(/** @type {S | undefined} */ (undefined));
  isRunning = computed(() => isRunning(this.run.value));
  #saveRecord;
  #controller = new AbortController();

  /** @param {(run: S) => void} saveRecord stores what survives a reload */
  constructor(saveRecord) {
    this.#saveRecord = saveRecord;
  }

  /**
   * Shows the run, does its work and follows the events. Failures of `work` become part of the run.
   * @param {S} run
   * @param {(options: Options) => Promise<Partial<S> | void>} work resolves to further fields of the finished run
   */
  async execute(run, work) {
    this.run.value = run;
    this.#controller = new AbortController();
    window.addEventListener('beforeunload', confirmLeave);
    try {
      const fields = await work({
        signal: this.#controller.signal,
        onEvents: (events) => this.#update((current) => applyEvents(current, events, Date.now())),
      });
      this.#update((current) => finishRun({ ...current, ...fields }, Date.now()));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.#update((current) => finishRun(current, Date.now(), error.data));
    } finally {
      window.removeEventListener('beforeunload', confirmLeave);
    }
  }

  /** Stops the run. It ends after the worker has cleaned up. */
  stop() {
    if (this.run.value?.status !== 'running') return;
    this.run.value = { ...this.run.value, status: 'stopping' };
    this.#controller.abort();
  }

  /** Closes the finished run, so that the plan is shown again. */
  close() {
    if (!this.isRunning.peek()) this.run.value = undefined;
  }

  /** @param {(run: S) => S} change */
  #update(change) {
    if (!this.run.value) return;
    this.run.value = change(this.run.value);
    this.#saveRecord(this.run.value);
  }
}

/** Makes the browser ask before the page is left, because that would stop the run.
 * @param {BeforeUnloadEvent} event */
const confirmLeave = (event) => event.preventDefault();
