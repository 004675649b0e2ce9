import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '../emulator/index.js';
import { KeyWatch, processList } from './secrets.js';

/**
 * petit's real command against the emulator.
 *
 * @typedef {Awaited<ReturnType<typeof startEmulator>>} Emulator
 * @typedef {import('../emulator/seed.js').Seed} Seed
 * @typedef {import('../emulator/seed.js').TableSeed} TableSeed
 * @typedef {import('../emulator/faults.js').Rule} Rule
 *
 * @typedef {object} Ended
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 */

const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));

/** @param {string} name of a file in seeds/ @returns {Seed} */
export const readSeed = (name) =>
  JSON.parse(readFileSync(new URL(`../seeds/${name}.json`, import.meta.url), 'utf8'));

/**
 * The accounts of clone-shop, with other databases at the source and none at the destination.
 * @param {import('../emulator/seed.js').DatabaseSeed[]} databases
 * @returns {Seed}
 */
export function seedForClones(databases) {
  const [prod, mirror] = readSeed('clone-shop').accounts;
  assert.ok(prod && mirror);
  return {
    accounts: [
      { ...prod, databases },
      { ...mirror, databases: [] },
    ],
  };
}

/**
 * @param {Seed} seed
 * @param {string} database
 * @param {string} table
 * @returns {TableSeed}
 */
export function tableOf(seed, database, table) {
  const databases = seed.accounts.flatMap((account) => account.databases ?? []);
  const found = databases.find(({ name }) => name === database)?.tables?.find(({ name }) => name === table);
  assert.ok(found, `the seed has no ${database}.${table}`);
  return found;
}

/** The environment of a test file: one emulator for all of its tests, a new folder for each test. */
export class TestEnv {
  /** @type {Emulator} */
  // @ts-expect-error: set before the first test
  emulator;
  /** Settles when the emulator has started. */
  ready = Promise.resolve();
  folder = '';
  /** Paths of files in which the test itself wrote keys. */
  keyFiles = new Set();

  /**
   * @param {Seed} seed
   * @param {string} account name of the account whose key and site the runs use
   */
  constructor(seed, account) {
    this.seed = seed;
    this.name = account;
  }

  /** The account, for library calls in this process. */
  get account() {
    return { endpoint: this.emulator.url(this.name), apikey: this.emulator.key(this.name) };
  }

  /** @param {string} name @returns {string} the path of this file in the test's folder */
  path(name) {
    return join(this.folder, name);
  }

  /** Names of the files in the test's folder and its subfolders. */
  async files() {
    const names = await readdir(this.folder, { recursive: true, withFileTypes: true });
    return names.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  /** The requests to the emulator: `GET /v3/…`, without query strings. */
  requests() {
    return this.emulator.requests().map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
  }

  /** Log entries of the requests for job results. */
  resultRequests() {
    return this.emulator.requests().filter(({ path }) => path.startsWith('/v3/job/result/'));
  }

  /** Makes requests fail, until the end of the test. @param {Rule[]} rules */
  fail(...rules) {
    for (const rule of rules) this.emulator.faults.add(rule);
  }

  /**
   * Runs `petit td2parquet` as this account, in the test's folder.
   * @param {string[]} args
   * @param {Record<string, string | undefined>} [env]
   * @returns {Promise<Ended>}
   */
  td2parquet(args, env) {
    return this.start(['td2parquet', '--endpoint', this.account.endpoint, ...args], env).ended;
  }

  /**
   * Starts petit in the test's folder, which is also its home folder. When it ends, asserts that no API key leaked.
   * @param {string[]} args
   * @param {Record<string, string | undefined>} [env]
   * @param {string} [input] content of standard input
   */
  start(args, env = { TD_API_KEY: this.account.apikey }, input = '') {
    const { NODE_V8_COVERAGE, PATH } = process.env;
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: this.folder,
      env: { NODE_V8_COVERAGE, PATH, HOME: this.folder, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => {}).end(input);
    return { child, ended: this.#outcome(child, KeyWatch.of(this.seed, env)) };
  }

  /**
   * @param {import('node:child_process').ChildProcessWithoutNullStreams} child
   * @param {KeyWatch} keys finds API keys, which no run may show
   * @returns {Promise<Ended>}
   */
  async #outcome(child, keys) {
    let [stdout, stderr, listed] = ['', '', ''];
    const { folder } = this;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    for (const [emitter, event] of /** @type {const} */ ([
      [child, 'spawn'],
      [child.stdout, 'data'],
      [child.stderr, 'data'],
    ])) {
      emitter.once(event, () => {
        listed += processList(child.pid);
      });
    }
    const { code, signal } = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    keys.assertNoneIn(stdout, 'stdout');
    keys.assertNoneIn(stderr, 'stderr');
    keys.assertNoneIn(listed, 'the process list');
    keys.assertNoneInUrls(this.emulator.requests());
    // A run that starts before the first test has no folder.
    if (folder) await keys.assertNoneInFiles(folder, this.keyFiles);
    return { code, signal, stdout, stderr };
  }
}

/**
 * Starts an emulator for the tests of the calling file. Each test starts without requests and faults.
 * @param {Seed} seed
 * @param {string} account name of the account whose key and site the runs use
 * @param {Partial<import('../emulator/emulator.js').Settings>} [settings] of the emulator
 */
export function setUpEnv(seed, account, settings = {}) {
  const env = new TestEnv(seed, account);
  let root = '';
  let count = 0;
  // The hooks of a file can run in parallel. Others await `ready`.
  before(() => {
    const start = async () => {
      env.emulator = await startEmulator({ seed, ...settings });
      root = await mkdtemp(join(tmpdir(), 'petit-test-'));
    };
    env.ready = start();
    return env.ready;
  });
  beforeEach(async () => {
    env.emulator.faults.clear();
    env.emulator.clearRequests();
    env.emulator.configure({ delays: { queued: 0, booting: 0, running: 0, final: 0 } });
    count += 1;
    env.folder = await mkdtemp(join(root, `${count}-`));
  });
  after(async () => {
    await env.emulator?.close();
    await rm(root, { recursive: true, force: true });
  });
  return env;
}

/** Parses the events of a run. @param {string} stdout of a run with --json @returns {any[]} */
export function eventsOf(stdout) {
  assert.ok(stdout.endsWith('\n'), 'the last line is complete');
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
