import { PetitError, toPetitError } from '../../../driver/errors.js';
import { checkConformance, diagnose } from '../../../node.js';
import { ACCOUNT, findAccounts } from '../../config/accounts.js';
import { startLogging } from '../../config/logging.js';
import { configureFetch } from '../../config/proxy.js';
import { EXIT, exitCodeOf } from '../../exit-codes.js';
import { retryOptions } from '../../options.js';
import { createReporter } from '../../output/reporter.js';
import { machineChecks } from './machine.js';
import { answersText, checkText, conclusion } from './output.js';
import { profileChecks } from './profiles.js';

/** @import { Command } from 'commander' */
/** @import { Check } from '../../../types.js' */
/** @import { CommandContext } from '../../program.js' */
/** @import { DoctorOptions } from './command.js' */

/**
 * @param {CommandContext} context
 * @param {Command} command
 * @param {DoctorOptions} options
 * @returns {Promise<number>} the exit code
 */
export async function doctor({ process, signal }, command, options) {
  const reporter = createReporter(process, {
    command: command.name(),
    json: options.json,
    quiet: options.quiet,
    progress: false,
    signal,
    interruptMessage: 'Stopping and killing its query… Press Ctrl-C again to quit immediately.',
    resumeHint: () =>
      options.write ? 'petit deletes the database that it creates.' : 'Nothing was written.',
  });
  /** @type {Check[]} */
  const checks = [];
  const report = (/** @type {Check} */ check) => {
    checks.push(check);
    const text = checkText(check);
    reporter.output(text, check.state === 'failed' ? text : '');
  };
  const reportOwn = (/** @type {Check} */ check) => {
    reporter.onEvent({ type: 'check', ...check });
    report(check);
  };
  try {
    await startLogging(process, options, reporter);
    if (options.write !== undefined && !options.deep)
      throw new PetitError('invalid_option', '--write needs --deep');
    machineChecks(process).forEach(reportOwn);
    (await profileChecks(process)).forEach(reportOwn);
    const account = await findAccount();
    if (account) {
      await configureFetch(process.env, options);
      const onEvent = (/** @type {import('../../../types.js').RunEvent} */ event) => {
        reporter.onEvent(event);
        if (event.type === 'check') report(event);
      };
      await diagnose({ account, ...retryOptions(options), signal, onEvent });
    }
    reporter.output(conclusion(checks), conclusion(checks).trim());
    if (account && options.deep && exitCode(checks) === EXIT.ok) await askQuestions(account);
    return exitCode(checks);
  } catch (error) {
    return reporter.fail(error);
  }

  /** @param {import('../../../types.js').Account} account */
  async function askQuestions(account) {
    const request = { account, writeTo: options.write, ...retryOptions(options), signal };
    const { answers } = await checkConformance({ ...request, onEvent: reporter.onEvent });
    reporter.output(answersText(answers));
  }

  /** The account; undefined if its key cannot be found, which is then a failed check. */
  async function findAccount() {
    try {
      return (await findAccounts(command, { process, signal }, { account: ACCOUNT }, reporter)).account;
    } catch (thrown) {
      const error = toPetitError(thrown);
      if (!(error instanceof PetitError)) throw error;
      const { code, message, hint } = error;
      reportOwn({ check: 'key', state: 'failed', message, code, hint });
      return undefined;
    }
  }
}

/** @param {Check[]} checks */
function exitCode(checks) {
  const codes = checks
    .filter(({ state }) => state === 'failed')
    .map(({ code = 'general' }) => exitCodeOf({ code }));
  return codes.length === 0 ? EXIT.ok : Math.max(...codes);
}
