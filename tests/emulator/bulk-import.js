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
 * @property {Map<string, any>} parts as the storage keeps them, by part name
 * @property {string | null} jobId
 * @property {import('./codec.js').ImportReport | null} report
 *
 * @typedef {object} ImportSettings
 * @property {number} commitDelayMs
 * @property {import('./clock.js').Clock} clock
 * @property {(session: Session, step: 'perform' | 'commit') => ImportFault} fault returns the fault to inject into the step
 * @typedef {{ perform?: string, commit?: string, lagMs?: number, errorRecords?: number }} ImportFault
 */

const MAX_SESSIONS = 2448;

/** The bulk import sessions of one account. */
export class BulkImports {
  /** @type {Map<string, Session>} */
  sessions = new Map();

  /**
   * @param {import('./catalog.js').Catalog} catalog
   * @param {import('./import-storage.js').ImportStorage} storage
   * @param {ImportSettings} settings
   */
  constructor(catalog, storage, settings) {
    this.catalog = catalog;
    this.storage = storage;
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
    };
    this.sessions.set(name, session);
    await this.storage.open(session);
  }

  /**
   * Stores a part.
   * @param {string} name
   * @param {string} part
   * @param {import('./server.js').Request} request
   */
  async upload(name, part, request) {
    const session = this.get(name);
    this.#checkOpen(session);
    if (!isPartName(part)) throw validation(`Invalid part name: ${part}`);
    const saved = await this.storage.save(session, request);
    try {
      this.#checkOpen(session);
    } catch (error) {
      await this.storage.discard(saved);
      throw error;
    }
    const replaced = session.parts.get(part);
    session.parts.set(part, saved);
    if (replaced) await this.storage.discard(replaced);
  }

  /**
   * @param {string} name
   * @param {string} part
   */
  async deletePart(name, part) {
    const session = this.get(name);
    this.#checkOpen(session);
    const saved = session.parts.get(part);
    if (!saved) throw new ApiError(404, `Couldn't find part with name = ${part}`);
    session.parts.delete(part);
    await this.storage.discard(saved);
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
    const report = await this.storage.convert(session, signal);
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
      await this.settings.clock.sleep(this.settings.commitDelayMs);
      if (commit) throw new Error(commit);
      if (lagMs > 0) {
        session.status = 'committed';
        await this.settings.clock.sleep(lagMs);
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
    const committed = session.status === 'committed' || session.status === 'committing';
    await this.storage.close(session, committed);
  }

  /** @param {Session} session */
  errorRecordsFile(session) {
    return this.storage.errorRecords(session);
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
