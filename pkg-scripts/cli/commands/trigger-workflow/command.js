import { DEFAULTS } from '../../../driver/run/options.js';
import {
  addConnectionOptions,
  GROUPS,
  integerAtLeast,
  jsonOption,
  ONE_KEY,
  parseId,
  siteOption,
} from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { ConnectionOptions } from '../../options.js' */
/** @import { CommandAction, CommandContext } from '../../program.js' */

/** @typedef {ConnectionOptions & { wait?: boolean, waitInterval: number, checkAttempt?: string, json?: boolean }}
 *   TriggerWorkflowOptions `waitInterval` in seconds */

const EXAMPLES = `
Examples:
  export TD_API_KEY=…
  petit trigger-workflow 12345                    start a workflow
  petit trigger-workflow 12345 --wait             and wait until it ends
  petit trigger-workflow --check-attempt 67890    report an attempt's state
  petit trigger-workflow 12345 --endpoint api-workflow.treasuredata.co.jp

petit reads the API key from the environment variable TD_API_KEY.
Exit codes: 0 started, with --wait succeeded; 1 bad arguments, or the workflow
failed, was not found or could not be started; 2 key missing or refused; 130
interrupted, the workflow keeps running.
`;

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineTriggerWorkflow(command) {
  command
    .description('Starts a Treasure Data workflow, or reports the state of an attempt.')
    .argument('[workflow-id]', 'ID of the workflow to start', parseId)
    .optionsGroup(GROUPS.accounts)
    .option('--account <name>', 'account of petit’s configuration file')
    .option(
      '--endpoint <url>',
      'endpoint of the workflow service or of the API; a host without a scheme gets https (default: the site’s)',
    )
    .addOption(siteOption('--site <site>', 'site of the account; an endpoint takes precedence'))
    .optionsGroup(GROUPS.work)
    .option('--wait', 'wait until the workflow ends')
    .option(
      '--wait-interval <seconds>',
      'time between status checks, in seconds',
      integerAtLeast(1),
      DEFAULTS.waitIntervalMs / 1000,
    )
    .option('--check-attempt <id>', 'start nothing; report the state of this attempt', parseId)
    .addOption(jsonOption())
    .addHelpText('before', EXAMPLES);
  addConnectionOptions(command, ONE_KEY);
  return async (
    /** @type {CommandContext} */ context,
    /** @type {string | undefined} */ workflowId,
    /** @type {TriggerWorkflowOptions} */ options,
  ) => {
    const { triggerWorkflow } = await import('./run.js');
    return triggerWorkflow(context, command, { ...options, workflowId });
  };
}
