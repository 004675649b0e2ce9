import { PetitError } from '../driver/errors.js';

/** @import { ByteSource, SinkContext } from '../types.js' */

/**
 * Opens a file of this computer, of a store or of a web server, to read ranges of it.
 * @param {string} file path or address
 * @param {SinkContext} context
 * @returns {Promise<ByteSource & { close?: () => Promise<void> }>}
 */
export async function openSource(file, context) {
  const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(file) ?? [];
  switch (scheme?.toLowerCase()) {
    case undefined: {
      const { openDiskSource } = await import('./disk.js');
      return openDiskSource(file);
    }
    case 'http':
    case 'https': {
      const { openWebSource } = await import('./web.js');
      return openWebSource(file, context);
    }
    case 's3':
    case 'gs':
    case 'az': {
      const { openStoreSource } = await import('./store.js');
      return openStoreSource(file, context);
    }
    default:
      throw new PetitError('invalid_option', `petit reads no addresses that begin with ${scheme}://`, {
        hint: 'Use a path, or an address with s3://, gs://, az:// or https://.',
      });
  }
}
