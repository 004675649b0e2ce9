import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** @import { Reader } from './readers.js' */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, '.cache/readers');
export const PYTHON = join(ROOT, '.venv/bin/python');
const run = promisify(execFile);

/**
 * Installs a reader in a folder of its own, unless it is there already.
 * @param {Reader} reader
 * @returns {Promise<string>} the folder
 */
export async function install({ name, registry, packages }) {
  const folder = join(FOLDER, name.replace(' ', '-'));
  const record = join(folder, 'installed.txt');
  if (existsSync(record) && (await readFile(record, 'utf8')) === packages.join('\n')) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  if (registry === 'pip') await pipInstall(folder, packages);
  else await npmInstall(folder, packages);
  await writeFile(record, packages.join('\n'));
  return folder;
}

/** @param {string} folder @param {string[]} packages */
async function pipInstall(folder, packages) {
  const options = ['--quiet', '--no-compile', '--disable-pip-version-check', '--target', folder];
  await run(PYTHON, ['-m', 'pip', 'install', ...options, ...packages]);
}

/** @param {string} folder @param {string[]} packages */
async function npmInstall(folder, packages) {
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}\n');
  const options = ['--silent', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...options, ...packages], { cwd: folder });
}
