import { Command, CommanderError } from 'commander';
import { CommandWithVariables } from './config/env-options.js';
import { EXIT } from './exit-codes.js';
import { printable } from './output/sanitize.js';
import { interruptible } from './signals.js';

/**
 * What a command gets of its surroundings, and how it ends.
 * @typedef {object} Surroundings
 * @property {NodeJS.Process} process
 * @property {AbortSignal} signal
 * @property {(exitCode: number) => void} end
 */

/** @typedef {(command: Command, surroundings: Surroundings) => void} Define says how a command is asked for, and runs it */

/**
 * The commands. How one is asked for is loaded when it is named: petit starts the sooner.
 * @type {{ name: string, summary: string, load: () => Promise<Define> }[]}
 */
const COMMANDS = [
  {
    name: 'clone-db',
    summary: 'copy a whole database into another account, site or name',
    load: async () => (await import('./commands/clone-db/command.js')).defineCloneDb,
  },
  {
    name: 'td2parquet',
    summary: 'export tables or queries to Parquet files',
    load: async () => (await import('./commands/td2parquet/command.js')).defineTd2parquet,
  },
  {
    name: 'verify',
    summary: 'compare two databases or tables',
    load: async () => (await import('./commands/verify/command.js')).defineVerify,
  },
  {
    name: 'cleanup',
    summary: 'show, and remove, what clones that died have left',
    load: async () => (await import('./commands/cleanup/command.js')).defineCleanup,
  },
  {
    name: 'trigger-workflow',
    summary: 'start a workflow, and wait for it if you like',
    load: async () => (await import('./commands/trigger-workflow/command.js')).defineTriggerWorkflow,
  },
  {
    name: 'serve',
    summary: 'serve the page that previews, clones and exports in a browser',
    load: async () => (await import('./commands/serve/command.js')).defineServe,
  },
  {
    name: 'completion',
    summary: 'print what makes a shell complete petit’s commands and options',
    load: async () => (await import('./commands/completion/command.js')).defineCompletion,
  },
];
/** What is about all the others. */
const ABOUT_ALL = 'completion';
/** The code of an error that asks for the version. */
const VERSION = 'commander.version';

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
      throw new CommanderError(EXIT.ok, VERSION, '');
    })
    .showHelpAfterError('  petit --help shows the commands, petit help COMMAND the options of one.')
    .configureOutput({ outputError: (text, write) => write(refusal(text)) })
    .addHelpText('before', EXAMPLES)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride();
  program.createCommand = (name) => new CommandWithVariables(name ?? '');
  const commands = COMMANDS.map(({ name, summary, load }) => {
    const command = program.command(name).summary(summary);
    return { name, define: async () => (await load())(command, surroundings) };
  });
  /** @param {string[]} words that were typed */
  const defineNamed = async (words) => {
    const named = commands.filter(({ name }) => words.includes(name) || words.includes(ABOUT_ALL));
    await Promise.all(named.map(({ define }) => define()));
  };

  return {
    /** @param {string[]} argv */
    async run(argv) {
      try {
        await defineNamed(argv);
        await program.parseAsync(argv);
        return exitCode;
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        if (error.code === VERSION) await printVersion(process);
        return error.exitCode;
      } finally {
        interrupt.close();
      }
    },
  };
}

/** @param {NodeJS.Process} process */
async function printVersion(process) {
  const { versionText } = await import('./version.js');
  process.stdout.write(`${versionText()}\n`);
}
