import { isAllowed } from './accounts.js';
import { copyTo, prepare } from './prepare.js';
import { writeOutput } from './result-output.js';
import { parseStatements } from './sql/statements.js';
import { join } from './sql/tokens.js';
import { toTrinoError } from './sql-errors.js';
import { sqlTypeName, toWire } from './sql-types.js';
import { TableWriter } from './table-writer.js';

/**
 * Runs a query job: one or more statements of Presto (Trino) or Hive SQL.
 *
 * @typedef {import('./jobs.js').Outcome} Outcome
 * @typedef {import('./engine.js').Connection} Connection
 * @typedef {import('./sql/statements.js').Statement} Statement
 * @typedef {import('./sql/tokens.js').Token} Token
 * @typedef {{ type: string, database: string, query: string, id: string, scheduledTime: number, lagMs: number }} QueryJob
 */

/** The result of a query with one of these words is not cached, because it can differ each time. */
const VOLATILE =
  /\b(now|random|rand|uuid|current_\w+|localtime\w*|td_scheduled_time|td_interval|information_schema)\b/i;

export class QueryRun {
  /**
   * @param {import('./accounts.js').Account} account
   * @param {import('./accounts.js').Key} key whose permissions the job has
   * @param {QueryJob} job
   * @param {import('./result-output.js').Output} [output] target of the rows, instead of a stored result
   */
  constructor(account, key, job, output) {
    this.account = account;
    this.key = key;
    this.job = job;
    this.output = output;
    /** @type {import('./prepare.js').Context} */
    this.context = { dialect: job.type === 'hive' ? 'hive' : 'presto', scheduledTime: job.scheduledTime };
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<Outcome>} of the last statement
   */
  async run(signal) {
    const connection = await this.account.engine.connect(this.job.database);
    /** @type {NodeJS.Timeout | undefined} */
    let interruptTimer;
    // Repeatedly, because DuckDB ignores an interrupt that arrives before a statement runs.
    const interrupt = () => {
      connection.interrupt();
      interruptTimer = setTimeout(interrupt, 20);
    };
    signal.addEventListener('abort', interrupt);
    try {
      signal.throwIfAborted();
      /** @type {Outcome} */
      let outcome = { result: null, numRecords: null, schema: null, inserted: null };
      const writer = new TableWriter(
        this.account,
        connection,
        this.context,
        `job${this.job.id}`,
        this.job.lagMs,
      );
      for (const statement of parseStatements(this.job.query, this.context.dialect)) {
        // One snapshot per statement: a table may be replaced between reading its columns and reading its rows.
        await connection.run('BEGIN');
        if (statement.kind !== 'select') outcome = await this.#write(writer, statement);
        else if (this.output) outcome = await this.#output(connection, statement.query, writer);
        else outcome = await this.#select(connection, statement.query, signal);
        await connection.run('COMMIT');
        signal.throwIfAborted();
      }
      return outcome;
    } catch (error) {
      throw toTrinoError(error, this.job);
    } finally {
      signal.removeEventListener('abort', interrupt);
      clearTimeout(interruptTimer);
      connection.closeSync();
    }
  }

  /**
   * @param {Connection} connection
   * @param {Token[]} query
   * @param {AbortSignal} signal
   * @returns {Promise<Outcome>}
   */
  async #select(connection, query, signal) {
    // Computed before the snapshot, so that the rows may be newer than the key, never older.
    const cacheKey = this.#cacheKey(query);
    const { sql, names, types, literals } = await prepare(connection, query, this.context);
    const aliases = types.map((_, index) => `c${index}`);
    const columns = types.map((type, index) => `${toWire(`c${index}`, type)} AS c${index}`);
    const rows = `SELECT ${columns.join(', ')} FROM (${sql}) AS q(${aliases.join(', ')})`;
    const { copies, count } = this.#copiesOf(query);
    const uniqueRows = copies > 1 ? `${rows} LIMIT ${count / copies}` : rows;
    const write = (/** @type {string} */ file) => connection.run(copyTo(uniqueRows, file));
    const spool = await this.account.results.spool({ write, cacheKey, copies }, signal);
    const schema = this.#schemaOf({ names, types, literals });
    return { result: spool, numRecords: spool.rows, schema, inserted: null };
  }

  /**
   * How often the rows of a query repeat. A query that only selects columns of a table has the copies of the table.
   * @param {Token[]} query
   */
  #copiesOf(query) {
    const [from, database, dot, name, ...rest] = query.slice(
      query.findIndex(({ text }) => /^from$/i.test(text)),
    );
    const isPlain = query.every(({ type, text }) => type === 'quoted' || /^(select|from|[,.*])$/i.test(text));
    const table =
      from && database && name && this.account.catalog.databases.get(database.value)?.tables.get(name.value);
    if (!table || !isPlain || dot?.text !== '.' || rest.length > 0) return { copies: 1, count: 0 };
    return { copies: table.copies, count: table.count };
  }

  /**
   * @param {Connection} connection
   * @param {Token[]} query
   * @param {TableWriter} writer
   * @returns {Promise<Outcome>}
   */
  async #output(connection, query, writer) {
    const prepared = await prepare(connection, query, this.context);
    const output = /** @type {import('./result-output.js').Output} */ (this.output);
    const rows = await writeOutput(output, prepared, writer);
    return { result: null, numRecords: rows, schema: this.#schemaOf(prepared), inserted: null };
  }

  /** @param {Pick<import('./prepare.js').Prepared, 'names' | 'types' | 'literals'>} prepared */
  #schemaOf({ names, types, literals }) {
    const { dialect } = this.context;
    const schema = types.map((type, index) => {
      const text = dialect === 'presto' ? literals[index] : null;
      const typeName = typeof text === 'string' ? `varchar(${[...text].length})` : sqlTypeName(type, dialect);
      return [names[index] ?? '', typeName];
    });
    return printResultSchema(schema);
  }

  /**
   * @param {TableWriter} writer
   * @param {Exclude<Statement, { kind: 'select' }>} statement
   * @returns {Promise<Outcome>}
   */
  async #write(writer, statement) {
    const { table: name } = statement.name;
    const database = statement.name.database ?? this.job.database;
    if (!isAllowed(this.key, 'write', database)) {
      throw new Error(`Access Denied: Cannot ${statement.kind} table ${database}.${name}`);
    }
    const inserted = await writer.write({ database, name }, statement);
    return { result: null, numRecords: null, schema: null, inserted };
  }

  /**
   * The same for the same SQL over the same versions of all tables that it may refer to; null if the result can differ.
   * @param {Token[]} query
   */
  #cacheKey(query) {
    const sql = join(query);
    if (VOLATILE.test(sql)) return null;
    const names = new Set(query.map((token) => token.value.toLowerCase()));
    // The tables of a view are not in the query.
    const databases = [...this.account.catalog.databases.values()];
    if (databases.some(({ views }) => [...views.keys()].some((name) => names.has(name)))) return null;
    const versions = databases.flatMap((database) =>
      [...database.tables.values()]
        .filter((table) => names.has(table.name))
        .map((table) => `${database.name}.${table.id}.${table.version}`),
    );
    return JSON.stringify([this.job.database, this.context.dialect, sql, versions]);
  }
}

/**
 * Formats a schema as TD does, with spaces after commas: `[["cnt", "bigint"]]`.
 * @param {string[][]} schema
 */
export function printResultSchema(schema) {
  return `[${schema.map((pair) => `[${pair.map((text) => JSON.stringify(text)).join(', ')}]`).join(', ')}]`;
}
