// Every public shape. The functions that use them are in api.d.ts. Those of core.d.ts are generated from the Rust types.

import type * as core from './core.js';

export type {
  Action,
  CleanupPlan,
  Column,
  ColumnTypes,
  Compression,
  ConformanceAnswer,
  CopyMethod,
  Encodings,
  ExistingOutput,
  ExportTask,
  InvalidUtf8,
  OnDrift,
  OnExisting,
  PartitionBy,
  Partitioning,
  PersonalColumn,
  PersonalKind,
  PersonalSign,
  PlannedMask,
  PlannedRange,
  PlannedSample,
  PlannedView,
  Problem,
  SampleOthers,
  Shard,
  TableInfo,
  TableUpdate,
  UpdatedRange,
  Verdict,
  Via,
  ViaChoice,
  ViewChoice,
} from './core.js';

/** A Treasure Data account. */
export interface Account {
  /** Base URL of the API host, such as `https://api.treasuredata.com`, or the name of a site, such as `aws-tokyo`. */
  endpoint: string;
  /** API key. Never logged, and in no error message. */
  apikey: string;
  /** `User-Agent` of the requests, on platforms that allow one. */
  userAgent?: string | undefined;
  /** Whether the key may be sent over plain HTTP to other computers, where others can read it. Default: false. */
  allowHttp?: boolean | undefined;
  /** The server that forwards the calls, for platforms that must not call the endpoint themselves: see `petit serve`. */
  relay?: Relay | undefined;
}

/** A server that forwards calls to an endpoint. */
export interface Relay extends core.Relay {
  /** The id of the page, under which the relay proves itself before each call. */
  page: string;
  /** The key of that proof, in base64url. It is never sent. */
  key: string;
}

/** How long failing requests are retried. */
export interface RetryOptions {
  /** How long to keep retrying a failing request, in milliseconds; at most 10,000 until the endpoint has answered once.
   * Default: 300,000. */
  retryTimeoutMs?: number | undefined;
  /** How long to wait for a response, or for its next bytes, in milliseconds. Default: 60,000. */
  idleTimeoutMs?: number | undefined;
}

/** Options of a single call. */
export interface CallOptions extends RetryOptions {
  /** Aborts the call. */
  signal?: AbortSignal;
  /** Services that replace the platform's own. */
  platform?: Partial<Platform>;
}

/** Options of every run. */
export interface RunOptions extends CallOptions {
  /** Whether messages show row values. Default: false; they name table, column, row and type. */
  showValues?: boolean | undefined;
  /** Called with each event, as it happens. */
  onEvent?: OnEvent;
}

/**
 * A run that has started: a promise of its result, and its events, to loop over as they happen. Leaving the loop early
 * stops the run.
 */
export type Run<T, E extends RunEvent = RunEvent> = Promise<T> & AsyncIterable<E, void, void>;

// Accounts

/** Whose key it is, and what it may do. */
export interface AccountCheck {
  /** Base URL of the endpoint. */
  endpoint: string;
  /** Name of the site, if the endpoint is one of TD's. */
  site?: string | undefined;
  accountId?: string | undefined;
  /** The key's user, if TD shows it. */
  user?: { name?: string; email?: string } | undefined;
  /** The databases that the key can see. `count` is rows, `permission` is TD's own name. */
  databases: { name: string; count?: bigint; permission?: string; permissions: ('read' | 'write')[] }[];
  /** What the key may do in some database: exports and sources need `read`, destinations need `write`. */
  permissions: ('read' | 'write')[];
}

/** What to diagnose. */
export interface DiagnosisRequest extends RunOptions {
  account: Account;
}

/** The result of one check of a {@link Diagnosis}. */
export interface Check {
  /** `endpoint`, `tls`, `key`, `clock`, `query` or `import`; of the command also `node`, `proxy` and
   * `account`. */
  check: string;
  /** `not_checked` if the check was not possible. */
  state: 'ok' | 'warning' | 'failed' | 'not_checked';
  /** What was found, for people. */
  message: string;
  /** The code of the error, if the check failed. */
  code?: string | undefined;
  /** What the user can do. */
  hint?: string | undefined;
}

/** What a diagnosis has found. */
export interface Diagnosis {
  /** In the order in which they were made. The first that fails may prevent the others. */
  checks: Check[];
  /** Number of checks that failed. */
  failed: number;
}

/** Which account to ask how Treasure Data behaves. */
export interface ConformanceRequest extends RunOptions {
  account: Account;
  /** Name of a database that does not exist. petit creates it for the questions that need to write, and deletes it. */
  writeTo?: string | undefined;
}

/** How Treasure Data behaves, compared with what petit assumes. It has no keys, no names and no rows of the account. */
export interface Conformance {
  /** In the order in which they were given. */
  answers: core.ConformanceAnswer[];
  /** Number of answers that differ from what petit assumes. */
  differing: number;
}

/** A question about Treasure Data was answered, or could not be. */
export type AnswerEvent = { type: 'answer' } & core.ConformanceAnswer;

/** A table as TD lists it. `table`, `rows` and `bytes` are those of plans. */
export interface ListedTable extends core.TableInfo {
  table: string;
  /** Rows, some time ago. */
  rows?: bigint | undefined;
  /** Compressed bytes. */
  bytes?: bigint | undefined;
  /** @deprecated Use `table`. */
  name: string;
  /** @deprecated Use `rows`. */
  count?: bigint;
  /** @deprecated Use `bytes`. */
  estimatedStorageSize?: bigint;
}

/** A database as TD lists it. */
export interface DatabaseInfo {
  name: string;
  /** Rows, some time ago. */
  rows?: bigint | undefined;
  /** Compressed bytes of the tables; missing if the key cannot list them. */
  bytes?: bigint | undefined;
  /** @deprecated Use `rows`. */
  count?: bigint | undefined;
  /** TD's name for the right of the key: `administrator`, `full_access`, `query_only` or `import_only`. */
  permission?: string | undefined;
  /** Number of tables; missing if the key cannot list them. */
  tables?: number | undefined;
  /** @deprecated Use `bytes`. */
  estimatedStorageSize?: bigint | undefined;
}

