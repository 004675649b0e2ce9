import { InvalidArgumentError, Option } from 'commander';
import { DEFAULTS, SHOWN_DEFAULTS } from '../driver/run/options.js';
import { SITES } from '../shared/sites.js';

/** @import { Command } from 'commander' */
/** @import { MaskOptions } from '../types.js' */

/** The groups of options in the help. */
export const GROUPS = Object.freeze({
  rows: 'Tables and rows:',
  accounts: 'Accounts:',
  work: 'What is done:',
  files: 'Files:',
  speed: 'Speed and memory:',
  output: 'Output:',
  connection: 'Connection:',
});

/**
 * An option that names a site. It rejects unknown names, because the core takes any other text for a host name and would
 * send the API key there.
 * @param {string} flags
 * @param {string} description
 */
export const siteOption = (flags, description) =>
  new Option(flags, description).choices(SITES.flatMap(({ names }) => names)).default(DEFAULTS.site);

/**
 * Adds the options of a command with one account.
 * @param {Command} command
 */
export function addAccountOptions(command) {
  return command
    .optionsGroup(GROUPS.accounts)
    .option('--account <name>', 'account of petit’s configuration file')
    .option('--endpoint <url>', 'API endpoint; a host without a scheme gets https (default: the site’s)')
    .addOption(siteOption('--site <site>', 'site of the account; an endpoint takes precedence'));
}

/**
 * Adds the options of a command with a source and a destination.
 * @param {Command} command
 */
export function addSourceAndDestinationOptions(command) {
  return command
    .optionsGroup(GROUPS.accounts)
    .option('--from <name>', 'account of petit’s configuration file, as the source')
    .option('--to <name>', 'account of petit’s configuration file, as the destination')
    .option(
      '--se, --source-endpoint <url>',
      'API endpoint of the source; a host without a scheme gets https (default: the site’s)',
    )
    .addOption(siteOption('--source-site <site>', 'site of the source; an endpoint takes precedence'))
    .option(
      '--de, --dest-endpoint <url>',
      'API endpoint of the destination; a host without a scheme gets https (default: the site’s)',
    )
    .addOption(siteOption('--dest-site <site>', 'site of the destination; an endpoint takes precedence'));
}

/**
 * The values of the options that {@link addConnectionOptions} adds.
 * @typedef {LogOptions & { retryTimeout: number, idleTimeout: number, allowHttp?: boolean, apiKeyStdin?: boolean,
 *   caFile?: string }} ConnectionOptions the timeouts in seconds
 */

/** The values of the options that {@link addLogOptions} adds.
 * @typedef {{ quiet?: boolean, verbose?: boolean, logFile?: string }} LogOptions */

/**
 * Adds the options for how much a command reports.
 * @param {Command} command
 */
const addLogOptions = (command) =>
  command
    .optionsGroup(GROUPS.output)
    .option('--quiet', 'print only errors and the line of the result')
    .option(
      '--verbose',
      'also print requests, waits and decisions on stderr; no keys, no rows (also with LOG_LEVEL=DEBUG)',
    )
    .option('--log-file <file>', 'append the same details to this file, as JSON lines');

/**
 * Adds the options of every command that calls Treasure Data.
 * @param {Command} command
 * @param {string} keys what `--api-key-stdin` reads
 */
export function addConnectionOptions(command, keys) {
  return addLogOptions(command)
    .optionsGroup(GROUPS.connection)
    .option(
      '--retry-timeout <seconds>',
      'how long to keep retrying a failing request, in seconds (at most 10 s until the endpoint has answered once)',
      integerAtLeast(0),
      DEFAULTS.retryTimeoutMs / 1000,
    )
    .option(
      '--idle-timeout <seconds>',
      'maximum time without any data from the server, in seconds; then petit closes the connection and retries',
      integerAtLeast(1),
      DEFAULTS.idleTimeoutMs / 1000,
    )
    .option('--allow-http', 'also send API keys over plain http, where others can read them')
    .option('--api-key-stdin', `read ${keys} from standard input`)
    .option('--ca-file <file>', 'also trust the certificates in this PEM file');
}

/**
 * Adds the options of a command that downloads and encodes rows.
 * @param {Command} command
 */
