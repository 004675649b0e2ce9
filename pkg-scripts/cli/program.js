import { Command, CommanderError } from 'commander';
import { addCleanup } from './cleanup.js';
import { addCloneDb } from './clone-db.js';
import { addCompletion } from './completion.js';
import { CommandWithVariables } from './environment.js';
import { EXIT } from './exit-codes.js';
import { interruptible } from './interrupt.js';
import { printable } from './printable.js';
import { addServe } from './serve.js';
import { addTd2parquet } from './td2parquet.js';
import { addTriggerWorkflow } from './trigger-workflow.js';
import { addVerify } from './verify.js';
import { versionText } from './version.js';

/**
 * What a command gets of its surroundings, and how it ends.
 * @typedef {object} Surroundings
 * @property {NodeJS.Process} process
 * @property {AbortSignal} signal
 * @property {(exitCode: number) => void} end
 */

const EXAMPLES = `
Examples:
  petit clone-db sales --dry-run      what a copy of the database sales would be
  petit td2parquet sales orders       the table orders as a Parquet file
  petit verify sales --dest-site eu01 whether a copy is the same
  petit serve                         the same in a browser
  petit help clone-db                 all options of a command
`;

/**
 * What is said of arguments that cannot be used. They may be names from elsewhere.
 * @param {string} text
 */
const refusal = (text) =>
  text
    .replace(/^error: /, 'Error: ')
    .split('\n')
    .map(printable)
    .join('\n');

/** @param {NodeJS.Process} process */
export function createProgram(process) {
  const interrupt = interruptible(process);
  /** @type {number} */
  let exitCode = EXIT.ok;
  const surroundings = {
    process,
    signal: interrupt.signal,
    end: (/** @type {number} */ code) => {
      exitCode = code;
    },
  };
  const program = new Command('petit')
    .description('Clones Treasure Data databases and exports their tables to Parquet.')
    .option('-V, --version', 'tell the version, and what it was built from')
    .on('option:version', () => {
      process.stdout.write(`${versionText()}\n`);
      throw new CommanderError(EXIT.ok, 'commander.version', '');
    })
    .showHelpAfterError('  petit --help shows the commands, petit help COMMAND the options of one.')
    .configureOutput({ outputError: (text, write) => write(refusal(text)) })
    .addHelpText('before', EXAMPLES)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride();
  program.createCommand = (name) => new CommandWithVariables(name ?? '');
  addCloneDb(program, surroundings);
  addTd2parquet(program, surroundings);
  addVerify(program, surroundings);
  addCleanup(program, surroundings);
  addTriggerWorkflow(program, surroundings);
  addServe(program, surroundings);
  addCompletion(program, surroundings);

  return {
    /** @param {string[]} argv */
    async run(argv) {
      try {
        await program.parseAsync(argv);
        return exitCode;
      } catch (error) {
        if (error instanceof CommanderError) return error.exitCode;
        throw error;
      } finally {
        interrupt.close();
      }
    },
  };
}
