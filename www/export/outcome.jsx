import { count, duration, rowRate, size } from '../../pkg-scripts/shared/format.js';
import { Alert } from '../components/alert.jsx';
import { StatTiles } from '../components/stat-tiles.jsx';
import { Verdict } from '../run/verdict.jsx';
import { canFollowDownloads } from './downloads.js';

/** @import { ExportedTable } from '../../pkg-scripts/types.js' */
/** @import { ExportRun } from './run-state.js' */

/** Limits the size of the document. */
const MAX_NOTES = 20;

/** The result of a finished run.
 * @param {{ run: ExportRun }} props */
export function Outcome({ run }) {
  const results = [...run.tables.values()].flatMap(({ result }) => (result ? [result] : []));
  const notes = results.flatMap(({ table, notes }) => notes.map((note) => `${table}: ${note}`));
  return (
    <section class="stack" aria-label="Outcome">
      <Verdict
        run={run}
        stopped="petit deleted the unfinished files and stopped their jobs."
        failed="No files of failed tables were kept. The other files are complete."
        complete={completeText(run)}
      />
      <StatTiles stats={statsOf(run, results)} />
      {notes.length > 0 && (
        <Alert title="Notes">
          {notes.slice(0, MAX_NOTES).map((note) => (
            <p key={note}>{note}</p>
          ))}
        </Alert>
      )}
    </section>
  );
}

/** @param {ExportRun} run */
function completeText({ isDownload }) {
  const text = 'Every file is complete, and its row count matches its job.';
  if (!isDownload) return text;
  const kept = canFollowDownloads
    ? 'petit removes each file from the browser’s storage after its download.'
    : 'petit removes them from the browser’s storage when you go back to the plan or close the page.';
  return `${text} The browser downloads the files. If it asks for permission, allow it. ${kept}`;
}

/**
 * @param {ExportRun} run
 * @param {ExportedTable[]} results
 */
function statsOf({ counts, seconds }, results) {
  const rows = results.reduce((total, result) => total + result.rows, 0n);
  const bytes = results.reduce((total, result) => total + result.bytes, 0n);
  const rate = seconds > 0 ? rowRate(rows, seconds) : '';
  return [
    { title: 'Exported', value: count(counts.done), note: counts.done === 1 ? 'file' : 'files' },
    { title: 'Failed', value: count(counts.failed), note: '' },
    { title: 'Rows', value: count(rows), note: 'as the jobs reported' },
    { title: 'Size', value: size(bytes), note: 'of the Parquet files' },
    { title: 'Time', value: duration(seconds), note: rate },
  ];
}
