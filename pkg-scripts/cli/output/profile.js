import { duration, size } from '../../shared/format.js';
import { table } from './table.js';

/** @import { ProfileEvent } from '../../types.js' */

/** @typedef {ProfileEvent['stages'][number]} Stage */

const HEAD = ['STAGE', 'OUTPUT', 'SECONDS', 'SPEED', 'WAITED FOR INPUT', 'WAITED FOR OUTPUT'];

/**
 * The per-stage timing profile of a run, as a table.
 * @param {ProfileEvent} profile
 */
export function profileText({ seconds, workers, stages }) {
  const threads = workers === 0 ? 'the main thread' : `${workers} worker${workers === 1 ? '' : 's'}`;
  return [
    `Profile: ${duration(seconds)} for all tables, encoded by ${threads}`,
    table(HEAD, stages.flatMap(stageRows), { right: [1, 2, 3, 4, 5] }),
  ].join('\n');
}

/**
 * A row for the stage and one for each of its parts.
 * @param {Stage} stage
 */
function stageRows({ stage, bytes, seconds, parts = {}, waitedForInput, waitedForOutput }) {
  return [
    [
      stage,
      size(bytes),
      seconds.toFixed(2),
      bytes > 0n && seconds > 0 ? `${size(Number(bytes) / seconds)}/s` : '',
      waitedForInput.toFixed(2),
      waitedForOutput.toFixed(2),
    ],
    ...Object.entries(parts).map(([part, seconds]) => [`  ${part}`, '', seconds.toFixed(2), '', '', '']),
  ];
}