/** Which rows, by their `time`. Default: all. */
export interface TimeRangeOptions {
  /** Start of the time range (inclusive), in ISO 8601. */
  startTime?: string | undefined;
  /** End of the time range (exclusive), in ISO 8601. */
  endTime?: string | undefined;
  /** A period before now, instead of `startTime`: hours (`36h`), days (`7d`) or weeks (`2w`). */
  since?: string | undefined;
  /** IANA name of the time zone of dates, of times without a zone, and of the days of `since`. Default: UTC. */
  timezone?: string | undefined;
}

// Masking

/** What becomes of the values of a column; see docs/masking.md. */
export type MaskMethod =
  | 'hash'
  | 'email'
  | 'email:hash'
  | 'partial'
  | `partial:${number}`
  | 'redact'
  | 'null'
  | 'zero'
  | 'date'
  | 'date:month'
  | 'drop';

/** A rule of masking: a name or glob of a column, or of a table and a column, and a method. `users.*phone*=partial:4` */
export type MaskRule = `${string}=${MaskMethod}`;

/** How values are masked. */
export interface MaskOptions {
  /** Rules of masking. Of several rules for a column, the last one counts. A rule that matches no column is an error. */
  mask?: MaskRule[] | undefined;
  /** The secret of the methods `hash` and `email`, at least 16 bytes. The same secret gives the same pseudonym in every table
   * and every run. Never logged, and in no SQL, job, plan or file. */
  maskKey?: string | undefined;
}

/** What happens to columns that look personal and have no rule. */
export interface MaskCheck {
  /** Whether the run does not start if there is one. It reads values of each table, by one job for each. Default: false. */
  maskStrict?: boolean | undefined;
}

/** Columns that look personal and have no rule of masking. */
export interface PersonalReport {
  columns: core.PersonalColumn[];
  /** Number of tables of which at most 1,000 rows were read, by one job for each, to judge the shapes of values. */
  queriedTables: number;
  /** Number of other tables with columns whose names say nothing. */
  notQueriedTables: number;
  /** Tables that were not judged, or only by their names. */
  unread: { table: string; reason: string }[];
}

/** How to look for personal data. */
export interface PersonalOptions extends CallOptions {
  /** Names of the tables. Default: all. */
  tables?: string[] | undefined;
  /** Rules of masking. Columns that they match are left out. */
  mask?: MaskRule[] | undefined;
  /** Whether to judge values too. It takes one job for each table. No value leaves the process. Default: false. */
  values?: boolean | undefined;
}

/** A share of the rows, chosen by a hash that is computed in SQL: the same keys in every table and every run. */
export interface SampleRequest {
  /** The share of the keys, such as `1%`. */
  sample?: string | undefined;
  /** The keys: columns, or columns of one table such as `orders.customer_id`. Default: all columns of a row. */
  sampleBy?: string[] | undefined;
  /** What happens to tables without a key: an error (`error`), they are left out (`skip`), or all their rows are taken
   * (`full`). Default: `error`. */
  sampleOthers?: core.SampleOthers | undefined;
}

// Clones

/** What to clone, and how. */
export interface CloneRequest extends RunOptions, TimeRangeOptions, MaskOptions, MaskCheck, SampleRequest {
  source: Account;
  destination: Account;
  database: string;
  /** Name of the database in the destination. Default: the same name. */
  newDatabase?: string | undefined;
  /** Names and globs (`*`, `?`) of the tables to clone. Default: all. */
  tables?: string[] | undefined;
  /** Names and globs of tables that are not cloned. */
  exclude?: string[] | undefined;
  /** What to do about tables that the destination has already. `update` compares both sides by ranges of time, and moves the
   * rows of those that differ. Default: `error`. */
  onExisting?: core.OnExisting | undefined;
  /** What an update does about a table whose columns differ from those of its source: nothing is done at all (`fail`), or
   * the table is replaced (`rebuild`). Default: `fail`. */
  onDrift?: core.OnDrift | undefined;
  /** What to do about the source's logical views: leave them out (`skip`), or create them in the destination after the
   * tables (`copy`). They are never copied as tables. Default: `skip`. */
  views?: core.ViewChoice | undefined;
  /** What moves the rows: petit (`client`) or TD jobs (`engine`). Default: `auto`, TD jobs within one account. */
  via?: core.ViaChoice | undefined;
  /** Whether TD may store the destination's key in the jobs of the source account, which `via: 'engine'` between two accounts
   * needs. Default: false. */
  allowKeyInJob?: boolean | undefined;
  /** Tables of more rows are split by time into jobs of so many rows each. Default: petit splits large tables. */
  splitRows?: number | bigint | undefined;
  /** Clones only one share of the tables, so that several machines can share the work. `index` starts at 1. */
  shard?: core.Shard | undefined;
  /** Tables at a time. Default: 2. */
  tableParallelism?: number | undefined;
  /** Jobs, downloads and uploads at a time, for each table. Default: 4. */
  downloadParallelism?: number | undefined;
  /** Maximum rows decoded at a time. Default: 10,000. */
  chunkSize?: number | undefined;
  /** What to verify before a table is published: the destination's row count (`count`), the contents too (`full`), or only
   * what TD reports about the import (`none`). Default: `count`. */
  verify?: 'count' | 'full' | 'none' | undefined;
  /** Number of encode workers; 0 encodes in the calling thread. Default: one per core. */
  workers?: number | undefined;
  /** Whether to emit a timing profile of each stage at the end. */
  profile?: boolean | undefined;
  /** Whether to plan only. Nothing is written. */
  dryRun?: boolean | undefined;
}

/** The statements and names by which a table is copied. `sql`, `keys`, `schema` and `masked`, which are as long as the
 * table's schema, are made when they are read. */
