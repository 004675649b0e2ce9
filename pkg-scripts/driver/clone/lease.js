import { withDestinationAccessError } from '../td/access-errors.js';
import { callIdempotently } from '../td/idempotent.js';
import { sleep } from '../utils/sleep.js';
import { wasm } from '../wasm.js';

/** @import { CloneRun } from './index.js' */

/** How long deleting a lease may take at the end of a run, in milliseconds. */
const END_TIMEOUT_MS = 10_000;

/**
 * Runs work under a lease: an empty table in the destination, by whose creation time other runs know that this one is at
 * work. The lease is renewed while the work goes on, and deleted after it.
 * @param {CloneRun} run
 * @param {number} number of the run, which is in the names of all that it creates
 * @param {() => Promise<void>} work
 */
export async function withLease(run, number, work) {
  const lease = new Lease(run, number);
  await withDestinationAccessError(() => lease.take());
  const stop = new AbortController();
  const renewing = lease.renewUntil(stop.signal);
  try {
    await work();
  } finally {
    stop.abort();
    await renewing;
    await lease.end();
  }
}

class Lease {
  #run;
  #number;
  #renewals = 0;
  /** @type {Set<string>} */
  #tables = new Set();

  /**
   * @param {CloneRun} run
   * @param {number} number
   */
  constructor(run, number) {
    this.#run = run;
    this.#number = number;
  }

  /** Creates the next lease. Its name is new, so that a conflict says that it exists already. */
  async take() {
    const { destination, destinationDatabase: database, calls, platform } = this.#run;
    const table = wasm.leaseName(database, this.#number, this.#renewals);
    const description = wasm.leaseText(platform.processId?.() ?? '');
    this.#renewals += 1;
    this.#tables.add(table);
    await callIdempotently(destination, { call: 'create_table', database, table, description }, calls);
    for (const older of this.#tables) if (older !== table) await this.#delete(older, calls);
  }

  /**
   * Renews the lease again and again. A renewal that fails is repeated at the next time.
   * @param {AbortSignal} signal
   */
  async renewUntil(signal) {
    for (;;) {
      try {
        await sleep(wasm.leaseRenewMs(), signal, this.#run.clock);
        await this.take();
      } catch {
        if (signal.aborted) return;
      }
    }
  }

  async end() {
    const calls = { signal: this.#run.clock.timeout(END_TIMEOUT_MS) };
    // A lease that cannot be deleted lapses.
    for (const table of this.#tables) await this.#delete(table, calls).catch(() => {});
  }

  /**
   * @param {string} table
   * @param {import('../td/client.js').CallContext} calls
   */
  async #delete(table, calls) {
    const { destination, destinationDatabase: database } = this.#run;
    await callIdempotently(destination, { call: 'delete_table', database, table }, calls);
    this.#tables.delete(table);
  }
}
