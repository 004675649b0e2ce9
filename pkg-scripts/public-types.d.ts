// The types that users of the library see, by name.
export type { AccountCheck, TableInfo } from './driver/account.js';
export type { ClonedTable, CopyTask } from './driver/clone.js';
export type { ExportedTable, ExportTask, Partitioning } from './driver/export.js';
export type { ClonePlan, PlannedTable, Planner } from './driver/plan-clone.js';
export type { StageProfile } from './driver/profile.js';
export type { Run } from './driver/run.js';
export type { CleanupPlan, CleanupRequest, CleanupSummary } from './driver/run-cleanup.js';
export type { CloneReport, CloneRequest, CloneSummary } from './driver/run-clone.js';
export type {
  ExportPlan,
  ExportPlanner,
  ExportRequest,
  ExportSummary,
  Problem,
} from './driver/run-export.js';
export type { Comparison, VerifyRequest, VerifySummary } from './driver/run-verify.js';
export type { ColumnTypes } from './driver/schema.js';
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
} from './driver/types.js';
export type { Attempt, AttemptRequest, WorkflowRequest } from './driver/workflow.js';
export type {
  Chosen,
  ExportJobRequest,
  ExportQueryRequest,
  ExportTableRequest,
  Target,
} from './index.js';
