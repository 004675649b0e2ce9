import { Command, CommanderError, Option } from 'commander';
import { EnvCommand } from './config/env-options.js';
import { EXIT } from './exit-codes.js';
import { ENVIRONMENT, environmentText, helpConfiguration } from './output/help.js';
import { escapeControlChars } from './output/sanitize.js';
import { handleSignals } from './signals.js';

/**
 * What a command works with.
 * @typedef {object} CommandContext
 * @property {NodeJS.Process} process
 * @property {AbortSignal} signal aborted when the user interrupts the run
 */

/**
 * Runs a command. The arguments are those of a commander action: the command's arguments, its options, the command. Each
 * command declares their types.
 * @typedef {(context: CommandContext, ...args: never[]) => Promise<number>} CommandAction resolves to the exit code
 */

/** @typedef {(command: Command) => CommandAction} DefineCommand adds the command's arguments, options and help */

/**
 * The commands. `load` imports a command's definition only when the command line names it, which keeps the start short.
 * @type {{ name: string, summary: string, hidden?: boolean, load: () => Promise<DefineCommand> }[]}
 */
const COMMANDS = [
  {
    name: 'clone-db',
    summary: 'copy a database to another account, site or name',
    load: async () => (await import('./commands/clone-db/command.js')).defineCloneDb,
  },
  {
    name: 'td2parquet',
    summary: 'export tables or query results to Parquet files',
    load: async () => (await import('./commands/td2parquet/command.js')).defineTd2parquet,
  },
  {
    name: 'verify',
    summary: 'compare the tables of two databases',
    load: async () => (await import('./commands/verify/command.js')).defineVerify,
  },
  {
    name: 'ls',
    summary: 'list databases, tables or the columns of a table',
    load: async () => (await import('./commands/ls/command.js')).defineLs,
  },
  {
    name: 'inspect',
    summary: 'show what is in a Parquet file',
    load: async () => (await import('./commands/inspect/command.js')).defineInspect,
  },
  {
    name: 'doctor',
    summary: 'check endpoint, key, rights, clock, proxy and TLS',
    load: async () => (await import('./commands/doctor/command.js')).defineDoctor,
  },
  {
    name: 'cleanup',
    summary: 'list or delete leftovers of interrupted clones',
    load: async () => (await import('./commands/cleanup/command.js')).defineCleanup,
  },
  {
    name: 'trigger-workflow',
    summary: 'start a workflow, or report the state of an attempt',
    load: async () => (await import('./commands/trigger-workflow/command.js')).defineTriggerWorkflow,
  },
  {
    name: 'serve',
    summary: 'serve the web page that clones and exports in a browser',
    load: async () => (await import('./commands/serve/command.js')).defineServe,
  },
  {
    name: 'version',
    summary: 'print version and build information',
    load: async () => (await import('./commands/version/command.js')).defineVersion,
  },
  {
    name: 'completion',
    summary: 'print a shell completion script',
    load: async () => (await import('./commands/completion/command.js')).defineCompletion,
  },
  {
    name: 'complete',
    summary: 'print names, for the completion scripts',
    hidden: true,
    load: async () => (await import('./commands/complete/command.js')).defineComplete,
  },
];

/** Words that need the definitions of all commands. */
const NEED_ALL_COMMANDS = ['completion', ENVIRONMENT];
/** Options of petit-cli, for which petit has a command. */
const COMPLETION_OPTIONS = ['install-completion', 'show-completion'];
/** Code of the error that ends parsing when the version is requested. */
const VERSION_REQUESTED = 'commander.version';

const EXAMPLES = `
Examples:
  petit clone-db sales --dry-run       preview a copy of the database sales
  petit td2parquet sales orders        export the table orders to a Parquet file
  petit verify sales --dest-site eu01  check that a copy is equal
  petit serve                          clone and export in a browser
  petit help clone-db                  list all options of a command
  petit clone-db -h                    the same in short
  petit help env                       list the environment variables
`;

/** @param {NodeJS.Process} process */
export function createProgram(process) {
  const signals = handleSignals(process);
  const context = { process, signal: signals.signal };
  const program = newProgram(process.argv.includes('-h'));
  /** @type {number} */
  let exitCode = EXIT.ok;
  const commands = COMMANDS.map(({ name, summary, hidden = false, load }) => {
    const command = program.command(name, { hidden }).summary(summary);
    command.showHelpAfterError(`  Run "petit help ${name}" for its options.`);
    const define = async () => {
      const runCommand = (await load())(command);
      command.action(async (...args) => {
        exitCode = await runCommand(context, .../** @type {never[]} */ (args));
      });
    };
    return { name, define };
  });
  /** @param {string[]} argv */
  const defineNamedCommands = async (argv) => {
    const needsAll = NEED_ALL_COMMANDS.some((word) => argv.includes(word));
    const named = commands.filter(({ name }) => needsAll || argv.includes(name));
    await Promise.all(named.map(({ define }) => define()));
  };

  return {
    /**
     * @param {string[]} argv
     * @returns {Promise<number>} the exit code
     */
    async run(argv) {
      try {
        const code = await runNamed(argv);
        return (await signals.flush()) ? EXIT.general : code;
      } finally {
        signals.close();
      }
    },
  };

  /** @param {string[]} argv */
  async function runNamed(argv) {
    try {
      await defineNamedCommands(argv);
      if (isHelpOfEnvironment(argv)) process.stdout.write(environmentText(program));
      else await program.parseAsync(withoutUnknownHelp(argv));
      return exitCode;
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      if (error.code === VERSION_REQUESTED) await printVersion(process);
      return error.exitCode;
    }
  }
}

/** @param {string[]} argv */
const isHelpOfEnvironment = ([, , first, subject]) => first === 'help' && subject === ENVIRONMENT;

/**
 * The arguments without `help` before a name that no command has: commander names a similar command for an unknown one, but
 * not for its help.
 * @param {string[]} argv
 */
function withoutUnknownHelp(argv) {
  const [node = '', script = '', first, name = ''] = argv;
  const isKnown = name === '' || name === 'help' || name.startsWith('-');
  if (first !== 'help' || isKnown || COMMANDS.some((command) => command.name === name)) return argv;
  return [node, script, name];
}

/**
 * The program without its commands.
 * @param {boolean} isShort whether help is wanted in short
 */
function newProgram(isShort) {
  const program = new Command('petit')
    .description('Clones Treasure Data databases and exports their tables to Parquet.')
    .option('-V, --version', 'print version and build information')
    .on('option:version', () => {
      throw new CommanderError(EXIT.ok, VERSION_REQUESTED, '');
    })
    .showHelpAfterError('  Run "petit help" for the commands.')
    .configureOutput({ outputError: (text, write) => write(usageErrorText(text)) })
    .addHelpText('before', EXAMPLES)
    .configureHelp(helpConfiguration(isShort))
    .exitOverride();
  for (const flag of COMPLETION_OPTIONS) {
    program.addOption(new Option(`--${flag}`).hideHelp());
    program.on(`option:${flag}`, () =>
      program.error(`error: petit has no --${flag}; "petit completion bash" prints the script for bash`),
    );
  }
  program.createCommand = (name) => new EnvCommand(name ?? '');
  return program;
}

/**
 * Commander's message about invalid arguments, which may quote them.
 * @param {string} text
 */
const usageErrorText = (text) =>
  text
    .replace(/^error: /, 'Error: ')
    .split('\n')
    .map(escapeControlChars)
    .join('\n');

/** @param {NodeJS.Process} process */
async function printVersion(process) {
  const { versionText } = await import('./version.js');
  process.stdout.write(`${versionText()}\n`);
}
