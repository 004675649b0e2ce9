import { useEffect, useState } from 'preact/hooks';
import { count, duration, rowRate, size } from '../../pkg-scripts/shared/format.js';
import { Button } from '../components/button.jsx';
import { Arrival } from '../components/focus-on-mount.jsx';
import { Log } from '../components/log.jsx';
import { Alert, Badge, ProgressBar, Tiles } from '../components/signs.jsx';
import { Table } from '../components/table.jsx';
import { lookInto } from '../parquet/open-file.js';
import { Opened } from '../parquet/parquet-view.jsx';
import { partOf, partOfRun, secondsLeft } from '../run/figures.js';
import { hintOf } from '../run/hints.js';
import { RateChart } from '../run/rate-chart.jsx';
import { rateNow } from '../run/samples.js';
import { download, isRunning, leave, run, stop } from './run.js';

/** @import { Column } from '../components/table.jsx' */
/** @import { Tone } from '../components/signs.jsx' */
/** @import { ExportRun, FileRun } from './run-state.js' */

/** A run: how far it is, or how it ended and what is in the files.
 * @param {{ state: ExportRun }} props */
export function ExportRunView({ state }) {
  return (
    <div class="view">
      <div class="view-head">
        <div>
          <Arrival>Export from {state.database}</Arrival>
        </div>
      </div>
      {isRunning.value ? <Progress state={state} /> : <Outcome state={state} />}
      <Files state={state} />
      <div class="run-more">
        <RateChart samples={state.samples} />
        <Log label="Log" lines={state.log} />
      </div>
      <Failures state={state} />
      {!isRunning.value && <Opened />}
      <Actions state={state} />
    </div>
  );
}

