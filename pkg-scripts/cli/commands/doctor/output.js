import { escapeControlChars } from '../../output/sanitize.js';
import { table } from '../../output/table.js';

/** @import { Check, ConformanceAnswer } from '../../../types.js' */

/** Columns of the names of the states and of the checks. */
const STATE_WIDTH = 7;
const CHECK_WIDTH = 8;

/** How a state is shown.
 * @type {Record<Check['state'], string>} */
const STATES = { ok: 'ok', warning: 'WARNING', failed: 'FAILED', not_checked: '-' };

/**
 * A line for a check, and one for what the user can do.
 * @param {Check} check
 */
export function checkText({ check, state, message, hint }) {
  const head = `${STATES[state].padEnd(STATE_WIDTH)}  ${check.padEnd(CHECK_WIDTH)}  `;
  const lines = [head + escapeControlChars(message)];
  if (hint && state !== 'ok') lines.push(' '.repeat(head.length) + escapeControlChars(hint));
  return lines.join('\n');
}

/** @param {Check[]} checks */
export function conclusion(checks) {
  const number = (/** @type {Check['state']} */ wanted) =>
    checks.filter(({ state }) => state === wanted).length;
  const [failed, warnings] = [number('failed'), number('warning')];
  if (failed > 0) return `\n${failed} of ${checks.length} checks failed.`;
  return warnings > 0 ? `\nNo check failed; ${warnings} warned.` : '\nEverything that was checked works.';
}

/**
 * The answers of an account, without anything of the account: the table can be pasted into an issue.
 * @param {ConformanceAnswer[]} answers
 */
export function answersText(answers) {
  const rows = answers.map(({ title, assumed, answer, reason = '', verdict, isHandled }) => [
    ...[title, assumed, answer ?? `none (${reason})`],
    verdict === 'differs' ? (isHandled ? 'differs, petit works with it' : 'DIFFERS') : '',
  ]);
  const number = (/** @type {ConformanceAnswer['verdict']} */ wanted) =>
    answers.filter(({ verdict }) => verdict === wanted).length;
  const counts = `${number('differs')} of ${answers.length} answers differ; ${number('not_answered')} without an answer.`;
  const invitation = 'Please send them in, also if none differs: see docs/conformance.md.';
  const head = ['QUESTION', 'PETIT ASSUMES', 'ANSWER', ''];
  return `\n${table(head, rows)}\n\n${counts} ${invitation}`;
}
