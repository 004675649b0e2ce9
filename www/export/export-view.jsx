import { useEffect } from 'preact/hooks';
import { Button } from '../components/button.jsx';
import { plural } from '../components/plural.js';
import { source } from '../connect/accounts.js';
import { ConnectFirst } from '../connect/connect-first.jsx';
import { DropZone, OpenButton } from '../parquet/drop-zone.jsx';
import { closeFile, openedFile } from '../parquet/open-file.js';
import { OpenedFile } from '../parquet/parquet-view.jsx';
import { ExportOptions } from './export-options.jsx';
import { ExportPlanView } from './export-plan.jsx';
import { database, errors, listing, mode, planning, runnablePlan } from './export-state.js';
import { exportRun, startExport } from './run.js';
import { ExportRunView } from './run-view.jsx';
import { updateSupport } from './save-target.js';

/** The view that exports tables to Parquet files and shows the contents of such files. */
export function ExportView() {
  useEffect(() => {
    updateSupport();
  }, []);
  return (
    <DropZone>
      <ExportContent />
    </DropZone>
  );
}

function ExportContent() {
  const run = exportRun.run.value;
  if (run) return <ExportRunView run={run} />;
  if (openedFile.value.status !== 'none') return <FileView />;
  if (source.info.value) return <Planning />;
  return (
    <div class="view">
      <Head />
      <ConnectFirst
        title="Connect the source first"
        text="An export reads from the source account. You can view a Parquet file without an account: drop it here."
      />
    </div>
  );
}

function Head() {
  return (
    <div class="view-head">
      <div>
        <h1>Export to Parquet</h1>
        <p>Tables and query results become Parquet files with exact types and values.</p>
      </div>
      <OpenButton />
    </div>
  );
}

function FileView() {
  return (
    <div class="view">
      <Head />
      <OpenedFile />
      <div class="action-bar">
        <p class="small muted">The file does not leave this computer.</p>
        <Button variant="primary" onClick={closeFile}>
          {source.info.value ? 'Back to the plan' : 'Close the file'}
        </Button>
      </div>
    </div>
  );
}

function Planning() {
  const files = runnablePlan.value?.tasks.length ?? 0;
  return (
    <div class="view">
      <Head />
      <div class="split">
        <ExportOptions />
        <ExportPlanView />
      </div>
      <div class="action-bar">
        <p class="small muted" id="export-readiness" role="status">
          {readiness()}
        </p>
        <Button
          variant="primary"
          disabled={!runnablePlan.value}
          describedBy="export-readiness"
          onClick={startExport}
        >
          {files > 0 ? `Start the export of ${plural(files, 'file')}` : 'Start the export'}
        </Button>
      </div>
    </div>
  );
}

/** What the export would do, or why it cannot start. */
function readiness() {
  if (database.value === '') return 'Choose a database to export.';
  if (listing.value.status === 'inspecting') return 'Reading the database…';
  if (planning.value.status === 'none') {
    return mode.value === 'tables' ? 'Choose tables to export.' : 'Enter a SELECT statement.';
  }
  if (Object.keys(errors.value).length > 0) return 'Correct the options first.';
  const plan = runnablePlan.value;
  if (!plan) return 'There are conflicts. Resolve them first.';
  return `Ready to export ${plural(plan.tasks.length, 'file')}.`;
}