/** @param {{ state: ExportRun }} props */
function Progress({ state }) {
  const nowMs = useNow();
  const { counts, rows, totalRows, bytes } = state;
  const part = partOfRun(/** @type {any} */ (state));
  const left = secondsLeft(/** @type {any} */ (state), nowMs);
  const rate = rateNow(state.samples);
  const percent = Math.floor(part * 100);
  return (
    <section class="card export-summary" aria-label="Progress">
      <div class="run-percent">
        <b>{percent}%</b>
        <ProgressBar part={part} label="Progress of the whole export" large />
      </div>
      <Tiles
        tiles={[
          {
            title: 'Files',
            value: `${count(counts.done)} / ${count(state.files.size)}`,
            note: counts.failed ? `${count(counts.failed)} failed` : `${count(counts.active)} under way`,
          },
          { title: 'Rows', value: count(rows), note: `of about ${count(totalRows)}` },
          { title: 'Downloaded', value: size(bytes), note: 'compressed' },
          { title: 'Rate', value: rate === undefined ? '–' : count(Math.round(rate)), note: 'rows/s' },
          { title: 'Time left', value: left === undefined ? '–' : duration(Math.ceil(left)), note: '' },
        ]}
      />
      <p class="unseen" role="status">
        {`${Math.floor(percent / 10) * 10}% done, ${counts.done} files written, ${counts.failed} failed`}
      </p>
    </section>
  );
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

/** @param {{ state: ExportRun }} props */
function Outcome({ state }) {
  const { counts, files, seconds } = state;
  const results = [...files.values()].flatMap(({ result }) => (result ? [result] : []));
  const rows = results.reduce((sum, result) => sum + result.rows, 0n);
  const bytes = results.reduce((sum, result) => sum + result.bytes, 0n);
  const notes = results.flatMap(({ table, notes }) => notes.map((note) => `${table}: ${note}`));
  return (
    <section class="stack export-summary" aria-label="Outcome">
      <Verdict state={state} />
      <Tiles
        tiles={[
          { title: 'Exported', value: count(counts.done), note: counts.done === 1 ? 'file' : 'files' },
          { title: 'Failed', value: count(counts.failed), note: '' },
          { title: 'Rows', value: count(rows), note: 'as many as the jobs told' },
          { title: 'Size', value: size(bytes), note: 'of the Parquet files' },
          {
            title: 'Time',
            value: duration(seconds),
            note: seconds > 0 ? rowRate(rows, seconds) : '',
          },
        ]}
      />
      {notes.length > 0 && (
        <Alert title="Good to know">
          {notes.slice(0, 20).map((note) => (
            <p key={note}>{note}</p>
          ))}
        </Alert>
      )}
    </section>
  );
}

/** @param {{ state: ExportRun }} props */
function Verdict({ state: { is, counts, trouble, isDownload } }) {
  if (is === 'refused' && trouble) {
    return (
      <Alert tone="bad" title={trouble.message} live>
        <p>{hintOf(trouble)}</p>
      </Alert>
    );
  }
  if (is === 'stopped') {
    return (
      <Alert tone="warn" title="Stopped" live>
        <p>The half-written files are gone, and their jobs are stopped.</p>
      </Alert>
    );
  }
  if (counts.failed > 0) {
    return (
      <Alert
        tone="bad"
        title={`${count(counts.failed)} ${counts.failed === 1 ? 'table' : 'tables'} failed`}
        live
      >
        <p>Nothing of them was kept. The other files are whole.</p>
      </Alert>
    );
  }
  return (
    <Alert tone="good" title="Complete" live>
      <p>
        Every file is whole, and has as many rows as its job told.
        {isDownload && ' The browser is downloading them; if it asks whether it may, allow it.'}
      </p>
    </Alert>
  );
}

/** @param {{ state: ExportRun }} props */
function Failures({ state: { files } }) {
  const failed = [...files.values()].filter(({ error }) => error).slice(0, 100);
  if (failed.length === 0) return null;
  return (
    <ul class="failures" aria-label="What failed, and why">
      {failed.map(({ table, error }) => (
        <li key={table} class="failure">
          <b>{table}</b>
          <p>{error?.message}</p>
          <p class="soft">{error && hintOf(error)}</p>
        </li>
      ))}
    </ul>
  );
}

/** @type {Record<FileRun['state'], { word: string, tone: Tone }>} */
const STATES = {
  active: { word: 'Exporting', tone: 'accent' },
  done: { word: 'Written', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
  waiting: { word: 'Waiting', tone: 'calm' },
};

/** @type {Column<FileRun>[]} */
const COLUMNS = [
  {
    title: 'State',
    kind: 'run-state',
    cell: ({ state }) => <Badge tone={STATES[state].tone}>{STATES[state].word}</Badge>,
  },
  { title: 'Table', kind: 'run-name cut', cell: ({ table }) => <span title={table}>{table}</span> },
  {
    title: 'Progress',
    kind: 'run-bar',
    cell: (file) => (
      <ProgressBar
        part={partOf(/** @type {any} */ (file))}
        tone={file.state === 'done' ? 'good' : file.state === 'failed' ? 'bad' : undefined}
        label={`Progress of ${file.table}`}
      />
    ),
  },
  { title: 'Rows', kind: 'run-rows number', cell: ({ rows }) => count(rows) },
  {
    title: 'Size',
    kind: 'run-size number',
    cell: ({ result, bytes }) => size(result ? result.bytes : bytes),
  },
];

/** @param {{ state: ExportRun }} props */
function Files({ state }) {
  const { files, written } = state;
  const writtenOf = new Map(written.map((file) => [file.table, file]));
  /** @type {Column<FileRun>} */
  const last = isRunning.value
    ? {
        title: 'Step',
        kind: 'run-step cut soft small',
        cell: ({ phase, trouble, error }) => trouble ?? error?.message ?? phase,
      }
    : {
        title: 'File',
        kind: 'run-file',
        cell: ({ table, error }) => {
          const file = writtenOf.get(table);
          if (!file) return <span class="small">{error ? 'see below, why' : ''}</span>;
          return (
            <span class="row file-actions">
              <Button small kind="quiet" onClick={() => lookInto(file.name, file.file)}>
                Look inside
              </Button>
              {state.isDownload && (
                <Button small kind="quiet" onClick={() => download(file)}>
                  Download
                </Button>
              )}
            </span>
          );
        },
      };
  return (
    <Table
      label="Files of the export"
      kind="export-table"
      columns={[...COLUMNS, last]}
      rows={[...files.values()]}
      keyOf={({ table }) => table}
      height={Math.min(8, Math.max(3, files.size))}
      none="None."
    />
  );
}

/** @param {{ state: ExportRun }} props */
function Actions({ state }) {
  const isStopping = state.is === 'stopping';
  return (
    <div class="action-bar">
      <p class="small soft" role="status">
        {isStopping && 'Stopping: jobs are being stopped, half-written files removed…'}
        {state.is === 'running' && 'Keep this page open: the export runs in it.'}
      </p>
      {isRunning.value ? (
        <Button icon="stop" busy={isStopping} onClick={stop}>
          {isStopping ? 'Stopping…' : 'Cancel'}
        </Button>
      ) : (
        <Button kind="main" onClick={leave}>
          Back to the plan
        </Button>
      )}
    </div>
  );
}
