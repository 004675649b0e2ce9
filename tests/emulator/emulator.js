import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Account } from './accounts.js';
import { BulkImports } from './bulk-import.js';
import { Catalog } from './catalog.js';
import { systemClock } from './clock.js';
import { Engine } from './engine.js';
import { QueryRun } from './execute.js';
import { Faults } from './faults.js';
import { DiskStorage } from './import-storage.js';
import { Jobs } from './jobs.js';
import { RequestLog } from './request-log.js';
import { parseResultUrl } from './result-output.js';
import { Results } from './results.js';
import { fillAccount } from './seed.js';
import { createApp } from './server.js';
import { Workflows } from './workflows.js';

/**
 * @typedef {import('./seed.js').Seed} Seed
 * @typedef {object} Settings
 * @property {import('./jobs.js').Delays} delays of jobs by state, in milliseconds; default 0
 * @property {number} commitDelayMs duration of a commit, in milliseconds; default 0
 * @property {number} countLagMs delay of counts in table lists, in milliseconds; default 0
 * @property {number} streamingDelayMs delay until streamed records can be queried, in milliseconds; default 0
 * @property {boolean} cors whether browsers of any origin may call; default false
 * @property {number} level gzip level of results; default 1
 * @property {number} threads per task (query, import or result); default 2
 * @property {boolean} cache whether a repeated query over unchanged tables reuses its result; default true
 * @property {number} jobSlots maximum number of running jobs per account; default 0, no limit
 * @property {boolean} anyNames whether databases, tables and columns may have any name, unlike in TD; default false
 * @property {'absent' | 'view' | 'log'} listedViews how table lists show logical views: not at all, with the type `view`, or
 *   as tables; default absent
 * @property {'kept' | 'new' | 'target'} renamedId the id of a renamed table: its own, a new one, or that of the table it
 *   replaces; default kept
 * @property {number} attemptLimit maximum number of running workflow attempts per account; default 0, no limit
 * @property {401 | 403} allowlistStatus status of a refusal by the IP allowlist of a key; default 403
 * @property {boolean} narrowTypes whether SQL reads `int` and `float` columns as integer and real, not as bigint and double; applies to tables that change afterwards; default false
 * @property {boolean} linkedExport whether a separate job writes to the `result` target; default false
 */

/** @type {Settings} */
const DEFAULTS = {
  delays: { queued: 0, booting: 0, running: 0, final: 0 },
  commitDelayMs: 0,
  countLagMs: 0,
  streamingDelayMs: 0,
  cors: false,
  level: 1,
  threads: 2,
  cache: true,
  jobSlots: 0,
  anyNames: false,
  listedViews: 'absent',
  renamedId: 'kept',
  attemptLimit: 0,
  allowlistStatus: 403,
  narrowTypes: false,
  linkedExport: false,
};

const FIRST_JOB_ID = 1_000_001;
/** The site without accounts, which serves results that requests are redirected to. */
const STORAGE = 'storage';
const HOST = '127.0.0.1';

/** A local Treasure Data: accounts on sites, and a server for each site. */
export class Emulator {
  /** @type {Account[]} */
  accounts = [];
  log = new RequestLog();
  faults = new Faults();
  /** @type {Record<string, string>} base URLs by site */
  sites = {};
  /** @type {Map<string, string>} aliases in result URLs: the host and port of a site, by alias */
  otherHosts = new Map();
  consoleUrl = '';
  /** @type {Map<string, import('./results.js').Spool>} results that requests were redirected to, by token */
  stored = new Map();
  /** @type {import('fastify').FastifyInstance[]} */
  #apps = [];
  #jobIds = FIRST_JOB_ID;

  /**
   * @param {Settings} settings
   * @param {string} folder
   * @param {boolean} temporary whether close removes the folder
   */
  constructor(settings, folder, temporary) {
    this.settings = settings;
    this.folder = folder;
    this.temporary = temporary;
  }

  /**
   * @param {Partial<Settings> & { dataDir?: string }} options
   */
  static async create({ dataDir, ...settings }) {
    const temporary = dataDir === undefined;
    const folder = temporary ? await mkdtemp(join(tmpdir(), 'td-emulator-')) : resolve(dataDir);
    await mkdir(folder, { recursive: true });
    const delays = { ...DEFAULTS.delays, ...settings.delays };
    return new Emulator({ ...DEFAULTS, ...settings, delays }, folder, temporary);
  }

