import assert from 'node:assert/strict';

/** @import { LogEntry } from '../emulator/request-log.js' */

/**
 * Non-idempotent calls, and the GET request that must precede a repetition.
 * @type {[call: RegExp, checkFor: (name: string) => RegExp][]}
 */
const NON_IDEMPOTENT = [
  [/^\/v3\/bulk_import\/(?:perform|commit)\/(\w+)/, (session) => new RegExp(`/bulk_import/show/${session}$`)],
  [/^\/v3\/table\/rename\/(\w+)\//, (database) => new RegExp(`/table/list/${database}(\\?|$)`)],
];

/**
 * Asserts that no non-idempotent call was repeated before a request read the outcome of the first call.
 * @param {LogEntry[]} entries
 */
export function assertCheckedBeforeRepeat(entries) {
  for (const [call, checkFor] of NON_IDEMPOTENT) {
    const sent = entries.filter(({ method, path }) => method === 'POST' && call.test(path));
    for (const [index, first] of sent.entries()) {
      const { path, status } = first;
      const repeated = sent.slice(index + 1).find((later) => later.path === path);
      // After a 429 nothing was done.
      if (!repeated || status === 429) continue;
      const check = checkFor(call.exec(path)?.[1] ?? '');
      const between = entries.slice(entries.indexOf(first), entries.indexOf(repeated));
      assert.ok(
        between.some((entry) => entry.method === 'GET' && check.test(entry.path)),
        `${path} was repeated without reading its outcome`,
      );
    }
  }
}
