import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * TD's own clients as judges of the emulator. Each runs a fixed list of operations and compares the outcome with what the
 * client documents.
 *
 * @typedef {{ operation: string, passed: boolean, reason: string }} Outcome
 * @typedef {object} Judge
 * @property {string} client its name, as in the README
 * @property {string} package what installs it
 * @property {string} source the file with its operations
 * @property {RegExp} operations matches each of them there, with its name as the first group
 * @property {() => string[] | undefined} install returns its command line without the emulator's URL and the key, or nothing
 *   where it cannot be installed
 */

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CACHE = join(ROOT, '.cache/clients');
const PYTHON = join(ROOT, '.venv/bin/python');
const JACKSON = ['core', 'annotations', 'databind'].map((name) => `/usr/share/java/jackson-${name}.jar`);
const ASSEMBLY = join(CACHE, 'td_pyspark/jars/td-spark-assembly.jar');

const sourceOf = (/** @type {string} */ file) => join(ROOT, 'tests/emulator/clients', file);

/** @param {string} command @param {string[]} args */
const succeeds = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** @param {string} client */
const inPython = (client) => () => (existsSync(PYTHON) ? [PYTHON, sourceOf('judge.py'), client] : undefined);

/** @type {Judge[]} */
export const JUDGES = [
  {
    ...{ client: 'td-client-python', package: 'td-client 1.7.0 (PyPI)', source: sourceOf('judge.py') },
    operations: /^ {4}yield "([^"]+)"(?=[\s\S]*def with_pytd)/gm,
    install: inPython('td-client-python'),
  },
  {
    ...{ client: 'pytd', package: 'pytd 2.4.0 (PyPI)', source: sourceOf('judge.py') },
    operations: /(?<=def with_pytd[\s\S]*)^ {4}yield "([^"]+)"(?=[\s\S]*def with_trino)/gm,
    install: inPython('pytd'),
  },
  {
    ...{ client: 'trino', package: 'trino 0.340.0 (PyPI)', source: sourceOf('judge.py') },
    operations: /(?<=def with_trino[\s\S]*)^ {4}yield "([^"]+)"/gm,
    install: inPython('trino'),
  },
  {
    ...{ client: 'td-client-java', package: 'td-pyspark 24.4.1 (PyPI)', source: sourceOf('Judge.java') },
    operations: /^ +operation\("([^"]+)"/gm,
    install: installJava,
  },
  {
    ...{ client: 'td-client-node', package: 'td 0.5.0 (npm)', source: sourceOf('judge.js') },
    operations: /^await operation\(\s*'([^']+)'/gm,
    install: installNode,
  },
];

/** The Java client is a part of td-spark, which takes Jackson from Spark; here Debian's packages bring it. */
function installJava() {
  if (!succeeds('javac', '-version') || !JACKSON.every((path) => existsSync(path))) return undefined;
  if (!existsSync(ASSEMBLY)) {
    mkdirSync(CACHE, { recursive: true });
    const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '-d', CACHE, 'td-pyspark==24.4.1'];
    if (!succeeds(PYTHON, ...download)) return undefined;
    const wheel = join(CACHE, 'td_pyspark-24.4.1-py3-none-any.whl');
    if (!succeeds(PYTHON, '-m', 'zipfile', '-e', wheel, CACHE)) return undefined;
  }
  return ['java', '-cp', [ASSEMBLY, ...JACKSON].join(':'), sourceOf('Judge.java')];
}

/** Not a dependency of this package: it depends on packages that are no longer maintained. */
function installNode() {
  const folder = join(CACHE, 'node');
  if (!existsSync(join(folder, 'node_modules/td'))) {
    const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-save'];
    mkdirSync(folder, { recursive: true });
    if (!succeeds('npm', 'install', '--prefix', folder, ...options, 'td@0.5.0')) return undefined;
  }
  return [process.execPath, sourceOf('judge.js'), folder];
}

/**
 * Runs a judge's operations.
 * @param {string[]} command
 * @param {string} url
 * @param {string} key
 * @returns {Promise<Outcome[]>}
 */
export function runJudge([program = '', ...args], url, key) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, url, key], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code !== 0) return reject(new Error(`${program} exited with ${code}: ${errors.slice(-2000)}`));
      const lines = output.split('\n').filter((line) => line.startsWith('{'));
      resolve(lines.map((line) => JSON.parse(line)));
    });
  });
}