export type CopyTask = core.CopyTask &
  core.CopyStatement & {
    /** The statement that copies the rows of the existing table that a rebuild keeps; undefined if none is kept. */
    keptSql?: string;
  };

/** One table of a clone's plan. */
export type PlannedTable = Omit<core.CloneTable, 'copy'> & {
  /** How the table is copied, if it is. */
  copy?: CopyTask;
};

/** A logical view that was created in the destination, or skipped. */
export interface ClonedView {
  view: string;
  action: string;
  state: 'done' | 'skipped';
}

/** What a clone would do. */
export interface ClonePlan extends Omit<core.ClonePlan, 'tables' | 'totals'> {
  /** The chosen tables and what is done with each, the largest first. Not enumerable: JSON has `tables`. */
  readonly tasks: PlannedTable[];
  /** The same under the name that the events have. @deprecated Use `tasks`. */
  tables: PlannedTable[];
  /** Why tables and views cannot be copied. A clone with problems does not start. */
  problems: core.Problem[];
  /** About how many jobs of Treasure Data read the tables. */
  jobs: number;
  /** Totals by action. */
  totals: { [key in core.Action]?: core.Totals & { jobs: number } };
  /** Endpoint of the source. */
  source: string;
  /** Endpoint of the destination. */
  destination: string;
  /** The number of the run, which is in the names of all that it creates. */
  run: number;
  /** The columns that look personal, of a plan with rules of masking. */
  personal?: PersonalReport;
}

/** Plans a clone from what was inspected, without another call. */
export type Planner = (
  options: Pick<
    CloneRequest,
    | 'onExisting'
    | 'onDrift'
    | 'tables'
    | 'exclude'
    | 'views'
    | 'via'
    | 'allowKeyInJob'
    | 'splitRows'
    | 'shard'
    | 'mask'
    | 'verify'
    | keyof SampleRequest
    | keyof TimeRangeOptions
  >,
) => ClonePlan;

/** Both databases as they were inspected. */
export interface CloneInspection {
  plan: Planner;
  /** Compares the tables that both sides have, for plans with `onExisting: 'update'`: two queries for each table. Until then,
   * such plans have the action `compare` for them. */
  compare: (options: Parameters<Planner>[0] & Pick<CloneRequest, 'verify'>) => Promise<void>;
  /** Resolves when plans also have the logical views, which take a query, and warn about tables with user-defined
   * partitioning, which takes one call for each table. */
  partitioningChecked: Promise<void>;
}

/** A table that was cloned. */
export interface ClonedTable {
  table: string;
  /** `create`, `overwrite`, `append` or `rebuild`. */
  action: string;
  via: core.Via;
  /** Rows that came from the source. */
  rows: bigint;
  /** Rows that a rebuild has copied from the existing table, within the destination. */
  keptRows?: bigint | undefined;
  /** Bytes uploaded, compressed. */
  bytes: bigint;
  downloadedBytes: bigint;
  /** Parts of the bulk import session. */
  parts: number;
  seconds: number;
  /** What was verified before the table was published. */
  verified: 'count' | 'full' | 'none';
  /** The first of `jobs`. */
  sourceJob: string;
  /** Ids of the jobs that read the source. */
  jobs: string[];
  /** When the source was queried, in ISO 8601. */
  startedAt: string;
  /** The columns that are masked. */
  masks: core.PlannedMask[];
  /** The sample of its rows, if not all were copied. */
  sample?: core.PlannedSample;
}

/** The result of a clone. */
export interface CloneSummary {
  plan: ClonePlan;
  /** The tables that were cloned. */
  tables: (ClonedTable & { state: string })[];
  /** Names of the tables that were skipped. */
  skipped: string[];
  /** The logical views that were created or skipped. */
  views: ClonedView[];
  /** One for each table that failed. */
  errors: PetitError[];
  rows: bigint;
  /** Bytes uploaded, compressed. */
  bytes: bigint;
  seconds: number;
}

/** A clone's summary as plain data: for events and reports. */
export type CloneReport = Pick<
  ClonePlan,
  'source' | 'destination' | 'sourceDatabase' | 'destinationDatabase' | 'notChosen' | 'timeRange'
> &
  Omit<CloneSummary, 'plan' | 'errors'> & { errors: ErrorData[] };

// Exports

