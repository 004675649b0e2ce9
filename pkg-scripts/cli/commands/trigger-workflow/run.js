import { PetitError } from '../../../driver/errors.js';
import { checkAttempt, triggerWorkflow as trigger } from '../../../node.js';
import { ACCOUNT, findAccounts } from '../../config/accounts.js';
import { useNetwork } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { persistence } from '../../options.js';
import { createFace } from '../../output/reporter.js';
import { printable } from '../../output/table.js';

/** @import { Command } from 'commander' */
/** @import { Attempt, RunEvent as Event } from '../../../types.js' */
/** @import { Face } from '../../output/reporter.js' */
/** @import { Surroundings } from '../../program.js' */

/**
 * @param {string | undefined} workflowId
 * @param {Record<string, any>} options
 * @param {Command} command
 * @param {Surroundings} surroundings
 * @returns {Promise<number>} the exit code
 */
export async function triggerWorkflow(workflowId, options, command, { process, signal }) {
  /** @type {string | undefined} */
  let attemptId;
  const goOn = () => {
    if (options.checkAttempt !== undefined) return 'Nothing was started. Run the same command again.';
    return attemptId === undefined
      ? 'It may have been started: look into the console before you start it again.'
      : `The workflow goes on; petit trigger-workflow --check-attempt ${printable(attemptId)} tells how it is.`;
  };
  const face = createFace(process, {
    json: options.json,
    progress: false,
    signal,
    stopping: 'Stopping.',
    goOn,
  });
  try {
    const { account } = await findAccounts(command, process, { account: ACCOUNT }, face.say);
    await useNetwork(process.env, options);
    const request = {
      ...{ account, signal, ...persistence(options) },
      onEvent: (/** @type {Event} */ event) => {
        if (event.type === 'attempt') attemptId = event.attemptId;
        face.onEvent(event);
      },
    };
    if (options.checkAttempt !== undefined) {
      const attempt = await checkAttempt({ ...request, attemptId: options.checkAttempt });
      face.result(['✓ Attempt found', ...stateLines(attempt), ...consoleLine(attempt)].join('\n'));
      return exitCode(attempt, face);
    }
    if (workflowId === undefined) {
      throw new PetitError(
        'invalid_option',
        'a workflow id is needed, unless --check-attempt names an attempt',
      );
    }
    return await start(workflowId, { ...request, ...options }, face);
  } catch (error) {
    return failed(error, face);
  }
}

/**
 * @param {string} workflowId
 * @param {any} request
 * @param {Face} face
 */
async function start(workflowId, request, face) {
  let isStarted = false;
  face.result(`Triggering workflow ${workflowId}...`);
  const attempt = await trigger({
    ...{ ...request, workflowId, waitIntervalMs: request.waitInterval * 1000 },
    onWait: (text) => face.say(`⚠ ${printable(text)}`),
    onEvent: (event) => {
      request.onEvent(event);
      if (isStarted || event.type !== 'attempt') return;
      isStarted = true;
      face.result(startedText(event));
      if (request.wait && !event.done)
        face.say('Waiting for its end. Ctrl-C stops the waiting; the workflow goes on.');
    },
  });
  if (!request.wait) return EXIT.ok;
  if (attempt.success) face.result('✓ Workflow completed successfully');
  face.result(stateLines(attempt).join('\n'));
  return exitCode(attempt, face);
}

/** @param {Attempt} attempt */
function startedText(attempt) {
  return [
    '✓ Workflow triggered successfully',
    `  Workflow ID: ${printable(attempt.workflowId)}`,
    `  Session ID: ${printable(attempt.sessionId)}`,
    `  Attempt ID: ${printable(attempt.attemptId)}`,
    ...consoleLine(attempt),
  ].join('\n');
}

/** @param {Attempt} attempt */
function stateLines({ attemptId, status, done, success, finishedAt }) {
  return [
    `  Attempt ID: ${printable(attemptId)}`,
    `  Status: ${printable(status)}`,
    `  Done: ${done}`,
    ...(done ? [`  Success: ${success}`] : []),
    ...(finishedAt ? [`  Finished at: ${printable(finishedAt)}`] : []),
  ];
}

/** @param {Attempt} attempt */
const consoleLine = ({ consoleUrl }) => (consoleUrl ? [`  Console URL: ${printable(consoleUrl)}`] : []);

/**
 * @param {Attempt} attempt
 * @param {Face} face
 */
function exitCode({ done, success }, face) {
  if (!done || success) return EXIT.ok;
  face.say('✗ Workflow failed');
  return EXIT.general;
}

/**
 * A workflow or an attempt that is not there is a failure like others here: 2 says that the key is missing or refused.
 * @param {unknown} error
 * @param {Face} face
 */
function failed(error, face) {
  const code = face.fail(error);
  return /** @type {any} */ (error).code === 'not_found' ? EXIT.general : code;
}