export function addEncoderOptions(command) {
  return command
    .optionsGroup(GROUPS.speed)
    .option(
      '--chunk-size <rows>',
      'maximum number of rows decoded at a time',
      integerAtLeast(1),
      DEFAULTS.chunkSize,
    )
    .option(
      '--workers <n>',
      'number of encoder threads for all tables together; 0 encodes in the main thread ' +
        `(default: ${SHOWN_DEFAULTS.workers})`,
      integerAtLeast(0),
    );
}

/**
 * Adds the option that limits how many tables a command works on at a time.
 * @param {Command} command
 * @param {string} done what happens to the tables, such as `copied`
 */
export const addTableParallelismOption = (command, done) =>
  command
    .optionsGroup(GROUPS.speed)
    .option(
      '--table-parallelism <n>',
      `number of tables ${done} in parallel`,
      integerAtLeast(1),
      DEFAULTS.tableParallelism,
    );

/**
 * Adds the options for what a run prints.
 * @param {Command} command
 */
export function addOutputOptions(command) {
  return command
    .optionsGroup(GROUPS.output)
    .option('--timings', 'print the time of each stage at the end')
    .addOption(new Option('--profile', 'former name of --timings').hideHelp())
    .option('--progress', 'show progress on stderr (default: if stderr is a terminal)')
    .option('--no-progress', 'show no progress')
    .addOption(jsonOption());
}

/**
 * Adds the options of a dry run.
 * @param {Command} command
 * @param {string} description of `--dry-run`
 */
export const addDryRunOptions = (command, description) =>
  command
    .optionsGroup(GROUPS.output)
    .option('--dry-run', description)
    .option('--all', 'show all tables of the plan (default on a terminal: the 20 largest)');

/** The option for events instead of text. */
export const jsonOption = () =>
  new Option('--json', 'write events to stdout instead of text, one JSON object per line');

/** The option of commands whose messages may be about rows.
 * @param {Command} command */
export const addShowValuesOption = (command) =>
  command
    .optionsGroup(GROUPS.output)
    .option('--show-values', 'show row values in error messages (default: table, column, row and type)');

/** What `--api-key-stdin` reads, for {@link addConnectionOptions}. */
export const ONE_KEY = 'the API key';
/** The same for a command with a source and a destination. */
export const TWO_KEYS = 'two lines, the API key of the source and the API key of the destination,';

/**
 * The retry options as the library takes them.
 * @param {ConnectionOptions} options
 */
export const retryOptions = ({ retryTimeout, idleTimeout }) => ({
  retryTimeoutMs: retryTimeout * 1000,
  idleTimeoutMs: idleTimeout * 1000,
});

/**
 * Adds the arguments and the option that choose tables.
 * @param {Command} command
 * @param {string} verb what is done with them
 */
export const addTableChoice = (command, verb) =>
  command
    .argument('[table...]', `names or globs of the tables to ${verb}; quote a glob (default: all tables)`)
    .optionsGroup(GROUPS.rows)
    .option(
      '--exclude <glob>',
      `names or globs of tables not to ${verb}; repeatable, or separated by commas`,
      collectNames,
    );

/**
 * Adds the options of a time range.
 * @param {Command} command
 */
export const addTimeRange = (command) =>
  command
    .optionsGroup(GROUPS.rows)
    .option(
      '--start-time <time>',
      'start of the time range (inclusive): a date (midnight) or an ISO 8601 time with a time zone',
    )
    .option('--end-time <time>', 'end of the time range (exclusive), same format')
    .option(
      '--since <period>',
      'start of the time range: so many hours, days or weeks ago, such as 36h, 7d or 2w',
    )
    .option(
      '--timezone <zone>',
      'IANA time zone of dates, of times without a zone, and of the days of --since (default: UTC)',
    );

/**
 * Parses names or globs, and adds them to those before. TD allows no comma in a name.
 * @param {string} text
 * @param {string[]} [previous]
 */
function collectNames(text, previous = []) {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return [...previous, ...names];
  throw new InvalidArgumentError('Expected names or globs of tables, such as web_*.');
}

/** The values of the options that {@link addMaskOptions} adds.
 * @typedef {Pick<MaskOptions, 'mask'> & { maskFile?: string }} MaskFlags */

/**
 * Adds the options of masking.
 * @param {Command} command
 */
