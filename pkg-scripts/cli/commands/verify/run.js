import { verifyDatabase } from '../../../node.js';
import { DESTINATION, findAccounts, SOURCE } from '../../config/accounts.js';
import { useNetwork } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { persistence } from '../../options.js';
import { createFace } from '../../output/reporter.js';
import { count, duration, printable } from '../../output/table.js';

/** @import { Command } from 'commander' */
/** @import { Finished } from '../../output/run-outcome.js' */
/** @import { Comparison, VerifySummary } from '../../../types.js' */
/** @import { Surroundings } from '../../program.js' */

/** What each sign is called in the last line.
 * @type {[sign: string, words: string][]} */
const SIGNS = [
  ['=', 'the same'],
  ['*', 'different'],
  ['+', 'only in the source'],
  ['-', 'only in the destination'],
  ['!', 'not compared'],
];

/**
 * @param {string} database
 * @param {string[]} tables
 * @param {Record<string, any>} options
 * @param {Command} command
 * @param {Surroundings} surroundings
 * @returns {Promise<number>} the exit code
 */
export async function verify(database, tables, options, command, { process, signal }) {
  const goOn = (/** @type {Finished} */ { tables: compared }) => {
    const number = compared.length === 1 ? '1 table was' : `${count(compared.length)} tables were`;
    return `${number} compared; nothing was written. Run the same command again.`;
  };
  const stopping = 'Stopping: its jobs are killed. Once more stops at once.';
  const face = createFace(process, { json: options.json, progress: false, signal, stopping, goOn });
  try {
    const accounts = await findAccounts(
      command,
      process,
      { source: SOURCE, destination: DESTINATION },
      face.say,
    );
    await useNetwork(process.env, options);
    const summary = await verifyDatabase({
      ...{ ...options, ...accounts, database, signal },
      ...{ newDatabase: options.newDb, ...persistence(options) },
      tables: tables.length > 0 ? tables : undefined,
      onEvent: face.onEvent,
    });
    face.result(summaryText(summary));
    return exitCode(summary);
  } catch (error) {
    return face.fail(error);
  }
}

/** @param {VerifySummary} summary */
function summaryText({ sourceDatabase, destinationDatabase, tables, seconds }) {
  const width = Math.max(0, ...tables.map(({ table }) => printable(table).length));
  const totals = SIGNS.flatMap(([sign, words]) => {
    const found = tables.filter((one) => one.sign === sign).length;
    return found > 0 ? [`${found} ${words}`] : [];
  });
  return [
    ...tables.map((one) => lineOf(one, width)),
    ...(tables.length > 0 ? [''] : []),
    `${printable(sourceDatabase)} and ${printable(destinationDatabase)}: ${totals.join(', ') || 'no tables'}, ` +
      `in ${duration(seconds)}`,
  ].join('\n');
}

/**
 * @param {Comparison} compared
 * @param {number} width of the names
 */
function lineOf({ table, sign, differences, sourceRows }, width) {
  const told = sign === '=' ? `${count(sourceRows)} rows` : differences.join('; ');
  return `${sign} ${printable(table).padEnd(width)}  ${printable(told)}`;
}

/** @param {VerifySummary} summary */
function exitCode({ tables, errors }) {
  if (tables.some(({ sign }) => ['*', '+', '-'].includes(sign))) return EXIT.mismatch;
  return errors.length > 0 ? EXIT.someFailed : EXIT.ok;
}
