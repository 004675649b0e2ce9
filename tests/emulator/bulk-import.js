import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCodec } from './codec.js';
import { ApiError, noSession, validation } from './errors.js';

/**
 * Bulk import sessions: create, upload parts, freeze, perform, commit, delete.
 *
 * TD's documentation does not cover the following. Here, a step in the wrong state is answered with 409; a part uploaded
 * again replaces the earlier one; `mode` on create has no effect; a part that is not gzip of MessagePack counts as an
 * error part and adds no rows.
 *
 * @typedef {import('./table.js').Table} Table
 * @typedef {'uploading' | 'performing' | 'ready' | 'committing' | 'committed'} Status
 * @typedef {object} Session
 * @property {string} name
 * @property {string} database
 * @property {string} tableName at the creation of the session
 * @property {Table} table
 * @property {Status} status
 * @property {boolean} frozen
 * @property {Map<string, string>} parts files by part name
 * @property {string | null} jobId
 * @property {import('./codec.js').ImportReport | null} report
 * @property {string} folder
 * @property {number} uploads number of uploads so far
 *
 * @typedef {object} ImportSettings
 * @property {number} commitDelayMs
 * @property {number} threads
 * @property {(session: Session, step: 'perform' | 'commit') => ImportFault} fault returns the fault to inject into the step
 * @typedef {{ perform?: string, commit?: string, lagMs?: number, errorRecords?: number }} ImportFault
 */

const MAX_SESSIONS = 2448;

/** The bulk import sessions of one account. */
export class BulkImports {
  /** @type {Map<string, Session>} */
  sessions = new Map();
  #count = 0;

  /**
   * @param {import('./catalog.js').Catalog} catalog
   * @param {string} folder
   * @param {ImportSettings} settings
   */
  constructor(catalog, folder, settings) {
    this.catalog = catalog;
    this.folder = folder;
    this.settings = settings;
  }

  /**
   * @param {string} name
   * @returns {Session}
   * @throws {ApiError} 404
   */
  get(name) {
    const session = this.sessions.get(name);
    if (!session) throw noSession(name);
    return session;
  }

  /**
   * @param {string} name
   * @param {string} database
   * @param {string} tableName
   */
  async create(name, database, tableName) {
    if (name.length < 3) throw validation('Name is too short (minimum is 3 characters)');
    const table = this.catalog.table(database, tableName);
    if (this.sessions.has(name)) throw new ApiError(409, `Bulk import session ${name} already exists`);
    if (this.sessions.size >= MAX_SESSIONS)
      throw validation(`Too many bulk import sessions (${MAX_SESSIONS})`);
    const folder = join(this.folder, `session${this.#count++}`);
    /** @type {Session} */
    const session = {
      name,
      database,
      tableName,
      table,
      status: 'uploading',
      frozen: false,
      parts: new Map(),
      jobId: null,
      report: null,
      folder,
      uploads: 0,
    };
    this.sessions.set(name, session);
    await mkdir(folder);
  }

