export type SplitOptions = {
  batchRows: number;
  batchBytes: number;
  groupRows: number;
  groupBytes: number;
};

export type RowBatch = {
  rows: Uint8Array;
  rowCount: number;
  firstRow: number;
  endsGroup: boolean;
};

export type EncodedRowGroup = {
  file: Uint8Array;
  dataLength: number;
  rowCount: number;
  overflowed: Array<number>;
  deltaPays: Array<number>;
};

export type Compression = 'zstd' | 'snappy' | 'gzip' | 'lz4' | 'none';

export type InvalidUtf8 = 'error' | 'replace' | 'binary';

export type Encodings = 'compatible' | 'delta' | 'modern';

export type EncodeOptions = {
  compression?: Compression;
  invalidUtf8?: InvalidUtf8;
  encodings?: Encodings;
  plainColumns?: Array<number>;
  deltaColumns?: Array<number>;
  showValues?: boolean;
};

export type SchemaDescription = {
  columns: Array<ColumnTypes>;
  notes: Array<string>;
};

export type ColumnTypes = {
  name: string;
  tdType: string;
  arrowType: string;
};

export type SegmentOptions = {
  level: number;
  firstRow?: number;
};

export type Segment = {
  deflated: Uint8Array;
  crc: number;
  byteLength: number;
  rowCount: number;
};

export type ErrorReport = {
  code: string;
  message: string;
  retryable: boolean;
  status?: number | undefined;
  retryAfterMs?: number | undefined;
  column?: string | undefined;
  row?: number | undefined;
  job?: string | undefined;
};

export type ExistingOutput = {
  path: string;
  kind: OutputKind;
  reason?: string | undefined;
  manifest?: ListedFiles | undefined;
  unfinished?: Array<string>;
  unlisted?: Array<string>;
};

export type OutputKind = 'absent' | 'file' | 'folder' | 'stream' | 'block_device' | 'unusable';

export type ListedFiles = {
  path: string;
  files: Array<string>;
};

export type Overwritten = {
  path: string;
  action: OverwriteAction;
};

export type OverwriteAction = 'replace' | 'replace_or_delete' | 'delete';

export type Problem = {
  code: string;
  table?: string | undefined;
  message: string;
};

export type ExportRequest = {
  site?: string | undefined;
  database: string;
  tables?: Array<string>;
  listing?: Array<TableInfo> | undefined;
  query?: string | undefined;
  jobId?: string | undefined;
  output?: string | undefined;
  outputDir?: string;
  timeColumn?: string | undefined;
  startTime?: string | undefined;
  endTime?: string | undefined;
  splitRows?: number | bigint;
  partition?: PartitionBy | undefined;
  overwrite?: boolean;
  existing?: Array<ExistingOutput>;
};

export type ExportPlan = {
  tasks: Array<ExportTask>;
  problems: Array<Problem>;
};

export type ExportTask = {
  table: string;
  database: string;
  sql?: string | undefined;
  jobId?: string | undefined;
  outputPath: string;
  partitioning?: Partitioning | undefined;
  rows?: bigint;
  bytes?: bigint;
  hasCondition: boolean;
  sliceRows?: bigint;
  slicesSql?: string | undefined;
  metadata: Array<[string, string]>;
  overwrites: Array<Overwritten>;
  unlisted: Array<string>;
};

export type Action = 'create' | 'overwrite' | 'skip' | 'error';

export type Size = {
  rows: bigint;
  bytes: bigint;
};

export type CloneTable = {
  table: string;
  action: Action;
  rows: bigint;
  bytes: bigint;
  problem?: Problem | undefined;
  overwrites?: Size | undefined;
  warnings: Array<string>;
  copy?: CopyTask | undefined;
  via?: Via | undefined;
  viaReason?: string | undefined;
};

export type Orphans = {
  sessions: Array<string>;
  tables: Array<string>;
  jobs: Array<string>;
  inUse: Array<string>;
};

export type Totals = {
  tables: number;
  rows: bigint;
  bytes: bigint;
};

export type ClonePlan = {
  sourceDatabase: string;
  destinationDatabase: string;
  createDatabase: boolean;
  tables: Array<CloneTable>;
  orphans: Orphans;
  warnings: Array<string>;
  totals: { [key in Action]?: Totals };
  shard?: Shard | undefined;
};

export type VerifyRequest = {
  sourceDatabase: string;
  destinationDatabase: string;
  sourceTables: Array<TableInfo>;
  destinationTables?: Array<TableInfo> | undefined;
  tables?: Array<string>;
};

export type VerifyPlan = {
  tables: Array<ComparedTable>;
  problems: Array<Problem>;
};

export type ComparedTable = {
  table: string;
  foundIn: FoundIn;
  schemaDifferences: Array<string>;
  source?: SideQueries | undefined;
  destination?: SideQueries | undefined;
};

export type FoundIn = 'both' | 'source' | 'destination';

export type SideQueries = {
  count: string;
  checksum?: string | undefined;
  columns: Array<ColumnQuery>;
  rows?: string | undefined;
};

