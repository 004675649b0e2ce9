import { escapeControlChars } from '../../output/sanitize.js';

/** @import { Attempt } from '../../../types.js' */

/**
 * The output after a start.
 * @param {Attempt} attempt
 */
export function startedText(attempt) {
  return [
    '✓ Workflow triggered successfully',
    `  Workflow ID: ${escapeControlChars(attempt.workflowId)}`,
    `  Session ID: ${escapeControlChars(attempt.sessionId)}`,
    `  Attempt ID: ${escapeControlChars(attempt.attemptId)}`,
    ...consoleLines(attempt),
  ].join('\n');
}

/**
 * The output of `--check-attempt`.
 * @param {Attempt} attempt
 */
export function attemptText(attempt) {
  return ['✓ Attempt found', stateText(attempt), ...consoleLines(attempt)].join('\n');
}

/**
 * The state of an attempt.
 * @param {Attempt} attempt
 */
export function stateText({ attemptId, status, done, success, finishedAt }) {
  return [
    `  Attempt ID: ${escapeControlChars(attemptId)}`,
    `  Status: ${escapeControlChars(status)}`,
    `  Done: ${done}`,
    ...(done ? [`  Success: ${success}`] : []),
    ...(finishedAt ? [`  Finished at: ${escapeControlChars(finishedAt)}`] : []),
  ].join('\n');
}

/** @param {Attempt} attempt */
const consoleLines = ({ consoleUrl }) =>
  consoleUrl ? [`  Console URL: ${escapeControlChars(consoleUrl)}`] : [];
