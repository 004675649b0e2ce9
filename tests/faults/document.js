import { fileURLToPath } from 'node:url';
import { SAME } from './cases/case-types.js';
import { CASES, COMMANDS } from './cases.js';

/** @import { Cell, Observed } from './matrix.js' */
/** @import { Case, Command } from './cases/case-types.js' */

export const DOCUMENT = fileURLToPath(new URL('../../docs/fault-tolerance.md', import.meta.url));

const HEAD = `# Fault tolerance

The tests generate this page. Each cell is the outcome of a run of the real command against the local Treasure Data with this fault
(\`tests/faults/\`). \`node tests/faults/write-docs.js\` writes the page, and the tests fail if it is out of date.

**complete** means exit code 0, and that every table equals the source in rows, types and settings. Any other cell has the code of the
error, which names the table and gives a hint, and the exit code. After an error:

- Tables that the error does not name are complete.
- A table that the error names does not exist, or with \`--overwrite\` is the unchanged old table. A Parquet file does not exist.
- No partial file, bulk import session, staging table or running job is left, except in cells with *leftovers*. In these cases petit
  could not reach the destination any more, and the next run deletes them.
- The same command without the fault (with \`--skip-existing\` for a started copy) ends in **complete**.

petit never repeats a non-idempotent call (perform, commit, rename) before it has read the outcome of the first call. It issues each job
with a domain key, so repeated requests create only one job.

Columns: *split-rows* is clone-db with \`--split-rows\` and a table that has several slices. *engine* is clone-db with \`--via engine\`,
within one account (INSERT … SELECT) and to another account (result output). \`–\` means that the fault cannot occur; each section gives
the reason. \`=\` means that the same code makes the same calls as clone-db, so the tests do not repeat the run.

\`--retry-timeout\` (default 300 s) limits how long petit retries a failing call. The time restarts after each progress. Before the
endpoint has answered once, the limit is 10 s. \`--idle-timeout\` (default 60 s) limits how long a connection can be silent. The
waiting time between attempts is random, and its maximum grows from 0.5 s to 60 s. petit honours \`Retry-After\`. It waits for a queued
job without a time limit, because a busy account can take hours; progress output shows the wait, and Ctrl-C stops the run and kills the
job.
`;

/** @type {Record<Command, string>} */
const TITLES = {
  td2parquet: 'td2parquet',
  create: 'clone-db',
  overwrite: 'clone-db --overwrite',
  slices: 'split-rows',
  insert: 'engine, one account',
  output: 'engine, two accounts',
};

/** Why a fault cannot occur in some columns. @type {Record<string, string>} */
const NOTES = {
  'Error answers':
    'td2parquet has no destination. The engine uploads nothing, so it has no import that can fail.',
  'Connection failures':
    'td2parquet has no destination. With the engine a job writes the rows, and petit uploads none.',
  'Damaged or incomplete results':
    'With the engine no rows pass through petit. The only results are counts of a few bytes; *Error answers* and *Connection failures* cover them.',
  'Revoked keys': 'Within one account, and with the client, no job gets the destination’s key.',
  'Tables that are split into slices': 'A table without slices has one job.',
  'Engine jobs that write rows':
    'With the client, jobs only read. A result output job exists only between accounts, and a lost staging table has a different effect within one account.',
  'Failed imports': 'td2parquet and the engine import nothing.',
  'Completed calls with lost answers':
    'td2parquet creates and renames nothing. With `--overwrite` the database already exists. The engine imports nothing.',
  'Tables that appear or disappear':
    'td2parquet has no destination. Some faults can occur only with `--overwrite` or only without it. For staging tables of the engine see above.',
  'Delayed counts': 'td2parquet counts nothing.',
};

/**
 * The text of docs/fault-tolerance.md.
 * @param {Map<Cell, Observed>} observed
 */
export function documentText(observed) {
  const entries = [...observed];
  const sections = Object.entries(CASES).map(([group, cases]) => {
    const head = ['fault', 'what petit does', ...COMMANDS.map((command) => TITLES[command])];
    const rows = cases.map((faultCase) => [
      faultCase.fault,
      faultCase.does,
      ...COMMANDS.map((command) =>
        faultCase.outcomes[command] === SAME
          ? '='
          : outcomeText(entries.find(([cell]) => cell.case === faultCase && cell.command === command)?.[1]),
      ),
    ]);
    const note = NOTES[group];
    return [
      `\n## ${group}\n`,
      ...(note ? [`${note}\n`] : []),
      ...[head, head.map(() => '---'), ...rows].map(tableRow),
    ].join('\n');
  });
  return `${[HEAD, ...sections].join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

/** @param {string[]} cells */
const tableRow = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** @param {Observed} [observed] */
function outcomeText(observed) {
  if (!observed) return '–';
  const { exit, code, leaves } = observed;
  if (exit === 0) return 'complete';
  if (exit === null) return 'killed; *leftovers*';
  return `\`${code}\`, exit ${exit}${leaves ? '; *leftovers*' : ''}`;
}
