import { DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { count, size } from '../../pkg-scripts/shared/format.js';
import { Combobox } from '../components/combobox.jsx';
import { Choices, Field, SelectField, TextField } from '../components/field.jsx';
import { source } from '../connect/accounts.js';
import * as state from './export-state.js';
import { choose, places, way } from './places.js';

/** @type {{ name: keyof typeof state.tuning, label: string, usual: string }[]} */
const NUMBERS = [
  { name: 'rowGroupRows', label: 'Rows per row group', usual: String(DEFAULTS.rowGroupRows) },
  { name: 'rowGroupMiB', label: 'MiB per row group', usual: '8' },
  { name: 'tableParallelism', label: 'Tables at a time', usual: String(DEFAULTS.tableParallelism) },
  { name: 'downloadParallelism', label: 'Downloads per table', usual: String(DEFAULTS.downloadParallelism) },
];

const COMPRESSIONS = [
  { value: 'zstd', title: 'zstd: small' },
  { value: 'snappy', title: 'snappy: fast, read everywhere' },
  { value: 'lz4', title: 'lz4: fast' },
  { value: 'gzip', title: 'gzip: for old readers' },
  { value: 'none', title: 'none' },
];

const INVALID = [
  { value: 'error', title: 'an error' },
  { value: 'replace', title: 'replaced by �' },
  { value: 'binary', title: 'kept: the column is binary' },
];

/** What is to be exported, and how. */
export function ExportOptions() {
  const options = (source.found.value?.databases ?? []).map(({ name, count: rows }) => ({
    value: name,
    note: rows === undefined ? undefined : `${count(rows)} rows`,
  }));
  return (
    <section class="card" aria-label="Options">
      <Combobox
        label="Database to export from"
        placeholder="Type to search"
        value={state.database.value}
        options={options}
        onChoose={(name) => {
          state.database.value = name;
        }}
      />
      <Choices
        legend="What to export"
        value={state.what.value}
        onInput={(chosen) => {
          state.what.value = chosen;
        }}
        options={[
          { value: 'tables', title: 'Tables', text: 'One Parquet file for each, whole or a range of time.' },
          { value: 'query', title: 'The result of SQL', text: 'One Parquet file of what a SELECT gives.' },
        ]}
      />
      {state.what.value === 'tables' && <Times />}
      <SelectField
        label="Compression"
        value={state.compression.value}
        options={COMPRESSIONS}
        onInput={(codec) => {
          state.compression.value = codec;
        }}
      />
      <WhereTo />
      <More />
    </section>
  );
}

/** A range of time. The browser's calendar knows no zones: what is picked is meant as UTC. */
function Times() {
  const bound = (/** @type {'start' | 'end'} */ which, /** @type {string} */ label) => (
    <Field label={label} hint={utcHint(which)}>
      {(control) => (
        <input
          {...control}
          class="input"
          type="datetime-local"
          step="1"
          value={state.times[which].value}
          onInput={({ currentTarget }) => {
            state.times[which].value = currentTarget.value;
          }}
        />
      )}
    </Field>
  );
  return (
    <fieldset class="stack" aria-label="Range of time, in UTC">
      {bound('start', 'From, in UTC')}
      {bound('end', 'Until, in UTC')}
    </fieldset>
  );
}

/** @param {'start' | 'end'} which */
function utcHint(which) {
  const time = state.utc(state.times[which].value);
  if (time === '') return which === 'start' ? 'Empty: from the first row.' : 'Empty: to the last row.';
  return `${time.replace('T', ' ').replace('Z', ' UTC')}, ${which === 'start' ? 'included' : 'not included'}`;
}

/** Where the files go, and what limits there are. */
function WhereTo() {
  const { value: offered } = places;
  if (!offered) return null;
  if (!offered.picker) return <p class="hint">{downloadText(offered)}</p>;
  return (
    <Choices
      legend="Where the files go"
      value={way.value}
      onInput={choose}
      options={[
        { value: 'picker', title: 'Where I choose', text: 'Written there while the export goes on.' },
        { value: 'download', title: 'Downloads', text: downloadText(offered) },
      ]}
    />
  );
}

/** @param {import('../../pkg-scripts/types.js').SaveTargets} offered */
function downloadText({ private: isPrivate, room, limit }) {
  if (!isPrivate) {
    return `This browser cannot write to disk as it goes: a file may have ${size(limit)} at most. Use Chrome, Edge, Firefox or Safari outside a private window for more.`;
  }
  const free = room === undefined ? '' : ` It has room for ${size(room)}.`;
  return `Written to the browser’s own files on disk first, then downloaded.${free}`;
}

function More() {
  return (
    <details class="more">
      <summary>More options</summary>
      <div class="more-body">
        {NUMBERS.map(({ name, label, usual }) => (
          <TextField
            key={name}
            label={label}
            placeholder={usual}
            numeric
            error={state.tuningTrouble.value[name]}
            value={state.tuning[name].value}
            onInput={(text) => {
              state.tuning[name].value = text;
            }}
          />
        ))}
        <TextField
          label="Column of the times"
          placeholder="time"
          value={state.timeColumn.value}
          onInput={(name) => {
            state.timeColumn.value = name;
          }}
        />
        <SelectField
          label="Text that is not UTF-8 is"
          value={state.invalidUtf8.value}
          options={INVALID}
          onInput={(how) => {
            state.invalidUtf8.value = how;
          }}
        />
      </div>
      {way.value === 'picker' && (
        <label class="check small">
          <input
            type="checkbox"
            checked={state.replace.value}
            onChange={({ currentTarget }) => {
              state.replace.value = currentTarget.checked;
            }}
          />
          Replace files of the same names in the folder
        </label>
      )}
    </details>
  );
}
