// The types of the package in pages and their workers.
import type { MemorySink, OpenSink, PrivateFolder, SaveTargets, ServedBy } from './types.js';

export * from './api.js';

/** Returns the relay that `petit serve` provides to this page; undefined if another server served it. For the page itself:
 * its workers cannot see it. */
export declare function relayOfPage(): ServedBy | undefined;

/**
 * Opens a new folder in the origin's private file system, and removes those of pages that are gone.
 * @param name of `newPrivateFolderName`; default: a new one
 */
export declare function openPrivateFolder(name?: string): Promise<PrivateFolder>;

/** Returns a new name for a folder, for a page that must be able to remove the folder. */
export declare function newPrivateFolderName(): string;

/** Removes the folders of pages and workers that are gone. */
export declare function removeAbandonedFolders(): Promise<void>;

/** Writes the one file that the user picked with `showSaveFilePicker`. */
export declare function fileSink(handle: FileSystemFileHandle): OpenSink;

/** Writes into the folder that the user picked with `showDirectoryPicker`. */
export declare function folderSink(folder: FileSystemDirectoryHandle): OpenSink;

/**
 * Holds files in memory, for browsers without a better place.
 * @param limit maximum size of a file in bytes; default: 256 MiB
 */
export declare function memorySink(limit?: number): MemorySink;

/** Finds where this browser can save files. Works in pages and workers, but a worker sees no pickers. */
export declare function findSaveTargets(): Promise<SaveTargets>;
