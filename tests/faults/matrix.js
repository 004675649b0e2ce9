import assert from 'node:assert/strict';
import { join } from 'node:path';
import { assertSameRows, STAGING } from '../support/clone.js';
import { eventsOf } from '../support/index.js';
import { SAME } from './cases/case-types.js';
import { CASES, COMMANDS } from './cases.js';
import { FaultFixture, TABLES } from './fixture.js';
import { assertCheckedBeforeRepeat } from './poll-assertions.js';

/**
 * Runs each command against each fault and checks the outcome.
 *
 * @typedef {import('./cases/case-types.js').Case} Case
 * @typedef {import('./cases/case-types.js').Command} Command
 * @typedef {import('./cases/case-types.js').Outcome} Outcome
 * @typedef {import('../support/index.js').Ended} Ended
 *
 * @typedef {object} Cell
 * @property {string} group
 * @property {Case} case
 * @property {Command} command
 * @property {Outcome} outcome the expected outcome
 *
 * @typedef {object} Observed
 * @property {number | null} exit
 * @property {string} [code] of the reported errors
 * @property {boolean} leaves whether the run left something for the next run to delete
 */

/** Every cell of the matrix. @type {Cell[]} */
export const CELLS = Object.entries(CASES).flatMap(([group, cases]) =>
  cases.flatMap((faultCase) =>
    COMMANDS.flatMap((command) => {
      const outcome = faultCase.outcomes[command];
      return outcome && outcome !== SAME ? [{ group, case: faultCase, command, outcome }] : [];
    }),
  ),
);

/**
 * One cell for each fault, with the commands in turn: the cells that `npm test` runs.
 * @returns {Cell[]}
 */
export function sampleCells() {
  /** @type {Map<Case, Cell[]>} */
  const byCase = new Map();
  for (const cell of CELLS) byCase.set(cell.case, [...(byCase.get(cell.case) ?? []), cell]);
  return [...byCase.values()].flatMap((cells, index) => cells[index % cells.length] ?? []);
}

/** Options of the run that completes a failed one (default: --skip-existing). */
const COMPLETION_OPTIONS = new Map([
  ['td2parquet', ['--overwrite']],
  ['overwrite', []],
]);
/** Rows per slice, so that one table of each kind of data has several slices. */
const SLICE_ROWS = { small: 100, large: 650 };
/** Words of commands that split a table. Their faults hit that table, because the others are too small. */
const SPLITTING = ['slices', '--split-rows'];
const CLIENT_MOVES = 'SELECT (?!COUNT)[^]* FROM "{source}"."{table}"';
const ENGINE_MOVES = 'petit_staging_\\w+_{table}[^]* FROM "{source}"."{table}"';

/** The run of a cell, with its databases. */
class Trial {
  /**
   * @param {FaultFixture} fixture
   * @param {Cell} cell
   */
  constructor(fixture, { case: faultCase, command }) {
    this.fixture = fixture;
    this.case = faultCase;
    this.command = command;
    this.data = faultCase.data ?? 'small';
    this.source = faultCase.changesSource ? fixture.uniqueName() : this.data;
    this.copy = fixture.uniqueName();
    this.clones = command === 'insert' ? fixture.within : fixture.clones;
    const isSplit = [command, ...(faultCase.args ?? [])].some((word) => SPLITTING.includes(word));
    const isEngine = command === 'insert' || command === 'output';
    /** The values of the placeholders in rules. @type {[string, string][]} */
    this.placeholders = [
      ['{moves}', isEngine ? ENGINE_MOVES : CLIENT_MOVES],
      ['{delivers}', isEngine ? 'job/issue/presto/{copy}' : 'upload_part'],
      ['{table}', isSplit ? 'visits' : 'orders'],
      ['{source}', this.source],
      ['{copy}', this.copy],
      ['{to}', this.clones.to],
    ];
    const uncompared = faultCase.uncompared?.map((name) => this.substitute(name));
    /** Tables that must be equal at the end. */
    this.tables = TABLES[this.data].map(({ name }) => name).filter((name) => !uncompared?.includes(name));
  }

