import { lstat } from 'node:fs/promises';

/**
 * What has a name on the disk; links are not followed.
 * @param {string} path
 * @returns {Promise<import('node:fs').BigIntStats | undefined>} undefined if nothing has it, and if that cannot be told: the
 *   next operation on the path then reports why
 */
export const entryAt = (path) => lstat(path, { bigint: true }).catch(() => undefined);
