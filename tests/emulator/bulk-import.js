import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCodec } from './codec.js';
import { ApiError, noSession, validation } from './errors.js';

/**
 * Bulk import sessions: create, upload parts, freeze, perform, commit, delete.
 *
 * Picked where TD's documentation leaves a gap: a step at the wrong time is 409; a part sent again replaces the earlier
 * one; `mode` on create does nothing; a part that is no gzip or no MessagePack is an error part and gives no rows.
 *
 * @typedef {import('./table.js').Table} Table
 * @typedef {'uploading' | 'performing' | 'ready' | 'committing' | 'committed'} Status
 * @typedef {object} Session
 * @property {string} name
 * @property {string} database
 * @property {string} tableName as it was called at the creation
 * @property {Table} table
 * @property {Status} status
 * @property {boolean} frozen
 * @property {Map<string, string>} parts their files by name
 * @property {string | null} jobId
 * @property {import('./codec.js').ImportReport | null} report
 * @property {string} folder
 * @property {number} uploads so far
 *
 * @typedef {object} ImportSettings
 * @property {number} commitDelayMs
 * @property {number} threads
 * @property {(session: Session, step: 'perform' | 'commit') => ImportFault} fault asked at each step
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
   * Takes a part in.
   * @param {string} name
   * @param {string} part
   * @param {(file: string) => Promise<void>} save writes the body to a file; throws when it was cut
   */
  async upload(name, part, save) {
    const session = this.get(name);
    this.#checkOpen(session);
    if (part.includes('/') || part === '') throw validation(`Invalid part name: ${part}`);
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
   * Begins to read the parts; {@link read} is the work of its job.
   * @param {string} name
   * @returns {Session}
   */
  beginPerform(name) {
    const session = this.get(name);
    this.#checkTable(session);
    if (!session.frozen || (session.status !== 'uploading' && session.status !== 'ready')) {
      throw wrongState(session, 'perform');
    }
    session.status = 'performing';
    session.report = null;
    return session;
  }

  /**
   * Reads the parts into Parquet files that the commit adds to the table.
   * @param {Session} session
   * @param {AbortSignal} signal
   * @returns {Promise<import('./jobs.js').Outcome>}
   */
  async read(session, signal) {
    const fault = this.settings.fault(session, 'perform');
    if (fault.perform) throw new Error(fault.perform);
    this.#checkTable(session);
    const order = {
      parts: [...session.parts.values()],
      output_prefix: join(this.folder, `import${this.#count++}-`),
      errors: join(session.folder, 'errors.msgpack.gz'),
      threads: this.settings.threads,
    };
    /** @type {import('./codec.js').ImportReport} */
    const report = await runCodec('import', order, signal);
    if (fault.errorRecords) report.error_records += fault.errorRecords;
    session.report = report;
    const names = [...session.parts.keys()];
    const log = report.part_errors.map(([place, reason]) => `part ${names[place]}: ${reason}`).join('\n');
    return { result: null, numRecords: report.valid_records, schema: null, inserted: null, log };
  }

  /**
   * Adds what was read to the table. It runs on after this returns.
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

  /** @param {Session} session that takes parts */
  #checkOpen(session) {
    this.#checkTable(session);
    if (session.frozen || session.status === 'performing' || session.status === 'committing') {
      throw wrongState(session, 'upload');
    }
    if (session.status === 'committed') throw wrongState(session, 'upload');
  }

  /**
   * A session dies with its table, also when a table of that name is made anew.
   * @param {Session} session
   */
  #checkTable(session) {
    if (!this.catalog.holds(session.table)) {
      throw new ApiError(
        404,
        `Couldn't find UserTableReference with name = ${session.tableName} of ${session.name}`,
      );
    }
  }
}

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
 * What bulk_import/show tells.
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
