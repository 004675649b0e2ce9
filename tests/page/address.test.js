import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signal } from '@preact/signals';
import { fromHash, shortHash, toHash } from '../../www/address.js';
import { listField, textField } from '../../www/address-fields.js';

const VIEWS = ['connect', 'clone', 'export'];

describe('the address of a view', () => {
  test('has the options that differ from their defaults, and leads back to them', () => {
    const database = signal('');
    const policy = signal('error');
    const tables = signal(/** @type {ReadonlySet<string>} */ (new Set()));
    const fields = [
      textField('db', database),
      textField('existing', policy, ['error', 'skip']),
      listField('except', tables),
    ];
    const options = () => fields.flatMap((field) => field.read());
    assert.equal(toHash('clone', options()), '#/clone');

    database.value = 'shop & co';
    policy.value = 'skip';
    tables.value = new Set(['a,b', 'ü']);
    const hash = toHash('clone', options());
    assert.equal(hash, '#/clone?db=shop+%26+co&existing=skip&except=a%2Cb&except=%C3%BC');
    const values = () => [database.value, policy.value, [...tables.value]];
    const saved = values();
    const back = (/** @type {string} */ text) => {
      const { view, options } = fromHash(text, VIEWS);
      for (const field of fields) field.write(options);
      return view;
    };
    assert.equal(back('#/clone'), 'clone');
    assert.deepEqual(values(), ['', 'error', []]);
    assert.equal(back(hash), 'clone');
    assert.deepEqual(values(), saved);
    back('#/clone?existing=drop_everything');
    assert.equal(policy.value, 'error', 'an unknown value is the default');
  });

  test('is empty for the first view, to which every other text leads', () => {
    assert.equal(toHash('connect', []), '');
    for (const hash of ['', '#', '#/', '#/nothing?db=x', '#clone=x', '#/__proto__']) {
      assert.deepEqual([fromHash(hash, VIEWS).view, String(fromHash(hash, VIEWS).options)], ['connect', '']);
    }
  });

  test('has no tables if it would be too long', () => {
    const options = Array.from(
      { length: 1000 },
      (_, index) => /** @type {[string, string]} */ (['table', `t${index}`]),
    );
    assert.equal(shortHash('export', [['db', 'shop'], ...options], ['table']), '#/export?db=shop');
    assert.match(shortHash('export', options.slice(0, 3), ['table']), /table=t2$/);
  });
});
