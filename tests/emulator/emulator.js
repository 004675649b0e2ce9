import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Account } from './accounts.js';
import { BulkImports } from './bulk-import.js';
import { Catalog } from './catalog.js';
import { Engine } from './engine.js';
import { Faults } from './faults.js';
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
 * @property {import('./jobs.js').Delays} delays of jobs, in milliseconds per state
 * @property {number} commitDelayMs
 * @property {number} countLagMs how long table lists show old counts
 * @property {number} streamingDelayMs until streamed records can be queried
 * @property {boolean} cors whether browsers of any origin may call
 * @property {number} level gzip level of results
 * @property {number} threads of each task: queries, imports, results
 * @property {boolean} cache whether the same query over the same tables is spooled once
 * @property {number} jobSlots jobs of an account that run at a time; 0: any number
 * @property {boolean} anyNames whether names of databases, tables and columns may be any text, as no TD would let them
 * @property {number} attemptLimit attempts of an account's workflows that run at a time; 0: any number
 * @property {boolean} linkedExport whether a job of its own brings a result to where `result` says
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
  attemptLimit: 0,
  linkedExport: false,
};

const FIRST_JOB_ID = 1_000_001;
/** The site that has no accounts but the results that requests are redirected to. */
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
  /** @type {Map<string, string>} hosts that stand for a site's own, with its port, where a job's output goes there */
  otherHosts = new Map();
  consoleUrl = '';
  /** @type {Map<string, import('./results.js').Spool>} results that somebody was redirected to */
  stored = new Map();
  /** @type {import('fastify').FastifyInstance[]} */
  #apps = [];
  #jobIds = FIRST_JOB_ID;

  /**
   * @param {Settings} settings
   * @param {string} folder
   * @param {boolean} temporary whether the folder goes with the emulator
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
   * Makes the seed's accounts, or adds to those that are there.
   * @param {Seed} seed
   */
  async loadSeed(seed) {
    for (const given of seed.accounts) {
      let account = this.accounts.find((one) => one.name === given.name);
      if (!account) {
        account = await this.#createAccount(given);
        this.accounts.push(account);
      }
      await fillAccount(account, given.databases ?? []);
      account.workflows.add(given.workflows ?? []);
    }
  }

  /** @param {import('./seed.js').AccountSeed} given */
  async #createAccount(given) {
    const folder = await mkdtemp(join(this.folder, `${given.name}-`));
    const engine = await Engine.open(this.settings.threads);
    const catalog = new Catalog(engine, this.settings);
    /** @type {Jobs} */
    const jobs = new Jobs(
      this.settings,
      () => String(this.#jobIds++),
      () => catalog.sweep(() => jobs.running.length === 0),
      (order) => this.faults.onJob({ query: subjectOf(order), account: given.name }),
    );
    const results = new Results(folder, this.settings);
    /** @type {import('./bulk-import.js').ImportSettings['fault']} */
    const fault = (session, step) =>
      this.faults.onImport({ session: session.name, account: given.name, step });
    const emulator = this;
    const imports = new BulkImports(catalog, folder, {
      get commitDelayMs() {
        return emulator.settings.commitDelayMs;
      },
      threads: this.settings.threads,
      fault,
    });
    const keys = given.keys.map((key) => ({ databases: {}, ...key }));
    const user = given.user ?? { name: given.name, email: `${given.name}@example.com` };
    const identity = { name: given.name, id: given.id, site: given.site, keys, user };
    const workflows = new Workflows(this.settings);
    return new Account(identity, { engine, catalog, jobs, results, imports, workflows, folder });
  }

  /**
   * Opens the server of each site.
   * @param {Record<string, number>} ports by site; others get a free one
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
   * Changes settings while it runs.
   * @param {Partial<Settings>} changes
   * @returns {Settings}
   */
  configure(changes) {
    const delays = { ...this.settings.delays, ...changes.delays };
    return Object.assign(this.settings, changes, { delays });
  }

  /**
   * @param {import('./results.js').Spool} spool
   * @returns {string} where it lies at another origin, for everyone who knows the URL
   */
  storageUrl(spool) {
    const token = randomUUID();
    this.stored.set(token, spool);
    return `${this.sites[STORAGE]}/storage/${token}`;
  }

  /** Stops the servers and the jobs; removes the folder when it was a temporary one. */
  async close() {
    await this.faults.clear();
    await Promise.all(this.#apps.map((app) => app.close()));
    for (const account of this.accounts) {
      const running = account.jobs.running;
      for (const job of running) job.controller.abort(new Error('the emulator closes'));
      await Promise.all(running.map((job) => job.done));
      account.catalog.close();
      account.engine.close();
      await rm(account.folder, { recursive: true, force: true });
    }
    if (this.temporary) await rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * What faults of jobs are told by.
 * @param {import('./jobs.js').Order} order
 */
function subjectOf({ type, query, resultUrl }) {
  if (type !== 'result_export') return query ?? '';
  const { database, table } = parseResultUrl(resultUrl ?? '');
  return `EXPORT RESULT TO ${database}.${table}`;
}
