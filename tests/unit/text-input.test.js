import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkKey } from '../../pkg-scripts/cli/config/api-key.js';
import { readTdConf } from '../../pkg-scripts/cli/config/td-conf.js';
import { decodeText } from '../../pkg-scripts/cli/config/text-file.js';

/** @param {string} latin1 bytes as characters */
const decode = (latin1) => decodeText(Buffer.from(latin1, 'latin1'), { what: 'the file q.sql' });
/** @param {string} text */
const utf16 = (text) => Buffer.from(text, 'utf16le').toString('latin1');
const swap = (/** @type {string} */ bytes) => Buffer.from(bytes, 'latin1').swap16().toString('latin1');
const utf8 = (/** @type {string} */ text) => Buffer.from(text).toString('latin1');

describe('a text input', () => {
  const text = "SELECT 'café 日本 😀'\r\n";

  it('is UTF-8 with or without a byte order mark, or UTF-16 with one', () => {
    assert.equal(decode(utf8(text)), text);
    assert.equal(decode(`\xef\xbb\xbf${utf8(text)}`), text);
    assert.equal(decode(`\xff\xfe${utf16(text)}`), text);
    assert.equal(decode(`\xfe\xff${swap(utf16(text))}`), text);
    assert.equal(decode(''), '');
    assert.equal(decode(utf8('a\uFFFDb')), 'a\uFFFDb');
  });

  /** @type {[title: string, bytes: string, encoding: string, at: number][]} */
  const cases = [
    ['Latin-1', "SELECT 'caf\xe9' AS a", 'UTF-8', 11],
    ['Latin-1 at the end', 'caf\xe9', 'UTF-8', 3],
    ['Shift_JIS', "SELECT '\x93\xfa\x96\x7b'", 'UTF-8', 8],
    ['EUC-JP', 'a\xc6\xfc', 'UTF-8', 1],
    ['a character that is cut off, after a mark', `\xef\xbb\xbfab${utf8('日').slice(0, 2)}`, 'UTF-8', 5],
    ['an overlong character', 'ab\xc0\x80', 'UTF-8', 2],
    ['a surrogate', 'a\xed\xa0\x80', 'UTF-8', 1],
    ['a late error', `${'x'.repeat(100_000)}\xff${'x'.repeat(100_000)}`, 'UTF-8', 100_000],
    ['UTF-16 without a mark', utf16('SELECT 1'), 'UTF-8', 1],
    ['UTF-32', '\xff\xfe\0\0S\0\0\0', 'UTF-16', 2],
    ['ISO-2022-JP', 'SELECT \x1b$BF|\x1b(B', 'UTF-8', 7],
    ['a lone surrogate in UTF-16', `\xff\xfe${utf16('ab')}\x00\xd8${utf16('c')}`, 'UTF-16', 6],
    ['half a character in UTF-16', `\xff\xfe${utf16('ab')}c`, 'UTF-16', 6],
  ];
  for (const [title, bytes, encoding, at] of cases) {
    it(`in another encoding is an error that names the byte and not the text: ${title}`, () => {
      assert.throws(
        () => decode(bytes),
        (/** @type {any} */ error) => {
          assert.match(error.message, new RegExp(`^the file q\\.sql is not ${encoding}.*: byte ${at} is `));
          assert.doesNotMatch(error.message, /SELECT|caf/);
          return error.code === 'invalid_option';
        },
      );
    });
  }
});

describe('an API key', () => {
  for (const [key, reason] of [
    ['"1/abc"', /is in quotes/],
    ["'1/abc'", /is in quotes/],
    ['“1/abc”', /is in quotes/],
    ['1/abc"', /is in quotes/],
    ['1/a"bc', /contains a quote/],
    [' 1/abc', /contains white space/],
    ['1/abc ', /contains white space/],
    ['1/ab c', /contains white space/],
    ['1/abc\u00a0', /contains white space/],
    ['1/abc\n', /contains a control character/],
    ['1/abc\r', /contains a control character/],
    ['1/a\u0000bc', /contains a control character/],
    ['1/abc\u3042', /not ASCII/],
  ]) {
    it(`is refused with the reason: ${JSON.stringify(key)}`, () => {
      assert.throws(
        () => checkKey(String(key), 'TD_API_KEY'),
        (/** @type {any} */ error) => {
          assert.match(error.message, /** @type {RegExp} */ (reason));
          assert.match(error.message, /^the API key in TD_API_KEY /);
          assert.doesNotMatch(error.message, /abc/);
          return error.code === 'bad_key';
        },
      );
    });
  }

  it('is accepted as it is', () => {
    checkKey('1/0123456789abcdef', 'TD_API_KEY');
  });
});

describe('td.conf', () => {
  it('is not needed: a path that does not exist has no account', async () => {
    assert.equal((await readTdConf({ TD_CONFIG_PATH: '/nowhere/td.conf' })).apikey, undefined);
  });
});
