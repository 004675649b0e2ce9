import { PetitError } from '../../../driver/errors.js';
import { cloneDatabase } from '../../../node.js';
import { toReport } from '../../../shared/clone-report.js';
import { isRefused } from '../../../shared/personal.js';
import { DESTINATION, findAccounts, SOURCE } from '../../config/accounts.js';
import { startLogging } from '../../config/logging.js';
import { findMasking } from '../../config/masking.js';
import { configureFetch } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { retryOptions, sampleOptions, tableChoice } from '../../options.js';
import { createReporter } from '../../output/reporter.js';
import { hasProblems, planLine, planText, resultLine, summaryText } from './output.js';
import { ReportBuilder, writeReport } from './report.js';

/** @import { Command } from 'commander' */
/** @import { CloneDbOptions } from './command.js' */
/** @import { RunOutcome } from '../../output/run-outcome.js' */
/** @import { CommandContext } from '../../program.js' */
/** @import { CloneSummary } from '../../../types.js' */

/**
 * @param {CommandContext} context
 * @param {Command} command
 * @param {CloneDbOptions & { database: string, tables: string[] }} options
 * @returns {Promise<number>} the exit code
 */
export async function cloneDb({ process, signal }, command, options) {
  const { json, progress, dryRun } = options;
  const resumeHint = (/** @type {RunOutcome} */ outcome) => resumeText(outcome, options);
  const reporter = createReporter(process, {
    ...{ json, progress, signal, resumeHint, quiet: options.quiet },
    command: command.name(),
  });
  const reportBuilder = new ReportBuilder();
  /** @type {string | undefined} the file of the report, until it is written */
  let dueReport;
  try {
    await startLogging(process, options, reporter);
    dueReport = options.report;
    const roles = { source: SOURCE, destination: DESTINATION };
    const accounts = await findAccounts(command, { process, signal }, roles, reporter);
    const masking = await findMasking(options, { process, signal }, reporter.hide);
    await configureFetch(process.env, options);
    const summary = await cloneDatabase({
      ...options,
      profile: options.timings || options.profile,
      ...accounts,
      ...retryOptions(options),
      ...tableChoice(options),
      ...masking,
      ...sampleOptions(options),
      database: options.database,
      newDatabase: options.newDb,
      onExisting: onExisting(options),
      signal,
      onEvent: (event) => {
        reporter.onEvent(event);
        reportBuilder.record(event);
        if (event.type === 'plan' && event.command === 'clone-db' && dryRun)
          reporter.output(
            planText(event, { screen: reporter.screen, all: options.all, maskStrict: options.maskStrict }),
            planLine(event),
          );
      },
    });
    reporter.close();
    dueReport = undefined;
    // First: a report that cannot be written must not hide the outcome.
    if (!dryRun) reporter.output(summaryText(summary, reporter.screen), resultLine(summary));
    if (options.report)
      await writeReport(options.report, reporter.toJson(dryRun ? summary.plan : toReport(summary)));
    if (dryRun) {
      const isBad = hasProblems(summary.plan) || isRefused(summary.plan.personal, options.maskStrict);
      return isBad ? EXIT.planHasErrors : EXIT.ok;
    }
    return exitCode(summary);
  } catch (error) {
    const code = reporter.fail(error);
    if (dueReport !== undefined) {
      const report = reportBuilder.failed(reporter.toErrorData(error));
      await writeReport(dueReport, reporter.toJson(report)).catch(reporter.fail);
    }
    return code;
  }
}

/**
 * @param {RunOutcome} outcome
 * @param {Pick<CloneDbOptions, 'overwrite' | 'update'>} options
 */
function resumeText({ description }, { overwrite, update }) {
  if (update) return `${description} Run the same command again; it copies what is missing.`;
  return overwrite
    ? `${description} Run the same command again; it replaces every table again.`
    : `${description} Run again with --skip-existing to copy the remaining tables.`;
}

/**
 * @param {Pick<CloneDbOptions, 'skipExisting' | 'overwrite' | 'update'>} options
 * @returns {'error' | 'skip' | 'overwrite' | 'update'}
 */
function onExisting({ skipExisting, overwrite, update }) {
  const chosen = [
    ...(skipExisting ? [{ option: '--skip-existing', value: /** @type {const} */ ('skip') }] : []),
    ...(overwrite ? [{ option: '--overwrite', value: /** @type {const} */ ('overwrite') }] : []),
    ...(update ? [{ option: '--update', value: /** @type {const} */ ('update') }] : []),
  ];
  const [first, second] = chosen;
  if (first && second) {
    throw new PetitError('invalid_option', `${first.option} and ${second.option} are mutually exclusive`);
  }
  return first?.value ?? 'error';
}

/** Codes of errors about rows or contents that differ. */
const MISMATCHES = new Set(['row_count_mismatch', 'verification_failed']);

/** @param {CloneSummary} summary */
function exitCode({ errors }) {
  if (errors.length === 0) return EXIT.ok;
  if (errors.some((error) => error.code === 'publish_unknown')) return EXIT.outcomeUnknown;
  return errors.every((error) => MISMATCHES.has(error.code)) ? EXIT.mismatch : EXIT.someFailed;
}
