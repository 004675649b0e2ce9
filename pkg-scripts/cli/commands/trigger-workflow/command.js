import { DEFAULTS } from '../../../driver/run/options.js';
import { addConnectionOptions, idNumber, siteOption, wholeNumber } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { Surroundings } from '../../program.js' */

const EXAMPLES = `
Examples:
  export TD_API_KEY=…
  petit trigger-workflow 12345                    start it
  petit trigger-workflow 12345 --wait             and wait for its end
  petit trigger-workflow --check-attempt 67890    how an attempt is
  petit trigger-workflow 12345 --endpoint api-workflow.treasuredata.co.jp

The API key is read from the environment variable TD_API_KEY.
Exit codes: 0 started, or with --wait ended well; 1 the workflow failed, was not
found or could not be started; 2 no key or refused; 130 interrupted: the
workflow goes on.
`;

/**
 * @param {Command} command
 * @param {Surroundings} surroundings
 */
export function defineTriggerWorkflow(command, surroundings) {
  command
    .description('Starts a workflow of Treasure Data, or tells how an attempt of one is.')
    .argument('[workflow-id]', 'the workflow to start', idNumber)
    .option(
      '--endpoint <url>',
      'endpoint of the workflow service, or of the API (a host without scheme gets https)',
    )
    .addOption(siteOption('--site <site>', 'site of the account'))
    .option('--wait', 'wait until the workflow has ended')
    .option(
      '--wait-interval <seconds>',
      'how often to look whether it has',
      wholeNumber(1),
      DEFAULTS.waitIntervalMs / 1000,
    )
    .option('--check-attempt <id>', 'start nothing: tell how this attempt is', idNumber)
    .option('--json', 'print events instead, one JSON object a line')
    .addHelpText('before', EXAMPLES)
    .action(async (workflowId, options) => {
      const { triggerWorkflow } = await import('./run.js');
      surroundings.end(await triggerWorkflow(workflowId, options, command, surroundings));
    });
  addConnectionOptions(command, 'the key');
}
