// The plain data that crosses the boundary to WebAssembly. Generated from the Rust types; do not edit it. To write it again:
// PETIT_WRITE_DECLARATIONS=1 cargo test -p petit --test declarations; npx biome format --write pkg-scripts/core.d.ts

/** The action for a table. */
export type Action = 'create' | 'overwrite' | 'append' | 'rebuild' | 'compare' | 'skip' | 'error';

/** The answer to the last rename or delete. */
export type Answer = 'none' | 'done' | 'gone' | 'taken' | 'refused' | 'unanswered';

/** What is known. */
export type AppendProgress = {
  /** Number of rows in the session. */
  rows: bigint;
  /** The status of the session, in the last look at it. */
  status?: string;
  /** Whether the session is gone. */
  isGone?: boolean;
  /** Rows of the ranges, once they were counted. */
  counted?: bigint;
  /** Milliseconds between the end of the session and the last count. */
  sinceGoneMs?: number;
  /** Whether TD no longer answers. */
  isUnreachable?: boolean;
};

/** What to do next. */
export type AppendStep =
  | { step: 'look' }
  | { step: 'remove' }
  | { step: 'count' }
  | { step: 'added' }
  | { step: 'not_added' }
  | { step: 'unknown' };

/** What a probe does. */
export type Ask =
  | { kind: 'clock' }
  | { kind: 'permissions' }
  | { kind: 'preflight' }
  | {
      kind: 'burst';
      /** How many. */
      calls: number;
    }
  | {
      kind: 'value';
      /** The query. */
      sql: string;
    }
  | {
      kind: 'empty';
      /** The query. */
      sql: string;
    }
  | {
      kind: 'download';
      /** The query. */
      sql: string;
    }
  | {
      kind: 'domain_key';
      /** The query. */
      sql: string;
    }
  | {
      kind: 'views';
      /** The query that finds views: their databases and names. */
      sql: string;
    }
  | { kind: 'rename' }
  | { kind: 'import' };

/** An attempt, which is one run of a workflow. */
export type AttemptInfo = {
  /** Its id. */
  id: string;
  /** The session that it belongs to. */
  sessionId: string;
  /** The workflow that it runs. */
  workflow: NamedId;
  /** The project of the workflow. */
  project: NamedId;
  /** Its status: `running`, `success`, `error`, `killed` or another one. Use `done` and `success` for decisions. */
  status: string;
  /** Whether it has ended. */
  done?: boolean;
  /** Whether it ended successfully. */
  success?: boolean;
  /** Time of creation, ISO 8601. */
  createdAt?: string;
  /** End time, ISO 8601. */
  finishedAt?: string;
};

/** Identifies an attempt of a workflow. */
export type AttemptRef = {
  /** Its id. */
  attemptId: string;
};

/** The bytes of a body, which become a `Uint8Array` in JavaScript. */
export type Bytes = Uint8Array;

/** A call of TD's API. In JavaScript it is a tagged object: `{ call: 'list_tables', database: 'db' }`.
 *
 * `request` gives its HTTP request, and `reply` parses the response. */
export type Call =
  | { call: 'show_user' }
  | { call: 'list_databases' }
  | ({ call: 'create_database' } & DatabaseRef)
  | ({ call: 'delete_database' } & DatabaseRef)
  | ({ call: 'list_tables' } & DatabaseRef)
  | ({ call: 'show_table' } & TableRef)
  | ({ call: 'table_distribution' } & TableRef)
  | ({ call: 'create_table' } & CreateTable)
  | ({ call: 'rename_table' } & RenameTable)
  | ({ call: 'delete_table' } & TableRef)
  | ({ call: 'issue_job' } & IssueJob)
  | ({ call: 'job_status' } & JobRef)
  | ({ call: 'job_status_by_domain_key' } & DomainKeyRef)
  | ({ call: 'show_job' } & JobRef)
  | ({ call: 'job_result' } & JobRef)
  | ({ call: 'job_statistics' } & JobRef)
  | ({ call: 'kill_job' } & JobRef)
  | ({ call: 'list_jobs' } & ListJobs)
  | { call: 'list_sessions' }
  | ({ call: 'create_session' } & CreateSession)
  | ({ call: 'upload_part' } & PartRef)
  | ({ call: 'freeze_session' } & SessionRef)
  | ({ call: 'perform_session' } & PerformSession)
  | ({ call: 'show_session' } & SessionRef)
  | ({ call: 'error_records' } & SessionRef)
  | ({ call: 'commit_session' } & SessionRef)
  | ({ call: 'delete_session' } & SessionRef)
  | ({ call: 'start_attempt' } & StartAttempt)
  | ({ call: 'show_attempt' } & AttemptRef);

/** A partition that is exported again. */
export type ChangedPartition = {
  /** The partition. */
  partition: Partition;
  /** Why. */
  reason: UpdateReason;
  /** The files that are replaced. */
  files: Array<ManifestFile>;
};

/** The orphans, in the order in which they must be removed: jobs, sessions, tables. */
export type CleanupPlan = {
  /** Jobs that write to the sessions or tables. */
  jobs: Array<OrphanJob>;
  /** Bulk import sessions. */
  sessions: Array<OrphanSession>;
  /** Staging tables, and leases that have lapsed. */
  tables: Array<OrphanTable>;
  /** Staging tables and sessions of runs whose lease is valid. They are not removed. */
  inUse: Array<InUse>;
};

/** The listings of an account. */
export type CleanupRequest = {
  /** The databases to search. */
  databases: Array<DatabaseTables>;
  /** All bulk import sessions of the account. */
  sessions: Array<SessionInfo>;
  /** Jobs that have not ended. Default: none. */
  jobs?: Array<JobInfo>;
  /** Current time by the clock of the account, in Unix milliseconds. Without it, no lease has lapsed. */
  nowMs?: number | bigint;
  /** Processes with a lease that are known to have ended. */
  endedProcesses?: Array<string>;
  /** Names of staging tables and sessions that are removed although their run is at work. */
  force?: Array<string>;
};

/** The plan of a clone. */
export type ClonePlan = {
  /** The source database. */
  sourceDatabase: string;
  /** The destination database. */
  destinationDatabase: string;
  /** Whether the destination database must be created. */
  createDatabase: boolean;
  /** The chosen tables of the source, or of the shard, the largest first. */
  tables: Array<CloneTable>;
  /** Number of tables of the source that are not chosen. They are neither read nor written. */
  notChosen: number;
  /** The range of `time` that is copied; `undefined` for all rows. */
  timeRange?: PlannedRange;
  /** The SQL condition of this range. */
  timeCondition?: string;
  /** The chosen logical views of the source, in the order in which they are created. */
  views: Array<PlannedView>;
  /** Objects of interrupted runs. */
  orphans: Orphans;
  /** Warnings that apply to all tables. */
  warnings: Array<string>;
  /** Totals by action. */
  totals: { [key in Action]?: Totals };
  /** The shard, if the plan is for one. */
  shard?: Shard;
};

