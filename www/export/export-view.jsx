import { useEffect } from 'preact/hooks';
import { count } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Empty } from '../components/signs.jsx';
import { source } from '../connect/accounts.js';
import { view } from '../navigation.js';
import { DropZone, OpenButton } from '../parquet/drop-zone.jsx';
import { opened, show } from '../parquet/open-file.js';
import { Opened } from '../parquet/parquet-view.jsx';
import { ExportOptions } from './export-options.jsx';
import { ExportPlanView } from './export-plan.jsx';
import { database, looking, planning, soundPlan, what } from './export-state.js';
import { lookForPlaces } from './places.js';
import { run, start } from './run.js';
import { ExportRunView } from './run-view.jsx';

/** Exports tables to Parquet files, and looks into such files. */
export function ExportView() {
  useEffect(() => {
    lookForPlaces();
  }, []);
  return <DropZone>{shown()}</DropZone>;
}

function shown() {
  if (run.value) return <ExportRunView state={run.value} />;
  if (opened.value.is !== 'none') return <Looking />;
  return source.found.value ? <Planning /> : <NotConnected />;
}

function Head() {
  return (
    <div class="view-head">
      <div>
        <h1>Export to Parquet</h1>
        <p>Rows go from Treasure Data to files on your disk, type by type and digit by digit.</p>
      </div>
      <OpenButton />
    </div>
  );
}

function NotConnected() {
  return (
    <div class="view">
      <Head />
      <Empty icon="link" title="Connect the source first">
        <p>
          An export reads from the source account. Parquet files can be looked at without one: drop them here.
        </p>
        <Button
          kind="main"
          onClick={() => {
            view.value = 'connect';
          }}
        >
          Connect
        </Button>
      </Empty>
    </div>
  );
}

function Looking() {
  return (
    <div class="view">
      <Head />
      <Opened />
      <div class="action-bar">
        <p class="small soft">Nothing of the file leaves this computer.</p>
        <Button kind="main" onClick={() => show()}>
          {source.found.value ? 'Back to the plan' : 'Close the file'}
        </Button>
      </div>
    </div>
  );
}

function Planning() {
  return (
    <div class="view">
      <Head />
      <div class="split">
        <ExportOptions />
        <ExportPlanView />
      </div>
      <div class="action-bar">
        <p class="small soft" id="export-readiness" role="status">
          {readiness()}
        </p>
        <Button kind="main" disabled={!soundPlan.value} describedBy="export-readiness" onClick={start}>
          Start the export
        </Button>
      </div>
    </div>
  );
}

/** Whether it can start, and what it would do; or why not. */
function readiness() {
  if (database.value === '') return 'Choose a database to export from.';
  if (looking.value.is === 'looking') return 'Looking at the database…';
  if (planning.value.is === 'none') {
    return what.value === 'tables' ? 'Choose tables to export.' : 'Write the SQL whose result you want.';
  }
  const { value: plan } = soundPlan;
  if (!plan) return 'There is something in the way: resolve that first.';
  const files = plan.tasks.length;
  return `Ready: ${count(files)} ${files === 1 ? 'file' : 'files'}.`;
}
