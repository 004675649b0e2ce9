import { useEffect, useState } from 'preact/hooks';
import { toJson } from '../../pkg-scripts/driver/utils/bigint-json.js';
import { count, duration, size } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Dialog } from '../components/dialog.jsx';
import { Arrival } from '../components/focus-on-mount.jsx';
import { Log } from '../components/log.jsx';
import { saveText } from '../components/save-text.js';
import { ProgressBar, Tiles } from '../components/signs.jsx';
import { partOfRun, reportOf, secondsLeft } from '../run/figures.js';
import { RateChart } from '../run/rate-chart.jsx';
import { rateNow } from '../run/samples.js';
import { Failures, Outcome } from './outcome.jsx';
import { isRunning, leave, retry, run, stop } from './run.js';
import { unfinished } from './run-state.js';
import { RunTable } from './run-table.jsx';

/** @import { RunState } from './run-state.js' */

/** A run: how far it is, or how it ended.
 * @param {{ state: RunState }} props */
export function RunView({ state }) {
  const { plan } = state;
  return (
    <div class="view">
      <div class="view-head">
        <div>
          <Arrival key={state.beganMs}>
            {plan.sourceDatabase} → {plan.destinationDatabase}
          </Arrival>
          <p>
            From {plan.source} to {plan.destination}
          </p>
        </div>
        <div class={isRunning.value ? 'no-way-back' : ''}>
          <Button onClick={leave}>Back to the plan</Button>
        </div>
      </div>
      <div class="run-top">{isRunning.value ? <Progress state={state} /> : <Outcome state={state} />}</div>
      <RunTable state={state} />
      <div class="run-more">
        <RateChart samples={state.samples} />
        <Log label="Log" lines={state.log} />
      </div>
      <Failures state={state} />
      <Actions state={state} />
    </div>
  );
}

/** @param {{ state: RunState }} props */
function Progress({ state }) {
  const nowMs = useNow();
  const { counts, rows, totalRows, bytes } = state;
  const part = partOfRun(state);
  const percent = Math.floor(part * 100);
  const rate = rateNow(state.samples);
  const left = secondsLeft(state, nowMs);
  const copied = counts.waiting + counts.active + counts.done + counts.failed;
  useTitle(`${percent}% · petit`);
  return (
    <section class="card" aria-label="Progress">
      <div class="run-percent">
        <b>{percent}%</b>
        <ProgressBar part={part} label="Progress of the whole run" large />
      </div>
      <Tiles
        tiles={[
          {
            title: 'Tables',
            value: `${count(counts.done)} / ${count(copied)}`,
            note: counts.failed ? `${count(counts.failed)} failed` : `${count(counts.active)} under way`,
          },
          { title: 'Rows', value: count(rows), note: `of about ${count(totalRows)}` },
          { title: 'Downloaded', value: size(bytes), note: 'compressed' },
          { title: 'Rate', value: rate === undefined ? '–' : count(Math.round(rate)), note: 'rows/s' },
          {
            title: 'Time left',
            value: left === undefined ? '–' : wholeSeconds(Math.ceil(left)),
            note: `after ${wholeSeconds((nowMs - state.beganMs) / 1000)}`,
          },
        ]}
      />
      <p class="unseen" role="status">
        {`${Math.floor(percent / 10) * 10}% done, ${counts.done} tables copied, ${counts.failed} failed`}
      </p>
    </section>
  );
}

/** @param {number} seconds */
const wholeSeconds = (seconds) => duration(Math.floor(seconds)).replace('.0', '');

/** @param {{ state: RunState }} props */
function Actions({ state }) {
  const [isAsking, setIsAsking] = useState(false);
  if (state.is === 'running' || state.is === 'stopping') {
    const isStopping = state.is === 'stopping';
    return (
      <div class="action-bar">
        <p class="small soft" role="status">
          {isStopping
            ? 'Stopping: what is half done is being cleared away…'
            : 'Keep this page open: the clone runs in it.'}
        </p>
        <Button icon="stop" busy={isStopping} onClick={() => setIsAsking(true)}>
          {isStopping ? 'Stopping…' : 'Cancel'}
        </Button>
        {isAsking && !isStopping && (
          <StopDialog
            onClose={() => setIsAsking(false)}
            onConfirm={() => {
              setIsAsking(false);
              stop();
            }}
          />
        )}
      </div>
    );
  }
  const missing = unfinished(state);
  const isFailed = state.counts.waiting === 0;
  return (
    <div class="action-bar">
      <p class="small soft">{lastWord(state)}</p>
      <div class="row">
        <Button icon="save" onClick={() => saveReport(state)}>
          Download report
        </Button>
        {missing.length > 0 && (
          <Button kind="main" icon="again" onClick={retry}>
            {`${isFailed ? 'Retry' : 'Copy'} ${count(missing.length)} ${isFailed ? 'failed' : 'missing'}`}
          </Button>
        )}
      </div>
    </div>
  );
}

/** @param {RunState} state */
function lastWord({ counts: { done, skipped, failed, waiting } }) {
  const parts = [`${count(done)} copied`, `${count(skipped)} left`, `${count(failed)} failed`];
  return [...parts, ...(waiting ? [`${count(waiting)} not reached`] : [])].join(', ');
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
          <Button onClick={onClose}>Go on copying</Button>
          <Button kind="danger" submit>
            Stop
          </Button>
        </>
      }
    >
      <p>
        Finished tables stay, nothing half done does: its jobs are stopped and its staging tables deleted.
        What is missing can be copied afterwards.
      </p>
    </Dialog>
  );
}

/** @param {RunState} state */
function saveReport(state) {
  const { destinationDatabase } = state.plan;
  const name = `petit-clone-${destinationDatabase}-${new Date(state.beganMs).toISOString().slice(0, 19).replaceAll(':', '')}.json`;
  saveText(name, `${toJson(reportOf(state), 2)}\n`);
}

/** The time, told every second. */
function useNow() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(now, run.value?.beganMs ?? 0);
}

/** @param {string} title of the page while this is shown */
function useTitle(title) {
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(
    () => () => {
      document.title = 'petit';
    },
    [],
  );
}
