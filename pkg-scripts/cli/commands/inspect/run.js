import { inspectFile } from '../../../node.js';
import { configureFetch } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { createReporter } from '../../output/reporter.js';
import { fileText } from './output.js';

/** @import { Command } from 'commander' */
/** @import { CommandContext } from '../../program.js' */
/** @import { InspectOptions } from './command.js' */

/**
 * @param {CommandContext} context
 * @param {Command} command
 * @param {InspectOptions & { file: string }} options
 * @returns {Promise<number>} the exit code
 */
export async function inspect({ process, signal }, command, options) {
  const { json, file, rows, ddl, allowHttp } = options;
  const reporter = createReporter(process, {
    ...{ command: command.name(), json, progress: false, signal },
    interruptMessage: 'Stopping. Press Ctrl-C again to quit immediately.',
  });
  try {
    await configureFetch(process.env, options);
    const inspected = await inspectFile({ file, rows, ddl, allowHttp, signal });
    reporter.onEvent({ type: 'file', ...inspected });
    reporter.output(fileText(inspected));
    return EXIT.ok;
  } catch (error) {
    return reporter.fail(error);
  }
}
