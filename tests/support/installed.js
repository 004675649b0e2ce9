import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The package as users get it: the tarball that PETIT_TARBALL names, or one of this build. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IS_WINDOWS = process.platform === 'win32';
const run = promisify(execFile);

/** npm as it was started, which Windows cannot find by its name. */
const NPM = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];

/** The environment without what `npm test` adds to it: npm as a user has it, with no project around it. */
export const USER_ENV = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_V8)/i.test(name)),
);

/**
 * @param {string} folder
 * @param {string[]} args
 */
export function npm(folder, ...args) {
  const [command = '', ...first] = NPM;
  return run(command, [...first, ...args], { cwd: folder, env: USER_ENV });
}

/**
 * Writes the tarball into a folder. Without PETIT_TARBALL it has the build of this test run, not the release build that
 * `npm pack` makes first.
 * @param {string} folder
 * @returns {Promise<{ filename: string, size: number, files: { path: string, size: number }[] }>}
 */
export async function packInto(folder) {
  const given = process.env.PETIT_TARBALL;
  const source = given ? [resolve(ROOT, given)] : [];
  const options = ['--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await npm(ROOT, 'pack', ...source, ...options);
  return JSON.parse(stdout)[0];
}

/**
 * Installs the tarball into a folder, as a dependency of the project there.
 * @param {string} folder
 * @param {Record<string, string>} [dependencies] others of the project
 */
export async function installInto(folder, dependencies = {}) {
  const packed = await packInto(folder);
  const project = { name: 'consumer', private: true, type: 'module', dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project));
  await npm(folder, 'install', '--no-audit', '--no-fund', '--prefer-offline', `./${packed.filename}`);
  return packed;
}

/** Where a project has the package. @param {string} folder */
export const packageIn = (folder) => join(folder, 'node_modules/petit-td');

/**
 * Runs the command as it is installed in a folder.
 * @param {string} folder
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
export function petit(folder, args, env = {}) {
  const command = join(folder, 'node_modules/.bin', IS_WINDOWS ? 'petit.cmd' : 'petit');
  return run(command, args, { cwd: folder, env: { ...USER_ENV, ...env }, shell: IS_WINDOWS });
}

/** The manifest of the installed package. @param {string} folder */
export const manifestIn = async (folder) =>
  JSON.parse(await readFile(join(packageIn(folder), 'package.json'), 'utf8'));
