import { readFile } from 'node:fs/promises';
import { PetitError } from '../../driver/errors.js';

/** The encodings that a byte order mark names. */
const MARKS = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];
/** Characters that no text has, but text in another encoding: NUL in UTF-16 and UTF-32, ESC in ISO-2022-JP. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const FOREIGN = /[\0\x1b]/;
const HINT = 'Save the text as UTF-8, or as UTF-16 with a byte order mark.';

/**
 * Reads a text file strictly: a wrong character would silently make another query or another key of it.
 * @param {string} path
 * @param {{ what: string, code?: string }} options `what`: the file, for messages
 */
export async function readTextFile(path, { what, code = 'invalid_option' }) {
  return decodeText(await readFile(path), { what: `${what} ${path}`, code });
}

/**
 * Decodes UTF-8 with or without a byte order mark, or UTF-16 with one. The error names the byte and never shows the text.
 * @param {Uint8Array} bytes
 * @param {{ what: string, code?: string }} options
 */
export function decodeText(bytes, { what, code = 'invalid_option' }) {
  const mark = MARKS.find((one) => one.bytes.every((byte, index) => bytes[index] === byte));
  const encoding = mark?.encoding ?? 'utf-8';
  const name = encoding.slice(0, 6).toUpperCase();
  const text = decode(bytes, encoding, false);
  if (text === undefined) {
    const at = byteOffset(longestValid(bytes, encoding), encoding, mark?.bytes.length ?? 0);
    const message = `${what} is not ${name}: byte ${at} is not the start of a character`;
    throw new PetitError(code, message, { hint: HINT });
  }
  const foreign = FOREIGN.exec(text);
  if (foreign) {
    const at = byteOffset(text.slice(0, foreign.index), encoding, mark?.bytes.length ?? 0);
    const message = `${what} is not ${name} text: byte ${at} is a control character`;
    throw new PetitError(code, message, { hint: HINT });
  }
  return text;
}

/**
 * @param {Uint8Array} bytes
 * @param {string} encoding
 * @param {boolean} isPart whether the last character may be incomplete
 * @returns {string | undefined} undefined if the bytes are not in this encoding
 */
function decode(bytes, encoding, isPart) {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: isPart });
  } catch {
    return undefined;
  }
}

/**
 * The text before the first bytes that are no character.
 * @param {Uint8Array} bytes
 * @param {string} encoding
 */
function longestValid(bytes, encoding) {
  const prefix = (/** @type {number} */ length) => decode(bytes.subarray(0, length), encoding, true);
  let [valid, invalid] = [0, bytes.length + 1];
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    if (prefix(middle) === undefined) invalid = middle;
    else valid = middle;
  }
  return prefix(valid) ?? '';
}

/** The offset from 0 of the byte after `text`.
 * @param {string} text @param {string} encoding @param {number} markBytes */
const byteOffset = (text, encoding, markBytes) =>
  markBytes + (encoding === 'utf-8' ? Buffer.byteLength(text) : text.length * 2);
