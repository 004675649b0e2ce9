// The shapes that the driver, its platforms and its users share.

/** A Treasure Data account: where it lives and the key that opens it. */
export interface Account {
  /** Base URL of the API host, such as `https://api.treasuredata.com`, or the name of a site. */
  endpoint: string;
  /** API key. Never logged, never part of a message. */
  apikey: string;
  /** `User-Agent` of the requests, where the platform lets it be set. */
  userAgent?: string;
  /** The server that passes the calls on, where the platform may not call the endpoint itself: see `petit serve`. */
  relay?: Relay;
}

/** A server that passes calls on to an endpoint. */
export interface Relay {
  /** Its origin. */
  url: string;
  /** What lets a page use it. */
  token: string;
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
  /** Which of these paths are taken already. */
  existing(paths: string[]): Promise<string[]>;
  /** A better error than the one of a first call that got no answer, where the platform hides the reason. */
  whyNoAnswer?(error: unknown, account: { endpoint: string; relay?: Relay }): Promise<unknown>;
}

/** A number of rows and bytes done, of those that are expected (undefined while unknown). */
export interface Amounts {
  rows: number;
  totalRows?: number;
  bytes: number;
  totalBytes?: number;
}

/** What a run tells while it goes on. `version` is that of the event format. */
export type Event =
  | ({ type: 'plan' } & Record<string, unknown>)
  | ({ type: 'progress'; table: string; phase: string; waiting?: string } & Amounts)
  | ({ type: 'table'; table: string; state: 'done' | 'failed' | 'skipped' } & Record<string, unknown>)
  | ({ type: 'error'; code: string; message: string; hint?: string } & Record<string, unknown>)
  | ({ type: 'summary' } & Record<string, unknown>);

/** Takes events as they happen. */
export type OnEvent = (event: Event) => void;

/** Where in the run something happened. */
export interface Place {
  database?: string;
  table?: string;
  job?: string;
  part?: string;
}
