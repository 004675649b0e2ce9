import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { PetitError } from '../../pkg-scripts/driver/errors.js';
import { Outlet } from '../../pkg-scripts/driver/utils/redact.js';
import { instantiate } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';

const SECRET = '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567';
const outlet = new Outlet();
outlet.hide(`7/${SECRET}`);

before(async () => instantiate(await platform.loadWasm()));

describe('an outlet', () => {
  it('removes keys from text', () => {
    assert.equal(outlet.text(`no key 7/${SECRET}.`), 'no key [API key].');
    assert.equal(outlet.text('7 rows'), '7 rows');
    assert.equal(new Outlet().text(SECRET), SECRET);
  });

  it('keeps JSON valid, and counts exact', () => {
    const data = {
      rows: 9007199254740993n,
      [SECRET]: [{ text: `a\n${SECRET.slice(3, 11)}`, error: new PetitError('network', SECRET) }],
      id: Number(SECRET.replace(/\D/g, '').slice(0, 8)),
      nothing: null,
      missing: undefined,
    };
    const json = outlet.json(data, 2);
    const parsed = JSON.parse(json);
    assert.match(json, /"rows": 9007199254740993,/);
    assert.equal(parsed['[API key]'][0].text, 'a\n[API key]');
    assert.deepEqual(
      [parsed['[API key]'][0].error.code, parsed['[API key]'][0].error.message],
      ['network', '[API key]'],
    );
    assert.deepEqual([parsed.nothing, parsed.id], [null, data.id]);
  });

  it('removes keys from an error and its causes', () => {
    const cause = new TypeError(`cause ${SECRET}`);
    const error = outlet.error(
      new PetitError('network', `no ${SECRET}`, { cause, hint: SECRET, table: SECRET }),
    );
    for (const text of [error.message, error.stack, error.hint, error.table, cause.message, cause.stack]) {
      assert.ok(text?.includes('[API key]') && !text.includes(SECRET.slice(0, 8)), text);
    }
    assert.equal(outlet.error('text'), 'text');
  });
});
