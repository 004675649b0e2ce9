import { cleanUp } from '../../../node.js';
import { ACCOUNT, findAccounts } from '../../config/accounts.js';
import { useNetwork } from '../../config/proxy.js';
import { EXIT } from '../../exit-codes.js';
import { persistence } from '../../options.js';
import { createFace } from '../../output/reporter.js';
import { count, printable, size, table } from '../../output/table.js';

/** @import { Command } from 'commander' */
/** @import { CleanupSummary } from '../../../types.js' */
/** @import { Surroundings } from '../../program.js' */

/**
 * @param {string | undefined} database
 * @param {Record<string, any>} options
 * @param {Command} command
 * @param {Surroundings} surroundings
 * @returns {Promise<number>} the exit code
 */
export async function cleanup(database, options, command, { process, signal }) {
  const goOn = () => 'What was removed is gone, the rest is as it was. Run the same command again.';
  const stopping = 'Stopping: nothing more is removed. Once more stops at once.';
  const face = createFace(process, { json: options.json, progress: false, signal, stopping, goOn });
  try {
    const { account } = await findAccounts(command, process, { account: ACCOUNT }, face.say);
    await useNetwork(process.env, options);
    const remove = options.yes === true || options.force === true;
    const summary = await cleanUp({
      ...{ account, database, remove, force: options.force, signal },
      ...{ ...persistence(options), onEvent: face.onEvent },
    });
    face.result(summaryText(summary, remove));
    for (const error of summary.errors) face.fail(error);
    return summary.errors.length > 0 ? EXIT.someFailed : EXIT.ok;
  } catch (error) {
    return face.fail(error);
  }
}

/**
 * @param {CleanupSummary} summary
 * @param {boolean} isRemoving
 */
function summaryText({ account, found, unseen, removed, errors }, isRemoving) {
  const { jobs, sessions, tables } = found;
  const rows = [
    ...jobs.map((left) => ['job', left.database ?? '', left.jobId, left.status, '']),
    ...sessions.map((left) => ['session', left.database, left.session, left.status, '']),
    ...tables.map((left) => [
      ...['table', left.database, left.table],
      ...[`${count(left.rows)} rows, ${size(left.bytes)}`, left.created ?? ''],
    ]),
  ];
  const lines =
    rows.length > 0
      ? [table(['WHAT', 'DATABASE', 'NAME', 'STATE', 'CREATED'], rows), '']
      : [`Nothing is left of any clone in ${printable(account)}.`];
  if (unseen.length > 0) lines.push(`The key may not look into ${unseen.map(printable).join(', ')}.`);
  if (rows.length > 0) {
    lines.push(
      isRemoving
        ? `${removed} removed, ${jobs.length} killed, ${errors.length} failed.`
        : 'Nothing was removed. Run it again with --yes to remove this, when no clone is under way.',
    );
  }
  return lines.join('\n');
}
