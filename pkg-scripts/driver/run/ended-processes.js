/** @import { Platform } from '../../types.js' */
/** @import { TableList } from '../td/client.js' */

/**
 * Which of the processes that keep leases in a database are known to have ended: those of this machine. Whether the others
 * are at work is a matter of their leases' age.
 * @param {Pick<Platform, 'hasEnded'>} platform
 * @param {string} database
 * @param {TableList} [tables]
 * @returns {Promise<string[]>}
 */
export async function listEndedProcesses({ hasEnded }, database, tables) {
  if (!hasEnded || !tables) return [];
  return tables.leaseProcesses(database).filter((process) => hasEnded(process));
}
