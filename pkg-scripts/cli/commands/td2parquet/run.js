import { readFile } from 'node:fs/promises';
import { PetitError } from '../../../driver/errors.js';
import { exportTables } from '../../../node.js';
import { ACCOUNT, findAccounts } from '../../config/accounts.js';
import { configureFetch } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { retryOptions } from '../../options.js';
import { createReporter } from '../../output/reporter.js';
import { nameList } from '../../output/run-outcome.js';
import { escapeControlChars } from '../../output/sanitize.js';
import { tuneV8 } from '../../v8-flags.js';
import { planText, summaryText } from './output.js';

/** @import { Command } from 'commander' */
/** @import { Reporter } from '../../output/reporter.js' */
/** @import { RunOutcome } from '../../output/run-outcome.js' */
/** @import { CommandContext } from '../../program.js' */
/** @import { ExportSummary } from '../../../types.js' */

/**
 * @param {CommandContext} context
 * @param {Command} command
 * @param {Record<string, any>} options with the arguments `database` and `tables`
 * @returns {Promise<number>} the exit code
 */
export async function td2parquet({ process, signal }, command, options) {
  const { json, progress, dryRun } = options;
  const resumeHint = (/** @type {RunOutcome} */ outcome) => resumeText(outcome, options);
  const reporter = createReporter(process, { json, progress, signal, resumeHint });
  try {
    const { account } = await findAccounts(command, process, { account: ACCOUNT }, reporter);
    await configureFetch(process.env, options);
    tuneV8();
    const summary = await exportTables({
      ...options,
      ...retryOptions(options),
      account,
      database: options.database,
      tables: options.tables,
      query: await readQuery(options),
      signal,
      onEvent: (event) => {
        reporter.onEvent(event);
        if (event.type === 'plan' && dryRun) reporter.output(planText(event));
      },
    });
    reporter.close();
    if (dryRun) return summary.problems.length > 0 ? EXIT.planHasErrors : EXIT.ok;
    reporter.output(summaryText(summary));
    logNotes(summary, reporter);
    return exitCode(summary);
  } catch (error) {
    return reporter.fail(error);
  }
}

/**
 * @param {RunOutcome} outcome
 * @param {Record<string, any>} options
 */
function resumeText({ description, finished, remaining }, { overwrite }) {
  return overwrite || finished.length === 0
    ? `${description} Run the same command again.`
    : `${description} Run again for the remaining tables: ${nameList(remaining)}.`;
}

/**
 * @param {Record<string, any>} options
 * @returns {Promise<string | undefined>}
 */
async function readQuery({ query, queryFile }) {
  if (query !== undefined && queryFile !== undefined) {
    throw new PetitError('invalid_option', '--query and --query-file are mutually exclusive');
  }
  if (queryFile === undefined) return query;
  try {
    return await readFile(queryFile, 'utf8');
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('invalid_option', `the query file cannot be read: ${message}`, {
      hint: 'Check the path after --query-file.',
    });
  }
}

/**
 * @param {ExportSummary} summary
 * @param {Reporter} reporter
 */
function logNotes({ tables }, reporter) {
  for (const { table, notes } of tables) {
    for (const note of notes) reporter.log(`Note: ${escapeControlChars(table)}: ${escapeControlChars(note)}`);
  }
}

/** @param {ExportSummary} summary */
function exitCode({ errors }) {
  if (errors.length === 0) return EXIT.ok;
  const isMismatch = errors.every((error) => error.code === 'row_count_mismatch');
  return isMismatch ? EXIT.mismatch : EXIT.someFailed;
}
