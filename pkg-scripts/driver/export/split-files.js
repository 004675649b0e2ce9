/** @import { EncodedRowGroup } from '../workers/encode.js' */

/**
 * Hands out the row groups file by file. A file ends before the row group that would make it larger than `fileSize`; it has at
 * least one row group, if there are any left.
 * @param {AsyncIterable<EncodedRowGroup>} groups
 * @param {number} [fileSize] in bytes; default: one file
 */
export function splitFiles(groups, fileSize = Number.POSITIVE_INFINITY) {
  const iterator = groups[Symbol.asyncIterator]();
  /** @type {IteratorResult<EncodedRowGroup> | undefined} */
  let next;

  /** The row groups of the next file. */
  async function* nextFile() {
    let bytes = 0;
    next ??= await iterator.next();
    for (; !next.done; next = await iterator.next()) {
      const { value } = next;
      if (bytes > 0 && bytes + value.dataLength > fileSize) return;
      bytes += value.dataLength;
      yield value;
    }
  }

  return {
    nextFile,
    /** Whether the last file has all its row groups. */
    isDone: () => next?.done === true,
    close: async () => void (await iterator.return?.()),
  };
}
