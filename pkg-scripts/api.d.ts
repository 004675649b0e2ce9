// What the package exports in Node and in browsers. The implementations get their types and their documentation from here.
import type {
  Account,
  AccountCheck,
  AssetLocations,
  Attempt,
  AttemptRequest,
  CallOptions,
  CleanupEvent,
  CleanupRequest,
  CleanupSummary,
  CloneEvent,
  CloneInspection,
  ClonePlan,
  CloneRequest,
  CloneSummary,
  ColumnTypes,
  Conformance,
  ConformanceRequest,
  DatabaseInfo,
  Diagnosis,
  DiagnosisEvent,
  DiagnosisRequest,
  ExportEvent,
  ExportedTable,
  ExportInspection,
  ExportJobRequest,
  ExportPlan,
  ExportQueryRequest,
  ExportRequest,
  ExportSummary,
  ExportTableRequest,
  ListedTable,
  PersonalOptions,
  PersonalReport,
  Platform,
  Relay,
  Run,
  RunOptions,
  VerifyEvent,
  VerifyRequest,
  VerifySummary,
  WorkflowEvent,
  WorkflowRequest,
} from './types.js';

export * from './types.js';

/**
 * A Treasure Data account, for every function that takes an `Account`. Logging or serializing it does not show the API key.
 *
 * ```js
 * const td = new TreasureData({ endpoint: 'aws-tokyo', apikey: process.env.TD_API_KEY });
 * const { databases } = await td.check();
 * ```
 */
export declare class TreasureData {
  constructor(account: Account);
  /** The base URL or the name of the site, as it was given. */
  get endpoint(): string;
  /** The API key. */
  get apikey(): string;
  /** `User-Agent` of the requests. */
  get userAgent(): string | undefined;
  /** Whether the key may be sent over plain HTTP. */
  get allowHttp(): boolean | undefined;
  /** The server that forwards the calls, if there is one. */
  get relay(): Relay | undefined;
  /** Returns whose key it is, the databases that it can see, and what it may do there. */
  check(options?: CallOptions): Promise<AccountCheck>;
  /** Lists the tables of a database. */
  tables(database: string, options?: CallOptions): Promise<ListedTable[]>;
}

/** Returns whose API key it is, the databases that it can see, and what it may do there. */
export declare function checkAccount(account: Account, options?: CallOptions): Promise<AccountCheck>;

/**
 * Checks an account step by step: endpoint, TLS, key, clock, and the rights to query, download and import. A check that
 * fails does not throw. Writes nothing; it runs one query without a table.
 */
export declare function diagnose(request: DiagnosisRequest): Run<Diagnosis, DiagnosisEvent>;

/**
 * Asks an account the questions about Treasure Data that its documentation leaves open, and compares the answers with what
 * petit assumes. Reads no row of a table; runs about 15 queries without a table. With `writeTo`, it also creates a database
 * of that name, which must not exist, and deletes it afterwards.
 */
export declare function checkConformance(request: ConformanceRequest): Run<Conformance>;

/**
 * Lists the databases of an account, with the number and the size of their tables. It sends a request for each database.
 */
export declare function listDatabases(account: Account, options?: CallOptions): Promise<DatabaseInfo[]>;

/** Lists the tables of a database. */
export declare function listTables(
  account: Account,
  database: string,
  options?: CallOptions,
): Promise<ListedTable[]>;

/**
 * Finds the columns of a database that look personal and have no rule of masking: by their names, and on request by the shapes
 * of at most 1,000 values each, which stay in the process. A guess: it may miss some.
 */
export declare function findPersonalColumns(
  account: Account,
  database: string,
  options?: PersonalOptions,
): Promise<PersonalReport>;

/**
 * Clones a database into another account, site or name. A table that fails does not stop the others; its error is in the
 * summary's `errors`. An error that stops the whole run is thrown.
 */
export declare function cloneDatabase(request: CloneRequest): Run<CloneSummary, CloneEvent>;

/** Returns what a clone would do. Writes nothing. */
export declare function planClone(request: CloneRequest): Promise<ClonePlan>;

/** Reads both databases once, so that the clone can be planned again whenever options change. Writes nothing. */
export declare function inspectClone(request: CloneRequest): Promise<CloneInspection>;

/**
 * Exports tables, a query or a finished job's result to Parquet files. A table that fails does not stop the others; its
 * error is in the summary's `errors`. An error that stops the whole run is thrown.
 */
export declare function exportTables(request: ExportRequest): Run<ExportSummary, ExportEvent>;

/** Returns what an export would do. Writes nothing. */
export declare function planExport(request: ExportRequest): Promise<ExportPlan>;

/** Lists a database's tables once, so that the export can be planned again whenever options change. Writes nothing. */
export declare function inspectExport(
  request: Pick<ExportRequest, 'account' | 'database'> & RunOptions,
): Promise<ExportInspection>;

/** Exports one table to a file or a stream. Throws if it fails. */
export declare function exportTable(request: ExportTableRequest): Run<ExportedTable, ExportEvent>;

/** Exports the result of a query (Trino SQL) to a file or a stream. Throws if it fails. */
export declare function exportQuery(request: ExportQueryRequest): Run<ExportedTable, ExportEvent>;

/** Exports the result of a finished job to a file or a stream, without running the job again. Throws if it fails. */
export declare function exportJob(request: ExportJobRequest): Run<ExportedTable, ExportEvent>;

/**
 * Returns what the columns of a result become in a Parquet file.
 * @param schema the job's `hive_result_schema`, which petit's Parquet files contain under the key `td.result_schema`
 */
export declare function describeSchema(
  schema: string,
  options?: { invalidUtf8?: 'error' | 'replace' | 'binary'; platform?: Partial<Platform> },
): Promise<ColumnTypes[]>;

/** Compares two databases, table by table: schemas, row counts and contents. Writes nothing. */
export declare function verifyDatabase(request: VerifyRequest): Run<VerifySummary, VerifyEvent>;

/** Finds the leftovers of interrupted clones in an account, and removes them if requested. */
export declare function cleanUp(request: CleanupRequest): Run<CleanupSummary, CleanupEvent>;

/** Starts a workflow, and waits until it has ended if requested. */
export declare function triggerWorkflow(request: WorkflowRequest): Run<Attempt, WorkflowEvent>;

/** Reads the state of a workflow attempt. */
export declare function checkAttempt(request: AttemptRequest): Promise<Attempt>;

/** Sets where petit's own files are, if a bundler or a host moved them. Call it before anything else. */
export declare function configure(locations: AssetLocations): void;