/** What to export, and how. */
export interface ExportRequest extends RunOptions, TimeRangeOptions, MaskOptions, MaskCheck, SampleRequest {
  account: Account;
  database: string;
  /** Names and globs (`*`, `?`) of the tables to export. Default: all. */
  tables?: string[] | undefined;
  /** Names and globs of tables that are not exported. */
  exclude?: string[] | undefined;
  /** Trino SQL whose result is exported instead of tables. */
  query?: string | undefined;
  /** A finished job whose result is exported instead of tables. */
  jobId?: string | undefined;
  /** Path of the file, for a single table, `query` or `jobId`. */
  output?: string | undefined;
  /** Folder of the tables' files. Default: `dataset`. */
  outputDir?: string | undefined;
  /** The column that the time range applies to. Default: `time`. */
  timeColumn?: string | undefined;
  /** Names of the columns to export, in this order. Every table must have them. Default: all. */
  columns?: string[] | undefined;
  /** Maximum rows of each table, or of each of its partitions; which ones is not defined. Default: all. */
  limit?: number | bigint | undefined;
  /** Names of columns of integers, in Unix seconds, that become timestamps in milliseconds and UTC. At least one table must
   * have each of them. Default: none. */
  timestampColumns?: string[] | undefined;
  /** Compression codec of the files. Default: `zstd`. */
  compression?: core.Compression | undefined;
  /** What to do about text that is not UTF-8. Default: `error`. */
  invalidUtf8?: core.InvalidUtf8 | undefined;
  /** Encodings of columns that a dictionary does not make smaller: `compatible` are plain values, `delta` adds
   * `DELTA_BINARY_PACKED` for integers, `modern` adds `DELTA_LENGTH_BYTE_ARRAY` for text and `BYTE_STREAM_SPLIT` for
   * floats, which some readers lack. Default: `compatible`. */
  encodings?: core.Encodings | undefined;
  /** Maximum rows in a row group. Default: 1,000,000. */
  rowGroupRows?: number | undefined;
  /** Maximum uncompressed bytes of the rows in a row group. Default: 8 MiB; for more than 1,024 columns, 8 KiB for each
   * column, up to 64 MiB. */
  rowGroupBytes?: number | undefined;
  /** Maximum rows decoded at a time. Default: 10,000. */
  chunkSize?: number | undefined;
  /** Jobs and downloads at a time, for each table. Default: 4. */
  downloadParallelism?: number | undefined;
  /** Tables at a time. Default: 2. */
  tableParallelism?: number | undefined;
  /** Number of encode workers; 0 encodes in the calling thread. Default: one per core. */
  workers?: number | undefined;
  /** Opens the files, instead of the platform's `openSink`. */
  openSink?: OpenSink | undefined;
  /** Tables of more rows are split by time into jobs of so many rows each. Default: petit splits large tables. */
  splitRows?: number | bigint | undefined;
  /** Writes each table as a folder of files, one for each hour, day, month or year (UTC) of its `time`. */
  partition?: core.PartitionBy | undefined;
  /** Cuts each table, query or job, or each partition, into several files of at most about this many bytes, in a folder.
   * Default: one file. */
  fileSize?: number | bigint | undefined;
  /** Whether to export only the partitions that differ from those of the manifest beside the folder. Requires `partition`. */
  update?: boolean | undefined;
  /** What an update compares: rows per partition (`count`), or also a checksum of their contents (`full`). Default: `count`. */
  verify?: 'count' | 'full' | undefined;
  /** Whether to replace existing files. Default: false. */
  overwrite?: boolean | undefined;
  /** Whether to plan only. Nothing is written. */
  dryRun?: boolean | undefined;
  /** Whether to emit a timing profile of each stage at the end. */
  profile?: boolean | undefined;
}

/** Options by which `exportTables` chooses what to export and where to. */
export type Chosen =
  | 'tables'
  | 'exclude'
  | 'query'
  | 'jobId'
  | 'output'
  | 'outputDir'
  | 'openSink'
  | 'dryRun';

/** Where one table, query or job is exported to. */
export interface Target {
  /** Path of a file (Node only), or a stream. A file appears when it is complete. A stream is closed then; if the export
   * fails, it is aborted. */
  to: string | WritableStream<Uint8Array>;
}

export type ExportTableRequest = Omit<ExportRequest, Chosen> & Target & { table: string };
export type ExportQueryRequest = Omit<ExportRequest, Chosen> & Target & { query: string };
export type ExportJobRequest = Omit<ExportRequest, Chosen> & Target & { jobId: string };

/** What an update of a folder would do. */
export interface PlannedUpdate {
  /** The partitions that are exported again, with the rows that they have now and those that the manifest lists. */
  changed: { partition: string; reason: core.UpdateReason; rows: bigint; exportedRows: bigint }[];
  /** Number of files that stay. */
  kept: number;
  /** Number of files whose partitions the table no longer has. */
  removed: number;
}

/** One file or folder of an export. A dry run of an update has `update`. */
export type PlannedExport = core.ExportTask & { update?: PlannedUpdate };

/** What an export would do. */
export interface ExportPlan extends Omit<core.ExportPlan, 'needsViews'> {
  /** About how many jobs of Treasure Data read the tables or run the query. */
  jobs: number;
  /** The columns that look personal, of a plan with rules of masking. */
  personal?: PersonalReport;
}

/** Plans an export of the inspected database, without another call to TD. */
export type ExportPlanner = (options: Omit<ExportRequest, 'account' | 'database'>) => Promise<ExportPlan>;

/** A database as it was inspected. */
export interface ExportInspection {
  tables: ListedTable[];
  plan: ExportPlanner;
}

/** A table, query or job that was exported. */
export interface ExportedTable {
  table: string;
  outputPath: string;
  /** The first of `jobs`. */
  job: string;
  jobs: string[];
  rows: bigint;
  /** Size of the Parquet file, or of all files. */
  bytes: bigint;
  /** Number of files in the folder, if the output is one; of an update, those that were written. */
  files?: number;
  /** Number of files of an update that stayed. */
  kept?: number;
  /** Number of files of an update whose partitions the table no longer has. */
  removed?: number;
  downloadedBytes: bigint;
  seconds: number;
  notes: string[];
  /** The columns that are masked. */
  masks: core.PlannedMask[];
  /** The sample of its rows, if not all were exported. */
  sample?: core.PlannedSample;
}

/** The result of an export. */
export interface ExportSummary {
  database: string;
  /** What was planned. */
  tasks: PlannedExport[];
  problems: core.Problem[];
  /** Number of the database's tables that were not chosen. */
  notChosen: number;
  /** The range of the rows that were exported, if not all were. */
  timeRange?: core.PlannedRange | undefined;
  /** Names of logical views that were not exported, because no name or glob of the request matched them. */
  skippedViews: string[];
  /** The columns that look personal, of a run with rules of masking. */
  personal?: PersonalReport;
  /** What was exported. */
  tables: ExportedTable[];
  /** One for each table that failed. */
  errors: PetitError[];
  rows: bigint;
  /** Size of the files. */
  bytes: bigint;
  seconds: number;
}

// Comparisons

