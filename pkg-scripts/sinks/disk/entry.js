import { lstat } from 'node:fs/promises';

/**
 * The file system entry at a path; links are not followed.
 * @param {string} path
 * @returns {Promise<import('node:fs').BigIntStats | undefined>} undefined if there is none, or if the path cannot be
 *   inspected; in that case the next operation on the path reports the reason
 */
export const entryAt = (path) => lstat(path, { bigint: true }).catch(() => undefined);
