import { literal, quote } from './engine.js';
import { printSchema, sqlName } from './schema.js';
import { readAs } from './stored.js';
import { duckTypeOf, parseTdType, widen } from './td-types.js';

/**
 * @typedef {import('./codec.js').DataFile} DataFile
 * @typedef {import('./schema.js').Column} Column
 * @typedef {object} Settings
 * @property {number | null} expireDays
 * @property {boolean} includeV
 * @property {boolean} detectSchema
 * @property {string | null} description
 */

/** A table: a schema, settings, and immutable files of records. Renaming keeps the object. */
export class Table {
  /** Incremented by each change that is visible to queries. */
  version = 0;
  /** @type {DataFile[]} */
  files = [];
  /** The counts in listings, which may lag behind the files. */
  listed = { count: 0, bytes: 0, at: /** @type {Date | null} */ (null) };
  deleteProtected = false;
  /** @type {string | undefined} the creation's idempotent_key */
  idempotentKey = undefined;
  /** @type {number | null} Unix seconds of the last change */
  lastTime = null;

  /**
   * @param {number} id
   * @param {string} name
   * @param {Column[]} columns
   * @param {Settings} settings
   * @param {import('./clock.js').Clock} clock
   */
  constructor(id, name, columns, settings, clock) {
    this.id = id;
    this.name = name;
    this.columns = columns;
    this.settings = settings;
    this.clock = clock;
    this.createdAt = clock.date();
    this.updatedAt = this.createdAt;
  }

  get count() {
    return this.files.reduce((sum, file) => sum + file.rows, 0);
  }

  get bytes() {
    return this.files.reduce((sum, file) => sum + file.bytes, 0);
  }

  /** How often the records repeat: see `copies` in recipes.js. */
  get copies() {
    const period = this.files.indexOf(/** @type {DataFile} */ (this.files[0]), 1);
    if (period < 1 || this.files.some((file, index) => file !== this.files[index % period])) return 1;
    return this.files.length % period === 0 ? this.files.length / period : 1;
  }

  touch() {
    this.version += 1;
    this.updatedAt = this.clock.date();
  }

  /**
   * @param {{ narrowTypes: boolean }} settings
   * @returns {string} SQL of the view, with the schema's columns and time
   */
  viewSql({ narrowTypes }) {
    const columns = this.columns.map((column) => {
      const type = parseTdType(column.type);
      return { key: column.key, name: sqlName(column), type: narrowTypes ? type : widen(type) };
    });
    /** @type {Map<string, DataFile[]>} files with the same columns, by these columns */
    const layouts = new Map();
    for (const file of this.files) {
      const layout = JSON.stringify(file.columns);
      layouts.set(layout, [...(layouts.get(layout) ?? []), file]);
    }
    const parts = [...layouts.values()].map((files) => selectFrom(columns, files));
    return parts.length > 0 ? parts.join(' UNION ALL ') : selectNothing(columns);
  }

  /** @param {boolean} descriptions whether to include descriptions */
  toJson(descriptions) {
    const { expireDays, includeV, description } = this.settings;
    return {
      id: this.id,
      name: this.name,
      type: 'log',
      count: this.listed.count,
      estimated_storage_size: this.listed.bytes,
      schema: printSchema(this.columns, descriptions),
      expire_days: expireDays,
      include_v: includeV,
      delete_protected: this.deleteProtected,
      created_at: utc(this.createdAt),
      updated_at: utc(this.updatedAt),
      counter_updated_at: this.listed.at?.toISOString().replace(/\.\d+Z$/, 'Z') ?? null,
      last_log_timestamp: this.lastTime === null ? null : isoSeconds(this.lastTime),
      ...(descriptions && { description }),
    };
  }
}

/**
 * A column as a view shows it.
 * @typedef {{ key: string, name: string, type: import('./td-types.js').TdType }} ViewColumn
 */

/**
 * @param {ViewColumn[]} columns
 * @param {DataFile[]} files with the same columns
 */
function selectFrom(columns, files) {
  const stored = new Map(files[0]?.columns.map((column) => [column.key, column]));
  const items = columns.map(({ key, name, type }) => {
    const found = stored.get(key);
    const value = found
      ? readAs(quote(found.column), found.stored, type)
      : `CAST(NULL AS ${duckTypeOf(type)})`;
    return `${value} AS ${quote(name)}`;
  });
  items.push(`${quote(stored.get('time')?.column ?? 'time')} AS time`);
  return `SELECT ${items.join(', ')} FROM read_parquet([${files.map((file) => literal(file.path)).join(', ')}])`;
}

/** @param {ViewColumn[]} columns */
function selectNothing(columns) {
  const items = columns.map(({ name, type }) => `CAST(NULL AS ${duckTypeOf(type)}) AS ${quote(name)}`);
  return `SELECT ${[...items, 'CAST(NULL AS BIGINT) AS time'].join(', ')} WHERE false`;
}

/** @param {Date} date formatted as `YYYY-MM-DD hh:mm:ss UTC` */
export const utc = (date) => date.toISOString().replace('T', ' ').replace(/\..*$/, ' UTC');

/** @param {number} seconds */
function isoSeconds(seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(/\.\d+Z$/, 'Z');
}