  /** Replaces the placeholders. @param {string} text */
  substitute(text) {
    return this.placeholders.reduce((result, [name, value]) => result.replaceAll(name, value), text);
  }

  /** The options of the command's column. */
  get columnOptions() {
    if (this.command === 'overwrite') return ['--overwrite'];
    if (this.command === 'slices') return ['--split-rows', String(SLICE_ROWS[this.data])];
    return this.command === 'insert' || this.command === 'output'
      ? ['--via', 'engine', '--allow-key-in-job']
      : [];
  }

  async prepare() {
    const { fixture, copy } = this;
    await fixture.newFolder();
    if (this.case.changesSource) await fixture.seedDatabase('origin', this.source, TABLES[this.data]);
    if (this.command === 'overwrite') {
      const old = { schema: [['old', 'long']], records: [{ time: 1, old: 1 }] };
      await fixture.seedDatabase(
        'target',
        copy,
        TABLES[this.data].map(({ name }) => ({ name, ...old })),
      );
    }
    fixture.emulator.clearRequests();
  }

  /** @param {string[]} [more] @param {RegExp} [stopAt] @returns {Promise<Ended>} */
  run(more = [], stopAt) {
    const { clones } = this;
    const { env } = this.fixture;
    const common = ['--json', '--workers', '0', ...this.columnOptions, ...more];
    const { child, ended } =
      this.command === 'td2parquet'
        ? env.start(['td2parquet', this.source, '--endpoint', env.account.endpoint, ...common])
        : clones.start([this.source, '--new-db', this.copy, ...common]);
    child.stdout.on('data', (text) => {
      if (stopAt?.test(text)) child.kill(this.case.signal ?? 'SIGINT');
    });
    return ended;
  }

  addFaults() {
    const { emulator } = this.fixture;
    if (this.case.settings) emulator.configure(this.case.settings);
    const reviver = (/** @type {string} */ _, /** @type {unknown} */ value) =>
      typeof value === 'string' ? this.substitute(value) : value;
    for (const rule of JSON.parse(JSON.stringify(this.case.rules), reviver)) emulator.faults.add(rule);
  }

  /** @param {string} table */
  file(table) {
    return join(this.fixture.env.folder, 'dataset', `${this.source}_${table}.parquet`);
  }

  /** Names of the exported or copied tables. */
  async names() {
    if (this.command !== 'td2parquet') {
      const names = await this.clones.destination.tableNames(this.copy);
      return names.filter((name) => !STAGING.test(name));
    }
    const prefix = `${this.source}_`;
    const files = await this.fixture.env.files();
    return files.filter((name) => name.endsWith('.parquet')).map((name) => name.slice(prefix.length, -8));
  }

  /** Partial files, sessions, staging tables and running jobs. */
  async leftovers() {
    const { clones } = this;
    const { env } = this.fixture;
    const files = await env.files();
    return [
      ...files.filter((name) => !name.endsWith('.parquet')),
      ...(await clones.destination.leftovers(this.copy)),
      ...[...(await clones.source.runningJobs()), ...(await clones.destination.runningJobs())].map(
        ({ job_id, query }) => `job ${job_id}: ${query}`,
      ),
    ];
  }

  /** Asserts that a table equals the source. @param {string} table */
  async assertEqual(table) {
    const expected = await this.fixture.sourceContents(this.data, table);
    if (this.command === 'td2parquet') return this.assertSameFile(table, expected.rows.length);
    const actual = await this.fixture.copyContents(this.copy, table, this.clones);
    assert.deepEqual([actual.table, actual.schema], [expected.table, expected.schema]);
    assertSameRows(actual.rows, expected.rows, table);
  }