export type ColumnQuery = {
  columns: Array<string>;
  sql: string;
};

export type PartitionBy = 'hour' | 'day' | 'month' | 'year';

export type Partitioning = {
  by: PartitionBy;
  key: string;
};

export type Partition = {
  path: string;
  value?: string | undefined;
  start?: number | undefined;
  end?: number | undefined;
  rows: bigint;
  slices: Array<Slice>;
};

export type Via = 'client' | 'engine';

export type CopyMethod = 'bulk-import' | 'insert-select' | 'result-output';

export type Statements = {
  sql: string;
  countSql?: string | undefined;
  hasCondition?: boolean;
};

export type Slice = {
  sql: string;
  countSql?: string | undefined;
  rows: bigint;
};

export type CleanupRequest = {
  databases: Array<DatabaseTables>;
  sessions: Array<SessionInfo>;
  jobs?: Array<JobInfo>;
  nowMs?: number | bigint;
  endedProcesses?: Array<string>;
  force?: Array<string>;
};

export type DatabaseTables = {
  database: string;
  tables: Array<TableInfo>;
};

export type CleanupPlan = {
  jobs: Array<OrphanJob>;
  sessions: Array<OrphanSession>;
  tables: Array<OrphanTable>;
  inUse: Array<InUse>;
};

export type InUse = {
  database: string;
  name: string;
};

export type OrphanJob = {
  jobId: string;
  status: string;
  database?: string | undefined;
};

export type OrphanSession = {
  session: string;
  database: string;
  status: string;
};

export type OrphanTable = {
  database: string;
  table: string;
  rows?: bigint;
  bytes?: bigint;
  created?: string | undefined;
};

export type Shard = {
  index: number;
  count: number;
};

export type CloneRequest = {
  sourceDatabase: string;
  destinationDatabase: string;
  isSameAccount?: boolean;
  sourceTables: Array<TableInfo>;
  destinationTables?: Array<TableInfo> | undefined;
  destinationSessions?: Array<string>;
  userPartitioned?: Array<string>;
  partitioningUnchecked?: number;
  onExisting?: OnExisting;
  run?: number;
  via?: ViaChoice;
  allowKeyInJob?: boolean;
  destinationReadsSource?: boolean;
  splitRows?: number | bigint;
  shard?: Shard | undefined;
  runningJobs?: Array<JobQuery>;
  nowMs?: number | bigint;
  endedProcesses?: Array<string>;
};

export type JobQuery = {
  jobId: string;
  query: string;
};

export type OnExisting = 'error' | 'skip' | 'overwrite';

export type ViaChoice = 'auto' | 'client' | 'engine';

export type CopyTask = {
  method: CopyMethod;
  sql: string;
  keys: Array<string>;
  schema?: string | undefined;
  expireDays?: number | undefined;
  includeV?: boolean | undefined;
  description?: string | undefined;
  stagingTable: string;
  session: string;
  countSql: string;
  sourceCountSql: string;
  sliceRows?: bigint;
  slicesSql: string;
  overwrite: boolean;
};

export type ResponseHead = {
  status: number;
  contentRange?: ContentRange | undefined;
  contentLength?: number | undefined;
  etag?: string | undefined;
  isDecoded: boolean;
};

export type ContentRange = {
  start: number;
  end: number;
  total?: number | undefined;
};

export type FailureDescription = {
  reason: string;
  isTransient: boolean;
};

export type UserInfo = {
  accountId?: string | undefined;
  name?: string | undefined;
  email?: string | undefined;
  administrator?: boolean | undefined;
};

export type DatabaseInfo = {
  name: string;
  id?: string | undefined;
  count?: bigint;
  permission?: string | undefined;
  deleteProtected?: boolean | undefined;
  createdAt?: string | undefined;
  updatedAt?: string | undefined;
};

export type TableInfo = {
  name: string;
  id?: string | undefined;
  type?: string | undefined;
  count?: bigint;
  estimatedStorageSize?: bigint;
  columns: Array<Column>;
  expireDays?: number | undefined;
  includeV?: boolean | undefined;
  deleteProtected?: boolean | undefined;
  createdAt?: string | undefined;
  updatedAt?: string | undefined;
  lastLogTimestamp?: number | undefined;
  description?: string | undefined;
};

export type Distribution = {
  bucketCount?: number | undefined;
  partitionFunction?: string | undefined;
};

export type JobInfo = {
  jobId: string;
  status: string;
  type?: string | undefined;
  database?: string | undefined;
  query?: string | undefined;
  url?: string | undefined;
  createdAt?: string | undefined;
  startAt?: string | undefined;
  endAt?: string | undefined;
  duration?: number | undefined;
  numRecords?: bigint;
  resultSize?: bigint;
  hiveResultSchema?: string | undefined;
  linkedExportJob?: string | undefined;
  debug?: JobDebug | undefined;
};

export type JobDebug = {
  cmdout?: string | undefined;
  stderr?: string | undefined;
};

export type IssuedJob = {
  jobId: string;
  adopted: boolean;
};

