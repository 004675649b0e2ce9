import { verifyDatabase } from '../../../node.js';
import { count } from '../../../shared/format.js';
import { DESTINATION, findAccounts, SOURCE } from '../../config/accounts.js';
import { startLogging } from '../../config/logging.js';
import { findMasking } from '../../config/masking.js';
import { configureFetch } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { retryOptions, sampleOptions, tableChoice } from '../../options.js';
import { createReporter } from '../../output/reporter.js';
import { resultLine, summaryText } from './output.js';

/** @import { Command } from 'commander' */
/** @import { RunOutcome } from '../../output/run-outcome.js' */
/** @import { VerifySummary } from '../../../types.js' */
/** @import { CommandContext } from '../../program.js' */
/** @import { VerifyOptions } from './command.js' */

/**
 * @param {CommandContext} context
 * @param {Command} command
 * @param {VerifyOptions & { database: string, tables: string[] }} options
 * @returns {Promise<number>} the exit code
 */
export async function verify({ process, signal }, command, options) {
  const reporter = createReporter(process, {
    command: command.name(),
    json: options.json,
    quiet: options.quiet,
    progress: false,
    signal,
    interruptMessage: 'Stopping and killing its jobs… Press Ctrl-C again to quit immediately.',
    resumeHint: resumeText,
  });
  try {
    await startLogging(process, options, reporter);
    const roles = { source: SOURCE, destination: DESTINATION };
    const accounts = await findAccounts(command, { process, signal }, roles, reporter);
    const masking = await findMasking(options, { process, signal }, reporter.hide);
    await configureFetch(process.env, options);
    const summary = await verifyDatabase({
      ...options,
      ...accounts,
      ...retryOptions(options),
      ...tableChoice(options),
      ...masking,
      ...sampleOptions(options),
      database: options.database,
      newDatabase: options.newDb,
      signal,
      onEvent: reporter.onEvent,
    });
    reporter.output(summaryText(summary), resultLine(summary));
    return exitCode(summary);
  } catch (error) {
    return reporter.fail(error);
  }
}

/** @param {RunOutcome} outcome */
function resumeText({ finished }) {
  const compared = finished.length === 1 ? '1 table was' : `${count(finished.length)} tables were`;
  return `${compared} compared; nothing was written. Run the same command again.`;
}

/** @param {VerifySummary} summary */
function exitCode({ tables, errors }) {
  if (tables.some(({ sign }) => ['*', '+', '-'].includes(sign))) return EXIT.mismatch;
  return errors.length > 0 ? EXIT.someFailed : EXIT.ok;
}
