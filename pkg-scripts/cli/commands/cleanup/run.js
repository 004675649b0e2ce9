import { existsSync } from 'node:fs';
import { cleanUp, cleanUpFiles } from '../../../node.js';
import { ACCOUNT, findAccounts } from '../../config/accounts.js';
import { startLogging } from '../../config/logging.js';
import { configureFetch } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { retryOptions } from '../../options.js';
import { createReporter } from '../../output/reporter.js';
import { filesText, summaryText } from './output.js';

/** @import { Command } from 'commander' */
/** @import { Reporter } from '../../output/reporter.js' */
/** @import { CommandContext } from '../../program.js' */
/** @import { CleanupOptions } from './command.js' */

/**
 * @param {CommandContext} context
 * @param {Command} command
 * @param {CleanupOptions & { database: string | undefined }} options
 * @returns {Promise<number>} the exit code
 */
export async function cleanup({ process, signal }, command, options) {
  const reporter = createReporter(process, {
    command: command.name(),
    json: options.json,
    quiet: options.quiet,
    progress: false,
    signal,
    interruptMessage: 'Stopping: nothing more is deleted. Press Ctrl-C again to quit immediately.',
    resumeHint: () => 'Leftovers that were not yet deleted are unchanged. Run the same command again.',
  });
  try {
    await startLogging(process, options, reporter);
    const remove = options.yes === true || options.force !== undefined;
    const { outputDir, database } = options;
    // A variable that sets the folder of all exports does not narrow the cleanup.
    const isNamed = command.getOptionValueSource('outputDir') === 'cli';
    const isOnlyFiles = isNamed && database === undefined;
    // Nothing was exported yet to a folder of the environment that does not exist. A missing folder of the command line is an error.
    const hasFolder =
      outputDir !== undefined && (isNamed || outputDir.includes('://') || existsSync(outputDir));
    if (outputDir?.includes('://')) await configureFetch(process.env, options);
    const filesCode = hasFolder
      ? await cleanFiles(reporter, { outputDir, remove: options.yes === true, signal })
      : EXIT.ok;
    if (isOnlyFiles) return filesCode;
    const { account } = await findAccounts(command, { process, signal }, { account: ACCOUNT }, reporter);
    await configureFetch(process.env, options);
    const summary = await cleanUp({
      ...retryOptions(options),
      ...{ account, database, remove, force: options.force, signal },
      onEvent: reporter.onEvent,
    });
    reporter.output(summaryText(summary, { remove }));
    for (const error of summary.errors) reporter.fail(error);
    return summary.errors.length > 0 ? EXIT.someFailed : filesCode;
  } catch (error) {
    return reporter.fail(error);
  }
}

/**
 * Lists or deletes the partial files in a folder.
 * @param {Reporter} reporter
 * @param {{ outputDir: string, remove: boolean, signal: AbortSignal }} options
 * @returns {Promise<number>} the exit code
 */
async function cleanFiles(reporter, { outputDir, remove, signal }) {
  const summary = await cleanUpFiles({ folder: outputDir, remove, signal, onEvent: reporter.onEvent });
  reporter.output(filesText(summary, { remove }));
  for (const error of summary.errors) reporter.fail(error);
  return summary.errors.length > 0 ? EXIT.someFailed : EXIT.ok;
}