  /**
   * Creates the seed's accounts, or adds its data to existing ones.
   * @param {Seed} seed
   */
  async loadSeed(seed) {
    for (const accountSeed of seed.accounts) {
      let account = this.accounts.find(({ name }) => name === accountSeed.name);
      if (!account) {
        account = await this.#createAccount(accountSeed);
        this.accounts.push(account);
      }
      await fillAccount(account, accountSeed.databases ?? []);
      account.workflows.add(accountSeed.workflows ?? []);
    }
  }

  /** @param {import('./seed.js').AccountSeed} seed */
  async #createAccount(seed) {
    const folder = await mkdtemp(join(this.folder, `${seed.name}-`));
    const engine = await Engine.open(this.settings.threads);
    const catalog = new Catalog(engine, this.settings, systemClock);
    /** @type {Jobs} */
    const jobs = new Jobs(
      this.settings,
      () => String(this.#jobIds++),
      () => catalog.deleteDroppedFiles(() => jobs.running.length === 0),
      (request) => this.faults.onJob({ query: subjectOf(request), account: seed.name }),
      systemClock,
    );
    const results = new Results(folder, this.settings);
    /** @type {import('./bulk-import.js').ImportSettings['fault']} */
    const fault = (session, step) =>
      this.faults.onImport({ session: session.name, account: seed.name, step });
    const emulator = this;
    const storage = new DiskStorage(folder, this.settings.threads);
    const imports = new BulkImports(catalog, storage, {
      get commitDelayMs() {
        return emulator.settings.commitDelayMs;
      },
      clock: systemClock,
      fault,
    });
    const keys = seed.keys.map((key) => ({ databases: {}, ...key }));
    const user = seed.user ?? { name: seed.name, email: `${seed.name}@example.com` };
    const { name, id, site, connections, schedules, result_targets: resultTargets } = seed;
    const identity = { name, id, site, keys, user, connections, schedules, resultTargets };
    const workflows = new Workflows(this.settings);
    return new Account(identity, {
      ...{ engine, catalog, jobs, results, imports, workflows, folder },
      runQuery: (account, key, job, output, signal) => new QueryRun(account, key, job, output).run(signal),
    });
  }

  /**
   * Starts the server of each site.
   * @param {Record<string, number>} ports by site; default free ports
   */
  async listen(ports) {
    const names = new Set([STORAGE, ...Object.keys(ports), ...this.accounts.map(({ site }) => site)]);
    for (const site of names) {
      const app = await createApp(this, site);
      this.#apps.push(app);
      this.sites[site] = await app.listen({ host: HOST, port: ports[site] ?? 0 });
      if (site !== STORAGE) this.consoleUrl ||= this.sites[site];
    }
  }

  /**
   * Changes settings of the running emulator.
   * @param {Partial<Settings>} changes
   * @returns {Settings}
   */
  configure(changes) {
    const delays = { ...this.settings.delays, ...changes.delays };
    return Object.assign(this.settings, changes, { delays });
  }

  /**
   * @param {import('./results.js').Spool} spool
   * @returns {string} a URL at another origin, which serves the result without a key
   */
  storageUrl(spool) {
    const token = randomUUID();
    this.stored.set(token, spool);
    return `${this.sites[STORAGE]}/storage/${token}`;
  }

  /** Stops the servers and the jobs, and removes a temporary folder. */
  async close() {
    await this.faults.clear();
    await Promise.all(this.#apps.map((app) => app.close()));
    for (const account of this.accounts) {
      const running = account.jobs.running;
      for (const job of running) job.controller.abort(new Error('the emulator is closing'));
      await Promise.all(running.map((job) => job.done));
      account.catalog.close();
      account.engine.close();
      await rm(account.folder, { recursive: true, force: true });
    }
    if (this.temporary) await rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * The text that a fault's `path` is matched against.
 * @param {import('./jobs.js').JobRequest} request
 */
function subjectOf({ type, query, resultUrl }) {
  if (type !== 'result_export') return query ?? '';
  const { database, table } = parseResultUrl(resultUrl ?? '');
  return `EXPORT RESULT TO ${database}.${table}`;
}
