import type { CleanupPlan, CleanupSummary } from './cleanup.js';
import type { CloneReport } from './clone/index.js';
import type { ClonePlan } from './clone/inspect.js';
import type { ClonedTable } from './clone/table.js';
import type { ExportPlan, ExportSummary } from './export/index.js';
import type { ExportedTable } from './export/table.js';
import type { StageProfile } from './run/profile.js';
import type { VerifySummary } from './verify/index.js';

// The shapes that the driver, its platforms and its users share.

/** A Treasure Data account: where it lives and the key that opens it. */
export interface Account {
  /** Base URL of the API host, such as `https://api.treasuredata.com`, or the name of a site. */
  endpoint: string;
  /** API key. Never logged, never part of a message. */
  apikey: string;
  /** `User-Agent` of the requests, where the platform lets it be set. */
  userAgent?: string | undefined;
  /** Sends the key over plain http to other computers than this one too, where others can read it (false). */
  allowHttp?: boolean | undefined;
  /** The server that passes the calls on, where the platform may not call the endpoint itself: see `petit serve`. */
  relay?: Relay | undefined;
}

/** A server that passes calls on to an endpoint. */
export interface Relay {
  /** Its origin. */
  url: string;
  /** What lets a page use it. */
  token: string;
}

/** What goes with a single look at an account. */
export interface CallOptions {
  /** Stops it. */
  signal?: AbortSignal;
  /** How long trouble may last, in milliseconds (300,000). */
  retryTimeoutMs?: number;
  /** How long an answer, or the next bytes of one, may take, in milliseconds (60,000). */
  idleTimeoutMs?: number;
  /** Services to use instead of the platform's own. */
  platform?: Partial<Platform>;
}

/** What a sink is told to be, and what it promises. */
export interface Sink {
  /** Takes the bytes in order. Its writes are awaited: that is the backpressure. */
  writable: WritableStream<Uint8Array>;
  /** Where the bytes are once the stream is closed. */
  path: string;
}

/** The services that differ between Node and the browser. */
export interface Platform {
  /** The bytes, the compiled module or the response of petit's WebAssembly module. */
  loadWasm(): Promise<WebAssembly.Module>;
  /** Script of an encode worker, for the pool. */
  workerScript: string;
  /** Number of workers when nobody says otherwise: the number of cores. */
  cores: number;
  /**
   * Opens a file that appears under `path` only when the stream is closed; an abort leaves nothing behind.
   * Fails when the file exists, unless `overwrite`.
   */
  openSink(path: string, options: { overwrite: boolean }): Promise<Sink>;
  /** Opens a folder that appears under `path` only when it is published. Fails when it exists, unless `overwrite`. */
  openFolder?(path: string, options: { overwrite: boolean }): Promise<Folder>;
  /** Which of these paths are taken already. */
  existing(paths: string[]): Promise<string[]>;
  /** These bytes as the body of one request, where a blob is not the best; the chunks stay as they are. */
  bodyOf?(chunks: Uint8Array[]): BodyInit;
  /** A better error than the one of a first call that got no answer, where the platform hides the reason. */
  whyNoAnswer?(error: unknown, account: { endpoint: string; relay?: Relay }): Promise<unknown>;
}

/** A folder that is being filled. */
export interface Folder {
  /** Opens a file by its path in the folder. */
  openSink(path: string): Promise<Sink>;
  /** Gives the folder its name. */
  publish(): Promise<void>;
  /** Leaves nothing of it. */
  discard(): Promise<void>;
}

/** Where petit's own files are. */
export interface Places {
  /** `dist/wasm/petit_bg.wasm`, or what is in it; in Node a path, a `file:` URL or the contents. */
  wasm?: string | URL | Response | BufferSource | WebAssembly.Module;
  /** The script of the encode workers: `dist/worker.js` in a browser, of the page's origin. */
  worker?: string | URL;
}

/** How many rows and bytes are done, of those that are expected (undefined while unknown). */
export interface Amounts {
  rows: bigint;
  totalRows?: bigint;
  bytes: bigint;
  totalBytes?: bigint;
}

