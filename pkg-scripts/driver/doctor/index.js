import { checkAccount } from '../account.js';
import { PetitError, toPetitError } from '../errors.js';
import { fetchSmallResult } from '../result/query.js';

/** @import { Account, AccountCheck, Check, Diagnosis, DiagnosisRequest } from '../../types.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { TdClient } from '../td/client.js' */

/** Difference of the clocks from which a check warns, in milliseconds. */
const MAX_CLOCK_DIFFERENCE_MS = 60_000;

/**
 * Checks an account step by step. Writes nothing; it runs one query without a table, and reads its result.
 * @param {RunContext} run
 * @param {DiagnosisRequest} request
 * @returns {Promise<Diagnosis>}
 */
export async function diagnose(run, { account }) {
  /** @type {Check[]} */
  const checks = [];
  const report = (/** @type {Check} */ check) => {
    checks.push(check);
    run.onEvent({ type: 'check', ...check });
  };
  const found = await checkAccess(run, account, report);
  if (found) {
    const { td, access } = found;
    report(clockCheck(td));
    await checkRights(run, td, access, report);
  }
  return { checks, failed: checks.filter(({ state }) => state === 'failed').length };
}

/**
 * Checks the endpoint and the key by the first request.
 * @param {RunContext} run
 * @param {Account} account
 * @param {(check: Check) => void} report
 * @returns {Promise<{ td: TdClient, access: AccountCheck } | undefined>} undefined if the account cannot be used
 */
async function checkAccess(run, account, report) {
  try {
    const td = run.connect(account);
    const access = await checkAccount(run, account, td);
    const site = td.site === undefined ? 'no site of Treasure Data' : `site ${td.site}`;
    report({ check: 'endpoint', state: 'ok', message: `${td.endpoint} answers (${site})` });
    report(tlsCheck(td.endpoint));
    report({ check: 'key', state: 'ok', message: keyText(access) });
    return { td, access };
  } catch (thrown) {
    run.signal.throwIfAborted();
    const error = toPetitError(thrown);
    const isAnswer = error instanceof PetitError && error.status !== undefined;
    if (isAnswer) report({ check: 'endpoint', state: 'ok', message: `${error.endpoint} answers` });
    report(failedCheck(isAnswer ? 'key' : 'endpoint', error));
    return undefined;
  }
}

/** @param {string} check @param {unknown} thrown @returns {Check} */
function failedCheck(check, thrown) {
  const error = toPetitError(thrown);
  const { code, hint } = error instanceof PetitError ? error : { code: undefined, hint: undefined };
  return { check, state: 'failed', message: error.message, code, hint };
}

/** @param {string} endpoint @returns {Check} */
function tlsCheck(endpoint) {
  const isEncrypted = endpoint.startsWith('https:');
  if (isEncrypted)
    return { check: 'tls', state: 'ok', message: 'the certificate of the endpoint is trusted' };
  return {
    check: 'tls',
    state: 'warning',
    message: 'plain http: others on the network can read the API key',
  };
}

/** @param {AccountCheck} access */
function keyText({ accountId, user, databases }) {
  const owner = user?.email ?? user?.name;
  const parts = [accountId && `account ${accountId}`, owner && `user ${owner}`].filter(Boolean);
  return `${[...parts, `sees ${databases.length} database${databases.length === 1 ? '' : 's'}`].join(', ')}`;
}

/** @param {TdClient} td @returns {Check} */
function clockCheck(td) {
  const difference = td.clockDifferenceMs;
  if (difference === undefined)
    return { check: 'clock', state: 'not_checked', message: 'the endpoint does not tell its time' };
  const seconds = Math.round(Math.abs(difference) / 1000);
  const message = `${seconds} s ${difference > 0 ? 'behind' : 'ahead of'} the endpoint`;
  if (Math.abs(difference) <= MAX_CLOCK_DIFFERENCE_MS)
    return { check: 'clock', state: 'ok', message: 'agrees with the endpoint' };
  return { check: 'clock', state: 'warning', message, hint: 'Set the clock of this machine.' };
}

/**
 * Checks what the key may do: `query` and `download` by a query without a table, `import` by TD's list of permissions.
 * @param {RunContext} run
 * @param {TdClient} td
 * @param {AccountCheck} access
 * @param {(check: Check) => void} report
 */
async function checkRights(run, td, { databases, permissions }, report) {
  const readable = databases.find((database) => database.permissions.includes('read'));
  if (readable) report(await queryCheck(run, td, readable.name));
  else report({ check: 'query', state: 'not_checked', message: 'the key can query no database' });
  report(
    permissions.includes('write')
      ? {
          check: 'import',
          state: 'ok',
          message: 'listed by Treasure Data; not tried, because it would write',
        }
      : { check: 'import', state: 'not_checked', message: 'the key can be a source, not a destination' },
  );
}

/**
 * @param {RunContext} run
 * @param {TdClient} td
 * @param {string} database
 * @returns {Promise<Check>}
 */
async function queryCheck(run, td, database) {
  try {
    await fetchSmallResult(td, database, 'SELECT 1', run.calls);
    return { check: 'query', state: 'ok', message: 'a query ran, and its result was downloaded' };
  } catch (error) {
    run.signal.throwIfAborted();
    return failedCheck('query', error);
  }
}