/** Which databases to compare, and how. */
export interface VerifyRequest extends RunOptions, TimeRangeOptions, MaskOptions, SampleRequest {
  source: Account;
  destination: Account;
  database: string;
  /** Name of the database in the destination. Default: the same name. */
  newDatabase?: string | undefined;
  /** Names and globs (`*`, `?`) of the tables to compare. Default: all of both sides. */
  tables?: string[] | undefined;
  /** Names and globs of tables that are not compared. */
  exclude?: string[] | undefined;
  /** Whether to compare the contents too (`full`), or only schemas and row counts (`count`). Default: `full`. */
  compare?: 'full' | 'count' | undefined;
  /** How to compare contents: by checksums that both sides compute in SQL (`server`), or by reading every row (`stream`).
   * Default: `auto`, which reads the rows only of tables whose checksum SQL fails. */
  method?: 'auto' | 'server' | 'stream' | undefined;
  /** Whether to find the days and hours in which tables differ, by SQL. Default: false. */
  detail?: boolean | undefined;
  /** Tables at a time. Default: 2. */
  tableParallelism?: number | undefined;
}

/** Result for one table. */
export type Comparison = Omit<ComparisonEvent, 'type'>;

/** The result of a comparison. */
export interface VerifySummary {
  sourceDatabase: string;
  destinationDatabase: string;
  /** Endpoint of the source. */
  source: string;
  /** Endpoint of the destination. */
  destination: string;
  tables: Comparison[];
  /** Number of tables of either side that were not chosen. */
  notChosen: number;
  /** The range of the rows that were compared, if not all were. */
  timeRange?: core.PlannedRange | undefined;
  /** One for each table that could not be compared. */
  errors: PetitError[];
  seconds: number;
}

// Cleanup

/** Where to look for leftovers of interrupted clones, and whether to remove them. */
export interface CleanupRequest extends RunOptions {
  account: Account;
  /** Default: all databases. */
  database?: string | undefined;
  /** Whether to remove the leftovers. Default: false, they are only listed. */
  remove?: boolean | undefined;
  /**
   * Whether to remove leftovers that running jobs still use, and to kill those jobs. Names: of staging tables or sessions
   * that are removed although their run is at work.
   */
  force?: boolean | string[] | undefined;
}

/** The result of a cleanup. */
export interface CleanupSummary {
  /** Endpoint of the account. */
  account: string;
  found: core.CleanupPlan;
  /** Databases that the key cannot list. */
  inaccessible: string[];
  /** Number of sessions and tables that were removed. */
  removed: number;
  /** One for each session or table that could not be removed. */
  errors: PetitError[];
}

/** Where to look for partial files of killed exports, and whether to remove them. */
export interface FileCleanupRequest {
  /** A folder, or an address such as `s3://bucket/prefix`, whose unfinished uploads are listed. */
  folder: string;
  /** Whether to remove them. Default: false, they are only listed. */
  remove?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onEvent?: OnEvent | undefined;
}

/** The result of a cleanup of files. */
export interface FileCleanupSummary {
  folder: string;
  files: PartialFileInfo[];
  /** Number of files that were removed. */
  removed: number;
  /** One for each file that could not be removed. */
  errors: PetitError[];
}

// Workflows

/** Which workflow to start, and whether to wait for it. */
export interface WorkflowRequest extends RunOptions {
  /** Its endpoint is that of TD's API, or that of the workflow service. */
  account: Account;
  workflowId: string;
  /** Whether to wait until the attempt has ended. */
  wait?: boolean | undefined;
  /** Time between two polls, in milliseconds. Default: 5,000. */
  waitIntervalMs?: number | undefined;
  /** How long to retry while the account runs too many attempts, in milliseconds. Default: 60,000. */
  queueTimeoutMs?: number | undefined;
  /** Called with the reason and the duration before each wait for a free attempt. */
  onWait?: ((text: string) => void) | undefined;
}

/** Which attempt to read. */
export interface AttemptRequest extends RunOptions {
  account: Account;
  attemptId: string;
}

/** One run of a workflow. */
export type Attempt = Omit<AttemptEvent, 'type'>;

// Events

/** Done and total rows and bytes. Totals are undefined while unknown. */
export interface Amounts {
  rows: bigint;
  totalRows?: bigint | undefined;
  bytes: bigint;
  totalBytes?: bigint | undefined;
}

/** Once, before anything is written: what will be done, and what prevents it. */
export type PlanEvent =
  | ({ type: 'plan'; command: 'clone-db' } & ClonePlan)
  | { type: 'plan'; command: 'cleanup-files'; folder: string; files: PartialFileInfo[] }
  | ({ type: 'plan'; command: 'cleanup'; account: string; inaccessible: string[] } & core.CleanupPlan)
  | ({ type: 'plan'; command: 'td2parquet'; database: string } & ExportPlan);

/** At each new phase of a table, and while it makes progress. */
export interface TableProgressEvent extends Amounts {
  type: 'progress';
  table: string;
  /** What is being done, for people. The wording may change. */
  phase: string;
  /** The job of Treasure Data that works on the table, if there is one. */
  job?: string;
  /** URL of the job in TD's console. */
  consoleUrl?: string | undefined;
  /** Why a request waits for its next attempt, and how long. */
  waiting?: string;
}

/** petit is waiting on something that is not specific to one table: the next attempt of a request, or the start of a job. */
export interface WaitingEvent {
  type: 'waiting';
  message: string;
}

/** A table is done, failed or skipped. */
export type TableEvent =
  | ({ type: 'table'; state: 'done' } & (ClonedTable | ExportedTable))
  | TableFailedEvent
  | TableSkippedEvent;

/** A table has failed. The run goes on. */
export interface TableFailedEvent {
  type: 'table';
  state: 'failed';
  table: string;
  action?: string;
  error: ErrorData;
}

/** A table of a clone exists in the destination and was skipped. */
export interface TableSkippedEvent {
  type: 'table';
  state: 'skipped';
  table: string;
  action: 'skip';
}

/** A clone has created the database of its destination, which stays whatever happens afterwards. */
export interface DatabaseCreatedEvent {
  type: 'database';
  state: 'created';
  database: string;
}

/** A logical view of a clone is created, failed or skipped. */
export type ViewEvent =
  | ({ type: 'view' } & ClonedView)
  | { type: 'view'; state: 'failed'; view: string; action: string; error: ErrorData };

