import { Transform } from 'node:stream';

/**
 * Replaces a key in a stream by as many asterisks, so that the length stays. An answer of Treasure Data that repeats the key
 * does not bring it to the page.
 * @param {string} apikey
 */
export function hideKey(apikey) {
  const secret = Buffer.from(secretOf(apikey));
  /** @type {Buffer} */
  let rest = Buffer.alloc(0);
  return new Transform({
    transform(/** @type {Buffer} */ chunk, _encoding, done) {
      const bytes = hideIn(Buffer.concat([rest, chunk]), secret);
      // The key may continue in the next chunk.
      const end = Math.max(0, bytes.length - secret.length + 1);
      rest = bytes.subarray(end);
      done(null, bytes.subarray(0, end));
    },
    flush(done) {
      done(null, rest);
    },
  });
}

/** @param {string} text @param {string} apikey */
export const withoutKey = (text, apikey) => text.replaceAll(secretOf(apikey), '*');

/**
 * What is behind the number of the account, because a server can spell the slash in several ways. Short parts are also in
 * other words.
 * @param {string} apikey
 */
const secretOf = (apikey) => apikey.replace(/^\d+\/(?=.{8})/, '');

/** @param {Buffer} bytes a copy of its own @param {Buffer} secret */
function hideIn(bytes, secret) {
  for (let at = bytes.indexOf(secret); at !== -1; at = bytes.indexOf(secret, at + secret.length)) {
    bytes.fill('*', at, at + secret.length);
  }
  return bytes;
}
