import { toReport } from '../../../driver/clone/index.js';
import { PetitError } from '../../../driver/errors.js';
import { cloneDatabase } from '../../../node.js';
import { DESTINATION, findAccounts, SOURCE } from '../../config/accounts.js';
import { useNetwork } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { persistence } from '../../options.js';
import { createFace } from '../../output/reporter.js';
import { planText, summaryText } from './output.js';
import { Told, writeReport } from './report.js';

/** @import { Command } from 'commander' */
/** @import { Finished } from '../../output/run-outcome.js' */
/** @import { Surroundings } from '../../program.js' */
/** @import { ClonePlan, CloneSummary } from '../../../types.js' */

/**
 * @param {string} database
 * @param {Record<string, any>} options
 * @param {Command} command
 * @param {Surroundings} surroundings
 * @returns {Promise<number>} the exit code
 */
export async function cloneDb(database, options, command, { process, signal }) {
  const goOn = (/** @type {Finished} */ { sentence }) =>
    options.overwrite
      ? `${sentence} Run the same command again: it replaces every table anew.`
      : `${sentence} Run it again with --skip-existing for the rest.`;
  const told = new Told();
  let hasEnded = false;
  const face = createFace(process, { json: options.json, progress: options.progress, signal, goOn });
  try {
    const roles = { source: SOURCE, destination: DESTINATION };
    const { source, destination } = await findAccounts(command, process, roles, face.say);
    await useNetwork(process.env, options);
    const summary = await cloneDatabase({
      ...options,
      ...persistence(options),
      source,
      destination,
      database,
      newDatabase: options.newDb,
      onExisting: onExisting(options),
      signal,
      onEvent: (event) => {
        face.onEvent(event);
        told.take(event);
        if (event.type === 'plan' && options.dryRun) face.result(planText(/** @type {any} */ (event)));
      },
    });
    face.close();
    hasEnded = true;
    if (options.report) await writeReport(options.report, options.dryRun ? summary.plan : toReport(summary));
    if (options.dryRun) return summary.plan.totals.error ? EXIT.planHasErrors : EXIT.ok;
    face.result(summaryText(summary));
    return exitCode(summary);
  } catch (error) {
    const code = face.fail(error);
    if (options.report && !hasEnded)
      await writeReport(options.report, told.stoppedBy(face.failureOf(error))).catch(face.fail);
    return code;
  }
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