/** The options of a clone, and the listings of both sides. */
export type CloneRequest = {
  /** The source database. */
  sourceDatabase: string;
  /** The destination database. */
  destinationDatabase: string;
  /** Whether both sides are the same account. Default: false. */
  isSameAccount?: boolean;
  /** Names and globs of the tables to clone. Default: all tables of the source. */
  tables?: Array<string>;
  /** Names and globs of tables that are not cloned. */
  exclude?: Array<string>;
  /** The logical views of the source, as its catalog shows them. */
  sourceViews?: Array<ViewInfo>;
  /** Why the views of the source are not known, if they are not. */
  viewsUnknown?: string;
  /** Names of the logical views of the destination. */
  destinationViews?: Array<string>;
  /** Handling of the views of the source. Default: they are not copied. */
  views?: ViewChoice;
  /** Names of all bulk import sessions of the destination account. */
  destinationSessions?: Array<string>;
  /** Start of the range of `time` (inclusive), ISO 8601. Default: all rows. */
  startTime?: string;
  /** End of the range (exclusive), ISO 8601. */
  endTime?: string;
  /** The sample of the rows. Default: all rows. */
  sample?: SampleOptions;
  /** Rules of masking, such as `users.email=hash`. Of several rules for a column, the last one counts. */
  mask?: Array<string>;
  /** Tables of the source that are known to be user-partitioned. */
  userPartitioned?: Array<string>;
  /** Number of tables of the source whose partitioning is not known. */
  partitioningUnchecked?: number;
  /** Handling of tables that exist in the destination. Default: an error. */
  onExisting?: OnExisting;
  /** Handling of a table whose columns differ from those of the table that it updates. Default: an error. */
  onDrift?: OnDrift;
  /** Whether these comparisons have checksums of the contents. Default: false. */
  checksum?: boolean;
  /** The comparisons of the tables that both sides have, as far as they were made, to update them. */
  comparisons?: Array<TableComparison>;
  /** A number that no concurrent run has. */
  run?: number;
  /** What moves the rows. Default: the choice of petit. */
  via?: ViaChoice;
  /** Whether TD may store the destination's key in the jobs of the source account. Default: false. */
  allowKeyInJob?: boolean;
  /** Whether the destination's key may read the source database. Default: false. */
  destinationReadsSource?: boolean;
  /** Maximum number of rows per job. A larger table is split into several jobs. Default: chosen by size. */
  splitRows?: number | bigint;
  /** The shard to clone. Default: all tables. */
  shard?: Shard;
  /** Running jobs of both accounts that the keys may see. */
  runningJobs?: Array<JobQuery>;
  /** Current time by the clock of the destination, in Unix milliseconds. Without it, no lease has lapsed. */
  nowMs?: number | bigint;
  /** Processes with a lease that are known to have ended. */
  endedProcesses?: Array<string>;
};

/** One table of the plan. */
export type CloneTable = {
  /** Its name on both sides. */
  table: string;
  /** Its action. */
  action: Action;
  /** Approximate number of rows in the source; of an update, those that are moved. */
  rows: bigint;
  /** Approximate compressed size of these rows in the source, in bytes. */
  bytes: bigint;
  /** Why it cannot be copied; only for `Action::Error`. */
  problem?: Problem;
  /** Size of the table that is replaced; only for `Action::Overwrite`. */
  overwrites?: Size;
  /** Properties that the copy will not have. */
  warnings: Array<string>;
  /** What is updated, and why; only for tables that were compared. */
  update?: TableUpdate;
  /** The copy, if rows are moved. */
  copy?: CopyTask;
  /** What moves its rows, if it is copied. */
  via?: Via;
  /** The reason for `via`. */
  viaReason?: string;
  /** The columns that are masked. */
  masks: Array<PlannedMask>;
  /** The sample of its rows; `undefined` for all rows. */
  sample?: PlannedSample;
  /** SQL condition of the rows of the source that are in the sample; only for tables that are updated. */
  sampleCondition?: string;
};

/** A column of a table. The column `time`, which every table has, is usually not listed. */
export type Column = {
  /** The key of the field in the stored records. It may be any text. */
  key: string;
  /** The TD type: `long`, `string`, `array<double>`, … */
  type: string;
  /** The name in SQL, if it differs from the key. */
  alias?: string;
  /** The description of the column. */
  description?: string;
};

/** A query for the checksums of some columns. */
export type ColumnQuery = {
  /** Their names, in the order of the result. */
  columns: Array<string>;
  /** The query. */
  sql: string;
};

/** What a column becomes in a Parquet file. */
export type ColumnTypes = {
  /** Its name in the file. */
  name: string;
  /** TD's type. */
  tdType: string;
  /** The Arrow type in the Parquet file. */
  arrowType: string;
};

/** Whether the real table holds what the source holds. */
export type ComparedContents = 'equal' | 'different' | 'not_compared';

/** One table, which is on one or both sides. */
export type ComparedTable = {
  /** Its name. */
  table: string;
  /** The sides that have it. */
  foundIn: FoundIn;
  /** Descriptions of the differences between the schemas. */
  schemaDifferences: Array<string>;
  /** The columns, if both sides have the same. */
  columns?: Array<Column>;
  /** The queries for the source; `undefined` if the table is only on one side. */
  source?: SideQueries;
  /** The queries for the destination. */
  destination?: SideQueries;
  /** The columns of the query for all rows of the source, if some of them are masked in the destination. */
  masked?: Array<MaskedColumn>;
};

/** The compression of data pages. */
export type Compression = 'zstd' | 'snappy' | 'gzip' | 'lz4' | 'none';

/** An answer of Treasure Data to a question. */
export type ConformanceAnswer = {
  /** The name of the question. */
  question: string;
  /** The question, for people. */
  title: string;
  /** The answer that petit assumes. */
  assumed: string;
  /** The answer; missing if there is none. */
  answer?: string;
  /** How the answer relates to what petit assumes. */
  verdict: Verdict;
  /** Whether petit works with this answer too. */
  isHandled: boolean;
  /** Why there is no answer: the code of an error, or `not_applicable`. */
  reason?: string;
};

/** The range of bytes in a response (RFC 9110 §14.4). */
export type ContentRange = {
  /** The first byte, from 0. */
  start: number;
  /** The last byte, inclusive. */
  end: number;
  /** Total number of bytes, if the server sends it. */
  total?: number;
};

/** What kind of job moves a slice. */
export type CopyJobKind = {
  /** Whether it is one of several slices. A job that moves a whole table is run once, because it may have taken hours. */
  isSliced: boolean;
  /** Whether the job writes into the staging table. */
  writes: boolean;
  /** Whether its rows can be counted there. */
  canCount: boolean;
};

/** The kind of job that moves the rows of a table. */
export type CopyMethod = 'bulk-import' | 'insert-select' | 'result-output';

/** The names in a `CopyStatement`. */
export type CopyNames = {
  /** The source database. */
  sourceDatabase: string;
  /** The destination database. */
  destinationDatabase: string;
  /** How the rows are moved. */
  method: CopyMethod;
  /** The staging table. */
  stagingTable: string;
  /** The condition of the rows that are copied; `undefined` for all rows. */
  condition?: string;
  /** The columns that are masked. */
  masks?: Array<PlannedMask>;
};

/** What became of a slice so far. */
export type CopyProgress = {
  /** Number of jobs that were run for it. */
  jobs: number;
  /** Whether the last of them succeeded. */
  isDone?: boolean;
  /** The code of the error of the last job. */
  failure?: string;
  /** Rows that the failed job has written, once they were counted. */
  written?: number | bigint;
};

/** What a copy needs to know of the columns. It is made when the table is copied: in a plan of thousands of tables with
 * thousands of columns each, it would take several times as much memory as the listing. */
export type CopyStatement = {
  /** The statement of the job: all columns by their SQL names, then `time`. */
  sql: string;
  /** The record keys of the columns of the query, in the same order. */
  keys: Array<string>;
  /** The schema of the staging table, as the JSON text of TD; `undefined` if it has no columns. */
  schema?: string;
  /** The columns of the query, if some of them are masked. */
  masked?: Array<MaskedColumn>;
};

/** What to do next. */
export type CopyStep =
  | { step: 'run' }
  | { step: 'count' }
  | { step: 'done' }
  | { step: 'fail' }
  | {
      step: 'fail_partly_written';
      /** The number of these rows. */
      rows: bigint;
    };

/** The copy of one table: create a staging table, load the rows, and rename it. `CopyStatement` has what depends on the
 * columns. */