/** A table failed, or the run stopped. */
export type RunErrorEvent = { type: 'error' } & ErrorData;

/** The run has ended. */
export type SummaryEvent =
  | ({ type: 'summary'; command: 'clone-db' } & CloneReport)
  | ({ type: 'summary'; command: 'cleanup'; errors: ErrorData[] } & Omit<CleanupSummary, 'errors'>)
  | ({ type: 'summary'; command: 'cleanup-files'; errors: ErrorData[] } & Omit<FileCleanupSummary, 'errors'>)
  | ({ type: 'summary'; command: 'verify'; errors: ErrorData[] } & Omit<VerifySummary, 'errors'>)
  | ({ type: 'summary'; command: 'td2parquet'; errors: ErrorData[] } & Omit<ExportSummary, 'errors'>);

/** Counters of one stage, for all tables together. */
export interface StageProfile {
  stage: string;
  /** Bytes of its output. */
  bytes: bigint;
  /** Seconds of work; the sum over workers or uploads that run at the same time. */
  seconds: number;
  /** Seconds without input; for a pool, the sum over its idle workers. */
  waitedForInput: number;
  /** Seconds in which the next stage did not take its output. */
  waitedForOutput: number;
  /** Seconds of the stage's parts. */
  parts?: Record<string, number>;
}

/** Once, before the summary, if a profile was requested. */
export interface ProfileEvent {
  type: 'profile';
  command: 'clone-db' | 'td2parquet';
  /** Seconds of the whole run. */
  seconds: number;
  workers: number;
  /** In the order in which the data passes through them. */
  stages: StageProfile[];
}

/** State of a workflow attempt, each time it is read. */
export interface AttemptEvent {
  type: 'workflow_attempt';
  attemptId: string;
  sessionId: string;
  workflowId: string;
  /** Name of the workflow. */
  workflow?: string | undefined;
  /** TD's name for the state, such as `running`. Rely on `done` and `success`. */
  status: string;
  done: boolean;
  success: boolean;
  /** ISO 8601. */
  finishedAt?: string | undefined;
  /** URL in TD's console. */
  consoleUrl?: string | undefined;
}

/** Two tables of the same name were compared. */
export interface ComparisonEvent {
  type: 'comparison';
  table: string;
  /** `=` same, `*` different, `+` only in the source, `-` only in the destination, `!` not compared. */
  sign: '=' | '*' | '+' | '-' | '!';
  /** Descriptions, for people; empty if there is no difference. */
  differences: string[];
  sourceRows?: bigint;
  destinationRows?: bigint;
  /** By row counts, by checksums in SQL, or by reading every row. */
  method?: 'count' | 'server' | 'stream';
  /** The ranges of time in which the tables differ, if they were compared in detail. */
  ranges?: core.RangeDifference[];
}

/** A check of a diagnosis was made. */
export type CheckEvent = { type: 'check' } & Check;

/** The output of `petit ls --json`: what the arguments name. */
export type ListingEvent =
  | { type: 'databases'; databases: DatabaseInfo[] }
  | { type: 'tables'; database: string; tables: ListedTable[] }
  | { type: 'columns'; database: string; table: string; columns: ColumnListing[] }
  | ({ type: 'personal'; database: string; table?: string } & PersonalReport);

/** A column of a table. */
export interface ColumnListing {
  /** The key in TD's records. */
  key: string;
  /** The name in SQL and in a Parquet file. */
  name: string;
  /** TD's type. */
  tdType: string;
  /** The Arrow type in a Parquet file. */
  arrowType: string;
}

/** A file of which ranges are read. */
export interface ByteSource {
  /** For messages: without a signature. */
  name: string;
  byteLength: number;
  /** The bytes from `start` (inclusive) to `end` (exclusive). */
  slice(start: number, end: number): Promise<Uint8Array>;
}

/** What to inspect. */
export interface InspectRequest {
  /** Path or address of a Parquet file. */
  file: string;
  /** Number of first rows to read. Default: none. */
  rows?: number | undefined;
  /** Whose statement to make, which makes a table of such files. Default: none. */
  ddl?: core.Dialect | undefined;
  /** Whether the file may be read over plain HTTP from other computers. Default: false. */
  allowHttp?: boolean | undefined;
  /** Aborted to stop. */
  signal?: AbortSignal | undefined;
}

/** What a Parquet file says about itself. */
export interface InspectedFile extends core.FileDescription {
  /** Its path or address, without a signature. */
  file: string;
  /** Its size. */
  bytes: bigint;
  /** The first rows, as values of JSON: integers of 64 bits are bigints, times and decimals text, bytes hexadecimal text. */
  firstRows?: unknown[][];
  /** The statement that makes a table. */
  ddl?: string;
}

/** The output of `petit inspect --json`. */
export type FileEvent = { type: 'file' } & InspectedFile;

/** An event of a run. */
export type RunEvent =
  | ListingEvent
  | FileEvent
  | CheckEvent
  | AnswerEvent
  | AttemptEvent
  | ComparisonEvent
  | PlanEvent
  | TableProgressEvent
  | WaitingEvent
  | DatabaseCreatedEvent
  | TableEvent
  | ViewEvent
  | RunErrorEvent
  | ProfileEvent
  | SummaryEvent;

/** The plan of one command. */
export type PlanOf<C extends PlanEvent['command']> = Extract<PlanEvent, { command: C }>;

/** The summary of one command. */
export type SummaryOf<C extends SummaryEvent['command']> = Extract<SummaryEvent, { command: C }>;

/** An event of a clone. */
export type CloneEvent =
  | PlanOf<'clone-db'>
  | TableProgressEvent
  | WaitingEvent
  | DatabaseCreatedEvent
  | ({ type: 'table'; state: 'done' } & ClonedTable)
  | TableFailedEvent
  | TableSkippedEvent
  | ViewEvent
  | RunErrorEvent
  | ProfileEvent
  | SummaryOf<'clone-db'>;

