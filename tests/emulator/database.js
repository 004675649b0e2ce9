import { noTable } from './errors.js';
import { utc } from './table.js';

/**
 * @typedef {import('./table.js').Table} Table
 *
 * A logical view: its query as TD shows it.
 * @typedef {{ id: number, name: string, text: string, createdAt: Date }} View
 */

/** A database of an account. */
export class Database {
  /** @type {Map<string, Table>} */
  tables = new Map();
  /** @type {Map<string, View>} logical views */
  views = new Map();

  /**
   * @param {number} id
   * @param {string} name
   * @param {import('./clock.js').Clock} clock
   */
  constructor(id, name, clock) {
    this.id = id;
    this.name = name;
    this.createdAt = clock.date();
    this.updatedAt = this.createdAt;
  }

  /**
   * @param {string} name
   * @returns {Table}
   * @throws {ApiError} 404
   */
  table(name) {
    const table = this.tables.get(name);
    if (!table) throw noTable(name);
    return table;
  }

  /** @param {string | null} permission of the caller's key */
  toJson(permission) {
    const tables = [...this.tables.values()];
    const updated = Math.max(...[this, ...tables].map((item) => item.updatedAt.getTime()));
    return {
      name: this.name,
      count: tables.reduce((sum, table) => sum + table.listed.count, 0),
      created_at: utc(this.createdAt),
      updated_at: utc(new Date(updated)),
      organization: null,
      permission,
      delete_protected: false,
    };
  }
}