export type CopyTask = {
  /** How the rows are moved. */
  method: CopyMethod;
  /** Retention of rows in days; `undefined` for unlimited. */
  expireDays?: number;
  /** Whether the column `v` is visible in Hive. */
  includeV?: boolean;
  /** The description of the table. */
  description?: string;
  /** The staging table. */
  stagingTable: string;
  /** The bulk import session. */
  session: string;
  /** The query that counts the loaded rows. */
  countSql: string;
  /** The query that counts the rows of the source. */
  sourceCountSql: string;
  /** Approximate maximum number of rows per job; `undefined` if one job moves them all. */
  sliceRows?: bigint;
  /** The query for the counts by which the table is split, if it is. */
  slicesSql: string;
  /** Whether the rename replaces an existing table. */
  overwrite: boolean;
  /** The condition of the rows that are copied, with which the statement ends; `undefined` for all rows. */
  condition?: string;
  /** Whether the statement ends with a condition. */
  hasCondition: boolean;
};

/** Arguments of `Call::CreateSession`. */
export type CreateSession = {
  /** Its name. */
  session: string;
  /** The database that it loads into. */
  database: string;
  /** The table that it loads into. It must exist. */
  table: string;
};

/** Arguments of `Call::CreateTable`. */
export type CreateTable = {
  /** Its database. */
  database: string;
  /** Its name. */
  table: string;
  /** Its schema, as TD's JSON text. */
  schema?: string;
  /** Retention of rows in days. Default: unlimited. */
  expireDays?: number;
  /** Whether the column `v` is visible in Hive. Default: that of TD. */
  includeV?: boolean;
  /** Its description. */
  description?: string;
};

/** A database of the account. */
export type DatabaseInfo = {
  /** Its name. */
  name: string;
  /** Its id, if TD sends it. */
  id?: string;
  /** Approximate number of rows in all its tables. */
  count?: bigint;
  /** The permission of the key: `administrator`, `full_access`, `query_only` or `import_only`. */
  permission?: string;
  /** Whether it is protected from deletion. */
  deleteProtected?: boolean;
  /** Time of creation, in the format of TD (`2020-12-31 11:22:33 UTC`). */
  createdAt?: string;
  /** Time of the last change, in the format of TD. */
  updatedAt?: string;
};

/** Identifies a database. */
export type DatabaseRef = {
  /** Its name. */
  database: string;
};

/** A database and its tables. */
export type DatabaseTables = {
  /** Its name. */
  database: string;
  /** Its tables. */
  tables: Array<TableInfo>;
};

/** Whose statement it is. */
export type Dialect = 'athena' | 'snowflake' | 'bigquery';

/** The layout of a user-partitioned table. */
export type Distribution = {
  /** Number of buckets. */
  bucketCount?: number;
  /** The partition function, which selects the bucket. */
  partitionFunction?: string;
};

/** Identifies a job by its domain key. */
export type DomainKeyRef = {
  /** The domain key with which it was issued. */
  domainKey: string;
};

/** Options of a Parquet file. */
export type EncodeOptions = {
  /** Compression of all columns. Default: Zstandard. */
  compression?: Compression;
  /** Handling of text that is not UTF-8. Default: an error. */
  invalidUtf8?: InvalidUtf8;
  /** The encodings of columns that a dictionary does not make smaller. Default: those that every common reader has. */
  encodings?: Encodings;
  /** Names of columns whose integers, in Unix seconds, become timestamps. Names are case-insensitive. Default: none. */
  timestampColumns?: Array<string>;
  /** Indexes of the leaf columns that are written without a dictionary. Default: none. */
  plainColumns?: Array<number>;
  /** Indexes of the leaf columns that are written as `DELTA_BINARY_PACKED`. Default: none. */
  deltaColumns?: Array<number>;
  /** Whether errors show the values that they are about. Default: only their types. */
  showValues?: boolean;
};

/** A Parquet file of one row group: `FILE_MAGIC`, the data, and the footer, which is the input of
 * `Stitcher::append`. */
export type EncodedRowGroup = {
  /** The whole file. */
  file: Uint8Array;
  /** Size of the data in bytes, which is the sum of the column chunks. */
  dataLength: number;
  /** Number of rows. */
  rowCount: number;
  /** Leaf columns whose dictionary grew too large or saves nothing. Pass them as `plain_columns` for the next row group. */
  overflowed: Array<number>;
  /** Leaf columns of integers that `DELTA_BINARY_PACKED` would shorten. Pass them as `delta_columns` for the next row
   * group. */
  deltaPays: Array<number>;
};

/** The encodings of columns that a dictionary does not make smaller. */
export type Encodings = 'compatible' | 'delta' | 'modern';

/** A query engine. */
export type Engine = 'presto' | 'trino' | 'hive';

/** An error as a plain object for JavaScript. A field that does not apply is `undefined`, which becomes `undefined`. */
export type ErrorReport = {
  /** Stable name of the kind of error, in `snake_case`. */
  code: string;
  /** One sentence that says what happened, and where. At most 6,000 characters on one line. */
  message: string;
  /** Whether a retry can succeed and does no harm. */
  retryable: boolean;
  /** HTTP status of TD's reply. */
  status?: number;
  /** How long TD asked to wait before a retry, in milliseconds. */
  retryAfterMs?: number;
  /** The column that the error is about. */
  column?: string;
  /** The row that the error is about; the first row is 0. */
  row?: number;
  /** The id of the job that the error is about. */
  job?: string;
};

/** What is at an output path before the export, as the caller found it. */
export type ExistingOutput = {
  /** The path, as in the task. */
  path: string;
  /** What is there. */
  kind: OutputKind;
  /** Why petit cannot write there; only for `OutputKind::Unusable`. */
  reason?: string;
  /** The manifest beside a folder of partitions; `undefined` if there is none. */
  manifest?: ListedFiles;
  /** Files, as paths within the folder, that a run was publishing when it was killed. */
  unfinished?: Array<string>;
  /** What is at paths of partitions and is not listed in the manifest. */
  unlisted?: Array<string>;
  /** What is not a file, at the path of a listed file; or, if a whole folder is replaced, what is not petit's in it. */
  conflict?: string;
};

/** An output path that must be inspected before the export is planned. */
export type ExportOutput = {
  /** The path of the file, or of the folder of files. */
  outputPath: string;
  /** The partitioning of the folder, if it has one. */
  partitioning?: Partitioning;
  /** Whether a table, or a partition, can have several files. They are replaced together. */
  isSet: boolean;
  /** Whether the text of the manifest is needed. */
  isUpdate: boolean;
};

/** The plan of an export. */
export type ExportPlan = {
  /** One task per file or folder, the largest first. */
  tasks: Array<ExportTask>;
  /** Reasons why the export cannot run. */
  problems: Array<Problem>;
  /** Number of tables of the listing that are not chosen. */
  notChosen: number;
  /** The time range; `undefined` for all rows. */
  timeRange?: PlannedRange;
  /** Names of listed views that are not exported, because they are not named. */
  skippedViews: Array<string>;
  /** Whether the plan is to be made again with the views of the database: one of them may be what is missing. */
  needsViews: boolean;
};

/** The options of an export, and the listing of the database. */
export type ExportRequest = {
  /** Name of the site, or the endpoint, for the metadata of the files. */
  site?: string;
  /** The database. */
  database: string;
  /** Names and globs of the tables. Default: all of the listing. */
  tables?: Array<string>;
  /** Names and globs of tables that are not exported. */
  exclude?: Array<string>;
  /** Names of the logical views of the database; `undefined` if they are not known. */
  views?: Array<string>;
  /** A query to export, instead of tables. */
  query?: string;
  /** A finished job whose result to export, instead of tables. */
  jobId?: string;
  /** The path of the file, if there is a single one. */
  output?: string;
  /** The output folder. Default: the current folder. */
  outputDir?: string;
  /** How the platform writes paths. Default: POSIX. */
  pathStyle?: PathStyle;
  /** The column of the time range. Default: `time`. */
  timeColumn?: string;
  /** The sample of the rows. Default: all rows. */
  sample?: SampleOptions;
  /** Rules of masking, such as `users.email=hash`. Of several rules for a column, the last one counts. */
  mask?: Array<string>;
  /** Start of the time range (inclusive), ISO 8601. */
  startTime?: string;
  /** End of the time range (exclusive), ISO 8601. */
  endTime?: string;
  /** Whether one of the times is not in the user's format. Default: false. */
  timesAreConverted?: boolean;
  /** Maximum number of rows per job. A larger table is split into several jobs. Default: chosen by size. */
  splitRows?: number | bigint;
  /** The period of a partition, to write each table as a folder of partitions. Default: one file per table. */
  partition?: PartitionBy;
  /** Approximate maximum size of a file in bytes, to write each table, or each partition, as several files. Default: one file. */
  fileSize?: number | bigint;
  /** Names of the columns that are exported, in this order. Default: all. */
  columns?: Array<string>;
  /** Maximum number of rows of a table, or of each partition. Default: all. */
  limit?: number | bigint;
  /** Names of columns whose integers, in Unix seconds, become timestamps. */
  timestampColumns?: Array<string>;
  /** Whether to export only the partitions that differ from those of the manifest. Default: false. */
  update?: boolean;
  /** Whether an update compares checksums of the rows too. Default: false. */
  checksum?: boolean;
  /** What is done about text that is not UTF-8, which decides types of the files' columns. */
  invalidUtf8?: string;
  /** Whether to replace existing files. Default: false. */
  overwrite?: boolean;
  /** What is at the output paths of the plan. The caller plans without it, inspects the paths, and plans again. */
  existing?: Array<ExistingOutput>;
};

