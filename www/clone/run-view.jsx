import { useState } from 'preact/hooks';
import { toJson } from '../../pkg-scripts/driver/utils/bigint-json.js';
import { count } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Dialog } from '../components/dialog.jsx';
import { PageHeading } from '../components/page-heading.jsx';
import { saveText } from '../components/save-text.js';
import { FailureList } from '../run/failure-list.jsx';
import { RunDetails } from '../run/run-details.jsx';
import { RunProgress } from '../run/run-progress.jsx';
import { RunningBar } from '../run/running-bar.jsx';
import { Outcome } from './outcome.jsx';
import { buildReport } from './report.js';
import { cloneRun, closeClone, retryClone } from './run.js';
import { missingTables } from './run-state.js';
import { RunTable } from './run-table.jsx';

/** @import { CloneRun } from './run-state.js' */

/** The progress of a run, then its outcome.
 * @param {{ run: CloneRun }} props */
export function RunView({ run }) {
  const { plan } = run;
  const isRunning = cloneRun.isRunning.value;
  return (
    <div class="view">
      <div class="view-head">
        <div>
          <PageHeading key={run.startedMs}>
            {plan.sourceDatabase} → {plan.destinationDatabase}
          </PageHeading>
          <p>
            From {plan.source} to {plan.destination}
          </p>
        </div>
        {/* Hidden while it runs, but it keeps its space, so that nothing moves at the end. */}
        <div class={isRunning ? 'invisible' : ''}>
          <Button onClick={closeClone}>Back to the plan</Button>
        </div>
      </div>
      <div class="run-top">{isRunning ? <RunProgress run={run} unit="tables" /> : <Outcome run={run} />}</div>
      <RunTable run={run} />
      <RunDetails run={run} />
      <FailureList run={run} />
      {isRunning ? <Cancel run={run} /> : <NextSteps run={run} />}
    </div>
  );
}

/** @param {{ run: CloneRun }} props */
function Cancel({ run }) {
  const [isConfirming, setIsConfirming] = useState(false);
  const isStopping = run.status === 'stopping';
  return (
    <RunningBar
      name="clone"
      isStopping={isStopping}
      stoppingText="petit deletes the unfinished copies…"
      onCancel={() => setIsConfirming(true)}
    >
      {isConfirming && !isStopping && (
        <StopDialog
          onClose={() => setIsConfirming(false)}
          onConfirm={() => {
            setIsConfirming(false);
            cloneRun.stop();
          }}
        />
      )}
    </RunningBar>
  );
}

/** @param {{ run: CloneRun }} props */
function NextSteps({ run }) {
  const missing = missingTables(run);
  const isFailed = run.counts.waiting === 0;
  return (
    <div class="action-bar">
      <p class="small muted">{countsText(run)}</p>
      <div class="row">
        <Button icon="save" onClick={() => saveReport(run)}>
          Download report
        </Button>
        {missing.length > 0 && (
          <Button variant="primary" icon="again" onClick={retryClone}>
            {`${isFailed ? 'Retry' : 'Copy'} ${count(missing.length)} ${isFailed ? 'failed' : 'missing'}`}
          </Button>
        )}
      </div>
    </div>
  );
}

/** @param {CloneRun} run */
function countsText({ counts: { done, skipped, failed, waiting } }) {
  const parts = [`${count(done)} copied`, `${count(skipped)} skipped`, `${count(failed)} failed`];
  return [...parts, ...(waiting ? [`${count(waiting)} not started`] : [])].join(', ');
}

/** @param {{ onClose: () => void, onConfirm: () => void }} props */
function StopDialog({ onClose, onConfirm }) {
  return (
    <Dialog
      title="Stop the clone?"
      onClose={onClose}
      onSubmit={onConfirm}
      actions={
        <>
          <Button onClick={onClose}>Continue</Button>
          <Button variant="danger" submit>
            Stop
          </Button>
        </>
      }
    >
      <p>
        Copied tables are kept. petit stops the jobs of unfinished tables and deletes their staging tables.
        You can copy the missing tables later.
      </p>
    </Dialog>
  );
}

/** @param {CloneRun} run */
function saveReport(run) {
  const time = new Date(run.startedMs).toISOString().slice(0, 19).replaceAll(':', '');
  const name = `petit-clone-${run.plan.destinationDatabase}-${time}.json`;
  saveText(name, `${toJson(buildReport(run), 2)}\n`);
}
