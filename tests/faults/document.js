import { fileURLToPath } from 'node:url';
import { SAME } from './cases/words.js';
import { CASES, COMMANDS } from './cases.js';

/** @import { Cell, Observed } from './matrix.js' */
/** @import { Case, Command } from './cases/words.js' */

export const DOCUMENT = fileURLToPath(new URL('../../docs/fault-tolerance.md', import.meta.url));

const HEAD = `# What petit does when things go wrong

This page is made by the tests: each cell is what a run of the real command did against the local Treasure Data while it failed in
that way (\`tests/faults/\`). \`node tests/faults/write-docs.js\` writes it anew, and the tests fail when it is out of date.

**complete** means exit code 0, and every table compared row by row, type by type and setting by setting with the source. Anything
else is the code of the error, which names the table and says what to do, and the exit code. Then:

- the tables that the error does not name are complete;
- a table that it names is not there, or with \`--overwrite\` is the old one, untouched; a Parquet file is not there;
- no half file, bulk import session, staging table or running job is left, except where it says *leftovers*: then the destination
  could not be reached any more, and the next run removes them;
- the same command without the fault (with \`--skip-existing\` for a copy that had begun) ends in **complete**.

A call that is not safe to repeat (perform, commit, rename) is never sent again without a look at what became of it. A job is asked
for under a domain key, which makes it one job however often that is.

The columns: *split-rows* is clone-db with \`--split-rows\`, of a table that has several slices; *engine* is clone-db with
\`--via engine\`, inside one account (INSERT … SELECT) and to another (result output). \`–\`: the fault cannot happen there, for the
reason that the section gives. \`=\`: the same calls by the same code as clone-db, so that it is not run once more.

How long petit goes on is yours to say: \`--retry-timeout\` (300 s) is how long trouble may last before a call is given up, and begins
anew with every bit of progress; before an endpoint answered for the first time it is 10 s at most. \`--idle-timeout\` (60 s) is how
long a connection may be silent. Waits between tries are random and grow from at most 0.5 s to at most 60 s; \`Retry-After\` is kept
to. A job that Treasure Data queues is waited for without end, since a busy account may take hours: progress says so, and Ctrl-C
stops the run and kills the job.
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

/** Why a fault cannot happen somewhere. @type {Record<string, string>} */
const NOTES = {
  'Answers that are errors':
    'td2parquet writes to no destination. By the engine nothing is uploaded: there is no import to be refused.',
  'Connections that fail':
    'td2parquet has no destination. By the engine no rows are uploaded: they are to come there by a job.',
  'Results that come badly':
    'By the engine no rows come through petit: the only results are counts, of a few bytes. What is true of a result as a whole is under *Answers* and *Connections*.',
  'Keys that are revoked': 'Inside one account, and by a client, no job is given the destination’s key.',
  'Tables that are cut into slices': 'Without slices there is one job.',
  'Jobs of the engine that write':
    'By a client, jobs only read. A job that brings rows is one to another account; what vanishes under it shows otherwise inside an account.',
  'Imports that do not end well': 'td2parquet and the engine import nothing.',
  'Work that is done although the answer is lost':
    'td2parquet creates and renames nothing; `--overwrite` finds its database there; the engine imports nothing.',
  'Tables that come and go':
    'td2parquet has no destination. What only `--overwrite`, or only a run without it, can find is the other’s `–`. Staging tables of the engine: above.',
  'Counts that lag': 'td2parquet counts nothing.',
};

/**
 * docs/fault-tolerance.md.
 * @param {Map<Cell, Observed>} observed
 */
export function documentOf(observed) {
  const entries = [...observed];
  const sections = Object.entries(CASES).map(([group, cases]) => {
    const head = ['fault', 'what petit does', ...COMMANDS.map((command) => TITLES[command])];
    const rows = cases.map((one) => [
      one.fault,
      one.does,
      ...COMMANDS.map((command) =>
        one.ends[command] === SAME
          ? '='
          : inWords(entries.find(([cell]) => cell.case === one && cell.command === command)?.[1]),
      ),
    ]);
    const note = NOTES[group];
    return [
      `\n## ${group}\n`,
      ...(note ? [`${note}\n`] : []),
      ...[head, head.map(() => '---'), ...rows].map(line),
    ].join('\n');
  });
  return `${[HEAD, ...sections].join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

/** @param {string[]} cells */
const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** @param {Observed} [observed] */
function inWords(observed) {
  if (!observed) return '–';
  const { exit, code, leaves } = observed;
  if (exit === 0) return 'complete';
  if (exit === null) return 'killed; *leftovers*';
  return `\`${code}\`, exit ${exit}${leaves ? '; *leftovers*' : ''}`;
}