/** A job result and its file. */
export type ExportTask = {
  /** Name of the task: the table, or else the file. */
  table: string;
  /** The database that the query runs in. */
  database: string;
  /** The SQL; `undefined` for a finished job. */
  sql?: string;
  /** The finished job. */
  jobId?: string;
  /** The path of the file, or of the folder of files. */
  outputPath: string;
  /** The partitioning of the folder, if it has one. */
  partitioning?: Partitioning;
  /** Approximate maximum size of a file of the folder, in bytes; `undefined` for one file, or one per partition. */
  fileSize?: bigint;
  /** Approximate number of rows of the table, which is the maximum for a time range. */
  rows?: bigint;
  /** Approximate compressed size of the table at TD, in bytes. */
  bytes?: bigint;
  /** Whether `sql` ends with a condition. */
  hasCondition: boolean;
  /** Whether the rows are those of a logical view. */
  isView: boolean;
  /** Whether only the partitions are exported that differ from those of the manifest. */
  isUpdate: boolean;
  /** Approximate maximum number of rows per job; `undefined` if one job returns them all. */
  sliceRows?: bigint;
  /** The query for the counts by which the table is split or partitioned, if it is. */
  slicesSql?: string;
  /** Key-value metadata of the file: its origin. The table's schema is added when the file is written, because a plan
   * with all schemas may be very long. */
  metadata: Array<[string, string]>;
  /** Files that the task replaces or deletes. */
  overwrites: Array<Overwritten>;
  /** Files at paths of partitions that petit's manifest does not list. The task fails if it has rows for one of them. */
  unlisted: Array<string>;
  /** The sample of its rows; `undefined` for all rows. */
  sample?: PlannedSample;
  /** The columns that are exported, by their SQL names; `undefined` for all. */
  columns?: Array<string>;
  /** Maximum number of rows, or of the rows of each partition; `undefined` for all. */
  limit?: bigint;
  /** The columns whose integers, in Unix seconds, become timestamps. */
  timestampColumns: Array<string>;
  /** The columns that are masked, as far as the columns are known. */
  masks: Array<PlannedMask>;
  /** Rules of masking that must match a column of the result, because its columns are not known before. */
  requiredMasks: Array<string>;
};

/** The description of a network failure. */
export type FailureDescription = {
  /** What happened, with the platform's code and message. */
  reason: string;
  /** Whether the same request may succeed later. */
  isTransient: boolean;
};

/** A column of a file. */
export type FileColumn = {
  /** Its name. */
  name: string;
  /** TD's type, in files that petit wrote. */
  tdType?: string;
  /** The type that Arrow gives it. */
  arrowType: string;
  /** The compression codecs of its column chunks. */
  compressions: Array<string>;
  /** The encodings of its column chunks, also those of levels and dictionaries. */
  encodings: Array<string>;
  /** Compressed size in bytes. */
  bytes: bigint;
  /** Size in bytes without compression. */
  uncompressedBytes: bigint;
};

/** What a file says about itself. */
export type FileDescription = {
  /** The program that wrote it. */
  createdBy?: string;
  /** Number of rows. */
  rows: bigint;
  /** The columns, in their order. A nested column is one of them. */
  columns: Array<FileColumn>;
  /** The row groups, in their order. */
  rowGroups: Array<FileRowGroup>;
  /** Key-value metadata, without copies of the schema for single readers. */
  metadata: Array<[string, string]>;
};

/** A row group of a file. */
export type FileRowGroup = {
  /** Number of rows. */
  rows: bigint;
  /** Compressed size in bytes. */
  bytes: bigint;
  /** Size in bytes without compression. */
  uncompressedBytes: bigint;
};

/** What is in a folder before an update. */
export type FolderState = {
  /** Path of the folder. */
  path: string;
  /** Text of the manifest; `undefined` if there is none. */
  manifest?: string;
  /** Listed files, as paths within the folder, that are missing or have other bytes. */
  changed?: Array<string>;
  /** Files that a run was publishing when it was killed. */
  unfinished?: Array<string>;
};

/** What an update does to a folder. */
export type FolderUpdate = {
  /** The partitions that are exported again, in the order of time. */
  changed: Array<ChangedPartition>;
  /** The files that stay. */
  kept: Array<ManifestFile>;
  /** The files of partitions that the table no longer has. */
  removed: Array<ManifestFile>;
  /** Whether a run was killed while it published the folder, so that the folder must be published again. */
  isRepair: boolean;
  /** What is replaced and deleted, without the manifest. */
  overwrites: Array<Overwritten>;
  /** The schema of the results that the kept files have, if the manifest has one. */
  schema?: string;
  /** The schema of the table when they were exported. */
  tableSchema?: string;
};

/** The sides that have a table. */
export type FoundIn = 'both' | 'source' | 'destination';

/** What TD does with the id of a table that is renamed over another one. */
export type IdRule = 'kept' | 'new' | 'target' | 'not_known';

/** A staging table or a session of a run that is at work. */
export type InUse = {
  /** The database that it is in, or loads into. */
  database: string;
  /** Its name. */
  name: string;
};

/** The handling of text that is not UTF-8. */
export type InvalidUtf8 = 'error' | 'replace' | 'binary';

/** Arguments of `Call::IssueJob`. */
export type IssueJob = {
  /** The database that the query runs in. It must exist. */
  database: string;
  /** The SQL. */
  query: string;
  /** A unique text of the caller. It makes the call idempotent: TD rejects a second job with this key, and names the first
   * one (409 with `conflicts_with`). */
  domainKey: string;
  /** The query engine. Default: Trino. */
  engine?: Engine;
  /** Priority from -2 (very low) to 2 (very high). Default: 0. */
  priority?: number;
  /** Number of automatic retries by TD. Default: 0, which an INSERT needs to stay exact. */
  retryLimit?: number;
  /** The resource pool. Default: that of the account. */
  poolName?: string;
  /** `stable` or `experimental`. */
  engineVersion?: string;
  /** The table to which TD appends the rows of the result. `Call::with_output_to` sets its account. */
  output?: TableRef;
};

/** A job that was issued. */
export type IssuedJob = {
  /** Its id. */
  jobId: string;
  /** Whether it already existed with the same domain key. */
  adopted: boolean;
};

/** The output of the engine of a job. */
export type JobDebug = {
  /** Progress and errors. */
  cmdout?: string;
  /** Errors. */
  stderr?: string;
};