  /**
   * Stores a part.
   * @param {string} name
   * @param {string} part
   * @param {(file: string) => Promise<void>} save writes the body to a file; throws if the body was truncated
   */
  async upload(name, part, save) {
    const session = this.get(name);
    this.#checkOpen(session);
    if (!isPartName(part)) throw validation(`Invalid part name: ${part}`);
    const file = join(session.folder, `part${session.uploads++}.msgpack.gz`);
    try {
      await save(file);
      this.#checkOpen(session);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    const replaced = session.parts.get(part);
    session.parts.set(part, file);
    if (replaced) await rm(replaced, { force: true });
  }

  /**
   * @param {string} name
   * @param {string} part
   */
  async deletePart(name, part) {
    const session = this.get(name);
    this.#checkOpen(session);
    const file = session.parts.get(part);
    if (!file) throw new ApiError(404, `Couldn't find part with name = ${part}`);
    session.parts.delete(part);
    await rm(file, { force: true });
  }

  /**
   * @param {string} name
   * @param {boolean} frozen
   */
  setFrozen(name, frozen) {
    const session = this.get(name);
    if (session.status !== 'uploading' && session.status !== 'ready')
      throw wrongState(session, frozen ? 'freeze' : 'unfreeze');
    if (session.frozen === frozen) throw wrongState(session, frozen ? 'freeze' : 'unfreeze');
    session.frozen = frozen;
  }

  /**
   * Moves the session to `performing`. {@link perform} does the work in a job.
   * @param {string} name
   * @returns {Session}
   */
  startPerform(name) {
    const session = this.get(name);
    this.#checkTable(session);
    // A session need not be frozen: TD's tutorial performs without it.
    if (session.status !== 'uploading' && session.status !== 'ready') throw wrongState(session, 'perform');
    session.status = 'performing';
    session.report = null;
    return session;
  }

  /**
   * Converts the parts to Parquet files, which the commit adds to the table.
   * @param {Session} session
   * @param {AbortSignal} signal
   * @returns {Promise<import('./jobs.js').Outcome>}
   */
  async perform(session, signal) {
    const fault = this.settings.fault(session, 'perform');
    if (fault.perform) throw new Error(fault.perform);
    this.#checkTable(session);
    const task = {
      parts: [...session.parts.values()],
      output_prefix: join(this.folder, `import${this.#count++}-`),
      errors: join(session.folder, 'errors.msgpack.gz'),
      threads: this.settings.threads,
    };
    /** @type {import('./codec.js').ImportReport} */
    const report = await runCodec('import', task, signal);
    if (fault.errorRecords) report.error_records += fault.errorRecords;
    session.report = report;
    const names = [...session.parts.keys()];
    const log = report.part_errors.map(([index, reason]) => `part ${names[index]}: ${reason}`).join('\n');
    return { result: null, numRecords: report.valid_records, schema: null, inserted: null, log };
  }

  /**
   * Adds the rows to the table. Returns at once; the commit continues in the background.
   * @param {string} name
   */
  commit(name) {
    const session = this.get(name);
    this.#checkTable(session);
    if (session.status !== 'ready' || !session.report) throw wrongState(session, 'commit');
    session.status = 'committing';
    const { files } = session.report;
    const { commit, lagMs = 0 } = this.settings.fault(session, 'commit');
    const add = async () => {
      await sleep(this.settings.commitDelayMs);
      if (commit) throw new Error(commit);
      if (lagMs > 0) {
        session.status = 'committed';
        await sleep(lagMs, undefined, { ref: false });
      }
      this.#checkTable(session);
      await this.catalog.append(session.table, files);
    };
    add().then(
      () => {
        session.status = 'committed';
      },
      () => {
        session.status = 'ready';
      },
    );
  }

  /** @param {string} name */
  async delete(name) {
    const session = this.get(name);
    this.sessions.delete(name);
    await rm(session.folder, { recursive: true, force: true });
    const committed = session.status === 'committed' || session.status === 'committing';
    for (const file of committed ? [] : (session.report?.files ?? [])) await rm(file.path, { force: true });
  }

  /** @param {Session} session */
  errorRecordsFile(session) {
    return session.report ? join(session.folder, 'errors.msgpack.gz') : null;
  }

  /** @param {Session} session @throws {ApiError} if it does not accept parts */
  #checkOpen(session) {
    this.#checkTable(session);
    if (session.frozen || session.status === 'performing' || session.status === 'committing') {
      throw wrongState(session, 'upload');
    }
    if (session.status === 'committed') throw wrongState(session, 'upload');
  }

  /**
   * A session is lost with its table, even if a new table has the same name.
   * @param {Session} session
   */
  #checkTable(session) {
    if (!this.catalog.contains(session.table)) {
      throw new ApiError(
        404,
        `Couldn't find UserTableReference with name = ${session.tableName} of ${session.name}`,
      );
    }
  }
}

/** Whether a part may have this name: no slash and one dot at most, as td-client-python and the toolbelt check. @param {string} name */
const isPartName = (name) => /^[^/.]*\.?[^/.]*$/.test(name) && name !== '';

/**
 * @param {Session} session
 * @param {string} step
 */
function wrongState(session, step) {
  const frozen = session.frozen ? ', frozen' : '';
  return new ApiError(
    409,
    `Cannot ${step} bulk import session ${session.name}: it is ${session.status}${frozen}`,
  );
}

/**
 * The response of bulk_import/show.
 * @param {Session} session
 */
export function showSession(session) {
  const { report } = session;
  return {
    name: session.name,
    database: session.database,
    table: session.tableName,
    status: session.status,
    upload_frozen: session.frozen,
    job_id: session.jobId,
    valid_records: report?.valid_records ?? null,
    error_records: report?.error_records ?? null,
    valid_parts: report?.valid_parts ?? null,
    error_parts: report?.error_parts ?? null,
  };
}
