import { sleep } from '../utils/sleep.js';
import { wasm } from '../wasm.js';
import { createUnderOwnName } from './names.js';

/** @import { IdRule } from '../../core.js' */
/** @import { CloneRun } from './index.js' */
/** @import { CloneTask } from './table.js' */

/**
 * Finds out what the destination does with the id of a renamed table: renames one empty table over another.
 * @param {Pick<CloneRun, 'destination' | 'destinationDatabase' | 'calls' | 'clock'>} run
 * @param {CloneTask['copy']} copy
 * @returns {Promise<IdRule>}
 */
export async function learnIdRule(run, copy) {
  const { destination, destinationDatabase: database, calls, clock } = run;
  const create = async () => {
    const probe = await createUnderOwnName(run, copy.names, (table) => ({
      call: 'create_table',
      ...{ database, table },
    }));
    return destination.call({ call: 'show_table', database, table: probe }, calls);
  };
  try {
    const from = await create();
    const over = await create();
    const names = { table: from.name, newName: over.name };
    await destination.callOnce({ call: 'rename_table', database, ...names, overwrite: true }, calls);
    // Before that, TD may still show the replaced table.
    await sleep(wasm.listingLagMs(), calls.signal, clock);
    const after = await destination.call({ call: 'show_table', database, table: over.name }, calls);
    return wasm.idRule(from, over, after);
  } catch {
    return 'not_known';
  }
}