/** A job. A reply about its status has only some of the fields. */
export type JobInfo = {
  /** Its id. */
  jobId: string;
  /** `queued`, `booting`, `running`, then `success`, `error` or `killed`. */
  status: string;
  /** `presto`, `hive`, `bulk_import_perform`, … */
  type?: string;
  /** The database that it runs in. */
  database?: string;
  /** The SQL. Jobs without SQL have JSON text here. */
  query?: string;
  /** The URL of its page in TD's console. */
  url?: string;
  /** Time of creation, in the format of TD. */
  createdAt?: string;
  /** Start time, in the format of TD. */
  startAt?: string;
  /** End time, in the format of TD. */
  endAt?: string;
  /** Duration in seconds. */
  duration?: number;
  /** Number of rows of the result; `undefined` until the job ends. */
  numRecords?: bigint;
  /** Size of the stored result (`msgpack.gz`) in bytes. */
  resultSize?: bigint;
  /** Names and types of the columns of the result, as JSON text; only in `show_job`. */
  hiveResultSchema?: string;
  /** The job that writes the rows to the output, if that is another job; only in `show_job`. */
  linkedExportJob?: string;
  /** The output of the engine; only in `show_job`. */
  debug?: JobDebug;
};

/** A job and its SQL. */
export type JobQuery = {
  /** Its id. */
  jobId: string;
  /** The SQL. */
  query: string;
};

/** Identifies a job. */
export type JobRef = {
  /** Its id. */
  jobId: string;
};

/** The statistics of an INSERT or CREATE TABLE AS. */
export type JobStatistics = {
  /** Number of rows written. */
  recordsInserted?: bigint;
};

/** The reply to a kill, which TD executes asynchronously. */
export type KilledJob = {
  /** The status before the kill, if TD sends it. */
  formerStatus?: string;
};

/** What is left to remove, in the order in which it must go: jobs could still write into sessions and tables, and sessions
 * load tables. */
export type Leftovers = {
  /** Ids of jobs. */
  jobs: Array<string>;
  /** Names of sessions. */
  sessions: Array<string>;
  /** Names of tables. */
  tables: Array<string>;
};

/** Arguments of `Call::ListJobs`. */
export type ListJobs = {
  /** `queued`, `booting`, `running`, `success`, `error` or `killed`. */
  status: string;
  /** Maximum number of jobs. */
  limit: number;
};

/** The files that a manifest of petit lists. */
export type ListedFiles = {
  /** Path of the manifest. */
  path: string;
  /** Paths within the folder. */
  files: Array<string>;
  /** Its text, if the folder is updated. */
  text?: string;
};

/** The two tables of a publish, as `list_tables` shows them. */
export type ListedTables = {
  /** The table under the staging name. */
  staging?: TableInfo;
  /** The table under the real name. */
  target?: TableInfo;
};

/** A file that the manifest lists. */
export type ManifestFile = {
  /** Path within the folder. */
  path: string;
  /** The value of the partition's key; `undefined` for rows without a time. */
  value?: string;
  /** Start of the partition (inclusive), in Unix seconds. */
  start?: number;
  /** End of the partition (exclusive), in Unix seconds. */
  end?: number;
  /** Its rows. */
  rows: bigint;
  /** Its size. */
  bytes: bigint;
  /** SHA-256 of its bytes, in hexadecimal. */
  sha256: string;
  /** The jobs whose results its partition has. */
  jobs: Array<string>;
  /** Checksum of the rows of its partition in TD, if one was computed. */
  checksum?: string;
};

/** A column of the rows that are masked. */
export type MaskedColumn = {
  /** The type of its values, as TD writes it. */
  type: string;
  /** What becomes of its values; `undefined` if they are kept. */
  method?: string;
};

/** The columns of a job result, and what becomes of them. */
export type MaskedResult = {
  /** The schema of the masked rows, in the format of `hive_result_schema`. */
  schema: string;
  /** The columns of the result. */
  columns: Array<MaskedColumn>;
  /** The columns that are masked. */
  masks: Array<PlannedMask>;
};

/** Something with an id and a name. */
export type NamedId = {
  /** Its id. */
  id: string;
  /** Its name. */
  name?: string;
};

/** How the creation went so far. */
export type NamingProgress = {
  /** Names that were tried, the current one included. */
  names: number;
  /** The answer to the last create. */
  answer?: Answer;
  /** Whether a create of the current name has had no answer. */
  inDoubt?: boolean;
};

/** What to do next. */
export type NamingStep = { step: 'create' } | { step: 'next_name' } | { step: 'ready' } | { step: 'fail' };

/** Why a table was not published. */
export type NotPublishedReason = 'taken' | 'staging_lost' | 'refused' | 'given_up';

/** What was seen when a probe was carried out. Values that came as bytes are passed separately. */
export type Observation =
  | {
      kind: 'failed';
      /** The code of the error. */
      code: string;
    }
  | {
      kind: 'clock';
      /** How far the endpoint's clock is ahead, in milliseconds, if it shows its time. */
      differenceMs?: number;
    }
  | {
      kind: 'permissions';
      /** The permissions of the databases. */
      names: Array<string>;
    }
  | {
      kind: 'preflight';
      /** Whether the answer lets browsers of other origins call. */
      isAllowed: boolean;
    }
  | {
      kind: 'burst';
      /** How many calls were refused with 429. */
      refused: number;
    }
  | {
      kind: 'value';
      /** The job's `hive_result_schema`. */
      schema: string;
    }
  | {
      kind: 'empty';
      /** The HTTP status of the result. */
      status: number;
      /** The length of its body, in bytes. */
      byteLength: number;
    }
  | {
      kind: 'download';
      /** The job's `result_size`, if it has one. */
      resultSize?: number;
      /** The entity tag, if there is one. */
      etag?: string;
      /** The HTTP status of a request for a range. */
      rangeStatus: number;
      /** The HTTP status of a request for a range with another entity tag. */
      staleStatus: number;
    }
  | {
      kind: 'domain_key';
      /** Whether the second request leads to the first job. */
      isFirst: boolean;
      /** Whether the key itself leads to that job. */
      isFound: boolean;
    }
  | {
      kind: 'views';
      /** For each view, the type that the table list shows, or nothing if the view is not in it. */
      listed: Array<string | null>;
    }
  | {
      kind: 'rename';
      /** The id of a table. */
      id: string;
      /** Its id under its new name. */
      renamed: string;
      /** The code of the answer to the same rename again. */
      again?: string;
      /** The code of the answer to a rename onto itself. */
      ontoItself?: string;
      /** The id of the table that replaces it. */
      other: string;
      /** The id under the name afterwards. */
      replaced: string;
    }
  | {
      kind: 'import';
      /** The code of the answer to perform without a freeze. */
      unfrozen?: string;
      /** The code of the answer to perform again, after the first one has ended. */
      performedAgain?: string;
      /** Number of valid records, of a part with two gzip members of one record each. */
      members: number;
      /** Number of valid records, after a part of one record was replaced by one of two. */
      replaced: number;
      /** Number of parts with errors, after a part that is an empty gzip member. */
      empty: number;
      /** The code of the answer to commit again. */
      committedAgain?: string;
      /** Time from the commit until the table list shows the rows, in milliseconds, if it does within a minute. */
      countedMs?: number;
      /** The `hive_result_schema` of a query of an `int` and a `float` column. */
      schema: string;
    };

/** The handling of a table whose columns differ from those of the table that it updates. */
export type OnDrift = 'fail' | 'rebuild';

/** The handling of a table that exists in the destination. */
export type OnExisting = 'error' | 'skip' | 'overwrite' | 'update';

/** A job that writes to an orphan. */
export type OrphanJob = {
  /** Its id. */
  jobId: string;
  /** Its status. */
  status: string;
  /** The database that it runs in. */
  database?: string;
};

/** An orphaned bulk import session. */
export type OrphanSession = {
  /** Its name. */
  session: string;
  /** The database that it loads into. */
  database: string;
  /** Its status. */
  status: string;
};

/** An orphaned staging table. */
export type OrphanTable = {
  /** Its database. */
  database: string;
  /** Its name. */
  table: string;
  /** Its approximate number of rows. */
  rows?: bigint;
  /** Its approximate size in bytes. */
  bytes?: bigint;
  /** Time of creation, in the format of TD. */
  created?: string;
};

