/** @typedef {{ title: string, value: string, note?: string }} Stat */

/**
 * A row of numbers, each with a title and a note.
 * @param {{ stats: Stat[] }} props
 */
export function StatTiles({ stats }) {
  return (
    <dl class="tiles">
      {stats.map(({ title, value, note }) => (
        <div key={title} class="tile">
          <dt>{title}</dt>
          <dd>
            {value}
            {note !== undefined && <div class="tile-note">{note}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
