import { useEffect, useState } from 'preact/hooks';
import { count, duration, size } from '../../pkg-scripts/shared/format.js';
import { ProgressBar } from '../components/progress-bar.jsx';
import { StatTiles } from '../components/stat-tiles.jsx';
import { runProgress, secondsLeft, selectedTables } from './progress.js';
import { currentRate } from './samples.js';

/** @import { Stat } from '../components/stat-tiles.jsx' */
/** @import { RunState } from './run-state.js' */

/**
 * The progress of the whole run. `unit` is what it counts, in the plural.
 * @param {{ run: RunState<any>, unit: 'tables' | 'files' }} props
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
      <StatTiles stats={statsOf(run, unit, nowMs)} />
      {/* In steps of 10 %, so that a screen reader is not interrupted all the time. */}
      <p class="visually-hidden" role="status">
        {`${Math.floor(percent / 10) * 10}% done, ${done} ${unit} ${run.doneVerb}, ${failed} failed`}
      </p>
    </section>
  );
}

/**
 * @param {RunState<any>} run
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
      note: `${wholeSeconds((nowMs - run.startedMs) / 1000)} elapsed`,
    },
  ];
}

/** @param {number} seconds */
const wholeSeconds = (seconds) => duration(Math.floor(seconds)).replace('.0', '');

/** The current time, updated every second. */
function useNow() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

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
