// The types that users of the library see, by name.
export type { AccountCheck, TableInfo } from '../driver/account.js';
export type { CleanupPlan, CleanupRequest, CleanupSummary } from '../driver/cleanup.js';
export type { CloneReport, CloneRequest, CloneSummary } from '../driver/clone/index.js';
export type { ClonePlan, PlannedTable, Planner } from '../driver/clone/inspect.js';
export type { ClonedTable, CopyTask } from '../driver/clone/table.js';
export type { ColumnTypes } from '../driver/describe-schema.js';
export type {
  ExportPlan,
  ExportPlanner,
  ExportRequest,
  ExportSummary,
  Problem,
} from '../driver/export/index.js';
export type { ExportedTable, ExportTask, Partitioning } from '../driver/export/table.js';
export type { StageProfile } from '../driver/run/profile.js';
export type { Run } from '../driver/run/run.js';
export type {
  Account,
  Amounts,
  AttemptEvent,
  CallOptions,
  ComparisonEvent,
  ErrorData,
  Folder,
  OnEvent,
  Place,
  Places,
  PlanEvent,
  Platform,
  ProfileEvent,
  Relay,
  RunErrorEvent,
  RunEvent,
  Sink,
  SummaryEvent,
  TableEvent,
  TableProgressEvent,
  WaitingEvent,
} from '../driver/types.js';
export type { Comparison, VerifyRequest, VerifySummary } from '../driver/verify/index.js';
export type { Attempt, AttemptRequest, WorkflowRequest } from '../driver/workflow.js';
export type {
  Chosen,
  ExportJobRequest,
  ExportQueryRequest,
  ExportTableRequest,
  Target,
} from '../index.js';
