// Finds the tests that a filter selects: a part of a path, or a part of a test's name.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { testFiles } from './js-tests.js';
import { ROOT } from './steps.js';

/**
 * @typedef {object} Selection
 * @property {{ files: string[], namePattern?: string } | undefined} js
 * @property {{ packages: string[], filters: string[] } | undefined} rust
 * @property {{ files: string[], namePattern?: string } | undefined} python
 */

/**
 * @param {string} filter
 * @returns {Selection}
 */
export function findTests(filter) {
  const found = { js: findJsTests(filter), rust: findRustTests(filter), python: findPythonTests(filter) };
  if (found.js || found.rust || found.python) return found;
  // The name may be put together from parts that no file has as a whole.
  return { ...found, js: { files: testFiles({ full: true }), namePattern: escapeRegExp(filter) } };
}

/** @param {string} filter */
function findJsTests(filter) {
  const all = testFiles({ full: true });
  return byPath(all, filter) ?? byText(all, filter);
}

/** @param {string} filter */
function findPythonTests(filter) {
  const all = trackedFiles('tests/python/test_*.py');
  return byPath(all, filter) ?? byText(all, filter.replaceAll(' ', '_'));
}

/** @param {string[]} files @param {string} filter */
function byPath(files, filter) {
  const found = files.filter((path) => path.includes(filter));
  return found.length > 0 ? { files: found } : undefined;
}

/**
 * The files whose text has all words of a test's name. Names with values in them are not in the text as a whole.
 * @param {string[]} files
 * @param {string} filter
 */
function byText(files, filter) {
  const whole = files.filter((path) => contents(path).includes(filter));
  const words = filter.split(' ');
  const found =
    whole.length > 0 ? whole : files.filter((path) => words.every((word) => contents(path).includes(word)));
  return found.length > 0 ? { files: found, namePattern: escapeRegExp(filter) } : undefined;
}

/**
 * The crates of the matching files, and the names of their modules or tests.
 * @param {string} filter
 */
function findRustTests(filter) {
  const files = trackedFiles('*.rs').filter((path) => /#\[test\]|proptest!|mod tests;/.test(contents(path)));
  const atPath = files.filter((path) => path.includes(filter));
  const name = filter.replaceAll(' ', '_');
  const test = new RegExp(`^ *fn \\w*${escapeRegExp(name)}`, 'm');
  const found = atPath.length > 0 ? atPath : files.filter((path) => test.test(contents(path)));
  if (found.length === 0) return undefined;
  const filters = atPath.length > 0 ? atPath.map(moduleOf) : [name];
  return {
    packages: [...new Set(found.map(packageOf))],
    filters: filters.includes('') ? [] : [...new Set(filters)],
  };
}

/**
 * The part of a test's path that the file contributes: `gzip::` for gzip.rs, nothing for the root of a crate.
 * @param {string} path
 */
function moduleOf(path) {
  const name = basename(path, '.rs');
  const isRoot = ['lib', 'main'].includes(name) || basename(dirname(path)) === 'tests';
  return isRoot ? '' : `${['mod', 'tests'].includes(name) ? basename(dirname(path)) : name}::`;
}

/** The name of the crate that a file belongs to. @param {string} path @returns {string} */
function packageOf(path) {
  const folder = dirname(path);
  const manifest = join(folder, 'Cargo.toml');
  if (!existsSync(join(ROOT, manifest))) return packageOf(folder);
  return /^name = "(.*)"$/m.exec(contents(manifest))?.[1] ?? packageOf(folder);
}

/** @param {string} pattern of git */
const trackedFiles = (pattern) =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', pattern], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path && existsSync(join(ROOT, path)));

/** @param {string} path */
const contents = (path) => readFileSync(join(ROOT, path), 'utf8');

/** @param {string} text */
const escapeRegExp = (text) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
