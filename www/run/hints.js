/** @import { Trouble } from '../worker/messages.js' */

const AGAIN = 'Nothing was published for it. Try again.';

/** What can be done on this page about an error, where the library's own hint speaks of a command's options.
 * @type {Record<string, string>} */
const HINTS = {
  server_error: 'Treasure Data had trouble. Try again in a while.',
  too_many_requests: 'Treasure Data is limiting requests. Try again later, or with fewer tables at a time.',
  network: 'Check the endpoint and the network connection, then try again.',
  job_killed: 'Somebody or something killed the job. Try again.',
  corrupt_gzip: 'The download was damaged. Try again.',
  truncated_result: 'The download ended early. Try again.',
  malformed_msgpack: 'The job result is damaged or in another format. Try again.',
  row_count_mismatch: 'Nothing was kept. Try again.',
  result_changed: 'The job result changed during the download. Try again.',
  no_result: 'Only a SELECT has a result: change the SQL to one.',
  type_mismatch: 'The stored value does not fit the column’s type; cast the column in SQL.',
  out_of_range: 'The value does not fit the column’s type; cast the column to a wider type in SQL.',
  invalid_utf8: 'Choose to replace invalid text, or to keep it as binary.',
  bad_schema: 'Please report this schema; meanwhile cast the column to a plain type in SQL.',
  parquet: 'Please report this with the schema; meanwhile select fewer columns in SQL.',
  file_exists: 'Choose another name or folder, or allow the file to be replaced.',
  file_clash: 'Export these tables one by one.',
  insecure_endpoint: 'Use https: a key must not travel in plain.',
  missing_key: 'Paste an API key of the account.',
  bad_endpoint: 'Choose a site, or give the base URL of an API host, such as https://api.treasuredata.com.',
  invalid_option: 'Change it, then try again.',
  plan_has_errors: 'Look at the plan: leave or replace the tables that are there, or choose another name.',
  already_exists: 'Leave or replace the tables that are there, or choose another name for the copy.',
  refused: 'Choose another name for the copy, or another destination.',
  half_written: `A job of Treasure Data’s failed half-way. ${AGAIN}`,
  staging_lost: `Another run into the same database, or somebody, removed what was loaded. ${AGAIN}`,
  perform_failed: `Treasure Data could not load the rows. ${AGAIN}`,
  commit_failed: `Treasure Data could not commit the rows. ${AGAIN}`,
  verification_failed: `${AGAIN} If it happens again, please report it.`,
  interrupted: 'Finished tables stay, nothing half done does.',
  internal: 'This is a defect in petit. Please report it with this message.',
};

/**
 * What can be done about an error.
 * @param {Pick<Trouble, 'code' | 'hint'>} trouble
 */
export const hintOf = ({ code, hint }) => HINTS[code] ?? hint;
