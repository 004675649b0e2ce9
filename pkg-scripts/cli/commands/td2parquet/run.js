import { PetitError } from '../../../driver/errors.js';
import { exportTables } from '../../../node.js';
import { isRefused } from '../../../shared/personal.js';
import { ACCOUNT, findAccounts } from '../../config/accounts.js';
import { startLogging } from '../../config/logging.js';
import { findMasking } from '../../config/masking.js';
import { configureFetch } from '../../config/proxy.js';
import { readTextFile } from '../../config/text-file.js';
import { EXIT } from '../../exit-codes.js';
import { retryOptions, sampleOptions, tableChoice } from '../../options.js';
import { createReporter } from '../../output/reporter.js';
import { nameList } from '../../output/run-outcome.js';
import { escapeControlChars } from '../../output/sanitize.js';
import { tuneV8 } from '../../v8-flags.js';
import { planLine, planText, resultLine, summaryText } from './output.js';

/** @import { Command } from 'commander' */
/** @import { Td2parquetOptions } from './command.js' */
/** @import { Reporter } from '../../output/reporter.js' */
/** @import { RunOutcome } from '../../output/run-outcome.js' */
/** @import { CommandContext } from '../../program.js' */
/** @import { ExportSummary } from '../../../types.js' */

/**
 * @param {CommandContext} context
 * @param {Command} command
 * @param {Td2parquetOptions & { database: string, tables: string[] }} options
 * @returns {Promise<number>} the exit code
 */
export async function td2parquet({ process, signal }, command, options) {
  const { json, progress, dryRun } = options;
  const resumeHint = (/** @type {RunOutcome} */ outcome) => resumeText(outcome, options);
  const isStdout = toStdout(options);
  // Standard output carries the file alone.
  const streams = isStdout ? { stdout: process.stderr, stderr: process.stderr, env: process.env } : process;
  const reporter = createReporter(streams, {
    ...{ json, progress, signal, resumeHint, quiet: options.quiet },
    command: command.name(),
    hasTables: options.query === undefined && options.queryFile === undefined && options.jobId === undefined,
  });
  try {
    if (isStdout && json) {
      throw new PetitError('invalid_option', '--json and --output - both write to standard output');
    }
    await startLogging(process, options, reporter);
    const query = await readQuery(options);
    const { account } = await findAccounts(command, { process, signal }, { account: ACCOUNT }, reporter);
    const masking = await findMasking(options, { process, signal }, reporter.hide);
    await configureFetch(process.env, options);
    tuneV8();
    const summary = await exportTables({
      ...options,
      profile: options.timings || options.profile,
      ...retryOptions(options),
      account,
      ...tableChoice(options),
      ...masking,
      ...sampleOptions(options),
      database: options.database,
      query,
      signal,
      onEvent: (event) => {
        reporter.onEvent(event);
        if (event.type === 'plan' && event.command === 'td2parquet' && dryRun)
          reporter.output(
            planText(event, { screen: reporter.screen, all: options.all, maskStrict: options.maskStrict }),
            planLine(event),
          );
      },
    });
    reporter.close();
    if (dryRun) {
      const isBad = summary.problems.length > 0 || isRefused(summary.personal, options.maskStrict);
      return isBad ? EXIT.planHasErrors : EXIT.ok;
    }
    reporter.output(summaryText(summary, reporter.screen), resultLine(summary));
    logNotes(summary, reporter);
    return exitCode(summary);
  } catch (error) {
    return reporter.fail(error);
  }
}

/** @param {Pick<Td2parquetOptions, 'output'>} options */
const toStdout = ({ output = '' }) => ['-', '/dev/stdout', '/dev/fd/1'].includes(output);

/**
 * @param {RunOutcome} outcome
 * @param {Pick<Td2parquetOptions, 'overwrite'>} options
 */
function resumeText({ description, finished, remaining }, { overwrite }) {
  return overwrite || finished.length === 0
    ? `${description} Run the same command again.`
    : `${description} Run again for the remaining tables: ${nameList(remaining)}.`;
}

/**
 * @param {Pick<Td2parquetOptions, 'query' | 'queryFile'>} options
 * @returns {Promise<string | undefined>}
 */
async function readQuery({ query, queryFile }) {
  if (query !== undefined && queryFile !== undefined) {
    throw new PetitError('invalid_option', '--query and --query-file are mutually exclusive');
  }
  if (queryFile === undefined) return checkedQuery(query);
  try {
    return await readTextFile(queryFile, { what: 'the query file' });
  } catch (error) {
    if (error instanceof PetitError) throw error;
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('invalid_option', `the query file cannot be read: ${message}`, {
      hint: 'Check the path after --query-file.',
    });
  }
}

/**
 * Node replaces bytes of an argument that are not UTF-8. The query would run as another one.
 * @param {string | undefined} query
 */
function checkedQuery(query) {
  if (!query?.includes('\uFFFD')) return query;
  throw new PetitError('invalid_option', '--query contains text that is not UTF-8', {
    hint: 'Convert the query to UTF-8, or use --query-file, which also takes the character U+FFFD.',
  });
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
  if (errors.some((error) => error.code === 'publish_unknown')) return EXIT.outcomeUnknown;
  const isMismatch = errors.every((error) => error.code === 'row_count_mismatch');
  return isMismatch ? EXIT.mismatch : EXIT.someFailed;
}
