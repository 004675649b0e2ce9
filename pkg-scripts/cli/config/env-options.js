import { Command } from 'commander';

/** @import { Option } from 'commander' */

/** Options that replace or delete data. Permission for one command must not extend to another. */
const DESTRUCTIVE = new Set(['overwrite', 'yes', 'force']);

const TRUE_VALUES = new Set(['1', 'true', 'yes', 'on']);
const FALSE_VALUES = new Set(['0', 'false', 'no', 'off']);

/**
 * The environment variable that sets an option: `PETIT_CHUNK_SIZE` for `--chunk-size` of every command. The variable of a
 * destructive option contains the command: `PETIT_CLONE_DB_OVERWRITE`.
 * @param {string} command
 * @param {Option} option
 */
export function envVarName(command, option) {
  const name = (option.long ?? '').replace(/^--(no-)?/, '');
  return ['petit', ...(DESTRUCTIVE.has(name) ? [command] : []), name]
    .join('_')
    .replaceAll('-', '_')
    .toUpperCase();
}

/**
 * A command with an environment variable for each of its options. Command-line options take precedence; empty variables
 * are ignored.
 */
export class EnvCommand extends Command {
  /** @param {string} name */
  constructor(name) {
    super(name);
    this.hook('preAction', () => {
      for (const option of this.options) if (option.envVar && !option.required) setFlagFromEnv(this, option);
    });
  }

  /** @override
   * @param {Option} option */
  addOption(option) {
    // One variable sets an option and its --no- form: that of the positive option.
    const hasPositive = this.options.some((other) => other.attributeName() === option.attributeName());
    if (option.negate && hasPositive) return super.addOption(option);
    const envVar = envVarName(this.name(), option);
    if (process.env[envVar] === '') delete process.env[envVar];
    return super.addOption(option.env(envVar));
  }
}

/**
 * Corrects the value of a flag that a variable set: commander takes any value of the variable for true.
 * @param {Command} command
 * @param {Option} option
 */
function setFlagFromEnv(command, option) {
  const { envVar = '' } = option;
  const name = option.attributeName();
  if (command.getOptionValueSource(name) !== 'env') return;
  const text = process.env[envVar] ?? '';
  const value = parseBooleanEnv(text);
  if (value === undefined)
    command.error(`error: value '${text}' from env '${envVar}' is invalid. Expected 1 or 0.`);
  // A flag without a --no- form is absent when it is off.
  const hasNegation = command.options.some((other) => other.negate && other.attributeName() === name);
  command.setOptionValueWithSource(name, value || hasNegation ? value : undefined, 'env');
}

/**
 * @param {string} text
 * @returns {boolean | undefined} undefined for text that is neither true nor false
 */
function parseBooleanEnv(text) {
  const value = text.trim().toLowerCase();
  if (TRUE_VALUES.has(value)) return true;
  return FALSE_VALUES.has(value) ? false : undefined;
}
