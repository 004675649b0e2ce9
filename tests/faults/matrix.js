import assert from 'node:assert/strict';
import { join } from 'node:path';
import { assertSameRows, STAGING } from '../support/clone.js';
import { eventsOf } from '../support/index.js';
import { SAME } from './cases/case-types.js';
import { CASES, COMMANDS } from './cases.js';
import { TABLES, World } from './fixture.js';
import { assertLooks } from './poll-assertions.js';

/**
 * Runs each command against each fault and looks what became of it.
 *
 * @typedef {import('./cases/case-types.js').Case} Case
 * @typedef {import('./cases/case-types.js').Command} Command
 * @typedef {import('./cases/case-types.js').Ending} Ending
 * @typedef {import('../support/index.js').Ended} Ended
 *
 * @typedef {object} Cell
 * @property {string} group
 * @property {Case} case
 * @property {Command} command
 * @property {Ending} ending as it shall be
 *
 * @typedef {object} Observed
 * @property {number | null} exit
 * @property {string} [code] of the errors that were told
 * @property {boolean} leaves whether something is left for the next run to clean
 */

/** Every cell of the matrix. @type {Cell[]} */
export const CELLS = Object.entries(CASES).flatMap(([group, cases]) =>
  cases.flatMap((one) =>
    COMMANDS.flatMap((command) => {
      const ending = one.ends[command];
      return ending && ending !== SAME ? [{ group, case: one, command, ending }] : [];
    }),
  ),
);

/** What the next run is told as well, to bring what is missing. */
const AGAIN = new Map([
  ['td2parquet', ['--overwrite']],
  ['overwrite', []],
]);
/** Rows of a slice: a table of each kind of data has several. */
const SLICE_ROWS = { small: 100, large: 650 };
/** Ways that cut a table, or may: that one fails, and not one too small for it. */
const CUT = ['slices', '--split-rows'];
const CLIENT_MOVES = 'SELECT (?!COUNT)[^]* FROM "{source}"."{table}"';
const ENGINE_MOVES = 'petit_staging_\\w+_{table}[^]* FROM "{source}"."{table}"';

/** One cell, and the databases that it is about. */
class Trial {
  /**
   * @param {World} world
   * @param {Cell} cell
   */
  constructor(world, { case: one, command }) {
    this.world = world;
    this.case = one;
    this.command = command;
    this.data = one.data ?? 'small';
    this.source = one.changesSource ? world.fresh() : this.data;
    this.copy = world.fresh();
    this.clones = command === 'insert' ? world.within : world.clones;
    const isCut = [command, ...(one.args ?? [])].some((word) => CUT.includes(word));
    const isEngine = command === 'insert' || command === 'output';
    /** What the words of rules in braces stand for. @type {[string, string][]} */
    this.words = [
      ['{moves}', isEngine ? ENGINE_MOVES : CLIENT_MOVES],
      ['{delivers}', isEngine ? 'job/issue/presto/{copy}' : 'upload_part'],
      ['{table}', isCut ? 'visits' : 'orders'],
      ['{source}', this.source],
      ['{copy}', this.copy],
      ['{to}', this.clones.to],
    ];
    const uncompared = one.uncompared?.map((name) => this.filled(name));
    /** Tables that have to be equal in the end. */
    this.tables = TABLES[this.data].map(({ name }) => name).filter((name) => !uncompared?.includes(name));
  }

  /** @param {string} text */
  filled(text) {
    return this.words.reduce((filled, [word, meaning]) => filled.replaceAll(word, meaning), text);
  }

  /** Options of the way that the column stands for. */
  get way() {
    if (this.command === 'overwrite') return ['--overwrite'];
    if (this.command === 'slices') return ['--split-rows', String(SLICE_ROWS[this.data])];
    return this.command === 'insert' || this.command === 'output' ? ['--via', 'engine'] : [];
  }

  async prepare() {
    const { world, copy } = this;
    await world.enter();
    if (this.case.changesSource) await world.fill('origin', this.source, TABLES[this.data]);
    if (this.command === 'overwrite') {
      const old = { schema: [['old', 'long']], records: [{ time: 1, old: 1 }] };
      await world.fill(
        'target',
        copy,
        TABLES[this.data].map(({ name }) => ({ name, ...old })),
      );
    }
    world.emulator.clearRequests();
  }

  /** @param {string[]} [more] @param {RegExp} [stopAt] @returns {Promise<Ended>} */
  run(more = [], stopAt) {
    const { clones } = this;
    const { env } = this.world;
    const common = ['--json', '--workers', '0', ...this.way, ...more];
    const { child, ended } =
      this.command === 'td2parquet'
        ? env.start(['td2parquet', this.source, '--endpoint', env.account.endpoint, ...common])
        : clones.start([this.source, '--new-db', this.copy, ...common]);
    child.stdout.on('data', (text) => {
      if (stopAt?.test(text)) child.kill(this.case.signal ?? 'SIGINT');
    });
    return ended;
  }

  arm() {
    const { emulator } = this.world;
    if (this.case.settings) emulator.configure(this.case.settings);
    const fill = (/** @type {string} */ _, /** @type {unknown} */ value) =>
      typeof value === 'string' ? this.filled(value) : value;
    for (const rule of JSON.parse(JSON.stringify(this.case.rules), fill)) emulator.faults.add(rule);
  }

