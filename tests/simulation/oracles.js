import { rowsOf } from './memory.js';

/**
 * What must hold in every simulation. Each violation is a sentence.
 *
 * @typedef {import('./treasure-data.js').Change} Change
 * @typedef {import('./client.js').Client} Client
 * @typedef {{ ms: number, run: number, table: string, isExact: boolean }} Rename
 */

/** How long a lease is valid: see LEASE_MS in src/td/publish/lease.rs. */
const LEASE_MS = 300_000;
/** A name of petit: the run, the attempt, and what it is for. */
const OWN_NAME = /^petit_staging_[0-9a-f]{6}([0-9a-f]{8})[0-9a-f]{2}_(.*)$/;

/** @param {string} name @returns {{ run: number, subject: string } | undefined} */
export function parseOwnName(name) {
  const [, run, subject = ''] = OWN_NAME.exec(name) ?? [];
  return run === undefined ? undefined : { run: Number.parseInt(run, 16), subject };
}

export class Oracles {
  /** @type {string[]} */
  violations = [];
  /** @type {Rename[]} */
  renames = [];
  /** When the newest lease of each run was created. @type {Map<number, number>} */
  #leases = new Map();
  /** Runs that were without a valid lease for some time. @type {Set<number>} */
  #lapsed = new Set();

  /**
   * @param {object} world
   * @param {import('./clock.js').VirtualClock} world.clock
   * @param {(run: number) => Client | undefined} world.clientOf
   * @param {() => string} world.sender the client whose request is being handled
   * @param {string} world.database
   * @param {Map<string, string>} world.expected by table: what a whole copy holds
   * @param {Map<string, string>} world.old by table: what the table of before holds
   */
  constructor(world) {
    this.world = world;
  }

  /** @param {Change} change */
  onChange({ type, account, database, name, to, table }) {
    if (account !== 'target' || database !== this.world.database) return;
    const own = parseOwnName(name);
    if (type === 'renamed' && own && to && !parseOwnName(to)) this.#onRename(own.run, to, table);
    if (type === 'created' && own?.subject === 'lease') this.#onLease(own.run);
    if (type === 'deleted' && own) this.#onRemoval('staging table', name, own.run);
    const shown = type === 'renamed' ? (to ?? '') : name;
    if (!parseOwnName(shown)) this.#onRealTable(type, shown, table);
  }

  /**
   * @param {number} run
   * @param {string} to
   * @param {import('../emulator/table.js').Table} table
   */
  #onRename(run, to, table) {
    const isExact = contentsOf(table) === this.world.expected.get(to);
    this.renames.push({ ms: this.world.clock.ms, run, table: to, isExact });
    const client = this.world.clientOf(run);
    if (client?.hasEnded && !client.isUnknown(to)) this.#report(`${to} is published by a run that has ended`);
  }

  /**
   * A reader sees nothing, the old table, or a whole copy.
   * @param {Change['type']} type
   * @param {string} name
   * @param {import('../emulator/table.js').Table} table
   */
  #onRealTable(type, name, table) {
    const { expected, old } = this.world;
    if (type === 'deleted') return this.#report(`a reader no longer sees ${name}`);
    const contents = contentsOf(table);
    if (contents !== expected.get(name) && contents !== old.get(name)) {
      this.#report(`a reader sees a part of ${name}, or rows twice (${type})`);
    }
  }

  /** @param {number} run */
  #onLease(run) {
    const { ms } = this.world.clock;
    this.#noteLapse(run);
    this.#leases.set(run, ms);
  }

  /** @param {number} run */
  #noteLapse(run) {
    const newest = this.#leases.get(run);
    // TD shows whole seconds.
    if (newest !== undefined && Math.floor(newest / 1000) * 1000 + LEASE_MS <= this.world.clock.ms) {
      this.#lapsed.add(run);
    }
  }

  /**
   * Something of a run is removed: by the run itself, or after its end.
   * @param {string} what
   * @param {string} name
   * @param {number} run
   */
  #onRemoval(what, name, run) {
    const client = this.world.clientOf(run);
    const sender = this.world.sender();
    if (!client?.isWorking || sender === client.name || sender === '') return;
    this.#noteLapse(run);
    if (!this.#lapsed.has(run)) this.#report(`${sender} removes the ${what} ${name} of a run at work`);
  }

  /** @param {string} session */
  onSessionDeleted(session) {
    const own = parseOwnName(session);
    if (own) this.#onRemoval('session', session, own.run);
  }

  /**
   * What a run reports is true.
   * @param {Client} client
   * @param {boolean} wasDisturbed whether an answer to one of its publishing requests was lost
   */
  checkReport(client, wasDisturbed) {
    if (client.run === undefined) return;
    const published = (/** @type {string} */ table) =>
      this.renames.some((rename) => rename.run === client.run && rename.table === table);
    for (const table of client.done) {
      if (!published(table))
        this.#report(`${client.name} reports ${table} as published, but did not publish it`);
    }
    for (const { table, code } of client.errors) {
      if (code === 'internal') this.#report(`${client.name} reports a defect: ${code}`);
      if (code === 'publish_unknown') {
        if (!wasDisturbed)
          this.#report(`${client.name} does not know what became of ${table}, though nothing was lost`);
      } else if (published(table)) {
        this.#report(`${client.name} reports that ${table} failed (${code}), but published it`);
      }
    }
    if (client.summary) this.#checkComplete(client);
  }

  /** Each planned table has one outcome. @param {Client} client */
  #checkComplete(client) {
    const outcomes = [...client.done, ...client.errors.map(({ table }) => table), ...client.skipped].sort();
    const planned = [...client.planned].sort();
    if (outcomes.join() !== planned.join()) {
      this.#report(`${client.name} reports ${outcomes.join()} of ${planned.join()}`);
    }
  }

  checkRenames() {
    for (const { table, isExact, run } of this.renames) {
      if (!isExact) this.#report(`run ${run.toString(16)} has published something else than ${table}`);
    }
  }

  /** @param {string} violation */
  report(violation) {
    this.#report(violation);
  }

  /** @param {string} violation */
  #report(violation) {
    this.violations.push(`${violation} (at ${this.world.clock.ms} ms)`);
  }
}

/**
 * A table's columns, settings and rows, in any order.
 * @param {import('../emulator/table.js').Table} table
 */
export function contentsOf(table) {
  const columns = table.columns.map(({ key, type }) => [key, type]);
  const { expireDays, description } = table.settings;
  const rows = rowsOf(table).map((row) => JSON.stringify(Object.entries(row).sort()));
  return JSON.stringify([columns, expireDays, description, rows.sort()]);
}
