import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { ROOT, textOf } from './blocks.js';

/** The defaults that the documents and the type declarations state, against those of the code. */

const COMMANDS = ['clone-db', 'td2parquet', 'verify', 'ls', 'cleanup', 'trigger-workflow'];

/**
 * The defaults that the help of a command lists, by option; only numbers and quoted values.
 * @param {string} command
 */
function helpDefaults(command) {
  const help = readFileSync(join(ROOT, `tests/cli/help/${command}.txt`), 'utf8');
  const options = help.split(/\n {2}(?=-)/).slice(1);
  return options.flatMap((text) => {
    const [, names = ''] = /^(.*?)(?: {2}|\n|$)/.exec(text) ?? [];
    const [, value] = /default:\s+(\d+(?:[kM]iB)?|"[^"]+")/.exec(text) ?? [];
    const option = names.match(/--[\w-]+/g)?.at(-1) ?? '';
    return value ? [{ option, value: value.replaceAll('"', '') }] : [];
  });
}

/** @param {unknown} value @returns {string} as a type declaration writes it */
const written = (value) =>
  typeof value === 'number' ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : `\`${value}\``;

describe('the default of', () => {
  for (const command of COMMANDS) {
    it(`each option of ${command} is that of its help`, () => {
      const defaults = helpDefaults(command);
      assert.ok(defaults.length > 0);
      const rows = textOf(`docs/${command}.md`).split('\n');
      for (const { option, value } of defaults) {
        const row = rows.find(
          (line) => line.startsWith('| `') && line.split(' | ')[0]?.includes(`${option} `),
        );
        assert.equal(row?.split(' | ')[1]?.replaceAll('`', ''), value, `${option} in docs/${command}.md`);
      }
    });
  }

  it('each field of a request is that of the code', () => {
    const types = readFileSync(join(ROOT, 'pkg-scripts/types.d.ts'), 'utf8');
    const fields = [...types.matchAll(/Default: ([^\s;]+?)[.,;]?(?:,? [^/]*)?\*\/\n {2}(\w+)\?/g)];
    const stated = fields.filter(([, , name = '']) => name in DEFAULTS);
    assert.deepEqual(
      new Set(stated.map(([, , name = '']) => name)),
      new Set(Object.keys(DEFAULTS).filter((name) => name !== 'site')),
    );
    for (const [, value, name] of stated) {
      assert.equal(value, written(DEFAULTS[/** @type {keyof typeof DEFAULTS} */ (name)]), name);
    }
  });
});
