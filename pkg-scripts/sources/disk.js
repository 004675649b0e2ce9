import { open } from 'node:fs/promises';
import { PetitError } from '../driver/errors.js';

/** @import { ByteSource } from '../types.js' */

/**
 * @param {string} path
 * @returns {Promise<ByteSource & { close: () => Promise<void> }>}
 */
export async function openDiskSource(path) {
  const file = await open(path).catch((error) => {
    throw cannotRead(path, error);
  });
  const info = await file.stat();
  if (!info.isFile()) {
    await file.close();
    throw new PetitError('cannot_read', `${path} is not a file`);
  }
  return {
    name: path,
    byteLength: info.size,
    async slice(start, end) {
      const bytes = new Uint8Array(end - start);
      for (let filled = 0; filled < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw new PetitError('cannot_read', `${path} became shorter while it was read`);
        filled += bytesRead;
      }
      return bytes;
    },
    close: () => file.close(),
  };
}

/** @param {string} path @param {NodeJS.ErrnoException} error */
function cannotRead(path, error) {
  const reason = error.code === 'ENOENT' ? 'there is no such file' : error.message;
  return new PetitError('cannot_read', `${path}: ${reason}`, { cause: error });
}
