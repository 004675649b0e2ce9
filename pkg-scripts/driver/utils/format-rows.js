/**
 * A row count for messages: `1 row`, `2 rows`.
 * @param {bigint} rows
 */
export const formatRows = (rows) => `${rows} ${rows === 1n ? 'row' : 'rows'}`;
