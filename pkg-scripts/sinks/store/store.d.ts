// What every store does: S3, Google Cloud Storage, Azure Blob Storage.

/** An object as the store describes it. */
export interface ObjectInfo {
  etag: string;
  bytes: bigint;
  /** The mark of the upload that made it. */
  mark: string | undefined;
}

/** An upload that is not complete. */
export interface UploadInfo {
  key: string;
  uploadId: string;
  /** ISO 8601. */
  initiated: string;
}

/** A part that the store has. */
export interface UploadedPart {
  /** From 1. */
  number: number;
  etag: string;
  /** In base64, if the store checks it. */
  sha256: string | undefined;
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  retryTimeoutMs?: number | undefined;
}

/** When an upload or a small object may be written. */
export interface UploadOptions {
  /** Metadata of the object, by which the run that made it knows it again. */
  mark: string;
  type?: string;
  /** What the object is when it appears, for stores that must know it at the start: `absent`, or `unchanged` since then.
   * Default: anything. */
  condition?: 'absent' | 'unchanged' | undefined;
}

/** An upload in parts. The object appears when it is completed. */
export interface Upload {
  key: string;
  uploadId: string;
  putPart(number: number, bytes: Uint8Array, signal: AbortSignal): Promise<UploadedPart>;
  /** Asks the store once to make the object appear. Its answer says nothing certain if it is an error. `gone`: there is no
   * such upload. `no_condition`: the store knows no conditions. */
  complete(
    parts: UploadedPart[],
    options: { overwrite: boolean; signal: AbortSignal },
  ): Promise<'done' | 'exists' | 'gone' | 'conflict' | 'no_condition'>;
  /** Whether it was there. */
  abort(options?: RequestOptions): Promise<boolean>;
}

/** A bucket, or a container. */
export interface Store {
  /** The address of an object, for messages. */
  url(key: string): string;
  /** What is at a key. `hidden`: the credentials may not see it. */
  head(key: string, options?: { signal?: AbortSignal }): Promise<ObjectInfo | 'absent' | 'hidden'>;
  /** A small object. */
  get(key: string): Promise<{ text: string; etag: string; modified: string } | undefined>;
  /** A part of an object, while it is the one with this ETag. */
  range(key: string, start: number, end: number, etag: string): Promise<Uint8Array | undefined>;
  /** Writes a small object. Returns its ETag; undefined if the condition does not hold. */
  put(
    key: string,
    text: string,
    options: { ifMatch?: string | undefined; ifAbsent?: boolean; mark: string },
  ): Promise<string | undefined>;
  /** Deletes an object. One that is absent is no error. */
  remove(key: string): Promise<void>;
  /** The objects whose keys begin with `prefix`. */
  list(prefix: string): AsyncGenerator<{ key: string; etag: string; bytes: string; modified: string }>;
  /** Fails if the bucket is not there, or the credentials are not known. */
  check(prefix: string): Promise<void>;
  /** The uploads that are not complete, of a store that lists them. */
  listUploads(prefix: string): Promise<UploadInfo[]>;
  /** The bytes of an unfinished upload; 0 if it has ended meanwhile. */
  uploadedBytes(key: string, uploadId: string): Promise<bigint>;
  startUpload(key: string, options: UploadOptions): Promise<Upload>;
  /** Deletes the parts of an upload. Whether it was there. */
  abortUpload(key: string, uploadId: string, options?: RequestOptions): Promise<boolean>;
}
