import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCodec } from './codec.js';
import { saveBody } from './save-body.js';

/**
 * Where the parts of bulk import sessions are kept.
 *
 * @typedef {import('./bulk-import.js').Session} Session
 * @typedef {import('./codec.js').ImportReport} ImportReport
 * @typedef {object} ImportStorage
 * @property {(session: Session) => Promise<void>} open
 * @property {(session: Session, request: import('./server.js').Request) => Promise<any>} save returns the part, whose body
 *   is that of the request; throws if the body was truncated
 * @property {(part: any) => Promise<void>} discard
 * @property {(session: Session, signal: AbortSignal) => Promise<ImportReport>} convert converts the parts to data files
 * @property {(session: Session) => string | null} errorRecords the file of the rejected records
 * @property {(session: Session, keepsData: boolean) => Promise<void>} close
 */

/** Keeps the parts in files.
 * @implements {ImportStorage} */
export class DiskStorage {
  #sessions = 0;
  #imports = 0;
  #parts = 0;
  /** @type {Map<Session, string>} */
  #folders = new Map();

  /**
   * @param {string} folder
   * @param {number} threads
   */
  constructor(folder, threads) {
    this.folder = folder;
    this.threads = threads;
  }

  /** @param {Session} session */
  async open(session) {
    const folder = join(this.folder, `session${this.#sessions++}`);
    this.#folders.set(session, folder);
    await mkdir(folder);
  }

  /**
   * @param {Session} session
   * @param {import('./server.js').Request} request
   * @returns {Promise<string>} a file
   */
  async save(session, request) {
    const file = join(this.#folderOf(session), `part${this.#parts++}.msgpack.gz`);
    try {
      await saveBody(request, file);
    } catch (error) {
      await this.discard(file);
      throw error;
    }
    return file;
  }

  /** @param {string} file */
  async discard(file) {
    await rm(file, { force: true });
  }

  /**
   * @param {Session} session
   * @param {AbortSignal} signal
   * @returns {Promise<ImportReport>}
   */
  convert(session, signal) {
    const task = {
      parts: [...session.parts.values()],
      output_prefix: join(this.folder, `import${this.#imports++}-`),
      errors: this.#errorsOf(session),
      threads: this.threads,
    };
    return runCodec('import', task, signal);
  }

  /** @param {Session} session */
  errorRecords(session) {
    return session.report ? this.#errorsOf(session) : null;
  }

  /**
   * @param {Session} session
   * @param {boolean} keepsData
   */
  async close(session, keepsData) {
    await rm(this.#folderOf(session), { recursive: true, force: true });
    this.#folders.delete(session);
    for (const file of keepsData ? [] : (session.report?.files ?? [])) await rm(file.path, { force: true });
  }

  /** @param {Session} session */
  #errorsOf = (session) => join(this.#folderOf(session), 'errors.msgpack.gz');

  /** @param {Session} session */
  #folderOf = (session) => this.#folders.get(session) ?? '';
}
