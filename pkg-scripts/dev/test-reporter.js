// A reporter of `node --test`: writes the duration and the result of each test as a line of JSON.
import { relative } from 'node:path';

/** @import { TestEvent } from 'node:test/reporters' */

/** @param {AsyncIterable<TestEvent>} events */
export default async function* reportTimes(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details.type === 'suite' || data.skip !== undefined) continue;
    const file = data.file ? relative(process.cwd(), data.file) : '';
    yield `${JSON.stringify({ file, name: data.name, ms: data.details.duration_ms, passed: type === 'test:pass' })}\n`;
  }
}
