import { Field, TextField } from '../components/field.jsx';
import { fileName, query } from './export-state.js';

/** The query whose result is exported. */
export function QueryForm() {
  return (
    <section class="card" aria-label="Query">
      <Field label="SQL" hint="Trino SQL, as in the TD console. The query runs once.">
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
