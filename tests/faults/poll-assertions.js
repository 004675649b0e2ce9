import assert from 'node:assert/strict';

/** @import { LogEntry } from '../emulator/request-log.js' */

/** Calls that may not be sent again blindly, and the look that has to come between. @type {[RegExp, (name: string) => RegExp][]} */
const UNSAFE = [
  [/^\/v3\/bulk_import\/(?:perform|commit)\/(\w+)/, (session) => new RegExp(`/bulk_import/show/${session}$`)],
  [/^\/v3\/table\/rename\/(\w+)\//, (database) => new RegExp(`/table/list/${database}(\\?|$)`)],
];

/**
 * No call that is not safe to repeat was sent twice without a look at what became of it.
 * @param {LogEntry[]} entries
 */
export function assertLooks(entries) {
  for (const [call, lookFor] of UNSAFE) {
    const sent = entries.filter(({ method, path }) => method === 'POST' && call.test(path));
    for (const [place, { path }] of sent.entries()) {
      const next = sent.slice(place + 1).find((later) => later.path === path);
      // 429 says that nothing was done.
      if (!next || sent[place]?.status === 429) continue;
      const look = lookFor(call.exec(path)?.[1] ?? '');
      const between = entries.slice(
        entries.indexOf(/** @type {LogEntry} */ (sent[place])),
        entries.indexOf(next),
      );
      assert.ok(
        between.some(({ method, path: looked }) => method === 'GET' && look.test(looked)),
        `${path} was sent again without a look`,
      );
    }
  }
}
