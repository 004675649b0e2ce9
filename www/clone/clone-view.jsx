import { useState } from 'preact/hooks';
import { count } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Empty } from '../components/signs.jsx';
import { destination, source } from '../connect/accounts.js';
import { view } from '../navigation.js';
import { OverwriteDialog } from './overwrite-dialog.jsx';
import { PlanOptions } from './plan-options.jsx';
import { isComplete, planning, soundPlan } from './plan-state.js';
import { PlanView } from './plan-view.jsx';
import { run, start } from './run.js';
import { RunView } from './run-view.jsx';

/** Copies a database: first the plan, then the run and its outcome. */
export function CloneView() {
  if (run.value) return <RunView state={run.value} />;
  if (source.found.value && destination.found.value) return <Planning />;
  return (
    <div class="view">
      <Head />
      <Empty icon="link" title="Connect both accounts first">
        <p>A clone reads from one account and writes to another, or to the same under another name.</p>
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

function Head() {
  return (
    <div class="view-head">
      <div>
        <h1>Clone a database</h1>
        <p>
          The plan costs nothing and changes nothing. A table appears in the destination only when it is
          whole.
        </p>
      </div>
    </div>
  );
}

function Planning() {
  const [isAsking, setIsAsking] = useState(false);
  const plan = soundPlan.value;
  const begin = () => (plan?.totals.overwrite ? setIsAsking(true) : start());
  return (
    <div class="view">
      <Head />
      <div class="split">
        <PlanOptions />
        <PlanView />
      </div>
      <div class="action-bar">
        <p class="small soft" id="readiness" role="status">
          {readiness()}
        </p>
        <Button kind="main" disabled={!plan} describedBy="readiness" onClick={begin}>
          Start the clone
        </Button>
      </div>
      {isAsking && plan && (
        <OverwriteDialog plan={plan} onCancel={() => setIsAsking(false)} onConfirm={start} />
      )}
    </div>
  );
}

/** Whether it can start, and what it would do; or why not. */
function readiness() {
  const now = planning.value;
  if (now.is === 'none') return 'Choose a database to clone.';
  if (now.is === 'looking') return 'Looking at both sides…';
  if (now.is === 'failed') return 'There is no plan to carry out.';
  const { totals } = now.plan;
  if (totals.error) return `${count(totals.error.tables)} in the way: resolve that first.`;
  if (!isComplete.value) return 'Looking at how each table is laid out…';
  if (!soundPlan.value) return 'There is nothing to copy.';
  const { create, overwrite } = totals;
  const tables = (create?.tables ?? 0) + (overwrite?.tables ?? 0);
  const rows = (create?.rows ?? 0n) + (overwrite?.rows ?? 0n);
  return `Ready: copies ${count(tables)} ${tables === 1 ? 'table' : 'tables'}, about ${count(rows)} rows.`;
}
