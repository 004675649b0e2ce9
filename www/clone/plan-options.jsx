import { DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { count } from '../../pkg-scripts/shared/format.js';
import { Combobox } from '../components/combobox.jsx';
import { Choices, TextField } from '../components/field.jsx';
import { source } from '../connect/accounts.js';
import { database, newDatabase, onExisting, tuning, tuningTrouble } from './plan-state.js';

/** @import { OnExisting } from './plan-state.js' */

/** @type {{ value: OnExisting, title: string, text: string }[]} */
const POLICIES = [
  { value: 'error', title: 'Do not start', text: 'Nothing is copied while a table is in the way.' },
  {
    value: 'skip',
    title: 'Leave them',
    text: 'Only what is missing is copied. Also the way to go on after a stop.',
  },
  {
    value: 'overwrite',
    title: 'Replace them',
    text: 'Each in one step, once its copy is verified. Their rows are lost.',
  },
];

/** @type {{ name: keyof typeof tuning, label: string, usual: string }[]} */
const NUMBERS = [
  { name: 'tableParallelism', label: 'Tables at a time', usual: String(DEFAULTS.tableParallelism) },
  { name: 'downloadParallelism', label: 'Downloads per table', usual: String(DEFAULTS.downloadParallelism) },
  { name: 'chunkSize', label: 'Rows decoded at a time', usual: String(DEFAULTS.chunkSize) },
  {
    name: 'retrySeconds',
    label: 'Trouble may last, in seconds',
    usual: String(DEFAULTS.retryTimeoutMs / 1000),
  },
  { name: 'workers', label: 'Encoding threads', usual: 'one per core' },
];

/** What is to be cloned, and how. */
export function PlanOptions() {
  const options = (source.found.value?.databases ?? []).map(({ name, count: rows }) => ({
    value: name,
    note: rows === undefined ? undefined : `${count(rows)} rows`,
  }));
  return (
    <section class="card" aria-label="Options">
      <Combobox
        label="Database to clone"
        placeholder="Type to search"
        value={database.value}
        options={options}
        onChoose={(name) => {
          database.value = name;
        }}
      />
      <TextField
        label="Name of the copy"
        placeholder={database.value || 'The same name'}
        hint="Created if the destination has none. Empty: the same name."
        value={newDatabase.value}
        onInput={(name) => {
          newDatabase.value = name;
        }}
      />
      <Choices
        legend="Tables that are there already"
        value={onExisting.value}
        options={POLICIES}
        onInput={(policy) => {
          onExisting.value = policy;
        }}
      />
      <details class="more">
        <summary>Speed and memory</summary>
        <div class="more-body">
          {NUMBERS.map(({ name, label, usual }) => (
            <TextField
              key={name}
              label={label}
              placeholder={usual}
              numeric
              error={tuningTrouble.value[name]}
              value={tuning[name].value}
              onInput={(text) => {
                tuning[name].value = text;
              }}
            />
          ))}
        </div>
      </details>
    </section>
  );
}
