import { Command } from 'commander';

/** @import { Option } from 'commander' */

/** Options that replace or delete something. What allows one command to do so must not allow another. */
const DESTRUCTIVE = new Set(['overwrite', 'yes', 'force']);

const ON = new Set(['1', 'true', 'yes', 'on']);
const OFF = new Set(['0', 'false', 'no', 'off']);

/**
 * The environment variable that sets an option: `PETIT_CHUNK_SIZE` for `--chunk-size` of every command, but
 * `PETIT_CLONE_DB_OVERWRITE` where it could destroy something.
 * @param {string} command
 * @param {Option} option
 */
export function variableOf(command, option) {
  const name = (option.long ?? '').replace(/^--(no-)?/, '');
  return ['petit', ...(DESTRUCTIVE.has(name) ? [command] : []), name]
    .join('_')
    .replaceAll('-', '_')
    .toUpperCase();
}

/** A command whose options can all be set in the environment, too. The command line goes before it, and an empty variable
 * says nothing. */
export class CommandWithVariables extends Command {
  /** @param {string} name */
  constructor(name) {
    super(name);
    this.hook('preAction', () => {
      for (const option of this.options) if (option.envVar && !option.required) settleFlag(this, option);
    });
  }

  /** @override
   * @param {Option} option */
  addOption(option) {
    // The positive option speaks for both.
    const hasOpposite = this.options.some((other) => other.attributeName() === option.attributeName());
    if (option.negate && hasOpposite) return super.addOption(option);
    const variable = variableOf(this.name(), option);
    if (process.env[variable] === '') delete process.env[variable];
    return super.addOption(option.env(variable));
  }
}

/**
 * Commander takes any value of a flag's variable as "on".
 * @param {Command} command
 * @param {Option} option
 */
function settleFlag(command, option) {
  const { envVar = '' } = option;
  const name = option.attributeName();
  const said = process.env[envVar] ?? '';
  const value = said.trim().toLowerCase();
  if (command.getOptionValueSource(name) !== 'env') return;
  const isOff = OFF.has(value);
  if (!isOff && !ON.has(value))
    command.error(`error: the variable ${envVar} has to be 1 or 0, not '${said}'`);
  const canBeFalse = command.options.some((other) => other.negate && other.attributeName() === name);
  command.setOptionValueWithSource(name, isOff ? (canBeFalse ? false : undefined) : true, 'env');
}