/** An event of an export. */
export type ExportEvent =
  | PlanOf<'td2parquet'>
  | TableProgressEvent
  | WaitingEvent
  | ({ type: 'table'; state: 'done' } & ExportedTable)
  | TableFailedEvent
  | RunErrorEvent
  | ProfileEvent
  | SummaryOf<'td2parquet'>;

/** An event of a comparison. */
export type VerifyEvent =
  | ComparisonEvent
  | TableProgressEvent
  | WaitingEvent
  | RunErrorEvent
  | SummaryOf<'verify'>;

/** An event of a clean-up. */
export type CleanupEvent = PlanOf<'cleanup'> | WaitingEvent | RunErrorEvent | SummaryOf<'cleanup'>;

/** An event of a workflow's start. */
export type WorkflowEvent = AttemptEvent | WaitingEvent | RunErrorEvent;

/** An event of a diagnosis. */
export type DiagnosisEvent = CheckEvent | WaitingEvent | RunErrorEvent;

/** Called with each event, as it happens. */
export type OnEvent = (event: RunEvent) => void;

// Errors

/** Where an error happened. */
export interface ErrorContext {
  /** The endpoint whose answer, or missing answer, is the error. */
  endpoint?: string | undefined;
  database?: string | undefined;
  table?: string | undefined;
  job?: string | undefined;
  part?: string | undefined;
}

/** An error as plain data. */
export interface ErrorData {
  /** Stable, in snake_case. */
  code: string;
  message: string;
  /** Whether the same request may succeed later. */
  retryable?: boolean;
  /** What the user can do. */
  hint?: string;
  /** The endpoint whose answer, or missing answer, is the error. */
  endpoint?: string;
  database?: string;
  table?: string;
  job?: string;
  part?: string;
  column?: string;
  /** Index of the row in the result, from 0. */
  row?: number;
  /** HTTP status of the failed response. */
  status?: number;
  /** Of a run that was stopped, with the code `interrupted`: the tables that are done. */
  finished?: string[];
  /** Of a run that was stopped: the planned tables that are not done. */
  left?: string[];
}

/** Every error of petit: a stable code, the place, and what the user can do. An abort has the code `interrupted`. */
export declare class PetitError extends Error {
  constructor(
    code: string,
    message: string,
    details?: {
      retryable?: boolean;
      hint?: string;
      cause?: unknown;
      status?: number;
      retryAfterMs?: number;
      column?: string;
      row?: number;
      finished?: string[];
      left?: string[];
    } & ErrorContext,
  );
  name: string;
  /** Stable, in snake_case. */
  code: string;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** What the user can do. */
  hint: string | undefined;
  /** The endpoint whose answer, or missing answer, is the error. */
  endpoint: string | undefined;
  database: string | undefined;
  table: string | undefined;
  job: string | undefined;
  part: string | undefined;
  column: string | undefined;
  /** Index of the row in the result, from 0. */
  row: number | undefined;
  /** HTTP status of the failed response. */
  status: number | undefined;
  /** How long the server asks to wait, in milliseconds. */
  retryAfterMs: number | undefined;
  /** Of a run that was stopped, with the code `interrupted`: the tables that are done. */
  finished: string[] | undefined;
  /** Of a run that was stopped: the planned tables that are not done. */
  left: string[] | undefined;
  /** The error as plain data. */
  toJSON(): ErrorData;
}

// Platforms

/** A file that is being written. */
export interface Sink {
  /** Takes the bytes in order. Each write is awaited, which gives backpressure. Its abort leaves nothing. */
  writable: WritableStream<Uint8Array>;
  /** Where the bytes are when the file has appeared. */
  path: string;
  /** Makes the file appear, after the stream was closed. Without it, closing the stream does so. */
  commit?(): Promise<void>;
  /** Removes what was written, also after the stream was closed. Does nothing once the file has appeared. */
  abort?(): Promise<void>;
}

/** What a sink gets of its run. A sink may ignore it. */
export interface SinkContext {
  /** Aborted when the run is stopped. */
  signal?: AbortSignal | undefined;
  /** How long to keep retrying a failing request, in milliseconds. */
  retryTimeoutMs?: number | undefined;
  /** How long to wait for a response, or for its next bytes, in milliseconds. */
  idleTimeoutMs?: number | undefined;
  /** Whether rows may be sent over plain HTTP to other computers. */
  allowHttp?: boolean | undefined;
  /** Called before each wait for the next attempt of a request. */
  onRetry?: ((error: PetitError, ms: number) => void) | undefined;
  /** Removes a secret from all that leaves the run from now on. */
  hideSecret?: ((secret: string) => void) | undefined;
}

/** Opens a file that appears at `path` when it is committed; an abort leaves nothing. Fails if the file exists, unless
 * `overwrite`: then, or at the latest when it is committed. */
export type OpenSink = (path: string, options: { overwrite: boolean } & SinkContext) => Promise<Sink>;

/** A file of a folder that is being filled. */
export interface FolderSink extends Sink {
  /** The SHA-256 of the file's bytes, when the stream is closed. */
  sha256(): string;
}

/** A folder of files that is being filled. */
export interface Folder {
  /** Fails if something that is not petit's is in the way of the files of these partitions. A partition is a folder within the
   * folder, or `''`, which is all of it. */
  checkParts(parts: string[]): Promise<void>;
  /** Opens a file of a partition. `index` counts its files from 0. */
  openSink(part: string, index: number): Promise<FolderSink>;
  /** Gives the files their names, then replaces the manifest. Deletes files that only the old manifest lists. `kept` are paths
   * of listed files that stay as they are. */
  publish(manifest: object, kept?: string[]): Promise<void>;
  /** Removes the files that are not published. */
  discard(): Promise<void>;
}

/** A file that a run is writing, or that a killed run left. */
export interface PartialFileInfo {
  path: string;
  bytes: bigint;
  /** Time of its last change, in ISO 8601. */
  modified: string;
  /** Whether its run is still running, or may be. */
  live: boolean;
}

