import { Button } from '../components/button.jsx';
import { PageHeading } from '../components/page-heading.jsx';
import { OpenedFile } from '../parquet/parquet-view.jsx';
import { FailureList } from '../run/failure-list.jsx';
import { RunDetails } from '../run/run-details.jsx';
import { RunProgress } from '../run/run-progress.jsx';
import { RunningBar } from '../run/running-bar.jsx';
import { FileTable } from './file-table.jsx';
import { Outcome } from './outcome.jsx';
import { closeExport, exportRun } from './run.js';

/** @import { ExportRun } from './run-state.js' */

/** The progress of a run, then its outcome and the contents of a file.
 * @param {{ run: ExportRun }} props */
export function ExportRunView({ run }) {
  const isRunning = exportRun.isRunning.value;
  return (
    <div class="view">
      <div class="view-head">
        <div>
          <PageHeading>Export of {run.database}</PageHeading>
        </div>
      </div>
      <div class="run-top">{isRunning ? <RunProgress run={run} unit="files" /> : <Outcome run={run} />}</div>
      <FileTable run={run} />
      <RunDetails run={run} />
      <FailureList run={run} />
      {!isRunning && <OpenedFile />}
      {isRunning ? (
        <RunningBar
          name="export"
          isStopping={run.status === 'stopping'}
          stoppingText="petit stops the jobs and deletes unfinished files…"
          onCancel={() => exportRun.stop()}
        />
      ) : (
        <div class="action-bar">
          <span />
          <Button variant="primary" onClick={closeExport}>
            Back to the plan
          </Button>
        </div>
      )}
    </div>
  );
}
