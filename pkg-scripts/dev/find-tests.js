// Finds the tests that a filter selects: a part of a path, or else a part of a test's name.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { testFiles } from './js-tests.js';
import { ROOT } from './steps.js';

/**
 * @typedef {object} Selection undefined where no test matches
 * @property {{ files: string[], namePattern?: string }} [js]
 * @property {{ targets: string[], filters: string[] }} [rust]
 * @property {{ files: string[], namePattern?: string }} [python]
 */

/** The title of a test or a group of tests in JavaScript. */
const TITLE = /\b(?:it|test|describe)(?:\.\w+)?\(\s*(['"`])(.*?)\1/gs;

/**
 * @param {string} filter
 * @returns {Selection}
 */
export function findTests(filter) {
  const js = testFiles({ full: true });
  const rust = trackedFiles('*.rs').filter((path) => /#\[test\]|proptest!|mod tests;/.test(contents(path)));
  const python = trackedFiles('tests/python/test_*.py');
  return atPath({ js, rust, python }, filter) ?? byName({ js, rust, python }, filter);
}

/**
 * @param {{ js: string[], rust: string[], python: string[] }} files
 * @param {string} filter
 * @returns {Selection | undefined}
 */
function atPath(files, filter) {
  const matching = (/** @type {string[]} */ paths) => paths.filter((path) => path.includes(filter));
  const [js, rust, python] = [files.js, files.rust, files.python].map(matching);
  if (!js?.length && !rust?.length && !python?.length) return undefined;
  return {
    ...(js?.length && { js: { files: js } }),
    ...(rust?.length && { rust: rustSelection(rust) }),
    ...(python?.length && { python: { files: python } }),
  };
}

/**
 * @param {{ js: string[], rust: string[], python: string[] }} files
 * @param {string} filter
 * @returns {Selection}
 */
function byName(files, filter) {
  const namePattern = escapeRegExp(filter);
  const identifier = filter.replaceAll(' ', '_');
  const defined = new RegExp(`^ *(fn|def) \\w*${escapeRegExp(identifier)}`, 'm');
  const isDefined = (/** @type {string} */ path) => defined.test(contents(path));
  const js = files.js.filter((path) => titlesOf(path).some((title) => title.includes(filter)));
  const python = files.python.filter(isDefined);
  const rust = files.rust.some(isDefined);
  // Titles with values in them are not in the sources as a whole.
  const computed = files.js.filter((path) => titlesOf(path).some((title) => title.includes('${')));
  const isFound = js.length > 0 || python.length > 0 || rust;
  return {
    ...((js.length > 0 || !isFound) && { js: { files: isFound ? js : computed, namePattern } }),
    ...(rust && { rust: { targets: ['--tests'], filters: [identifier] } }),
    ...(python.length > 0 && { python: { files: python, namePattern: identifier } }),
  };
}

/** @param {string} path */
const titlesOf = (path) => [...contents(path).matchAll(TITLE)].map(([, , title = '']) => title);

/**
 * The test programs or the modules of files.
 * @param {string[]} paths
 */
function rustSelection(paths) {
  const programs = paths.filter(isTestProgram);
  if (programs.length > 0)
    return { targets: programs.flatMap((path) => ['--test', basename(path, '.rs')]), filters: [] };
  return { targets: ['--lib', '--bins'], filters: [...new Set(paths.map(moduleOf))] };
}

/** Whether a file is an integration test, which is a program of its own. @param {string} path */
const isTestProgram = (path) =>
  basename(dirname(path)) === 'tests' && existsSync(join(ROOT, dirname(path), '../Cargo.toml'));

/**
 * The part of a test's name that its file determines: `gzip::` for gzip.rs, `tests::` for the root of a crate.
 * @param {string} path
 */
function moduleOf(path) {
  const name = basename(path, '.rs');
  if (['lib', 'main'].includes(name)) return 'tests::';
  return `${['mod', 'tests'].includes(name) ? basename(dirname(path)) : name}::`;
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
