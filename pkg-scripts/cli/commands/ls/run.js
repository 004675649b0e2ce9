import { PetitError } from '../../../driver/errors.js';
import { describeSchema, findPersonalColumns, listDatabases, listTables } from '../../../node.js';
import { UNKNOWN_COLUMNS } from '../../../shared/personal.js';
import { ACCOUNT, findAccounts } from '../../config/accounts.js';
import { startLogging } from '../../config/logging.js';
import { configureFetch } from '../../config/proxy.js';
import { suggestion } from '../../config/suggestion.js';
import { EXIT } from '../../exit-codes.js';
import { retryOptions } from '../../options.js';
import { createReporter } from '../../output/reporter.js';
import { listingText } from './output.js';

/** @import { Command } from 'commander' */
/** @import { Account, CallOptions, ColumnListing, ListedTable, ListingEvent, PersonalOptions } from '../../../types.js' */
/** @import { CommandContext } from '../../program.js' */
/** @import { LsOptions } from './command.js' */

/** What to list: all databases without a `database`, all its tables without a `table`.
 * @typedef {{ database: string | undefined, table: string | undefined }} Listed */

/**
 * @param {CommandContext} context
 * @param {Command} command
 * @param {LsOptions & Listed} options
 * @returns {Promise<number>} the exit code
 */
export async function ls({ process, signal }, command, options) {
  const reporter = createReporter(process, {
    command: command.name(),
    json: options.json,
    quiet: options.quiet,
    progress: false,
    signal,
    interruptMessage: 'Stopping. Press Ctrl-C again to quit immediately.',
  });
  try {
    await startLogging(process, options, reporter);
    const { account } = await findAccounts(command, { process, signal }, { account: ACCOUNT }, reporter);
    await configureFetch(process.env, options);
    const listing = await list(account, { ...retryOptions(options), signal }, options);
    reporter.onEvent(listing);
    reporter.output(listingText(listing));
    return EXIT.ok;
  } catch (error) {
    return reporter.fail(error);
  }
}

/**
 * @param {Account} account
 * @param {CallOptions} calls
 * @param {Listed & Pick<LsOptions, 'pii' | 'piiValues'>} listed
 * @returns {Promise<ListingEvent>}
 */
async function list(account, calls, { database, table, pii, piiValues }) {
  if (pii || piiValues) return listPersonal(account, { ...calls, values: piiValues }, database, table);
  if (database === undefined) return { type: 'databases', databases: await listDatabases(account, calls) };
  const tables = await listTables(account, database, calls);
  if (table === undefined) return { type: 'tables', database, tables };
  const found = tables.find((listed) => listed.table === table);
  if (!found) throw await noTable(database, table, tables);
  return { type: 'columns', database, table, columns: await columnsOf(found) };
}

/**
 * @param {Account} account
 * @param {PersonalOptions} options
 * @param {string | undefined} database
 * @param {string | undefined} table
 * @returns {Promise<ListingEvent>}
 */
async function listPersonal(account, options, database, table) {
  if (database === undefined) {
    throw new PetitError(
      'invalid_option',
      '--pii requires the name of a database, such as petit ls --pii sales',
    );
  }
  const chosen = table === undefined ? {} : { tables: [table] };
  const report = await findPersonalColumns(account, database, { ...options, ...chosen });
  if (table !== undefined && report.unread.some(({ reason }) => reason === UNKNOWN_COLUMNS))
    throw new PetitError('not_found', `the database has no table ${JSON.stringify(table)}`, { database });
  return { type: 'personal', database, ...(table !== undefined && { table }), ...report };
}

/**
 * @param {string} database
 * @param {string} table
 * @param {ListedTable[]} tables
 */
async function noTable(database, table, tables) {
  const names = tables.map((listed) => listed.table);
  const known = names.length === 0 ? 'it has no tables' : await suggestion(table, names);
  const message = `the database has no table ${JSON.stringify(table)}; ${known}`;
  return new PetitError('not_found', message, { database });
}

/**
 * The columns of a table in the order of `SELECT *`.
 * @param {ListedTable} table
 * @returns {Promise<ColumnListing[]>}
 */
async function columnsOf({ columns }) {
  const hasTime = columns.some(({ key }) => key === 'time');
  const all = hasTime ? columns : [...columns, { key: 'time', type: 'long', alias: undefined }];
  const named = all.map(({ key, type, alias = key }) => ({ key, name: alias, tdType: type }));
  // SQL reads each of TD's types as the type of the same name, which the description of a result accepts too.
  const described = await describeSchema(JSON.stringify(named.map(({ name, tdType }) => [name, tdType])));
  return named.map((column, index) => ({ ...column, arrowType: described[index]?.arrowType ?? '' }));
}
