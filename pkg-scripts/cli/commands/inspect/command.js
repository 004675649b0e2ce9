import { Option } from 'commander';
import { GROUPS, integerAtLeast, jsonOption } from '../../options.js';

/** @import { Command } from 'commander' */
/** @import { Dialect } from '../../../core.js' */
/** @import { CommandAction, CommandContext } from '../../program.js' */

/** @typedef {{ rows?: number, ddl?: Dialect, json?: boolean, allowHttp?: boolean, caFile?: string }} InspectOptions */

const EXAMPLES = `
Examples:
  petit inspect dataset/sales_orders.parquet
  petit inspect s3://bucket/sales/sales_orders.parquet --rows 5
  petit inspect https://example.com/orders.parquet --json
  petit inspect s3://bucket/sales/sales_orders.parquet --ddl athena

petit reads the footer of the file alone, and rows only with --rows.
Exit codes: 0 shown, 1 bad arguments, or the file cannot be read, 130
interrupted.
`;

/**
 * @param {Command} command
 * @returns {CommandAction}
 */
export function defineInspect(command) {
  command
    .description('Shows the columns, row groups, sizes, encodings and origin of a Parquet file.')
    .argument('<file>', 'path, or an address with s3://, gs://, az:// or https://')
    .optionsGroup(GROUPS.work)
    .option('--rows <n>', 'also show the first rows (default: none)', integerAtLeast(0))
    .addOption(
      new Option(
        '--ddl <dialect>',
        'print only the statement that makes a table of such files: athena, snowflake or bigquery',
      ).choices(['athena', 'snowflake', 'bigquery']),
    )
    .optionsGroup(GROUPS.output)
    .addOption(jsonOption())
    .optionsGroup(GROUPS.connection)
    .option('--allow-http', 'also read over plain http, where others can read the rows')
    .option('--ca-file <file>', 'also trust the certificates in this PEM file')
    .addHelpText('before', EXAMPLES);
  return async (
    /** @type {CommandContext} */ context,
    /** @type {string} */ file,
    /** @type {InspectOptions} */ options,
  ) => {
    const { inspect } = await import('./run.js');
    return inspect(context, command, { ...options, file });
  };
}
