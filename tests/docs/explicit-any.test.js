import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';

/** Biome's rule noExplicitAny does not read the types in comments, which is where these files have them. */

const ROOT = join(import.meta.dirname, '../..');

/**
 * @param {string} path
 * @param {string} text
 * @returns {string[]} places of the type `any`, and of `*`, which is the same in a comment
 */
function findAny(path, text) {
  /** @type {string[]} */
  const places = [];
  const kind = path.endsWith('.jsx') ? ts.ScriptKind.JSX : undefined;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
  const visit = (/** @type {ts.Node} */ node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword || node.kind === ts.SyntaxKind.JSDocAllType) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      places.push(`${path}:${line + 1}`);
    }
    // Unlike forEachChild, it has the comments.
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
  return places;
}

describe('the type any', () => {
  it('is found in comments and in declarations', () => {
    assert.deepEqual(findAny('a.js', '/** @param {any} a @returns {Promise<any>} */\nfunction f(a) {}'), [
      'a.js:1',
      'a.js:1',
    ]);
    assert.deepEqual(findAny('a.js', 'f(\n/** @type {*} */ (b));'), ['a.js:2']);
    assert.deepEqual(findAny('a.d.ts', 'type A = { b: any[] };'), ['a.d.ts:1']);
  });

  it('is in no declaration of the package and of the page', () => {
    const paths = ['pkg-scripts', 'www'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { encoding: 'utf8', recursive: true })
        .filter((name) => /\.([jt]s|jsx)$/.test(name))
        .map((name) => join(folder, name)),
    );
    assert.ok(paths.includes('www/app.jsx') && paths.length > 250, String(paths.length));
    assert.deepEqual(
      paths.flatMap((path) => findAny(path, readFileSync(join(ROOT, path), 'utf8'))),
      [],
    );
  });
});
