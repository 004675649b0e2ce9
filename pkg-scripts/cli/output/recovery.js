/** How to get back a table that petit has replaced or deleted. Treasure Data documents the list of deleted tables, but not
 * whether a table that another one has replaced is in it. */
export const RECOVERY_HINT =
  'Treasure Data keeps deleted tables for 7 days: GET /v3/table/deleted lists them, POST /v3/table/recover/ID brings one ' +
  'back, if no table has its name.';
