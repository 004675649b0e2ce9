import { useEffect, useRef, useState } from 'preact/hooks';

/** @import { ComponentChildren } from 'preact' */

/** Rows that are there above and below those in sight. */
const SPARE = 8;

/**
 * @template R
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: R) => ComponentChildren} cell
 * @property {string} [kind] class of its cells, such as `number`
 */

/**
 * A table of any length, of which only the rows in sight are in the document. All rows are of one height, which the
 * style sheet tells, as it tells the columns' widths.
 * @template R
 * @param {{ label: string, kind: string, columns: Column<R>[], rows: R[], keyOf: (row: R) => string, none: string,
 *   height: number }} props `height`: rows that are in sight at a time, whether there are so many or not
 */
export function Table({ label, kind, columns, rows, keyOf, none, height }) {
  const pane = useRef(/** @type {HTMLElement | null} */ (null));
  const { from, to, rowHeight } = useRowsInSight(pane, rows.length);
  const below = Math.max(0, rows.length - to);
  return (
    <section
      class={`table-pane ${kind}`}
      aria-label={label}
      ref={pane}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so must the keyboard
      tabIndex={0}
      style={{ '--rows': height }}
    >
      <table class="table" aria-rowcount={rows.length + 1}>
        <thead>
          <tr class="table-line" aria-rowindex={1}>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={column.kind}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody style={{ paddingBlock: `${from * rowHeight}px ${below * rowHeight}px` }}>
          {rows.slice(from, to).map((row, index) => (
            <tr key={keyOf(row)} class="table-line" aria-rowindex={from + index + 2}>
              {columns.map((column) => (
                <td key={column.title} class={column.kind}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="table-none">{none}</p>}
    </section>
  );
}

/**
 * @param {{ current: HTMLElement | null }} pane
 * @param {number} count of rows
 */
function useRowsInSight(pane, count) {
  const [sight, setSight] = useState({ from: 0, to: 2 * SPARE, rowHeight: 40 });
  useEffect(() => {
    const element = /** @type {HTMLElement} */ (pane.current);
    const look = () => {
      const rowHeight = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row-px')) || 40;
      const first = Math.floor(element.scrollTop / rowHeight);
      const from = Math.max(0, first - SPARE);
      const to = first + Math.ceil(element.clientHeight / rowHeight) + SPARE;
      setSight((old) =>
        old.from === from && old.to === to && old.rowHeight === rowHeight ? old : { from, to, rowHeight },
      );
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [pane]);
  // What was in sight may be gone when there are fewer rows now; the browser then scrolls up by itself, and tells.
  const from = Math.max(0, Math.min(sight.from, count - (sight.to - sight.from)));
  return { ...sight, from };
}
