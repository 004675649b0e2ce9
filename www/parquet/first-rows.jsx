import { plural } from '../components/plural.js';

/** @import { ParquetColumn, ParquetSummary } from './read-parquet.js' */

/** The first rows of a file, as text.
 * @param {{ columns: ParquetColumn[], rows: ParquetSummary['firstRows'] }} props */
export function FirstRows({ columns, rows }) {
  return (
    <section class="stack" aria-label="First rows">
      <h2>First {plural(rows.length, 'row')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <section class="rows-pane" aria-label="Values" tabIndex={0}>
        <table class="rows-table">
          <thead>
            <tr>
              {columns.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, rowIndex) => (
              <tr key={rowIndex}>
                {columns.map(({ name }, index) => (
                  <td key={name}>{row[index] ?? <span class="muted">NULL</span>}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
