import { PetitError } from '../../driver/errors.js';
import { checkPaths } from './paths.js';
import { version } from './user-agent.js';

/** @import { LogOptions } from '../options.js' */
/** @import { Reporter } from '../output/reporter.js' */
/** @import { FileOptions } from './paths.js' */

/**
 * Checks the paths of a command, and starts its detailed log if one is wanted. Before the first request.
 * @param {NodeJS.Process} process
 * @param {LogOptions & FileOptions} options
 * @param {Pick<Reporter, 'log' | 'detail' | 'addDetails'>} reporter
 */
export async function startLogging(process, options, reporter) {
  const { quiet, verbose, logFile } = options;
  if (quiet && verbose)
    throw new PetitError('invalid_option', '--quiet and --verbose are mutually exclusive');
  await checkPaths(options);
  // petit-cli has this variable.
  const isDebug = !quiet && process.env.LOG_LEVEL?.toUpperCase() === 'DEBUG';
  const isVerbose = verbose || isDebug;
  if (!isVerbose && logFile === undefined) return;
  const [{ watchRequests }, { openLogFile }] = await Promise.all([
    import('../output/requests.js'),
    import('../output/log-file.js'),
  ]);
  const file = logFile === undefined ? undefined : openLogFile(logFile, reporter.log);
  reporter.addDetails({ isVerbose, file });
  const { versions, platform, arch } = process;
  reporter.detail({ type: 'run', petit: version, node: versions.node, platform, arch });
  watchRequests(reporter.detail);
}
