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
            {/* A space keeps the line of a note that comes later. */}
            {note !== undefined && <div class="tile-note">{note || '\u00a0'}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
