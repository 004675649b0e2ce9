import { writeFile } from 'node:fs/promises';
import { PetitError } from '../driver/errors.js';
import { report } from '../driver/run-clone.js';
import { cloneDatabase } from '../node.js';
import { planText, summaryText } from './clone-text.js';
import { EXIT } from './exit-codes.js';
import { createFace } from './face.js';
import { siteOption, wholeNumber } from './options.js';
import { userAgent } from './user-agent.js';

/** @import { Command } from 'commander' */
/** @import { Surroundings } from './program.js' */
/** @import { ClonePlan } from '../driver/plan-clone.js' */
/** @import { CloneSummary } from '../driver/run-clone.js' */

const EXAMPLES = `
Examples:
  export SOURCE_API_KEY=… DEST_API_KEY=…
  petit clone-db sales --dry-run                          what would be copied; nothing is written anywhere
  petit clone-db sales                                    to the other account, under the same name
  petit clone-db sales --new-db sales_copy --dest-site eu01
  petit clone-db sales --skip-existing                    go on after a run that was stopped
  petit clone-db sales --overwrite                        replace tables that are there, each in one step

The API keys are read from the environment variables SOURCE_API_KEY and DEST_API_KEY.
Exit codes: 0 all copied, 1 bad arguments or tables in the way, 2 no key, source or destination refused,
3 some tables failed, 4 row counts differ, 5 the dry run found errors, 130 interrupted.
`;

/**
 * @param {Command} program
 * @param {Surroundings} surroundings
 */
export function addCloneDb(program, surroundings) {
  program
    .command('clone-db')
    .summary('copy a whole database into another account, site or name')
    .description(
      'Copies every table of a Treasure Data database. A table appears in the destination in one step, when all ' +
        'of its rows are there and counted.',
    )
    .argument('<database>', 'database to copy')
    .option('--se, --source-endpoint <url>', 'API endpoint of the source (a host without scheme gets https)')
    .addOption(siteOption('--source-site <site>', 'site of the source'))
    .option('--de, --dest-endpoint <url>', 'API endpoint of the destination')
    .addOption(siteOption('--dest-site <site>', 'site of the destination'))
    .option('--new-db <name>', 'name of the copy (default: the same)')
    .option('--skip-existing', 'leave tables that the destination has')
    .option('--overwrite', 'replace tables that the destination has')
    .option('--table-parallelism <n>', 'tables copied at a time', wholeNumber(1), 2)
    .option('--download-parallelism <n>', 'downloads, and uploads, at a time per table', wholeNumber(1), 4)
    .option('--chunk-size <rows>', 'most rows decoded at a time', wholeNumber(1), 10_000)
    .option(
      '--workers <n>',
      'encoders running in parallel (default: one per core; 0: in the main thread)',
      wholeNumber(0),
    )
    .option('--retry-timeout <seconds>', 'how long trouble at Treasure Data may last', wholeNumber(0), 300)
    .option('--dry-run', 'show the whole plan; write nothing anywhere')
    .option('--progress', 'show progress (default: on a terminal)')
    .option('--no-progress', 'show none')
    .option('--json', 'print events instead, one JSON object a line')
    .option('--report <file>', 'also write the summary to this file, as JSON')
    .addHelpText('before', EXAMPLES)
    .action(async (database, options) => {
      surroundings.end(await cloneDb(database, options, surroundings));
    });
}

/**
 * @param {string} database
 * @param {Record<string, any>} options
 * @param {Surroundings} surroundings
 * @returns {Promise<number>} the exit code
 */
async function cloneDb(database, options, { process, signal }) {
  const face = createFace(
    process,
    options.progress === undefined ? { json: options.json } : /** @type {any} */ (options),
  );
  try {
    const summary = await cloneDatabase({
      ...options,
      retryTimeoutMs: options.retryTimeout * 1000,
      source: account(process.env, 'SOURCE_API_KEY', options.sourceEndpoint ?? options.sourceSite),
      destination: account(process.env, 'DEST_API_KEY', options.destEndpoint ?? options.destSite),
      database,
      newDatabase: options.newDb,
      onExisting: onExisting(options),
      signal,
      onEvent: (event) => {
        face.onEvent(event);
        if (event.type === 'plan' && options.dryRun) face.result(planText(/** @type {any} */ (event)));
      },
    });
    face.close();
    if (options.report) await writeReport(options.report, options.dryRun ? summary.plan : report(summary));
    if (options.dryRun) return summary.plan.totals.error ? EXIT.planHasErrors : EXIT.ok;
    face.result(summaryText(summary));
    return exitCode(summary);
  } catch (error) {
    return face.fail(error);
  }
}

/**
 * @param {string} file
 * @param {object} told the summary, or of a dry run the plan
 */
async function writeReport(file, told) {
  try {
    await writeFile(file, `${JSON.stringify(told, undefined, 2)}\n`);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new PetitError('cannot_write', `the run has ended, but its report cannot be written: ${message}`);
  }
}

/**
 * @param {Record<string, string | undefined>} env
 * @param {string} variable
 * @param {string} endpoint
 */
function account(env, variable, endpoint) {
  const apikey = env[variable];
  if (apikey) return { endpoint, apikey, userAgent };
  throw new PetitError('missing_key', `the environment variable ${variable} is not set`);
}

/** @param {Record<string, any>} options
 * @returns {'error' | 'skip' | 'overwrite'} */
function onExisting({ skipExisting, overwrite }) {
  if (skipExisting && overwrite) {
    throw new PetitError('invalid_option', '--skip-existing and --overwrite exclude each other');
  }
  if (skipExisting) return 'skip';
  return overwrite ? 'overwrite' : 'error';
}

/** Errors that say the numbers of rows differ. */
const MISMATCHES = new Set(['row_count_mismatch', 'verification_failed']);

/** @param {CloneSummary} summary */
function exitCode({ errors }) {
  if (errors.length === 0) return EXIT.ok;
  return errors.every((error) => MISMATCHES.has(error.code)) ? EXIT.mismatch : EXIT.someFailed;
}