export type JobStatistics = {
  recordsInserted?: bigint;
};

export type KilledJob = {
  formerStatus?: string | undefined;
};

export type SessionInfo = {
  name: string;
  database?: string | undefined;
  table?: string | undefined;
  status: string;
  uploadFrozen?: boolean | undefined;
  jobId?: string | undefined;
  validRecords?: bigint;
  errorRecords?: bigint;
  validParts?: number | undefined;
  errorParts?: number | undefined;
};

export type PerformedSession = {
  jobId?: string | undefined;
};

export type Bytes = Uint8Array;

export type Replies = {
  show_user: UserInfo;
  list_databases: Array<DatabaseInfo>;
  create_database: undefined;
  list_tables: Array<TableInfo>;
  show_table: TableInfo;
  table_distribution?: Distribution | undefined;
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

export type Relay = {
  url: string;
  token: string;
};

export type Call =
  | { call: 'show_user' }
  | { call: 'list_databases' }
  | ({ call: 'create_database' } & DatabaseRef)
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

export type DatabaseRef = {
  database: string;
};

export type TableRef = {
  database: string;
  table: string;
};

export type JobRef = {
  jobId: string;
};

export type DomainKeyRef = {
  domainKey: string;
};

export type SessionRef = {
  session: string;
};

export type PartRef = {
  session: string;
  part: string;
};

export type StartAttempt = {
  workflowId: string;
  sessionTime: string;
};

export type AttemptRef = {
  attemptId: string;
};

export type CreateTable = {
  database: string;
  table: string;
  schema?: string | undefined;
  expireDays?: number | undefined;
  includeV?: boolean | undefined;
  description?: string | undefined;
};

export type RenameTable = {
  database: string;
  table: string;
  newName: string;
  overwrite?: boolean;
};

export type IssueJob = {
  database: string;
  query: string;
  domainKey: string;
  engine?: Engine;
  priority?: number | undefined;
  retryLimit?: number | undefined;
  poolName?: string | undefined;
  engineVersion?: string | undefined;
  output?: TableRef | undefined;
};

export type ListJobs = {
  status: string;
  limit: number;
};

export type Engine = 'presto' | 'trino' | 'hive';

export type CreateSession = {
  session: string;
  database: string;
  table: string;
};

export type PerformSession = {
  session: string;
  priority?: number | undefined;
  poolName?: string | undefined;
};

export type AttemptInfo = {
  id: string;
  sessionId: string;
  workflow: NamedId;
  project: NamedId;
  status: string;
  done?: boolean | undefined;
  success?: boolean | undefined;
  createdAt?: string | undefined;
  finishedAt?: string | undefined;
};

export type NamedId = {
  id: string;
  name?: string | undefined;
};

export type Column = {
  key: string;
  type: string;
  alias?: string | undefined;
  description?: string | undefined;
};

export type SessionProgress = {
  rowsSent: number | bigint;
  performs?: number;
  performInDoubt?: boolean;
  commits?: number;
  commitInDoubt?: boolean;
  sinceLastMs?: number;
};

export type SessionStep =
  | { step: 'freeze' }
  | { step: 'perform' }
  | { step: 'wait' }
  | { step: 'commit' }
  | { step: 'done' }
  | { step: 'fail'; error: ErrorReport };

export type NamingProgress = {
  names: number;
  answer?: Answer;
  inDoubt?: boolean;
};

export type NamingStep = { step: 'create' } | { step: 'next_name' } | { step: 'ready' } | { step: 'fail' };

export type SeenTables = {
  staging?: TableIdentity | undefined;
  target?: TableIdentity | undefined;
};

export type ListedTables = {
  staging?: TableInfo | undefined;
  target?: TableInfo | undefined;
};

export type PublishProgress = {
  before: SeenTables;
  rows?: bigint;
  answer: Answer;
  removing?: NotPublishedReason | undefined;
  idRule?: IdRule | undefined;
  contents?: ComparedContents | undefined;
};

export type Answer = 'none' | 'done' | 'gone' | 'taken' | 'refused' | 'unanswered';

export type ComparedContents = 'equal' | 'different' | 'not_compared';

export type RetryState = {
  sinceAnswerMs: number;
  exhausted: boolean;
  lookFailed?: boolean;
};

export type PublishStep =
  | { step: 'rename' }
  | { step: 'look' }
  | { step: 'remove'; reason: NotPublishedReason }
  | { step: 'learn_id_rule' }
  | { step: 'compare' }
  | { step: 'published' }
  | { step: 'not_published'; reason: NotPublishedReason }
  | { step: 'unknown'; reason: PublishDoubt };

export type NotPublishedReason = 'taken' | 'staging_lost' | 'refused' | 'given_up';

export type PublishDoubt = 'unreachable' | 'replaced' | 'indistinguishable';

export type TableIdentity = {
  id?: string | undefined;
  createdAt?: string | undefined;
  rows?: bigint;
  schema: string;
};

export type IdRule = 'kept' | 'new' | 'target' | 'not_known';
