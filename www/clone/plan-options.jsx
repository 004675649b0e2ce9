import { DEFAULTS, SHOWN_DEFAULTS } from '../../pkg-scripts/driver/run/options.js';
import { RadioCards, TextField } from '../components/field.jsx';
import { NumberFields } from '../components/number-fields.jsx';
import { DatabaseField } from '../connect/database-field.jsx';
import { database, errors, newDatabase, onExisting, tuning, unchosen } from './plan-state.js';

/** @import { OnExisting } from './plan-state.js' */

/** @type {{ value: OnExisting, title: string, text: string }[]} */
const POLICIES = [
  { value: 'error', title: 'Do not start', text: 'Nothing is copied if a table already exists.' },
  {
    value: 'skip',
    title: 'Skip them',
    text: 'Only missing tables are copied. Use this to resume a stopped clone.',
  },
  {
    value: 'overwrite',
    title: 'Overwrite them',
    text: 'Each table is replaced in one step after its copy is verified. Its current rows are lost.',
  },
  {
    value: 'update',
    title: 'Update them',
    text: 'Both sides are compared by ranges of time. Only the ranges that differ are copied.',
  },
];

/** The placeholders are the library's defaults. */
const NUMBERS = [
  { name: 'tableParallelism', label: 'Parallel tables', placeholder: String(DEFAULTS.tableParallelism) },
  {
    name: 'downloadParallelism',
    label: 'Parallel downloads per table',
    placeholder: String(DEFAULTS.downloadParallelism),
  },
  { name: 'chunkSize', label: 'Rows per batch', placeholder: String(DEFAULTS.chunkSize) },
  {
    name: 'retrySeconds',
    label: 'Retry timeout, in seconds',
    placeholder: String(DEFAULTS.retryTimeoutMs / 1000),
  },
  { name: 'workers', label: 'Encoding threads', placeholder: SHOWN_DEFAULTS.workers },
];

/** The options of a clone. */
export function PlanOptions() {
  return (
    <section class="card" aria-label="Options">
      <DatabaseField
        label="Database to clone"
        database={database}
        onChange={() => {
          unchosen.value = new Set();
        }}
      />
      <TextField
        label="Name of the copy"
        placeholder={database.value || 'Same name'}
        hint="Created if it does not exist. Leave empty to use the source’s name."
        value={newDatabase.value}
        onInput={(name) => {
          newDatabase.value = name;
        }}
      />
      <RadioCards
        legend="Existing tables"
        compact
        value={onExisting.value}
        options={POLICIES}
        onInput={(policy) => {
          onExisting.value = policy;
        }}
      />
      <details class="more">
        <summary>Speed and memory</summary>
        <div class="more-body">
          <NumberFields fields={NUMBERS} values={tuning} errors={errors.value} />
        </div>
      </details>
    </section>
  );
}