/** The services that differ between Node and browsers. */
export interface Platform {
  /** Compiles petit's WebAssembly module, once. */
  loadWasm(): Promise<WebAssembly.Module>;
  /** Path or URL of the encode workers' script. */
  workerScript: string;
  /** Default number of workers. */
  hardwareConcurrency: number;
  /** How paths are written. Default: `posix`. */
  pathStyle?: 'posix' | 'windows';
  /** The current time, in Unix milliseconds. Default: `Date.now()`. */
  now?(): number;
  openSink: OpenSink;
  /** Opens an address that takes one file, such as a signed one. `name`: the address without its secrets. */
  openAddress?(address: string, context: SinkContext): Promise<{ name: string; openSink: OpenSink }>;
  /** Reads what is in a folder of files before an update. */
  readFolder?(path: string, context: SinkContext): Promise<core.FolderState>;
  /** Opens a folder of files. Fails if it holds an earlier export, unless `overwrite`. `isSet`: whether all files of a
   * partition get their names together. */
  openFolder?(path: string, options: { overwrite: boolean; isSet: boolean } & SinkContext): Promise<Folder>;
  /** Identifies this process among those of all machines; empty if the platform cannot identify it. */
  processId?(): string;
  /** Whether the process with this id has certainly ended. */
  hasEnded?(id: string): boolean;
  /** Returns what is at the output paths of these tasks. May omit those where nothing is. */
  inspectOutputs(
    tasks: Pick<core.ExportOutput, 'outputPath' | 'partitioning' | 'isSet' | 'isUpdate'>[],
    context: SinkContext,
  ): Promise<core.ExistingOutput[]>;
  /** Returns why no file can be created in this folder, which may not exist yet; undefined if one can. */
  whyNoFileIn?(folder: string, context: SinkContext): Promise<string | undefined>;
  /** Converts the chunks to the body of one request. Default: a `Blob`. Must not change the chunks. Calls `onBytes` each time
   * bytes are sent, on platforms that can tell. */
  toRequestBody?(chunks: Uint8Array[], onBytes?: () => void): BodyInit;
  /** Default: the system's clock. */
  clock?: Clock;
  /** Prepares this process for calls. Called before each run. */
  prepareNetwork?(): void;
  /** Returns a better error for a call to an endpoint that has never answered, on platforms that hide the reason. */
  explainNetworkError?(
    error: unknown,
    account: { endpoint: string; relay?: Relay | undefined },
  ): Promise<unknown>;
}

/** Time as a run measures it and waits for it. A simulation has one of its own. */
export interface Clock {
  /** Milliseconds since any moment. They never go back. */
  nowMs(): number;
  /** The time of day, in Unix milliseconds. */
  unixMs(): number;
  /** Calls `work` after `ms` milliseconds. Returns what cancels that. */
  startTimer(ms: number, work: () => void): () => void;
  /** A signal that aborts after `ms` milliseconds. */
  timeout(ms: number): AbortSignal;
}

/** Where petit's own files are. */
export interface AssetLocations {
  /** `dist/www/wasm/petit_bg.wasm`: its URL or its contents; in Node also a path. */
  wasm?: string | URL | Response | BufferSource | WebAssembly.Module;
  /** Script of the encode workers; in a browser `dist/worker.js`, from the page's origin. */
  worker?: string | URL;
}

// Node

/** How to serve petit's page. */
export interface ServeOptions {
  /** Port to listen on; 0 is any free port. Default: a port of `portFile` that is free, else 0. */
  port?: number | undefined;
  /** File that remembers the ports, so that the page keeps its origin. Default: none. */
  portFile?: string | undefined;
  /** Base URLs that calls may be forwarded to, in addition to Treasure Data's. */
  endpoints?: string[];
  /** Accounts that the page can use. Their keys stay in the server; the page gets labels and endpoints. Default: none. */
  accounts?: { label: string; endpoint: string; apikey: string }[];
}

/** A server that is running. */
export interface Server {
  /** URL that lets one browser in, once. */
  url: string;
  /** Returns a new such URL. The previous one no longer works. */
  newUrl(): string;
  port: number;
  /** What the user should know about the port. */
  notes: string[];
  /** Stops the server and aborts the requests in progress. */
  close(): Promise<void>;
}

// Browsers

/** An account whose key stays in `petit serve`. */
export interface ServedAccount {
  /** Stands for the key in the page's calls. */
  id: string;
  /** Where the key comes from, such as `TD_API_KEY`. */
  label: string;
  endpoint: string;
}

/** What `petit serve` provides to its page. */
export interface ServedBy {
  /** For `Account.relay`. */
  relay: Relay;
  /** The endpoints that it forwards calls to, in addition to Treasure Data's. */
  endpoints: string[];
  /** Accounts of the terminal that the page can use. */
  accounts: ServedAccount[];
  /** Documents that remove, in a frame, what pages at former ports have left in the browser. */
  cleanUpUrls: string[];
}

/** Where this browser can save files. */
export interface SaveTargets {
  /** Whether the user can pick a file or folder. */
  picker: boolean;
  /** Whether the origin has a private file system, to download from. */
  private: boolean;
  /** Free bytes in the private file system, if the browser reports them. */
  room?: number | undefined;
  /** Maximum size of a file in bytes, if it has to be held in memory. */
  limit?: number | undefined;
}

/** A folder in the origin's private file system. It exists as long as the page or worker that opened it; the next one to
 * open a folder removes it. */
export interface PrivateFolder {
  name: string;
  /** Opens a file. Works in workers only, because it needs a synchronous access handle. */
  openSink: OpenSink;
  /** The file that was written: on disk, not in memory. */
  file(path: string): Promise<File>;
  remove(path: string): Promise<void>;
}

/** Files in memory. */
export interface MemorySink {
  openSink: OpenSink;
  /** The file that was written. */
  file(path: string): Blob | undefined;
}
