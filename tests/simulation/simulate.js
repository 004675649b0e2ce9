import { platform } from '../../pkg-scripts/platform/node.js';
import { Random } from '../support/random.js';
import { Client } from './client.js';
import { VirtualClock } from './clock.js';
import { replaceGlobals } from './globals.js';
import { fill } from './memory.js';
import { accountFor, Network } from './network.js';
import { contentsOf, Oracles, parseOwnName } from './oracles.js';
import { drawScenario, Faults } from './scenario.js';
import { traceOf } from './trace.js';
import { TreasureData } from './treasure-data.js';

/** How long after the last fault every run must have ended, in milliseconds. */
const MAX_END_MS = 1_800_000;
/** After the end, so long that every lease has lapsed, in milliseconds. */
const AFTER_LEASES_MS = 400_000;
const SOURCE = 'shop';
const COPY = 'copy';

/**
 * @typedef {import('./scenario.js').Scenario} Scenario
 * @typedef {object} Simulated
 * @property {number} seed
 * @property {string[]} violations
 * @property {Record<string, string>} outcomes by client
 * @property {number} faults
 * @property {number} requests
 * @property {number} ms virtual time
 * @property {import('./network.js').LogEntry[]} log
 * @property {object | undefined} trace for the model: see trace.js
 */

/** @type {Promise<unknown> | undefined} */
let warmUp;

/**
 * Runs the driver against the emulator as the seed says, on virtual time, and checks everything that must hold.
 * @param {number} seed
 * @returns {Promise<Simulated>}
 */
export async function simulate(seed) {
  // What is loaded or built on first use takes real time, and must not make the first simulation another one.
  warmUp ??= platform.loadWasm().then(() => simulateOnce(0));
  await warmUp;
  return simulateOnce(seed);
}

/**
 * @param {number} seed
 * @returns {Promise<Simulated>}
 */
async function simulateOnce(seed) {
  const random = new Random(seed * 104_729 + 7);
  const clock = new VirtualClock();
  const simulation = new Simulation(drawScenario(seed), clock);
  const restore = replaceGlobals(random, (request, init) => simulation.network.fetch(request, init));
  try {
    await simulation.open();
    return await simulation.run();
  } finally {
    restore();
  }
}

class Simulation {
  /** @type {Client[]} */
  clients = [];
  /** @type {TreasureData} */
  // @ts-expect-error: set by `open`
  td;
  /** @type {Network} */
  // @ts-expect-error: set by `open`
  network;
  /** @type {Oracles} */
  // @ts-expect-error: set by `open`
  oracles;
  #isOpen = false;
  /** Name of the staging table that a person has deleted. @type {string | undefined} */
  #deletedStaging;

  /**
   * @param {Scenario} scenario
   * @param {VirtualClock} clock
   */
  constructor(scenario, clock) {
    this.scenario = scenario;
    this.clock = clock;
    this.faults = new Faults(scenario, clock);
  }

  async open() {
    const { clock, faults, scenario } = this;
    const settings = {
      ...{ countLagMs: scenario.countLagMs, commitDelayMs: scenario.commitDelayMs, delays: scenario.delays },
      ...{
        renamedId: scenario.renamedId,
        anyNames: false,
        jobSlots: 0,
        attemptLimit: 0,
        linkedExport: false,
      },
    };
    this.td = await TreasureData.open(clock, settings, {
      onChange: (change) => this.#isOpen && this.oracles.onChange(change),
      onJob: (sql) => (this.#isOpen ? faults.onJob(sql) : {}),
      onImport: faults.onImport,
    });
    this.network = new Network(this.td, clock, {
      decide: (message) => this.#decide(message),
      isAlive: (name) => !this.#client(name).isKilled,
    });
    for (const site of ['us01', 'ap01']) {
      for (const name of ['client1', 'client2', 'client3', 'final', 'again']) {
        this.td.emulator.otherHosts.set(`${name}-${site}.td.test`, `${site}.td.test`);
      }
    }
    await this.#fill();
    this.#isOpen = true;
  }

  async #fill() {
    const { scenario, td } = this;
    const source = td.account(scenario.via === 'insert-select' ? 'target' : 'origin');
    await source.catalog.createDatabase(SOURCE);
    const expected = new Map();
    const old = new Map();
    const target = td.account('target');
    if (scenario.hasDatabase) await target.catalog.createDatabase(COPY);
    for (const name of scenario.tables) {
      const columns = ['id', 'name'].map((key) => column(key, key === 'id' ? 'long' : 'string'));
      const table = await source.catalog.createTable(SOURCE, name, columns, {
        expireDays: 30,
        description: 'the source',
      });
      await fill(source, table, rows(scenario.rows, 'new'));
      expected.set(name, contentsOf(table));
      if (scenario.old === 'none') continue;
      const before = await target.catalog.createTable(COPY, name, columns, {
        expireDays: 30,
        description: 'the source',
      });
      await fill(target, before, oldRows(scenario));
      old.set(name, contentsOf(before));
    }
    this.oracles = new Oracles({
      ...{ clock: this.clock, database: COPY, expected, old },
      clientOf: (run) => this.clients.find((client) => client.run === run),
      sender: () => this.network.sender,
    });
    this.#watchSessions(target);
  }

