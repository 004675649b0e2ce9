import { cleanUp } from '../../../node.js';
import { ACCOUNT, findAccounts } from '../../config/accounts.js';
import { configureFetch } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { retryOptions } from '../../options.js';
import { createReporter } from '../../output/reporter.js';
import { summaryText } from './output.js';

/** @import { Command } from 'commander' */
/** @import { CommandContext } from '../../program.js' */

/**
 * @param {CommandContext} context
 * @param {Command} command
 * @param {Record<string, any>} options with the argument `database`
 * @returns {Promise<number>} the exit code
 */
export async function cleanup({ process, signal }, command, options) {
  const reporter = createReporter(process, {
    json: options.json,
    progress: false,
    signal,
    interruptMessage: 'Stopping: nothing more is deleted. Press Ctrl-C again to quit immediately.',
    resumeHint: () => 'Leftovers that were not yet deleted are unchanged. Run the same command again.',
  });
  try {
    const { account } = await findAccounts(command, process, { account: ACCOUNT }, reporter);
    await configureFetch(process.env, options);
    const remove = options.yes === true || options.force !== undefined;
    const summary = await cleanUp({
      ...retryOptions(options),
      ...{ account, database: options.database, remove, force: options.force, signal },
      onEvent: reporter.onEvent,
    });
    reporter.output(summaryText(summary, { remove }));
    for (const error of summary.errors) reporter.fail(error);
    return summary.errors.length > 0 ? EXIT.someFailed : EXIT.ok;
  } catch (error) {
    return reporter.fail(error);
  }
}