export const addMaskOptions = (command) =>
  command
    .option(
      '--mask <rule>',
      'mask a column, such as email=hash or users.*phone*=partial; repeatable, or separated by commas; ' +
        'PETIT_MASK_KEY has the secret',
      collectRules,
    )
    .option('--mask-file <file>', 'rules of masking, as TOML');

/** The option of commands that write masked rows.
 * @param {Command} command */
export const addMaskStrictOption = (command) =>
  command.option(
    '--mask-strict',
    'do not start if a column looks personal, by its name or by some of its values, and has no rule; one job for each table',
  );

/** The values of the options that {@link addSampleOptions} adds.
 * @typedef {{ sample?: string, by?: string[], sampleOthers?: 'error' | 'skip' | 'full' }} SampleFlags */

/**
 * Adds the options of a sample.
 * @param {Command} command
 */
export const addSampleOptions = (command) =>
  command
    .option(
      '--sample <share>',
      'only a share of the rows, such as 1%; the same keys in every table and every run (default: all rows)',
    )
    .option(
      '--by <column>',
      'key of the sample, such as user_id or orders.customer_id; repeatable, or separated by commas (default: all ' +
        'columns of a row)',
      collectKeys,
    )
    .addOption(
      new Option(
        '--sample-others <how>',
        'tables without a key of the sample: error, skip or full (default: error)',
      ).choices(['error', 'skip', 'full']),
    );

/**
 * Parses names of columns, and adds them to those before.
 * @param {string} text
 * @param {string[]} [previous]
 */
export function collectColumns(text, previous = []) {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return [...previous, ...names];
  throw new InvalidArgumentError('Expected names of columns, such as id,price.');
}

/**
 * Parses keys of a sample, and adds them to those before.
 * @param {string} text
 * @param {string[]} [previous]
 */
function collectKeys(text, previous = []) {
  const keys = text.split(',').map((key) => key.trim());
  if (keys.every((key) => key !== '')) return [...previous, ...keys];
  throw new InvalidArgumentError('Expected columns, such as user_id or orders.customer_id.');
}

/**
 * The sample as the library takes it.
 * @param {SampleFlags} options
 */
export const sampleOptions = ({ sample, by, sampleOthers }) => ({ sample, sampleBy: by, sampleOthers });

/**
 * Parses rules of masking, and adds them to those before. The core checks them.
 * @param {string} text
 * @param {string[]} [previous]
 */
function collectRules(text, previous = []) {
  const rules = text.split(',').map((rule) => rule.trim());
  if (rules.every((rule) => rule !== '')) return [...previous, ...rules];
  throw new InvalidArgumentError('Expected rules such as email=hash.');
}

/**
 * The chosen tables as the library takes them.
 * @param {{ tables: string[], exclude?: string[] | undefined }} options
 */
export const tableChoice = ({ tables, exclude }) => ({
  tables: tables.length > 0 ? tables : undefined,
  exclude,
});

/**
 * Parses an ID of Treasure Data. The value stays text: it can exceed 2^53.
 * @param {string} text
 */
export function parseId(text) {
  if (/^\d{1,19}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected an ID: 1 to 19 digits.');
}

/**
 * A parser of integers.
 * @param {number} min
 */
export const integerAtLeast = (min) => (/** @type {string} */ text) => {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= min) return number;
  throw new InvalidArgumentError(`Expected an integer ≥ ${min}.`);
};

/**
 * Parses a TCP port; 0 means any free port.
 * @param {string} text
 */
export function parsePort(text) {
  const port = integerAtLeast(0)(text);
  if (port < 2 ** 16) return port;
  throw new InvalidArgumentError('Expected a port ≤ 65535.');
}

/**
 * Parses a shard such as `2/5`. The core checks that the index is not above the count.
 * @param {string} text
 */
export function parseShard(text) {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (index && count) return { index: Number(index), count: Number(count) };
  throw new InvalidArgumentError('Expected i/n, such as 2/5.');
}

/** @type {Record<string, number>} */
const BYTES_PER_UNIT = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/**
 * Parses a number of bytes: `16777216`, `16384k`, `16MiB`.
 * @param {string} text
 */
export function parseByteSize(text) {
  const [, digits = '', unit = ''] = /^(\d+) ?([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (BYTES_PER_UNIT[unit.toLowerCase()] ?? Number.NaN);
  if (digits !== '' && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidArgumentError('Expected a number of bytes, such as 16777216 or 16MiB.');
}
