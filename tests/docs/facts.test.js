import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parquetMetadata, parquetSchema } from 'hyparquet';
import { EXIT } from '../../pkg-scripts/cli/exit-codes.js';
import { HINTS } from '../../pkg-scripts/driver/errors.js';
import { wasm as core, instantiate } from '../../pkg-scripts/driver/wasm.js';
import * as library from '../../pkg-scripts/node.js';
import { blocksOf, PAGES, proseOf, ROOT, textOf } from './blocks.js';

/** @import { SchemaTree } from 'hyparquet' */

/** What the documents say in tables and in passing, against what the code does. */

/** The cells of a page's tables. @param {string} page @returns {string[][]} */
const rowsOf = (page) =>
  [...textOf(page).matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) =>
    row.split(' | ').map((cell) => cell.trim()),
  );
const codesIn = (/** @type {string} */ cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** @param {string} folder @returns {string} all of its sources */
const sourcesIn = (folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(js|rs)$/.test(name))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
    .join('\n');

/** @type {Map<string, string>} */
const helps = new Map();
/** @param {string} command */
function helpOf(command) {
  const cli = join(ROOT, 'pkg-scripts/cli.js');
  const text =
    helps.get(command) ??
    execFileSync(process.execPath, [cli, 'help', command].filter(Boolean), { encoding: 'utf8' });
  helps.set(command, text);
  return text;
}
/** Names of a command's options. @param {string} command */
const optionsOf = (command) => {
  const [, listed = ''] = helpOf(command).split('\nUsage: ');
  const names = [...listed.matchAll(/^ {2}(-.*?)(?: {2}|$)/gm)].flatMap(
    ([, flags = '']) => flags.match(/--[\w-]+/g) ?? [],
  );
  // The help leaves out what is only taken so that old invocations work.
  const hidden = command === 'td2parquet' ? ['--use-incremental', '--no-use-incremental'] : [];
  return new Set([...names.filter((name) => name !== '--help'), ...hidden]);
};
const COMMANDS = [
  'clone-db',
  'td2parquet',
  'verify',
  'ls',
  'inspect',
  'doctor',
  'cleanup',
  'trigger-workflow',
  'serve',
  'completion',
];

describe('docs/types.md', () => {
  const wasm = readFileSync(join(ROOT, 'dist/www/wasm/petit_bg.wasm'));

  /** An empty file with a column of this type. @param {string} schema */
  async function fileOf(schema) {
    await instantiate(await WebAssembly.compile(wasm));
    const stitcher = new core.Stitcher(
      schema,
      { compression: 'none', invalidUtf8: 'error', plainColumns: [] },
      [],
    );
    const bytes = Uint8Array.from([...stitcher.head(), ...stitcher.finish()]);
    return parquetSchema(parquetMetadata(bytes.buffer));
  }

  /** @param {string} text as Arrow shows it */
  const arrow = (text) =>
    text
      .replace(/List\((.*), field: 'element'\)/, 'List($1)')
      .replace(
        /Map\("key_value": non-null Struct\("key": non-null (\w+), "value": (\w+)\), unsorted\)/,
        'Map($1, $2)',
      )
      .replaceAll('"', '');

  /** @param {SchemaTree} column @returns {string} */
  function parquet({ element, children }) {
    const { type, logical_type: logical } = element;
    const inner = children.flatMap((child) =>
      child.element.repetition_type === 'REPEATED' ? child.children : [child],
    );
    if (inner.length > 0) return `${logical?.type ?? 'group'} of ${inner.map(parquet).join(' and ')}`;
    const details = /** @type {any} */ (logical ?? {});
    const arguments_ = {
      INTEGER: `(${details.bitWidth}, ${details.isSigned ? 'signed' : 'unsigned'})`,
      DECIMAL: `(${details.precision}, ${details.scale})`,
      TIMESTAMP: `(${details.unit})`,
    };
    const named = logical && `${logical.type}${arguments_[/** @type {'DECIMAL'} */ (logical.type)] ?? ''}`;
    return [type, named].filter(Boolean).join(', ');
  }

  it('says what the types become', async () => {
    // The table of pandas' types has two columns.
    const rows = rowsOf('docs/types.md').filter(([td = '', , parquet]) => parquet && codesIn(td).length > 0);
    assert.ok(rows.length > 20);
    for (const [td = '', inArrow, inParquet] of rows) {
      for (const type of codesIn(td)) {
        const schema = JSON.stringify([['c', type]]);
        const [column] = await library.describeSchema(schema);
        assert.equal(arrow(column?.arrowType ?? ''), inArrow, type);
        const { children } = await fileOf(schema);
        assert.equal(children.map(parquet).join(), inParquet, type);
      }
    }
  });

  it('leaves out no type that the core knows', () => {
    const source = readFileSync(join(ROOT, 'src/codec/schema/types.rs'), 'utf8');
    const [, known = ''] = /pub enum DataType \{(.*?)\n\}/s.exec(source) ?? [];
    const names = [...known.matchAll(/\/\/\/ `([a-z]+)/g)].map(([, name = '']) => name);
    assert.ok(names.length > 10);
    const documented = rowsOf('docs/types.md').flatMap(([td = '']) =>
      codesIn(td).map((type) => type.replace(/\W.*/, '')),
    );
    for (const name of names) assert.ok(documented.includes(name), name);
  });
});

describe('docs/troubleshooting.md', () => {
  it('has every code of an error, once, and no others', () => {
    const documented = rowsOf('docs/troubleshooting.md').flatMap(([code = '']) => codesIn(code));
    const scripts = sourcesIn('pkg-scripts');
    const thrown = [...scripts.matchAll(/new PetitError\(\s*'([a-z_\d]+)'/g)].map(([, code = '']) => code);
    const core = ['codec', 'td', 'plan']
      .map((room) => readFileSync(join(ROOT, `src/${room}/error.rs`), 'utf8').split('#[cfg(test)]')[0])
      .join('\n');
    const named = [...core.matchAll(/pub fn code\(&self\)(.*?)\n {4}\}/gs)]
      .map(([, body]) => body)
      .join('\n');
    const inCore = [
      ...`${named}`.matchAll(/=> "(\w+)"/g),
      ...core.matchAll(/`([a-z]+_[a-z\d_]+)`(?!\])/g),
    ].map(([, code = '']) => code);
    const refusals = ['source_refused', 'destination_refused'];
    const wanted = new Set([...Object.keys(HINTS), ...thrown, ...inCore, ...refusals]);
    wanted.delete('snake_case');
    assert.ok(wanted.size > 40);
    assert.deepEqual(documented.toSorted(), [...wanted].sort());
  });
});

describe('the examples of the library', () => {
  it('use every export', () => {
    const examples = PAGES.flatMap(blocksOf).filter(({ language, notRun }) => language === 'js' && !notRun);
    const used = new Set(
      examples.flatMap(
        ({ text }) => /import \{ (.*?) \} from 'petit-td'/s.exec(text)?.[1]?.split(/,\s*/) ?? [],
      ),
    );
    assert.deepEqual(
      Object.keys(library).filter((name) => !used.has(name)),
      [],
    );
  });
});

describe('docs/exit-codes.md', () => {
  it('has every exit code, by its name, and no others', () => {
    const documented = rowsOf('docs/exit-codes.md').filter(
      ([code = '', name = '']) => /^\d+$/.test(code) && /^`\w+`$/.test(name),
    );
    const inPage = Object.fromEntries(
      documented.map(([code, name = '']) => [codesIn(name)[0], Number(code)]),
    );
    assert.deepEqual(inPage, { ...EXIT });
  });
});

describe('the documents', () => {
  for (const command of COMMANDS.slice(0, 7)) {
    it(`list the options of ${command}`, () => {
      const rows = rowsOf(`docs/${command}.md`).flatMap(([cell = '']) => codesIn(cell));
      const documented = new Set(rows.flatMap((code) => code.match(/^--[\w-]+/g) ?? []));
      assert.deepEqual([...documented].sort(), [...optionsOf(command)].sort());
    });
  }

  it('name no option that a command does not have', () => {
    for (const page of PAGES) {
      for (const code of codesIn(proseOf(page).replaceAll(/^```.*?^```/gms, ''))) {
        const [, command = ''] = /^(?:npx (?:--no-install )?)?petit(?:-td)? ([\w-]+)/.exec(code) ?? [];
        if (!COMMANDS.includes(command)) continue;
        for (const name of code.match(/ --[\w-]+/g) ?? [])
          assert.ok(optionsOf(command).has(name.trim()), `${page}: ${code}`);
      }
    }
  });

  it('map every option of petit-cli to one that is there', () => {
    const text = textOf('docs/migration.md');
    for (const command of ['clone-db', 'td2parquet', 'trigger-workflow']) {
      const [, section = ''] = new RegExp(`^## ${command}\n(.*?)^## `, 'ms').exec(text) ?? [];
      const old = [...section.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = '']) => codesIn(cell));
      const names = old.filter((code) => code.startsWith('--'));
      assert.ok(names.length > 2, command);
      for (const name of names) assert.ok(optionsOf(command).has(name), `${command} ${name}`);
    }
  });
});

describe('petit help', () => {
  it('lists the commands, within a terminal', () => {
    const text = helpOf('');
    for (const line of text.split('\n')) assert.ok(line.length <= 80, `${line.length}: ${line}`);
    for (const command of COMMANDS) assert.match(text, new RegExp(`^ {2}${command} {2,}\\w`, 'm'));
  });

  for (const command of COMMANDS) {
    it(`${command} begins with examples, tells its exit codes, and fits a terminal`, () => {
      const text = helpOf(command);
      assert.match(text, /^\nExamples:\n/);
      for (const line of text.split('\n')) assert.ok(line.length <= 80, `${line.length}: ${line}`);
      if (!['serve', 'completion'].includes(command)) assert.match(text, /^Exit codes: /m);
    });
  }
});
