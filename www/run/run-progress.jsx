import { useEffect } from 'preact/hooks';
import { count, duration, size } from '../../pkg-scripts/shared/format.js';
import { ProgressBar } from '../components/progress-bar.jsx';
import { StatTiles } from '../components/stat-tiles.jsx';
import { JobLink } from './job-link.jsx';
import { activeJobs, isWaiting, runProgress, secondsLeft, selectedTables } from './progress.js';
import { currentRate } from './samples.js';
import { useNow } from './use-now.js';

/** @import { Stat } from '../components/stat-tiles.jsx' */
/** @import { RunState } from './run-state.js' */

/**
 * The progress of the whole run. `unit` is what it counts, in the plural.
 * @param {{ run: RunState, unit: 'tables' | 'files' }} props
 */
export function RunProgress({ run, unit }) {
  const nowMs = Math.max(useNow(), run.startedMs);
  const fraction = runProgress(run);
  const percent = Math.floor(fraction * 100);
  const { done, failed } = run.counts;
  useTitle(`${percent}% · petit`);
  return (
    <section class="card" aria-label="Progress">
      <div class="run-percent">
        <b>{percent}%</b>
        <ProgressBar fraction={fraction} label="Progress of the whole run" large />
      </div>
      {isWaiting(run) ? (
        <Waiting run={run} unit={unit} nowMs={nowMs} />
      ) : (
        <StatTiles stats={statsOf(run, unit, nowMs)} />
      )}
      {/* In steps of 10 %, so that a screen reader is not interrupted all the time. */}
      <p class="visually-hidden" role="status">
        {`${Math.floor(percent / 10) * 10}% done, ${done} ${unit} ${run.doneVerb}, ${failed} failed`}
      </p>
    </section>
  );
}

/** Limits the size of the document. */
const MAX_JOBS = 3;

/**
 * What Treasure Data is doing before there are any rows, which is most of the time of many runs.
 * @param {{ run: RunState, unit: string, nowMs: number }} props
 */
function Waiting({ run, unit, nowMs }) {
  const jobs = activeJobs(run);
  return (
    <div class="run-waiting">
      <p>
        <b>{jobs.length > 0 ? 'Treasure Data is working.' : 'Preparing.'}</b> {elapsed(run, nowMs)} elapsed,{' '}
        {count(selectedTables(run))} {unit}. Rates and the remaining time appear with the first rows.
      </p>
      <ul class="run-jobs" aria-label="Jobs">
        {jobs.slice(0, MAX_JOBS).map(({ table, job, consoleUrl, phase }) => (
          <li key={table}>
            <span class="truncate">{table}</span>
            <JobLink job={job} consoleUrl={consoleUrl} />
            <span class="muted truncate">{phase}</span>
          </li>
        ))}
        {jobs.length > MAX_JOBS && <li class="muted">and {count(jobs.length - MAX_JOBS)} more</li>}
      </ul>
    </div>
  );
}

/** @param {Pick<RunState, 'startedMs'>} run @param {number} nowMs */
const elapsed = ({ startedMs }, nowMs) => wholeSeconds((nowMs - startedMs) / 1000);

/**
 * @param {RunState} run
 * @param {string} unit
 * @param {number} nowMs
 * @returns {Stat[]}
 */
function statsOf(run, unit, nowMs) {
  const { counts, rows, totalRows, bytes, samples } = run;
  const rate = currentRate(samples);
  const left = secondsLeft(run, nowMs);
  return [
    {
      title: `${unit[0]?.toUpperCase()}${unit.slice(1)}`,
      value: `${count(counts.done)} / ${count(selectedTables(run))}`,
      note: counts.failed ? `${count(counts.failed)} failed` : `${count(counts.active)} in progress`,
    },
    { title: 'Rows', value: count(rows), note: `of about ${count(totalRows)}` },
    { title: 'Downloaded', value: size(bytes), note: 'compressed' },
    { title: 'Rate', value: rate === undefined ? '–' : count(Math.round(rate)), note: 'rows/s' },
    {
      title: 'Time left',
      value: left === undefined ? '–' : wholeSeconds(Math.ceil(left)),
      note: `${elapsed(run, nowMs)} elapsed`,
    },
  ];
}

/** @param {number} seconds */
const wholeSeconds = (seconds) => duration(Math.floor(seconds)).replace('.0', '');

/** @param {string} title of the page while the component is mounted */
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