/** Objects of interrupted runs in the destination, which are deleted first. */
export type Orphans = {
  /** Bulk import sessions. */
  sessions: Array<string>;
  /** Staging tables. */
  tables: Array<string>;
  /** Jobs that still write to them. */
  jobs: Array<string>;
  /** Staging tables and sessions of other runs whose lease is valid. They are not removed. */
  inUse: Array<string>;
};

/** The kind of file system object at an output path. Symbolic links are followed. */
export type OutputKind = 'absent' | 'file' | 'folder' | 'stream' | 'block_device' | 'unusable';

/** What happens to an existing file. */
export type OverwriteAction = 'replace' | 'replace_or_delete' | 'delete';

/** A file that the export replaces or deletes. */
export type Overwritten = {
  /** Its path. */
  path: string;
  /** What happens to it. */
  action: OverwriteAction;
};

/** Identifies a part of a bulk import session. */
export type PartRef = {
  /** Its session. */
  session: string;
  /** Its name, which has no `/` and at most one `.`. */
  part: string;
};

/** A partition, whose rows are in a folder of their own. */
export type Partition = {
  /** Its folder in the folder of the table: `day=2026-01-31`. */
  folder: string;
  /** The value of the key, such as `2026-01-31`; `undefined` for rows without a time. */
  value?: string;
  /** Start of the partition (inclusive), in Unix seconds. */
  start?: number;
  /** End of the partition (exclusive), in Unix seconds. */
  end?: number;
  /** Number of rows at the time of the count. */
  rows: bigint;
  /** Checksum of its rows at the time of the count, if the query computed one. */
  checksum?: string;
  /** The jobs whose results are its rows. */
  slices: Array<Slice>;
};

/** The period of a partition, in UTC. */
export type PartitionBy = 'hour' | 'day' | 'month' | 'year';

/** The partitioning of a table. */
export type Partitioning = {
  /** The period of a partition. */
  by: PartitionBy;
  /** The key in the folder names. No column of the table has this name. */
  key: string;
};

/** How a platform writes paths. */
export type PathStyle = 'posix' | 'windows';

/** Arguments of `Call::PerformSession`. */
export type PerformSession = {
  /** Its name. */
  session: string;
  /** Priority from -2 (very low) to 2 (very high). Default: 0. */
  priority?: number;
  /** The resource pool. Default: that of the account. */
  poolName?: string;
};

/** The reply to a perform. */
export type PerformedSession = {
  /** The perform job. */
  jobId?: string;
};

/** A column that looks personal and has no rule. */
export type PersonalColumn = {
  /** The table. */
  table: string;
  /** The SQL name of the column. */
  column: string;
  /** What it seems to be about. */
  kind: PersonalKind;
  /** Why. */
  sign: PersonalSign;
  /** The method of masking that is proposed. */
  method: string;
};

/** Columns that look personal by their names, and what to query about the others. */
export type PersonalColumns = {
  /** The columns, in the order of the tables. */
  columns: Array<PersonalColumn>;
  /** One query for each table that has other columns without a rule. */
  queries: Array<ValuesQuery>;
};

/** What a column seems to be about. */
export type PersonalKind =
  | 'secret'
  | 'email'
  | 'ip'
  | 'online_id'
  | 'phone'
  | 'account'
  | 'national_id'
  | 'birth'
  | 'address'
  | 'location'
  | 'name';

/** Why a column looks personal. */
export type PersonalSign = 'name' | 'values';

/** A column that is masked, for the plan. */
export type PlannedMask = {
  /** Its SQL name. */
  column: string;
  /** What becomes of its values. */
  method: string;
};

/** A time range, for a plan. */
export type PlannedRange = {
  /** The column that it applies to. */
  column: string;
  /** Its start (inclusive); `undefined` if it is open. */
  startTime?: string;
  /** Its end (exclusive); `undefined` if it is open. */
  endTime?: string;
};

/** The sample of a table, for the plan. */
export type PlannedSample = {
  /** The share of the keys. */
  share: string;
  /** The SQL name of the key; `undefined` for all columns of a row. */
  by?: string;
  /** Approximate number of rows of the sample; `undefined` if the table's rows are not known. */
  rows?: bigint;
};

/** A view of the plan. */
export type PlannedView = {
  /** Its name on both sides. */
  view: string;
  /** Its action. */
  action: Action;
  /** The statement that creates it; only for `Action::Create` and `Action::Overwrite`. */
  sql?: string;
  /** Why it cannot be copied; only for `Action::Error`. */
  problem?: Problem;
};

/** What is done to answer questions. */
export type Probe = {
  /** Its name. */
  name: string;
  /** What is done. */
  ask: Ask;
};

/** A reason why a request, or one of its tables, cannot be processed. */
export type Problem = {
  /** Stable code in `snake_case`. */
  code: string;
  /** The table, if the problem is specific to one. */
  table?: string;
  /** What is wrong, and a remedy. */
  message: string;
};

/** Why it is not known whether a table was published. */
export type PublishDoubt = 'unreachable' | 'replaced' | 'indistinguishable';

/** What the caller did so far. */
export type PublishProgress = {
  /** Both tables before the first rename. */
  before: SeenTables;
  /** Rows that the staging table holds, if they were counted. */
  rows?: bigint;
  /** The last answer. */
  answer: Answer;
  /** Why the staging table is being removed, once it is. */
  removing?: NotPublishedReason;
  /** What TD does with the id of a renamed table, once that was asked. */
  idRule?: IdRule;
  /** What the comparison of the real table with the source said, once it was made. */
  contents?: ComparedContents;
};

/** What to do next. */
export type PublishStep =
  | { step: 'rename' }
  | { step: 'look' }
  | {
      step: 'remove';
      /** Why. */
      reason: NotPublishedReason;
    }
  | { step: 'learn_id_rule' }
  | { step: 'compare' }
  | { step: 'published' }
  | {
      step: 'not_published';
      /** Why. */
      reason: NotPublishedReason;
    }
  | {
      step: 'unknown';
      /** Why. */
      reason: PublishDoubt;
    };

/** The rows of two tables, by range. */
export type RangeComparison = {
  /** Rows of the source. */
  sourceRows: bigint;
  /** Rows of the destination. */
  destinationRows: bigint;
  /** Number of ranges with rows. */
  ranges: number;
  /** The ranges that differ, in the order of time. */
  differences: Array<RangeDifference>;
};

/** The rows of a range. */
export type RangeCount = {
  /** The range. */
  range: TimeSpan;
  /** Their number. */
  rows: bigint;
  /** Their checksum, if the query computes one. */
  checksum?: string;
};

/** A range in which two tables differ. */
export type RangeDifference = {
  /** The range. */
  range: TimeSpan;
  /** Its name for people, in UTC. */
  label: string;
  /** Rows of the source. */
  sourceRows: bigint;
  /** Rows of the destination. If they are as many as those of the source, their contents differ. */
  destinationRows: bigint;
  /** Whether no range with equal rows is between it and the difference before it. */
  joinsPrevious: boolean;
};

/** Ranges of `time` that together have every row: hours, days and longer ones, all rows before 1970, all after 2099, and those
 * without a time. */
export type RangeGrid = {
  /** Start and end of the hours, in Unix seconds. */
  hours: [number, number];
  /** Start and end of the days. The hours are within. */
  days: [number, number];
  /** A time at which a range ends and another one starts. */
  cut?: number;
};

/** The ranges of a closer look. */
export type RangeZoom = {
  /** The ranges whose hours are compared. */
  ranges: Array<TimeSpan>;
  /** The SQL condition of their rows. */
  condition: string;
  /** Their hours. */
  grid: RangeGrid;
};

/** A relay, and the token to use it. */
export type Relay = {
  /** Its origin: `http://127.0.0.1:5000`. */
  url: string;
  /** The secret of the relay process. */
  token: string;
};

/** The next step of a removal, and what is left after it. */
export type Removal = {
  /** The step. */
  next: RemovalStep;
  /** What is left after it. */
  left: Leftovers;
};