/** An error as plain data. */
export interface ErrorData {
  /** Stable, snake_case. */
  code: string;
  message: string;
  /** Whether the same thing may succeed when it is tried again. */
  retryable?: boolean;
  /** What the user can do. */
  hint?: string;
  database?: string;
  table?: string;
  job?: string;
  part?: string;
  column?: string;
  /** Its place in the result, counted from 0. */
  row?: number;
  /** HTTP status of the answer that was the failure. */
  status?: number;
}

/** Once, before anything is written: what will be done, and what is in the way. */
export type PlanEvent =
  | ({ type: 'plan'; command: 'clone-db' } & ClonePlan)
  | ({ type: 'plan'; command: 'cleanup'; account: string; unseen: string[] } & CleanupPlan)
  | ({ type: 'plan'; command: 'td2parquet'; database: string } & ExportPlan);

/** At each new phase of a table, and while it goes on. */
export interface TableProgressEvent extends Amounts {
  type: 'progress';
  table: string;
  /** What is being done: words for people, which may change. */
  phase: string;
  /** Why a request waits for its next try, and how long. */
  waiting?: string;
}

/** Something that no single table is about has to wait: for the next try of a request, or for a job to begin. */
export interface WaitingEvent {
  type: 'waiting';
  message: string;
}

/** A table is done, failed or skipped. */
export type TableEvent =
  | ({ type: 'table'; state: 'done' } & (ClonedTable | ExportedTable))
  | { type: 'table'; state: 'failed'; table: string; action?: string; error: ErrorData }
  | { type: 'table'; state: 'skipped'; table: string; action: 'skip' };

/** A table failed, or the run stopped. */
export type RunErrorEvent = { type: 'error' } & ErrorData;

/** The run has ended. */
export type SummaryEvent =
  | ({ type: 'summary'; command: 'clone-db' } & CloneReport)
  | ({ type: 'summary'; command: 'cleanup'; errors: ErrorData[] } & Omit<CleanupSummary, 'errors'>)
  | ({ type: 'summary'; command: 'verify'; errors: ErrorData[] } & Omit<VerifySummary, 'errors'>)
  | ({ type: 'summary'; command: 'td2parquet'; errors: ErrorData[] } & Omit<ExportSummary, 'errors'>);

/** Once, before the summary, if a profile was wanted: what the stages did, for all tables together. */
export interface ProfileEvent {
  type: 'profile';
  command: 'clone-db' | 'td2parquet';
  /** Of the whole run. */
  seconds: number;
  workers: number;
  /** In the order of the data's way. */
  stages: StageProfile[];
}

/** An attempt of a workflow, each time it was looked at. */
export interface AttemptEvent {
  type: 'attempt';
  attemptId: string;
  sessionId: string;
  workflowId: string;
  /** The workflow's name. */
  workflow?: string;
  /** TD's word for its state, such as `running`; `done` and `success` are what counts. */
  status: string;
  done: boolean;
  success: boolean;
  /** ISO 8601. */
  finishedAt?: string;
  /** Its page in TD's console. */
  consoleUrl?: string;
}

/** Two tables of one name were compared. */
export interface ComparisonEvent {
  type: 'comparison';
  table: string;
  /** `=` the same, `*` different, `+` only in the source, `-` only in the destination, `!` not compared. */
  sign: '=' | '*' | '+' | '-' | '!';
  /** In words; none when they are the same. */
  differences: string[];
  sourceRows?: bigint;
  destinationRows?: bigint;
  /** Rows counted, checksums by SQL, or every row read. */
  method?: 'count' | 'server' | 'stream';
}

/** What a run tells while it goes on. */
export type RunEvent =
  | AttemptEvent
  | ComparisonEvent
  | PlanEvent
  | TableProgressEvent
  | WaitingEvent
  | TableEvent
  | RunErrorEvent
  | ProfileEvent
  | SummaryEvent;
export type Event = RunEvent;

/** Takes events as they happen. */
export type OnEvent = (event: RunEvent) => void;

/** Where in the run something happened. */
export interface Place {
  database?: string;
  table?: string;
  job?: string;
  part?: string;
}
