import { errorCode, PetitError } from '../../../driver/errors.js';
import { checkAttempt, triggerWorkflow as startWorkflow } from '../../../node.js';
import { ACCOUNT, findAccounts } from '../../config/accounts.js';
import { startLogging } from '../../config/logging.js';
import { configureFetch } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { retryOptions } from '../../options.js';
import { createReporter } from '../../output/reporter.js';
import { escapeControlChars } from '../../output/sanitize.js';
import { attemptText, startedText, stateText } from './output.js';

/** @import { Command } from 'commander' */
/** @import { Attempt, AttemptRequest, OnEvent, RunEvent, WorkflowRequest } from '../../../types.js' */
/** @import { Reporter } from '../../output/reporter.js' */
/** @import { CommandContext } from '../../program.js' */
/** @import { TriggerWorkflowOptions } from './command.js' */

/**
 * @param {CommandContext} context
 * @param {Command} command
 * @param {TriggerWorkflowOptions & { workflowId: string | undefined }} options
 * @returns {Promise<number>} the exit code
 */
export async function triggerWorkflow({ process, signal }, command, options) {
  /** @type {string | undefined} */
  let attemptId;
  const reporter = createReporter(process, {
    command: command.name(),
    json: options.json,
    quiet: options.quiet,
    progress: false,
    signal,
    interruptMessage: 'Stopping.',
    resumeHint: () => resumeText(options, attemptId),
  });
  try {
    await startLogging(process, options, reporter);
    const { account } = await findAccounts(command, { process, signal }, { account: ACCOUNT }, reporter);
    await configureFetch(process.env, options);
    const request = {
      ...{ account, signal, ...retryOptions(options) },
      onEvent: (/** @type {RunEvent} */ event) => {
        if (event.type === 'workflow_attempt') attemptId = event.attemptId;
        reporter.onEvent(event);
      },
    };
    const { workflowId, checkAttempt: attempt, wait = false, waitInterval } = options;
    if (attempt !== undefined) return await check({ ...request, attemptId: attempt }, reporter);
    if (workflowId === undefined) {
      throw new PetitError('invalid_option', 'a workflow ID is required, unless --check-attempt is given');
    }
    return await start({ ...request, workflowId, wait, waitIntervalMs: waitInterval * 1000 }, reporter);
  } catch (error) {
    return failed(error, reporter);
  }
}

/**
 * @param {Pick<TriggerWorkflowOptions, 'checkAttempt'>} options
 * @param {string | undefined} attemptId of the attempt that the run started
 */
function resumeText({ checkAttempt }, attemptId) {
  if (checkAttempt !== undefined) return 'Nothing was started. Run the same command again.';
  return attemptId === undefined
    ? 'The workflow may have started. Check the console before you start it again.'
    : 'The workflow keeps running. To report its state, run: ' +
        `petit trigger-workflow --check-attempt ${escapeControlChars(attemptId)}`;
}

/**
 * @param {AttemptRequest} request
 * @param {Reporter} reporter
 */
async function check(request, reporter) {
  const attempt = await checkAttempt(request);
  reporter.output(attemptText(attempt));
  return exitCode(attempt, reporter);
}

/**
 * @param {WorkflowRequest & { onEvent: OnEvent }} request
 * @param {Reporter} reporter
 */
async function start(request, reporter) {
  let isStarted = false;
  reporter.output(`Triggering workflow ${request.workflowId}...`, '');
  const attempt = await startWorkflow({
    ...request,
    onWait: (text) => reporter.log(`⚠ ${escapeControlChars(text)}`),
    onEvent: (event) => {
      request.onEvent(event);
      if (isStarted || event.type !== 'workflow_attempt') return;
      isStarted = true;
      reporter.output(startedText(event));
      if (request.wait && !event.done)
        reporter.log('Waiting until it ends. Ctrl-C stops the waiting; the workflow keeps running.');
    },
  });
  if (!request.wait) return EXIT.ok;
  if (attempt.success) reporter.output('✓ Workflow completed successfully');
  reporter.output(stateText(attempt));
  return exitCode(attempt, reporter);
}

/**
 * @param {Attempt} attempt
 * @param {Reporter} reporter
 */
function exitCode({ done, success }, reporter) {
  if (!done || success) return EXIT.ok;
  reporter.log('✗ Workflow failed');
  return EXIT.general;
}

/**
 * As in petit-cli, exit code 2 means a missing or refused key. A workflow or an attempt that is not found is a general
 * error.
 * @param {unknown} error
 * @param {Reporter} reporter
 */
function failed(error, reporter) {
  const code = reporter.fail(error);
  return errorCode(error) === 'not_found' ? EXIT.general : code;
}