/** What to do next. */
export type RemovalStep =
  | {
      step: 'stop_job';
      /** Its id. */
      job: string;
    }
  | {
      step: 'remove_session';
      /** Its name. */
      session: string;
    }
  | {
      step: 'delete_table';
      /** Its name. */
      table: string;
    }
  | { step: 'done' };

/** Arguments of `Call::RenameTable`. */
export type RenameTable = {
  /** The table's database. */
  database: string;
  /** The current name. */
  table: string;
  /** The new name. */
  newName: string;
  /** Whether to replace a table with the new name. Default: false. */
  overwrite?: boolean;
};

/** The type of the reply to each call, by the call's name in JavaScript. */
export type Replies = {
  show_user: UserInfo;
  list_databases: Array<DatabaseInfo>;
  create_database: undefined;
  delete_database: undefined;
  list_tables: Array<TableInfo>;
  show_table: TableInfo;
  table_distribution?: Distribution;
  create_table: undefined;
  rename_table: undefined;
  delete_table: undefined;
  issue_job: IssuedJob;
  job_status: JobInfo;
  job_status_by_domain_key: JobInfo;
  show_job: JobInfo;
  job_result: Bytes;
  job_statistics: JobStatistics;
  kill_job: KilledJob;
  list_jobs: Array<JobInfo>;
  list_sessions: Array<SessionInfo>;
  create_session: undefined;
  upload_part: undefined;
  freeze_session: undefined;
  perform_session: PerformedSession;
  show_session: SessionInfo;
  error_records: Bytes;
  commit_session: undefined;
  delete_session: undefined;
  start_attempt: AttemptInfo;
  show_attempt: AttemptInfo;
};

/** A time range, whose start and end do not depend on the time zone and the current time. */
export type ResolvedTimes = {
  /** Start of the range (inclusive), as `TimeRange` takes it. */
  startTime?: string;
  /** End of the range (exclusive). */
  endTime?: string;
  /** Whether one of them is another text than the user's. */
  timesAreConverted: boolean;
};

/** What the headers of a response say about its body. */
export type ResponseHead = {
  /** 200, or 206 if the body is a range. */
  status: number;
  /** The byte range of the body, if the server sends it. */
  contentRange?: ContentRange;
  /** The length of the body in bytes, if the server sends it. */
  contentLength?: number;
  /** The entity tag of this version of the body. */
  etag?: string;
  /** Whether `fetch` has undone a content coding, so that the bytes are not those of the stored result. */
  isDecoded: boolean;
};

/** What the caller knows beside the tables. */
export type RetryState = {
  /** Milliseconds between the last answer and the moment at which the tables were asked for. */
  sinceAnswerMs: number;
  /** Whether the time for repeats is used up, or the run is to stop. */
  exhausted: boolean;
  /** Whether the last try to look at the tables has failed for good. */
  lookFailed?: boolean;
};

/** Consecutive whole rows of a job result. */
export type RowBatch = {
  /** Concatenated MessagePack arrays, one per row. */
  rows: Uint8Array;
  /** Number of rows, at least 1. */
  rowCount: number;
  /** Number of the first row within the job result, from 0. */
  firstRow: number;
  /** Whether this batch ends a row group. The last batch of a job result does. */
  endsGroup: boolean;
};

/** The options of a sample. */
export type SampleOptions = {
  /** The share of the keys, such as `1%`. */
  share: string;
  /** The keys: columns, or columns of a table such as `orders.customer_id`. Default: all columns of a row. */
  by?: Array<string>;
  /** What happens to tables without a key. Default: an error. */
  others?: SampleOthers;
};

/** What happens to a table without a key of the sample. */
export type SampleOthers = 'error' | 'skip' | 'full';

/** What the columns of a job result become in a Parquet file. */
export type SchemaDescription = {
  /** The columns, in their order. */
  columns: Array<ColumnTypes>;
  /** Columns whose type is not known. */
  notes: Array<string>;
};

/** The two tables of a publish, as one listing shows them. */
export type SeenTables = {
  /** The table under the staging name. */
  staging?: TableIdentity;
  /** The table under the real name. */
  target?: TableIdentity;
};

/** Consecutive records of a part. */
export type Segment = {
  /** Deflated MessagePack maps, one per row, up to a byte boundary. */
  deflated: Uint8Array;
  /** CRC-32 of the maps. */
  crc: number;
  /** Size of the maps in bytes. */
  byteLength: number;
  /** Number of rows. */
  rowCount: number;
};

/** Options of a segment. */
export type SegmentOptions = {
  /** Deflate level, from 1 (fastest) to 9 (smallest). */
  level: number;
  /** Number of the first row of the segment within the job result, for messages. Default: 0. */
  firstRow?: number;
};

/** A call that changes a session. */
export type SessionChange = 'freeze' | 'perform' | 'commit';

/** A bulk import session. */
export type SessionInfo = {
  /** Its name. */
  name: string;
  /** The database that it loads into. */
  database?: string;
  /** The table that it loads into. */
  table?: string;
  /** `uploading`, `performing`, `ready`, `committing` or `committed`. */
  status: string;
  /** Whether it is frozen, so that it accepts no more parts. */
  uploadFrozen?: boolean;
  /** The perform job, if it was started. */
  jobId?: string;
  /** Number of valid records; `undefined` until the perform job ends. */
  validRecords?: bigint;
  /** Number of rejected records. */
  errorRecords?: bigint;
  /** Number of valid parts. */
  validParts?: number;
  /** Number of unreadable parts. */
  errorParts?: number;
};

/** What the caller has done with a session so far. */
export type SessionProgress = {
  /** Number of rows in all parts, which are all uploaded. */
  rowsSent: bigint;
  /** Number of freezes that were sent. */
  freezes?: number;
  /** Number of performs that TD accepted. */
  performs?: number;
  /** Whether the last perform failed or had no reply. TD may have executed it nevertheless. */
  performInDoubt?: boolean;
  /** Number of commits that TD accepted. */
  commits?: number;
  /** Whether the last commit failed or had no reply. */
  commitInDoubt?: boolean;
  /** Time since the last of these calls, in milliseconds. */
  sinceLastMs?: number;
};

/** Identifies a bulk import session. */
export type SessionRef = {
  /** Its name. */
  session: string;
};

/** The next step of the removal of a session. */
export type SessionRemovalStep =
  | { step: 'look' }
  | { step: 'wait' }
  | {
      step: 'kill_job';
      /** Its id. */
      job: string;
    }
  | { step: 'delete' };

/** The next step of a session. */
export type SessionStep =
  | { step: 'freeze' }
  | { step: 'perform' }
  | { step: 'wait' }
  | { step: 'commit' }
  | { step: 'done' }
  | {
      step: 'fail';
      /** The error. */
      error: ErrorReport;
    };

/** Shard `index` of `count`. */
export type Shard = {
  /** The number of the shard, from 1. */
  index: number;
  /** The number of shards. */
  count: number;
};

/** The queries for the table of one side. */
export type SideQueries = {
  /** The query for the number of rows. */
  count: string;
  /** The query for the number of rows and the checksum of all rows, if both sides have the same columns. */
  checksum?: string;
  /** The queries for the checksum of each column, at most 100 columns per query. */
  columns: Array<ColumnQuery>;
  /** The query for all rows, if both sides have the same columns. */
  rows?: string;
};

/** The approximate size of a table. */
export type Size = {
  /** Number of rows, as listed by TD. */
  rows: bigint;
  /** Compressed size in bytes, as estimated by TD. */
  bytes: bigint;
};

/** A slice of a table. */
export type Slice = {
  /** The statement of its job. */
  sql: string;
  /** The statement that counts the written rows. */
  countSql?: string;
  /** Number of rows at the time of the count. */
  rows: bigint;
};

