// The types of the package in Node.
import type {
  FileCleanupRequest,
  FileCleanupSummary,
  InspectedFile,
  InspectRequest,
  ServeOptions,
  Server,
} from './types.js';

export * from './api.js';

/** Finds the partial files of killed exports in a folder and its subfolders, and removes them if requested. */
export declare function cleanUpFiles(request: FileCleanupRequest): Promise<FileCleanupSummary>;

/** Describes a Parquet file by its footer: a path, or an address with `s3://`, `gs://`, `az://` or `https://`. */
export declare function inspectFile(request: InspectRequest): Promise<InspectedFile>;

/** Serves petit's page on this computer and forwards its calls to Treasure Data. Other computers cannot reach the server. */
export declare function serve(options?: ServeOptions): Promise<Server>;
