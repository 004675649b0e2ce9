import { Field, TextField } from '../components/field.jsx';
import { fileName, query } from './export-state.js';

/** The SQL whose result is wanted. */
export function Sql() {
  return (
    <section class="card" aria-label="Query">
      <Field label="SQL" hint="Trino, as in TD’s console. It runs once.">
        {(control) => (
          <textarea
            {...control}
            class="input"
            rows={10}
            spellcheck={false}
            autocapitalize="off"
            value={query.value}
            placeholder="SELECT … FROM …"
            onInput={({ currentTarget }) => {
              query.value = currentTarget.value;
            }}
          />
        )}
      </Field>
      <TextField
        label="Name of the file"
        placeholder="query.parquet"
        value={fileName.value}
        onInput={(name) => {
          fileName.value = name;
        }}
      />
    </section>
  );
}
