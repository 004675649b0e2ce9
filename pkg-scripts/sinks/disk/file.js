import { basename, dirname } from 'node:path';
import { PetitError } from '../../driver/errors.js';
import { fileExists, PartialFile } from './partial-file.js';
import { openStdout, openStream } from './stream.js';
import { findTarget, isStdout } from './target.js';

/** @import { Sink } from '../../types.js' */

/**
 * Opens a file that is written under a partial name beside it and renamed when its stream is closed. A link stays a link: its
 * target is written. A device, a FIFO, a socket and `-` (standard output) get the bytes directly.
 * @param {string} path
 * @param {{ overwrite: boolean, signal?: AbortSignal | undefined }} options
 * @returns {Promise<Sink>}
 */
export async function openDiskFile(path, { overwrite, signal }) {
  const target = await findTarget(path);
  if (target.kind === 'unusable') throw new PetitError('cannot_write', `${path}: ${target.reason}`);
  if (target.kind === 'folder') throw new PetitError('path_conflict', `${path} is a folder`);
  if (target.kind === 'stream' || (target.kind === 'block_device' && overwrite)) {
    return { writable: isStdout(path) ? openStdout() : await openStream(path, signal), path };
  }
  if (target.kind !== 'absent' && !overwrite) throw fileExists(path);
  const { mode } = target;
  const partial = await PartialFile.create(dirname(target.path), basename(target.path), { mode });
  const publish = async () => {
    await partial.finish();
    await partial.publish(target.path, { overwrite });
  };
  return { writable: partialStream(partial, publish), path };
}

/**
 * A stream to a partial file. Discards the file if a write or the close fails, or if the stream is aborted.
 * @param {PartialFile} partial
 * @param {() => Promise<void>} close
 * @returns {WritableStream<Uint8Array>}
 */
export function partialStream(partial, close) {
  // A stream whose write or close failed never calls abort.
  const orDiscard = (/** @type {Promise<void>} */ step) =>
    step.catch(async (error) => {
      await partial.discard();
      throw error;
    });
  return new WritableStream(
    {
      write: (chunk) => orDiscard(partial.write(chunk)),
      close: () => orDiscard(close()),
      abort: () => partial.discard(),
    },
    { highWaterMark: 1 },
  );
}