/** Bounds of batches and row groups. All are at least 1. */
export type SplitOptions = {
  /** Maximum number of rows in a batch. */
  batchRows: number;
  /** Bytes of MessagePack in a batch. It ends with the row that reaches this size. */
  batchBytes: number;
  /** Maximum number of rows in a row group. */
  groupRows: number;
  /** Bytes of MessagePack in a row group. It ends with the row that reaches this size. */
  groupBytes: number;
};

/** Arguments of `Call::StartAttempt`. */
export type StartAttempt = {
  /** Id of the workflow. */
  workflowId: string;
  /** Session time of the attempt, ISO 8601. It makes the call idempotent. */
  sessionTime: string;
};

/** The statements of a table that is split. */
export type Statements = {
  /** The statement of the job. A condition can be appended to it. */
  sql: string;
  /** The statement that counts the rows that the job has written, if there is one. */
  countSql?: string;
  /** Maximum number of rows of each job. Default: all. */
  limit?: number | bigint;
  /** Whether `sql` already ends with a condition. Default: false. */
  hasCondition?: boolean;
};

/** The kind of a store. */
export type StoreKind = 's3' | 'gs' | 'az';

/** The place of an object, or of several whose keys begin with the same text. */
export type StoreUrl = {
  /** The kind of the store. */
  kind: StoreKind;
  /** The name of the bucket. */
  bucket: string;
  /** The key, without a slash at its start or end; empty for the whole bucket. */
  key: string;
};

/** The comparison of a table that both sides have. */
export type TableComparison = {
  /** The name of the table. */
  table: string;
  /** What differs. */
  comparison: RangeComparison;
  /** Whether the table of the destination is user-partitioned. */
  isUserPartitioned: boolean;
};

/** What tells a table from another one of the same name. */
export type TableIdentity = {
  /** Its id, if TD shows one. */
  id?: string;
  /** When it was created, as TD writes it. */
  createdAt?: string;
  /** Its rows, roughly: the count of a listing lags. */
  rows?: bigint;
  /** The keys and types of its columns. */
  schema: string;
};

/** A table of a database. */
export type TableInfo = {
  /** Its name. */
  name: string;
  /** Its id. */
  id?: string;
  /** The type of the table: `log`. Other types are obsolete. */
  type?: string;
  /** Number of rows. It is updated some time after a commit, so that it proves nothing. */
  count?: bigint;
  /** Estimated compressed size in bytes. */
  estimatedStorageSize?: bigint;
  /** The schema, usually without `time` and `v`. */
  columns: Array<Column>;
  /** Retention of rows in days; `undefined` or 0 for unlimited. */
  expireDays?: number;
  /** Whether the column `v` is visible in Hive. */
  includeV?: boolean;
  /** Whether it is protected from deletion. */
  deleteProtected?: boolean;
  /** Time of creation, in the format of TD (`2020-12-31 11:22:33 UTC`). */
  createdAt?: string;
  /** Time of the last change, in the format of TD. */
  updatedAt?: string;
  /** The latest `time` of its rows, in Unix seconds. */
  lastLogTimestamp?: number;
  /** The description of the table. */
  description?: string;
};

/** The name of the table, and the place of its files. */
export type TableName = {
  /** The name of the table. */
  name: string;
  /** The folder of its files, with a slash at its end. */
  location: string;
  /** The key of the partitions in the names of the folders, if there are any. */
  partition?: string;
};

/** Identifies a table. */
export type TableRef = {
  /** Its database. */
  database: string;
  /** Its name. */
  table: string;
};

/** What is updated in a table, and why. */
export type TableUpdate = {
  /** Why the table has its action. */
  reason: string;
  /** The ranges of time whose rows come from the source, in the order of time. */
  ranges: Array<UpdatedRange>;
  /** Differences that are left as they are, and why. */
  leftAlone: Array<string>;
  /** Number of rows that a rebuild copies from the existing table, about. */
  keptRows?: bigint;
  /** The condition of these rows; `undefined` if none is kept. */
  keptCondition?: string;
  /** The condition of the rows of the ranges; `undefined` without ranges. */
  condition?: string;
  /** The query for the number of rows that the existing table has in the ranges. */
  countSql?: string;
  /** The query for the number of all rows of the existing table. */
  totalSql?: string;
  /** The query for the number of rows that are kept. */
  keptCountSql?: string;
};

/** The options of a time range. */
export type TimeOptions = {
  /** Start of the range (inclusive): a date or an ISO 8601 time. */
  startTime?: string;
  /** End of the range (exclusive), in the same format. */
  endTime?: string;
  /** A period before now, instead of a start: `36h`, `7d`, `2w`. */
  since?: string;
  /** The zone of dates, of times without a zone, and of the days of `since`. Default: UTC. */
  timezone?: string;
};

/** A range of `time` in Unix seconds, or the rows without a time. */
export type TimeSpan = {
  /** Its start (inclusive); `undefined` if it is open. */
  start?: number;
  /** Its end (exclusive); `undefined` if it is open. */
  end?: number;
  /** Whether it is the rows without a time. It has no start and no end then. */
  isTimeless?: boolean;
};

/** The number and the total size of the tables of an action. 128 bits keep the sum of any number of tables exact. */
export type Totals = {
  /** Number of tables. */
  tables: number;
  /** Approximate number of rows. */
  rows: bigint;
  /** Approximate compressed size in bytes. */
  bytes: bigint;
};

/** Why a partition is exported again. */
export type UpdateReason = 'new' | 'rows' | 'checksum' | 'no_checksum' | 'file' | 'unfinished';

/** A range of time that is updated. */
export type UpdatedRange = {
  /** Its name for people, in UTC. */
  label: string;
  /** Rows of the source. */
  sourceRows: bigint;
  /** Rows of the destination. */
  destinationRows: bigint;
};

/** The user that a key belongs to. */
export type UserInfo = {
  /** The account number of the user. */
  accountId?: string;
  /** The user's name. */
  name?: string;
  /** The user's email address. */
  email?: string;
  /** Whether the user is an administrator of the account. */
  administrator?: boolean;
};

/** A query for values of a table: see `judge_values`. */
export type ValuesQuery = {
  /** The table. */
  table: string;
  /** The statement, which returns at most 1,000 rows of the starts of the values as text. */
  sql: string;
  /** The SQL names of the columns. */
  columns: Array<string>;
};

/** How an answer relates to what petit assumes. */
export type Verdict = 'as_assumed' | 'differs' | 'not_answered';

/** The plan of a comparison. */
export type VerifyPlan = {
  /** All tables, the largest first. */
  tables: Array<ComparedTable>;
  /** A name or glob that matches no table, or other reasons why nothing is compared. */
  problems: Array<Problem>;
  /** Number of tables of either side that are not chosen. */
  notChosen: number;
  /** The range of `time` whose rows are compared; `undefined` for all rows. */
  timeRange?: PlannedRange;
  /** The SQL condition of these rows. */
  condition?: string;
};

/** The options of a comparison, and the listings of both sides. */
export type VerifyRequest = {
  /** The source database. */
  sourceDatabase: string;
  /** The destination database. */
  destinationDatabase: string;
  /** Names and globs of the tables. Default: all tables of both sides. */
  tables?: Array<string>;
  /** Names and globs of tables that are not compared. */
  exclude?: Array<string>;
  /** The sample of the rows. Default: all rows. */
  sample?: SampleOptions;
  /** Rules of masking that were applied to the destination. */
  mask?: Array<string>;
  /** Start of the range of `time` (inclusive), ISO 8601. Default: all rows are compared. */
  startTime?: string;
  /** End of the range (exclusive), ISO 8601. */
  endTime?: string;
};

/** What moves the rows of a table. */
export type Via = 'client' | 'engine';

/** The requested way to move the rows. `Via` is the chosen one. */
export type ViaChoice = 'auto' | 'client' | 'engine';

/** What happens to the views of the source. */
export type ViewChoice = 'skip' | 'copy';

/** A logical view, as `information_schema.views` shows it. */
export type ViewInfo = {
  /** Its name. */
  name: string;
  /** Its query; `undefined` if TD does not show it. */
  text?: string;
};
