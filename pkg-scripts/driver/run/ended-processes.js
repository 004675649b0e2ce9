import { wasm } from '../wasm.js';

/** @import { Platform, TableInfo } from '../../types.js' */

/**
 * Which of the processes that keep leases in a database are known to have ended: those of this machine. Whether the others
 * are at work is a matter of their leases' age.
 * @param {Pick<Platform, 'hasEnded'>} platform
 * @param {string} database
 * @param {TableInfo[]} tables
 * @returns {Promise<string[]>}
 */
export async function listEndedProcesses({ hasEnded }, database, tables) {
  if (!hasEnded) return [];
  return wasm.leaseProcesses(database, tables).filter((process) => hasEnded(process));
}