  /**
   * Asserts that the file has the same rows as the reference export.
   * @param {string} table
   * @param {number} rows
   */
  async assertSameFile(table, rows) {
    const [file, reference] = [this.file(table), this.fixture.referenceFile(this.data, table)];
    const [a, b] = [file, reference].map((path) => `SELECT * FROM read_parquet('${path}')`);
    const difference = `(${a} EXCEPT ALL ${b}) UNION ALL (${b} EXCEPT ALL ${a})`;
    const sql = `SELECT (SELECT COUNT(*) FROM (${a})), (SELECT COUNT(*) FROM (${difference}))`;
    const read = await this.fixture.duckdb.runAndReadAll(sql);
    assert.deepEqual(read.getRows()[0]?.map(Number), [rows, 0], `rows of ${table}, and differing rows`);
  }

  /** Asserts that a table is as it was before the run. @param {string} table */
  async assertUntouched(table) {
    if (this.command !== 'overwrite') {
      assert.ok(!(await this.names()).includes(table), `${table} does not exist`);
      return;
    }
    const { schema, rows } = await this.fixture.copyContents(this.copy, table, this.clones);
    assert.match(schema, /"old"/, table);
    assert.equal(rows.length, 1, table);
  }
}

/**
 * Runs a cell, and after a failure the same command without the fault. Asserts the expected outcome and every guarantee.
 * @param {FaultFixture} fixture
 * @param {Cell} cell
 * @returns {Promise<Observed>}
 */
export async function runCell(fixture, cell) {
  const trial = new Trial(fixture, cell);
  await fixture.exportReference();
  await trial.prepare();
  trial.addFaults();
  try {
    const ended = await trial.run(cell.case.args, cell.case.stopAt);
    const rules = fixture.emulator.faults.list();
    assert.ok(
      rules.length === 0 || rules.some(({ done }) => done > 0),
      `the fault occurred: ${ended.stderr}`,
    );
    assertCheckedBeforeRepeat(fixture.emulator.requests());
    await fixture.reset();
    const observed = await checkOutcome(trial, ended, cell);
    if (observed.exit !== 0) await completeRun(trial);
    return observed;
  } finally {
    await fixture.reset();
  }
}

/**
 * @param {Trial} trial
 * @param {Ended} ended
 * @param {Cell} cell
 * @returns {Promise<Observed>}
 */
async function checkOutcome(trial, { code: exit, stdout, stderr }, { case: faultCase, outcome }) {
  const events = eventsOf(stdout);
  const errors = events.filter(({ type }) => type === 'error');
  const codes = [...new Set(errors.map(({ code }) => code))];
  assert.deepEqual(
    { exit, codes },
    { exit: outcome.exit, codes: outcome.code ? [outcome.code] : [] },
    stderr,
  );
  if (faultCase.progress)
    assert.ok(
      events.some(({ waiting, message }) => faultCase.progress?.test(waiting ?? message)),
      stdout,
    );
  for (const { message, hint } of errors) {
    assert.ok(message && hint, 'an error has a message and a hint');
    assert.ok(stderr.includes(hint), stderr);
  }
  const failed = errors.map(({ table }) => table);
  const namesTables = errors.every(({ table }) => table !== undefined);
  for (const table of trial.tables) {
    if (exit !== null && namesTables && !failed.includes(table)) await trial.assertEqual(table);
    else if (exit !== 130 && exit !== null) await trial.assertUntouched(table);
    else await trial.assertUntouched(table).catch(() => trial.assertEqual(table));
  }
  const left = await trial.leftovers();
  if (exit === 0) assert.deepEqual(left, []);
  return { exit, code: codes[0], leaves: left.length > 0 };
}

/** @param {Trial} trial */
async function completeRun(trial) {
  const { code, stderr } = await trial.run(COMPLETION_OPTIONS.get(trial.command) ?? ['--skip-existing']);
  assert.equal(code, 0, stderr);
  for (const table of trial.tables) await trial.assertEqual(table);
  assert.deepEqual(await trial.leftovers(), []);
}
