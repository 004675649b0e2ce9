import { duration } from '../../pkg-scripts/shared/format.js';
import { Alert } from '../components/alert.jsx';
import { Button } from '../components/button.jsx';
import { TextField } from '../components/field.jsx';
import { FirstRows } from '../parquet/first-rows.jsx';
import { hintOf } from '../run/hints.js';
import { JobLink } from '../run/job-link.jsx';
import { useNow } from '../run/use-now.js';
import { fileName, query } from './export-state.js';
import { FIRST_ROWS } from './first-rows-sql.js';
import { cancelFirstRows, preview, previewJob, queryFailure, showFirstRows } from './query-state.js';
import { SqlField } from './sql-field.jsx';

/** The query whose result is exported, its first rows, and why it failed. */
export function QueryForm() {
  return (
    <section class="card" aria-label="Query">
      <SqlField />
      <Failure />
      <div class="row">
        <Button disabled={query.value.trim() === ''} onClick={showFirstRows}>
          {`First ${FIRST_ROWS} rows`}
        </Button>
        <p class="hint">Runs the query with LIMIT {FIRST_ROWS}. Only this page has the values.</p>
      </div>
      <Preview />
      <TextField
        label="File name"
        placeholder="query.parquet"
        value={fileName.value}
        onInput={(name) => {
          fileName.value = name;
        }}
      />
    </section>
  );
}

function Failure() {
  const failure = queryFailure.value;
  if (!failure) return null;
  const { error, consoleUrl } = failure;
  return (
    <Alert tone="bad" title="The query failed" live>
      <p class="query-error">{error.message}</p>
      <p>
        {hintOf(error)}{' '}
        {error.job !== undefined && consoleUrl !== undefined && (
          <JobLink job={error.job} consoleUrl={consoleUrl} />
        )}
      </p>
    </Alert>
  );
}

function Preview() {
  const state = preview.value;
  if (state.status === 'running') return <Running startedMs={state.startedMs} />;
  if (state.status !== 'shown') return null;
  const { columns, firstRows } = state.result;
  return (
    <>
      <FirstRows columns={columns} rows={firstRows} />
      {state.query !== query.value && <p class="hint">The query has changed since these rows were read.</p>}
    </>
  );
}

/** @param {{ startedMs: number }} props */
function Running({ startedMs }) {
  const { job, consoleUrl, phase } = previewJob.value;
  const seconds = Math.max(0, Math.floor((useNow() - startedMs) / 1000));
  return (
    <div class="row">
      <span class="spinner" />
      <p class="small">
        {duration(seconds).replace('.0', '')} elapsed · {phase}{' '}
        {job !== undefined && <JobLink job={job} consoleUrl={consoleUrl} />}
      </p>
      <Button small onClick={cancelFirstRows}>
        Cancel
      </Button>
    </div>
  );
}
