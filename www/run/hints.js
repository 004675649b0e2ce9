/** @import { ErrorData } from '../../pkg-scripts/types.js' */

const RETRY = 'The table was not published. Try again.';

/** What the user of the page can do about an error, where the library's own hint refers to options of the CLI.
 * @type {Record<string, string>} */
const HINTS = {
  server_error: 'Treasure Data reported an internal error. Try again later.',
  too_many_requests:
    'Treasure Data limits the rate of requests. Try again later or with fewer parallel tables.',
  network: 'Check the endpoint and the network connection, then try again.',
  job_killed: 'The job was killed in Treasure Data. Try again.',
  corrupt_gzip: 'The download was damaged. Try again.',
  truncated_result: 'The download ended early. Try again.',
  malformed_msgpack: 'The job result is damaged or has an unknown format. Try again.',
  row_count_mismatch: 'No rows were kept. Try again.',
  result_changed: 'The job result changed during the download. Try again.',
  no_result: 'Only a SELECT has a result. Change the SQL.',
  type_mismatch: 'The stored value does not match the column’s type. Cast the column in SQL.',
  out_of_range: 'The value does not fit the column’s type. Cast the column to a wider type in SQL.',
  invalid_utf8: 'Choose to replace invalid text or to keep it as binary.',
  bad_schema: 'Please report this schema. Until it is supported, cast the column to a simple type in SQL.',
  bad_view: 'Create the view in the destination yourself.',
  parquet: 'Please report this error with the schema. Until it is fixed, select fewer columns in SQL.',
  file_exists: 'Choose another name or folder, or allow files to be overwritten.',
  file_clash: 'Export these tables one at a time.',
  insecure_endpoint: 'Use https. The API key must not be sent unencrypted.',
  missing_key: 'Paste an API key of the account.',
  bad_key: 'Paste the key alone, without quotes, spaces or line ends.',
  bad_endpoint: 'Choose a site, or enter the base URL of an API host, such as https://api.treasuredata.com.',
  invalid_option: 'Change the option, then try again.',
  plan_has_errors:
    'Check the plan: skip or overwrite the existing tables, or choose another name for the copy.',
  already_exists: 'Skip or overwrite the existing tables, or choose another name for the copy.',
  not_allowed: 'Choose another name for the copy, or another destination.',
  partial_write: `A Treasure Data job failed after writing part of the rows. ${RETRY}`,
  staging_lost: `Another run or user deleted the staging table. ${RETRY}`,
  perform_failed: `Treasure Data could not process the uploaded rows. ${RETRY}`,
  commit_failed: `Treasure Data could not commit the rows. ${RETRY}`,
  verification_failed: `${RETRY} If the error persists, please report it.`,
  untrusted_certificate: 'Check the endpoint and the clock of this computer.',
  key_in_name: 'Give the column another name in SQL: petit writes no part of an API key into a file.',
  key_in_job: 'Choose a copy through this page instead.',
  path_conflict: 'Choose another folder. petit replaces no folder, and no file that it did not write.',
  too_many_files: 'Lower the number of parallel tables or downloads.',
  out_of_memory: 'Lower the number of encoding threads, parallel tables or downloads.',
  schema_drift: 'Give both tables the same columns, or overwrite the table.',
  update_conflict: 'Start the update again: it compares both sides again.',
  store_error: 'The store reported an error. Try again.',
  publish_unknown: 'Compare the table with its source before you copy it again.',
  interrupted: 'Finished tables are kept. Unfinished ones are removed.',
  internal: 'This is a bug in petit. Please report it with this message.',
};

/**
 * What the user can do about an error.
 * @param {Pick<ErrorData, 'code' | 'hint'>} error
 */
export const hintOf = ({ code, hint }) => HINTS[code] ?? hint;
