import { DEFAULTS, SHOWN_DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { size } from '../../pkg-scripts/shared/format.js';
import { Field, RadioCards, SelectField, TextField } from '../components/field.jsx';
import { NumberFields } from '../components/number-fields.jsx';
import { DatabaseField } from '../connect/database-field.jsx';
import * as state from './export-state.js';
import { chooseSaveMethod, saveMethod, support } from './save-target.js';

/** The placeholders are the library's defaults. */
const NUMBERS = [
  { name: 'rowGroupRows', label: 'Rows per row group', placeholder: String(DEFAULTS.rowGroupRows) },
  { name: 'rowGroupMiB', label: 'MiB per row group', placeholder: String(SHOWN_DEFAULTS.rowGroupMiB) },
  { name: 'tableParallelism', label: 'Parallel tables', placeholder: String(DEFAULTS.tableParallelism) },
  {
    name: 'downloadParallelism',
    label: 'Parallel downloads per table',
    placeholder: String(DEFAULTS.downloadParallelism),
  },
];

const COMPRESSIONS = [
  { value: 'zstd', title: 'zstd (smallest)' },
  { value: 'snappy', title: 'snappy (fast, widest support)' },
  { value: 'lz4', title: 'lz4 (fast)' },
  { value: 'gzip', title: 'gzip (for old readers)' },
  { value: 'none', title: 'none' },
];

const INVALID_UTF8 = [
  { value: 'error', title: 'Error' },
  { value: 'replace', title: 'Replace by �' },
  { value: 'binary', title: 'Binary column' },
];

/** The options of an export. */
export function ExportOptions() {
  return (
    <section class="card" aria-label="Options">
      <DatabaseField
        label="Database to export"
        database={state.database}
        onChange={() => {
          state.selected.value = new Set();
        }}
      />
      <RadioCards
        legend="What to export"
        compact
        value={state.mode.value}
        onInput={(mode) => {
          state.mode.value = mode;
        }}
        options={[
          {
            value: 'tables',
            title: 'Tables',
            text: 'One Parquet file per table, with all rows or a time range.',
          },
          { value: 'query', title: 'Query result', text: 'One Parquet file with the result of a SELECT.' },
        ]}
      />
      {state.mode.value === 'tables' && <TimeRange />}
      <SelectField
        label="Compression"
        value={state.compression.value}
        options={COMPRESSIONS}
        onInput={(codec) => {
          state.compression.value = codec;
        }}
      />
      <SaveMethod />
      <MoreOptions />
    </section>
  );
}

/** The start and the end of the exported rows. `datetime-local` has no time zone; the input is taken as UTC. */
function TimeRange() {
  return (
    <fieldset class="stack" aria-label="Time range, in UTC">
      <TimeField bound="start" label="From (UTC)" />
      <TimeField bound="end" label="Until (UTC)" />
    </fieldset>
  );
}

/** @param {{ bound: 'start' | 'end', label: string }} props */
function TimeField({ bound, label }) {
  const time = state.timeRange[bound];
  return (
    <Field label={label} hint={timeHint(bound)}>
      {(control) => (
        <input
          {...control}
          class="input"
          type="datetime-local"
          step="1"
          value={time.value}
          onInput={({ currentTarget }) => {
            time.value = currentTarget.value;
          }}
        />
      )}
    </Field>
  );
}

/** @param {'start' | 'end'} bound */
function timeHint(bound) {
  const time = state.toUtc(state.timeRange[bound].value);
  if (time === '') return `Leave empty to ${bound} with the ${bound === 'start' ? 'first' : 'last'} row.`;
  return `${time.replace('T', ' ').replace('Z', ' UTC')}, ${bound === 'start' ? 'inclusive' : 'exclusive'}`;
}

/** Where the files are saved, and which limits apply. */
function SaveMethod() {
  const { value: supported } = support;
  if (!supported) return null;
  if (!supported.picker) return <p class="hint">{downloadText(supported)}</p>;
  return (
    <RadioCards
      legend="Save to"
      compact
      value={saveMethod.value}
      onInput={chooseSaveMethod}
      options={[
        { value: 'picker', title: 'A file or folder I choose', text: 'Written directly during the export.' },
        { value: 'download', title: 'Downloads', text: downloadText(supported) },
      ]}
    />
  );
}

/** @param {import('../../pkg-scripts/types.js').SaveTargets} supported */
function downloadText({ private: isPrivate, room, limit }) {
  if (!isPrivate) {
    return `This browser cannot stream to disk. It holds each file in memory, up to ${size(limit)}. For larger files, use Chrome, Edge, Firefox or Safari outside a private window.`;
  }
  const free = room === undefined ? '' : ` Free space: ${size(room)}.`;
  return `Written to the browser’s private storage on disk, then downloaded.${free}`;
}

function MoreOptions() {
  return (
    <details class="more">
      <summary>More options</summary>
      <div class="more-body">
        <NumberFields fields={NUMBERS} values={state.tuning} errors={state.errors.value} />
        <TextField
          label="Time column"
          placeholder={SHOWN_DEFAULTS.timeColumn}
          value={state.timeColumn.value}
          onInput={(name) => {
            state.timeColumn.value = name;
          }}
        />
        <SelectField
          label="Invalid UTF-8 text"
          value={state.invalidUtf8.value}
          options={INVALID_UTF8}
          onInput={(policy) => {
            state.invalidUtf8.value = policy;
          }}
        />
      </div>
      {saveMethod.value === 'picker' && (
        <label class="check small">
          <input
            type="checkbox"
            checked={state.overwrite.value}
            onChange={({ currentTarget }) => {
              state.overwrite.value = currentTarget.checked;
            }}
          />
          Overwrite existing files in the folder
        </label>
      )}
    </details>
  );
}
