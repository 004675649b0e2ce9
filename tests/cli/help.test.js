import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

/**
 * The help of each command is in tests/cli/help, so that a diff shows every change of it.
 *
 *   UPDATE=1 node --test tests/cli/help.test.js     writes the files
 */

const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));
const FOLDER = new URL('./help/', import.meta.url);
/** Columns of a standard terminal. */
const MAX_COLUMNS = 80;

/** @param {string} command the empty string for the program itself */
const helpOf = (command) =>
  execFileSync(process.execPath, [CLI, 'help', command].filter(Boolean), { encoding: 'utf8' });

const programHelp = helpOf('');
const [, commandList = ''] = programHelp.split('\nCommands:\n');
const commands = [...commandList.matchAll(/^ {2}(\S+)/gm)]
  .map(([, name = '']) => name)
  .filter((name) => name !== 'help');
/** @type {(readonly [file: string, command: string])[]} */
const files = [['petit.txt', ''], ...commands.map((name) => /** @type {const} */ ([`${name}.txt`, name]))];

describe('the help of', () => {
  for (const [file, command] of files) {
    it(`petit ${command} is tests/cli/help/${file}`, () => {
      const help = helpOf(command);
      if (process.env.UPDATE) writeFileSync(new URL(file, FOLDER), help);
      assert.equal(help, readFileSync(new URL(file, FOLDER), 'utf8'), 'UPDATE=1 writes the file');
      for (const line of help.split('\n')) assert.ok(line.length <= MAX_COLUMNS, line);
    });
  }

  it('an unknown command names the command that may be meant', () => {
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'help', 'clonedb'], { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.equal(
      stderr,
      'Error: unknown command \'clonedb\'\n(Did you mean clone-db?)\n  Run "petit help" for the commands.\n',
    );
  });

  it('the environment lists the variable of each option', () => {
    const text = helpOf('env');
    assert.match(text, /^PETIT_CHUNK_SIZE +--chunk-size +clone-db, td2parquet$/m);
    assert.match(text, /^PETIT_CLONE_DB_OVERWRITE +--overwrite +clone-db$/m);
    for (const line of text.split('\n')) assert.ok(line.length <= MAX_COLUMNS, line);
  });

  it('a command is shorter with -h', () => {
    const short = execFileSync(process.execPath, [CLI, 'clone-db', '-h'], { encoding: 'utf8' });
    assert.match(short, /^\nExamples:\n/);
    assert.match(short, /^ {2}--chunk-size <rows> +maximum number of rows decoded at a time$/m);
    assert.ok(short.split('\n').length < helpOf('clone-db').split('\n').length * 0.8);
  });

  it('petit version is that of petit --version', () => {
    const run = (/** @type {string} */ arg) =>
      execFileSync(process.execPath, [CLI, arg], { encoding: 'utf8' });
    assert.equal(run('version'), run('--version'));
  });

  it('a command is named by the error about its arguments', () => {
    const { stderr } = spawnSync(process.execPath, [CLI, 'clone-db'], { encoding: 'utf8' });
    assert.match(stderr, /^ {2}Run "petit help clone-db" for its options\.$/m);
  });

  it('every command is in a file, and every file has a command', () => {
    assert.deepEqual(readdirSync(FOLDER).sort(), files.map(([file]) => file).sort());
  });
});
