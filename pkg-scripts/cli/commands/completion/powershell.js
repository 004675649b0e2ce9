import { NAMES } from './grammar.js';

/** @import { Grammar } from './grammar.js' */

/**
 * The completion script for PowerShell 5.1 and later.
 * @param {Grammar} grammar
 */
export function powershellCompletion({ flags, commands }) {
  const own = { words: [...commands.map(({ name }) => name), ...flags.flatMap(({ names }) => names)] };
  return `# PowerShell completion for petit. Add this to your profile: petit completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ${NAMES.map(quoted).join(', ')} -ScriptBlock {
  param($current, $line, $position)
  # For each command: its words, the values of its options, and whether databases and tables follow.
  $commands = @{
    '' = ${entry(own)}
${commands.map((command) => `    ${quoted(command.name)} = ${entry({ ...command, words: [...command.choices, ...command.flags.flatMap(({ names }) => names)] })}`).join('\n')}
  }
  $before = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { $_.Extent.Text } | Select-Object -Skip 1)
  $command = @($before | Where-Object { $commands.ContainsKey($_) } | Select-Object -First 1) + '' | Select-Object -First 1
  $previous = if ($before.Count -gt 0) { $before[-1] } else { '' }
  $entry = $commands[$command]
  $words = if ($entry.Values.ContainsKey($previous)) { $entry.Values[$previous] } else { $entry.Words }
  $takesNames = $entry.Names -and -not $current.StartsWith('-') -and -not $entry.Values.ContainsKey($previous)
  if ($takesNames -or $entry.Accounts -contains $previous) {
    $found = @(& petit complete "--current=$current" '--' @before 2>$null)
    $words = if ($takesNames) { $found + $words } else { $found }
  }
  $words | Where-Object { $_.StartsWith($current) } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}

/**
 * A command as a table of PowerShell. An option with another value has none to offer.
 * @param {Partial<Grammar['commands'][number]> & { words: string[] }} command
 */
function entry({ words, flags = [], takesNames = false }) {
  const values = flags.flatMap(({ names, value }) =>
    value
      ? names.map((name) => `${quoted(name)} = ${list(value.kind === 'choice' ? value.choices : [])}`)
      : [],
  );
  const accounts = flags.flatMap(({ names, value }) => (value?.kind === 'account' ? names : []));
  const fields = [
    `Words = ${list(words)}`,
    `Values = @{ ${values.join('; ')} }`,
    `Names = $${takesNames}`,
    `Accounts = ${list(accounts)}`,
  ];
  return `@{ ${fields.join('; ')} }`;
}

/** @param {readonly string[]} words */
const list = (words) => `@(${words.map(quoted).join(', ')})`;

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