  /** @param {string} table */
  file(table) {
    return join(this.world.env.folder, 'dataset', `${this.source}_${table}.parquet`);
  }

  /** Names of what there is: files or tables, petit's own ones left out. */
  async names() {
    if (this.command !== 'td2parquet') {
      const names = await this.clones.destination.tableNames(this.copy);
      return names.filter((name) => !STAGING.test(name));
    }
    const prefix = `${this.source}_`;
    const files = await this.world.env.files();
    return files.filter((name) => name.endsWith('.parquet')).map((name) => name.slice(prefix.length, -8));
  }

  /** What petit should not leave: half files, sessions, staging tables, jobs. */
  async leftovers() {
    const { clones } = this;
    const { env } = this.world;
    const files = await env.files();
    return [
      ...files.filter((name) => !name.endsWith('.parquet')),
      ...(await clones.destination.leftovers(this.copy)),
      ...[...(await clones.source.runningJobs()), ...(await clones.destination.runningJobs())].map(
        ({ job_id, query }) => `job ${job_id}: ${query}`,
      ),
    ];
  }

  /** @param {string} table equals the source's */
  async assertEqual(table) {
    const wanted = await this.world.source(this.data, table);
    if (this.command === 'td2parquet') return this.assertSameFile(table, wanted.rows.length);
    const got = await this.world.copy(this.copy, table, this.clones);
    assert.deepEqual([got.table, got.schema], [wanted.table, wanted.schema]);
    assertSameRows(got.rows, wanted.rows, table);
  }

  /**
   * The file has the rows of the file that an undisturbed run made.
   * @param {string} table
   * @param {number} rows
   */
  async assertSameFile(table, rows) {
    const [file, sound] = [this.file(table), this.world.reference(this.data, table)];
    const [a, b] = [file, sound].map((path) => `SELECT * FROM read_parquet('${path}')`);
    const difference = `(${a} EXCEPT ALL ${b}) UNION ALL (${b} EXCEPT ALL ${a})`;
    const sql = `SELECT (SELECT COUNT(*) FROM (${a})), (SELECT COUNT(*) FROM (${difference}))`;
    const read = await this.world.duckdb.runAndReadAll(sql);
    assert.deepEqual(read.getRows()[0]?.map(Number), [rows, 0], `rows of ${table}, and those that differ`);
  }

  /** @param {string} table is as it was before the run */
  async assertUntouched(table) {
    if (this.command !== 'overwrite') {
      assert.ok(!(await this.names()).includes(table), `${table} is not there`);
      return;
    }
    const { schema, rows } = await this.world.copy(this.copy, table, this.clones);
    assert.match(schema, /"old"/, table);
    assert.equal(rows.length, 1, table);
  }
}

/**
 * Runs a cell, and after a failure the same command again without the fault; asserts that every promise was kept.
 * @param {World} world
 * @param {Cell} cell
 * @returns {Promise<Observed>}
 */
export async function runCell(world, cell) {
  const trial = new Trial(world, cell);
  await world.export();
  await trial.prepare();
  trial.arm();
  try {
    const ended = await trial.run(cell.case.args, cell.case.stopAt);
    const rules = world.emulator.faults.list();
    assert.ok(
      rules.length === 0 || rules.some(({ done }) => done > 0),
      `the fault came about: ${ended.stderr}`,
    );
    assertLooks(world.emulator.requests());
    await world.calm();
    const observed = await judge(trial, ended, cell);
    if (observed.exit !== 0) await bringTheRest(trial);
    return observed;
  } finally {
    await world.calm();
  }
}

/**
 * @param {Trial} trial
 * @param {Ended} ended
 * @param {Cell} cell
 * @returns {Promise<Observed>}
 */
async function judge(trial, { code: exit, stdout, stderr }, { case: one, ending }) {
  const events = eventsOf(stdout);
  const errors = events.filter(({ type }) => type === 'error');
  const codes = [...new Set(errors.map(({ code }) => code))];
  assert.deepEqual({ exit, codes }, { exit: ending.exit, codes: ending.code ? [ending.code] : [] }, stderr);
  if (one.tells)
    assert.ok(
      events.some(({ waiting, message }) => one.tells?.test(waiting ?? message)),
      stdout,
    );
  for (const { message, hint } of errors) {
    assert.ok(message && hint, 'an error says what happened and what to do');
    assert.ok(stderr.includes(hint), stderr);
  }
  const failed = errors.map(({ table }) => table);
  const isWhole = errors.every(({ table }) => table !== undefined);
  for (const table of trial.tables) {
    if (exit !== null && isWhole && !failed.includes(table)) await trial.assertEqual(table);
    else if (exit !== 130 && exit !== null) await trial.assertUntouched(table);
    else await trial.assertUntouched(table).catch(() => trial.assertEqual(table));
  }
  const left = await trial.leftovers();
  if (exit === 0) assert.deepEqual(left, []);
  return { exit, code: codes[0], leaves: left.length > 0 };
}

/** @param {Trial} trial */
async function bringTheRest(trial) {
  const { code, stderr } = await trial.run(AGAIN.get(trial.command) ?? ['--skip-existing']);
  assert.equal(code, 0, stderr);
  for (const table of trial.tables) await trial.assertEqual(table);
  assert.deepEqual(await trial.leftovers(), []);
}