  /** @param {import('../emulator/accounts.js').Account} account */
  #watchSessions({ imports }) {
    const remove = imports.delete.bind(imports);
    imports.delete = async (name) => {
      await remove(name);
      this.oracles.onSessionDeleted(name);
    };
  }

  /** @param {import('./network.js').Message} message */
  #decide(message) {
    const client = this.#client(message.client);
    client.requests += 1;
    const { stop } = this.scenario;
    if (stop && client.name === 'client1' && client.requests === stop.afterRequests) {
      this.clock.startTimer(stop.delayMs, () => (stop.kind === 'kill' ? client.kill() : client.abort()));
    }
    return this.faults.decide(message);
  }

  /** @param {string} name @returns {Client} */
  #client(name) {
    return /** @type {Client} */ (this.clients.find((client) => client.name === name));
  }

  /** @returns {Promise<Simulated>} */
  async run() {
    const { scenario, clock, oracles } = this;
    this.#startClone('client1');
    scenario.others.forEach(({ kind, startMs }, place) => {
      const name = `client${place + 2}`;
      clock.startTimer(startMs, () =>
        kind === 'clone' ? this.#startClone(name) : this.#startCleanup(name, false),
      );
    });
    if (scenario.personMs !== undefined) clock.startTimer(scenario.personMs, () => this.#deleteSomeStaging());
    const count = 1 + scenario.others.length;
    const areOver = () => this.clients.length === count && this.clients.every(({ isOver }) => isOver);
    await clock.run(areOver, this.faults.endMs + MAX_END_MS);
    for (const client of this.clients) {
      if (!client.isOver) oracles.report(`${client.name} never ends`);
    }
    // What is still on its way arrives.
    await clock.run(() => this.network.inFlight === 0, clock.ms + MAX_END_MS);
    await clock.run(() => false, clock.ms + AFTER_LEASES_MS);
    for (const client of this.clients) oracles.checkReport(client, this.#wasDisturbed(client));
    oracles.checkRenames();
    await this.#checkCleanup();
    return this.#result();
  }

  /** @param {string} name */
  #startClone(name) {
    const { scenario } = this;
    const client = this.#addClient(name);
    const isInside = scenario.via === 'insert-select';
    client.clone({
      source: accountFor(name, isInside ? 'target' : 'origin'),
      destination: accountFor(name, 'target'),
      ...{ database: SOURCE, newDatabase: COPY, workers: 0, verify: scenario.verify },
      onExisting: scenario.overwrite ? 'overwrite' : 'error',
      via: scenario.via === 'client' ? 'client' : 'engine',
      allowKeyInJob: true,
      ...(scenario.isSplit && { splitRows: 10 }),
      ...{ retryTimeoutMs: scenario.retryTimeoutMs, idleTimeoutMs: scenario.idleTimeoutMs },
    });
  }

  /**
   * @param {string} name
   * @param {boolean} force
   */
  #startCleanup(name, force) {
    const { retryTimeoutMs, idleTimeoutMs } = this.scenario;
    const client = this.#addClient(name);
    const options = { database: COPY, remove: true, force, retryTimeoutMs, idleTimeoutMs };
    client.cleanUp({ account: accountFor(name, 'target'), ...options });
    return client;
  }

  /** @param {string} name */
  #addClient(name) {
    const hasEnded = (/** @type {string} */ process) => {
      const owner = this.clients.find((client) => process === `machine.${client.name}.1`);
      return this.scenario.knowsProcesses && Boolean(owner?.isOver);
    };
    const client = new Client(name, this.clock, {
      hasEnded,
      onReport: (table, outcome) => this.network.exchanges.push({ client: name, table, outcome }),
    });
    this.clients.push(client);
    return client;
  }

  /** A person deletes a staging table. */
  #deleteSomeStaging() {
    const { catalog } = this.td.account('target');
    const tables = [...(catalog.databases.get(COPY)?.tables.keys() ?? [])];
    const name = tables.find((table) => /^petit_staging_(?!.*_lease$)/.test(table));
    this.#deletedStaging = name;
    if (name) this.clock.during(catalog.deleteTable(COPY, name));
  }

  /**
   * Whether so much went wrong that the outcome of a publish may be unknown. Where a renamed table keeps its id, and nobody
   * else is there, a single lost answer leaves no doubt.
   * @param {Client} client
   */
  #wasDisturbed({ name, run }) {
    const { renamedId, others, personMs } = this.scenario;
    const isAlone = !others.some(({ kind }) => kind === 'clone') && personMs === undefined;
    // A rename of a table that somebody has deleted may be one that TD got twice.
    const isDeleted = run !== undefined && parseOwnName(this.#deletedStaging ?? '')?.run === run;
    const decisive = /\/v3\/table\/(rename|delete|list)\/copy/;
    const faults = this.network.log.filter(
      ({ client, request, fate }) => client === name && decisive.test(request) && fate !== 'answered',
    );
    const isPublish = faults.some(({ request }) => /\/table\/(rename|delete)\//.test(request));
    if (isDeleted) return true;
    return isPublish && faults.length >= (renamedId === 'kept' && isAlone ? 2 : 1);
  }

  /** After a cleanup without faults, nothing of petit is left. */
  async #checkCleanup() {
    const { clock, oracles } = this;
    this.faults.end();
    const target = this.td.account('target');
    const client = this.#startCleanup('final', true);
    await clock.run(() => client.isOver, clock.ms + MAX_END_MS);
    if (!target.catalog.databases.has(COPY)) return;
    if (client.failure || client.summary?.errors.length > 0)
      oracles.report(`the cleanup fails: ${client.failure}`);
    const left = [...target.catalog.database(COPY).tables.keys(), ...target.imports.sessions.keys()];
    for (const name of left.filter((name) => name.startsWith('petit_'))) {
      oracles.report(`the cleanup leaves ${name}`);
    }
  }

  /** @returns {Simulated} */
  #result() {
    const { scenario, oracles, faults, network, clock } = this;
    return {
      ...{ seed: scenario.seed, violations: oracles.violations, faults: faults.count },
      outcomes: Object.fromEntries(this.clients.map((client) => [client.name, outcomeOf(client)])),
      ...{ requests: network.log.length, ms: clock.ms, log: network.log },
      trace: traceOf(scenario, network.exchanges),
    };
  }
}

/** @param {Client} client */
function outcomeOf({ isKilled, failure, done, errors, skipped, summary }) {
  if (isKilled) return 'killed';
  if (failure) return `failed: ${failure.code ?? failure.name}`;
  if (!summary) return 'unfinished';
  if (summary.removed !== undefined) return `removed ${summary.removed}`;
  return [
    ...done.map(() => 'published'),
    ...errors.map(({ code }) => code),
    ...skipped.map(() => 'skipped'),
  ].join();
}

/** @param {string} key @param {string} type */
const column = (key, type) => ({ key, type, alias: null, description: null });

/** @param {number} count @param {string} name */
const rows = (count, name) =>
  Array.from({ length: count }, (_, id) => ({
    time: 1_700_000_000 + id * 20_000,
    id,
    name: `${name} ${id}`,
  }));

/** @param {Scenario} scenario */
function oldRows({ old, rows: count }) {
  if (old === 'equal') return rows(count, 'new');
  return rows(old === 'as_many' ? count : count + 3, 'old');
}
