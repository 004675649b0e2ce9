import { duration, size, table } from './table.js';

/** @import { ProfileEvent } from '../../types.js' */

/**
 * What the stages did, as a table.
 * @param {ProfileEvent} profile
 */
export function profileText({ seconds, workers, stages }) {
  const rows = stages.flatMap(({ stage, bytes, seconds, parts = {}, ...waited }) => [
    [
      stage,
      size(bytes),
      seconds.toFixed(2),
      bytes > 0n && seconds > 0 ? `${size(Number(bytes) / seconds)}/s` : '',
      waited.waitedForInput.toFixed(2),
      waited.waitedForOutput.toFixed(2),
    ],
    ...Object.entries(parts).map(([part, seconds]) => [`  ${part}`, '', seconds.toFixed(2), '', '', '']),
  ]);
  const head = ['STAGE', 'GAVE', 'SECONDS', 'SPEED', 'WAITED FOR INPUT', 'WAITED FOR OUTPUT'];
  const threads = workers === 0 ? 'in the main thread' : `by ${workers} worker${workers === 1 ? '' : 's'}`;
  return [
    `Profile of ${duration(seconds)}, all tables together; encoded ${threads}:`,
    table(head, rows, { right: [1, 2, 3, 4, 5] }),
  ].join('\n');
}
