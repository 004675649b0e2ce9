import { count, size } from '../../../shared/format.js';
import { escapeControlChars } from '../../output/sanitize.js';
import { table } from '../../output/table.js';

/** @import { ColumnListing, DatabaseInfo, ListedTable, ListingEvent, PersonalReport } from '../../../types.js' */

/** @param {ListingEvent} listing */
export function listingText(listing) {
  switch (listing.type) {
    case 'databases':
      return databasesText(listing.databases);
    case 'tables':
      return tablesText(listing.database, listing.tables);
    case 'columns':
      return columnsText(listing.columns);
    case 'personal':
      return personalText(listing);
  }
}

/** @param {DatabaseInfo[]} databases */
function databasesText(databases) {
  if (databases.length === 0) return 'The API key can see no database.';
  const lines = databases.map(({ name, rows, permission = '', tables, bytes }) => [
    ...[name, tables === undefined ? '?' : count(tables), count(rows), size(bytes)],
    permission,
  ]);
  return table(['DATABASE', 'TABLES', 'ROWS', 'SIZE', 'PERMISSION'], lines, { right: [1, 2, 3] });
}

/** @param {string} database @param {ListedTable[]} tables */
function tablesText(database, tables) {
  if (tables.length === 0) return `The database ${escapeControlChars(database)} has no tables.`;
  const lines = tables.map(({ table: name, columns, rows, bytes, expireDays, updatedAt }) => [
    ...[name, count(columns.length + 1), count(rows), size(bytes)],
    ...[expireDays ? `${expireDays} days` : '', updatedAt ?? ''],
  ]);
  return table(['TABLE', 'COLUMNS', 'ROWS', 'SIZE', 'EXPIRES', 'CHANGED'], lines, { right: [1, 2, 3] });
}

/** @param {ColumnListing[]} columns */
function columnsText(columns) {
  const hasKeys = columns.some(({ key, name }) => key !== name);
  const rows = columns.map(({ key, name, tdType, arrowType }) => [
    ...[name, ...(hasKeys ? [key] : [])],
    ...[tdType, arrowType],
  ]);
  return table(['COLUMN', ...(hasKeys ? ['KEY'] : []), 'TD TYPE', 'PARQUET TYPE'], rows);
}

/** @param {PersonalReport} report */
function personalText({ columns, unread, queriedTables }) {
  const rows = columns.map(({ table: of, column, kind, sign, method }) => [
    ...[of, column, kind.replaceAll('_', ' ')],
    ...[sign, `${of}.${column}=${method}`],
  ]);
  const judged = queriedTables > 0 ? 'names, and shapes of values' : 'names; --pii-values also judges values';
  return [
    rows.length > 0
      ? table(['TABLE', 'COLUMN', 'LOOKS LIKE', 'BY ITS', 'MASK (for example)'], rows)
      : 'No column looks personal.',
    '',
    `Judged by ${judged}. It is a guess: petit may miss columns.`,
    ...unread.map(({ table: of, reason }) =>
      escapeControlChars(`${of} was not judged by its values: ${reason}`),
    ),
  ].join('\n');
}
