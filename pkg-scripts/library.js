import { checkAccount, listTables } from './driver/account.js';
import { surveyClone } from './driver/plan-clone.js';
import { runClone } from './driver/run-clone.js';
import { planExport, runExport } from './driver/run-export.js';

/** @import { ClonePlan, CloneSurvey } from './driver/plan-clone.js' */
/** @import { CloneRequest } from './driver/run-clone.js' */
/** @import { ExportRequest } from './driver/run-export.js' */
/** @import { Account, Platform } from './driver/types.js' */

/** @typedef {{ signal?: AbortSignal, retryTimeoutMs?: number }} Options */

/**
 * petit's functions, as a platform runs them.
 * @param {Platform} platform
 */
export function makeLibrary(platform) {
  return {
    /**
     * Clones a database into another account, site or name. A table that fails does not stop the others: what failed is
     * in the summary's `errors`.
     * @param {CloneRequest} request
     */
    cloneDatabase: (request) => runClone(platform, request),

    /**
     * What a clone would do. Nothing is written anywhere.
     * @param {CloneRequest} request
     * @returns {Promise<ClonePlan>}
     */
    planClone: async (request) => (await surveyClone(platform, request)).plan(request),

    /**
     * Looks at both sides once, to plan as often as options change. Nothing is written anywhere.
     * @param {CloneRequest} request
     * @returns {Promise<Pick<CloneSurvey, 'plan'>>}
     */
    surveyClone: async (request) => {
      const { plan } = await surveyClone(platform, request);
      return { plan };
    },

    /**
     * Exports tables, a query or a finished job's result to Parquet files. A table that fails does not stop the others:
     * what failed is in the summary's `errors`.
     * @param {ExportRequest} request
     */
    exportTables: (request) => runExport(platform, request),

    /**
     * What an export would do. Nothing is written.
     * @param {ExportRequest} request
     */
    planExport: (request) => planExport(platform, request),

    /**
     * Who an API key is, which databases it opens, and what it may do there.
     * @param {Account} account
     * @param {Options} [options]
     */
    checkAccount: (account, options) => checkAccount(platform, account, options),

    /**
     * The tables of a database.
     * @param {Account} account
     * @param {string} database
     * @param {Options} [options]
     */
    listTables: (account, database, options) => listTables(platform, account, database, options),
  };
}
