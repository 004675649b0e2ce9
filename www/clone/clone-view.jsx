import { useState } from 'preact/hooks';
import { count } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { plural } from '../components/plural.js';
import { destination, source } from '../connect/accounts.js';
import { ConnectFirst } from '../connect/connect-first.jsx';
import { copiedCount, copiedRows } from './choice.js';
import { OverwriteDialog } from './overwrite-dialog.jsx';
import { PlanOptions } from './plan-options.jsx';
import { errors, isComplete, planning, runnablePlan } from './plan-state.js';
import { PlanView } from './plan-view.jsx';
import { cloneRun, startClone } from './run.js';
import { RunView } from './run-view.jsx';

/** The view that clones a database: shows the plan, then the run and its outcome. */
export function CloneView() {
  const run = cloneRun.run.value;
  if (run) return <RunView run={run} />;
  if (source.info.value && destination.info.value) return <Planning />;
  return (
    <div class="view">
      <Head />
      <ConnectFirst
        title="Connect both accounts first"
        text="A clone copies a database to another account, or to the same account under another name."
      />
    </div>
  );
}

function Head() {
  return (
    <div class="view-head">
      <div>
        <h1>Clone a database</h1>
        <p>
          Planning writes nothing. A table appears in the destination only after its copy is complete and
          verified.
        </p>
      </div>
    </div>
  );
}

function Planning() {
  const [isConfirming, setIsConfirming] = useState(false);
  const plan = runnablePlan.value;
  const copied = plan ? copiedCount(plan) : 0;
  const start = () => (plan?.totals.overwrite ? setIsConfirming(true) : startClone());
  return (
    <div class="view">
      <Head />
      <div class="split">
        <PlanOptions />
        <PlanView />
      </div>
      <div class="action-bar">
        <p class="small muted" id="readiness" role="status">
          {readiness()}
        </p>
        <Button variant="primary" disabled={!plan} describedBy="readiness" onClick={start}>
          {copied > 0 ? `Start the clone of ${plural(copied, 'table')}` : 'Start the clone'}
        </Button>
      </div>
      {isConfirming && plan && (
        <OverwriteDialog plan={plan} onCancel={() => setIsConfirming(false)} onConfirm={startClone} />
      )}
    </div>
  );
}

/** What the clone would do, or why it cannot start. */
function readiness() {
  const state = planning.value;
  if (state.status === 'none') return 'Choose a database to clone.';
  if (state.status === 'inspecting') return 'Reading both databases…';
  if (state.status === 'failed') return 'Planning failed.';
  const { totals } = state.plan;
  if (totals.error) return conflictText(totals.error.tables);
  if (!isComplete.value) return 'Checking the partitioning of each table…';
  if (Object.keys(errors.value).length > 0) return 'Correct the options first.';
  if (!runnablePlan.value) return 'There is nothing to copy.';
  const rows = copiedRows(state.plan);
  const { notChosen } = state.plan;
  const rest = notChosen > 0 ? ` ${plural(notChosen, 'table')} not chosen.` : '';
  return `Ready to copy ${plural(copiedCount(state.plan), 'table')}, about ${count(rows)} rows.${rest}`;
}

/** @param {number} conflicts */
const conflictText = (conflicts) =>
  `${plural(conflicts, 'conflict')}. Resolve ${conflicts === 1 ? 'it' : 'them'} first.`;
