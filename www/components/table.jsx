import { useEffect, useRef, useState } from 'preact/hooks';

/** @import { ComponentChildren } from 'preact' */

/** Rows rendered above and below the visible ones, so that scrolling shows no gap. */
const OVERSCAN = 8;

/**
 * @template R
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: R) => ComponentChildren} cell
 * @property {string} [className] of its cells, such as `number`
 */

/**
 * A virtual table: only the visible rows are in the document, so its length does not matter. The style sheet sets the
 * columns' widths and the height of a row, which is the same for all rows.
 * @template R
 * @param {{ label: string, className: string, columns: Column<R>[], rows: R[], keyOf: (row: R) => string,
 *   emptyText: string, height: number }} props `height` is in rows, even if the table has fewer
 */
export function Table({ label, className, columns, rows, keyOf, emptyText, height }) {
  const pane = useRef(/** @type {HTMLElement | null} */ (null));
  const { from, to, rowHeight } = useVisibleRows(pane, rows.length);
  const below = Math.max(0, rows.length - to);
  return (
    <section
      class={`table-pane ${className}`}
      aria-label={label}
      ref={pane}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
      tabIndex={0}
      style={{ '--rows': height }}
    >
      <table class="table" aria-rowcount={rows.length + 1}>
        <thead>
          <tr class="table-line" aria-rowindex={1}>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={column.className}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody style={{ paddingBlock: `${from * rowHeight}px ${below * rowHeight}px` }}>
          {rows.slice(from, to).map((row, index) => (
            <tr key={keyOf(row)} class="table-line" aria-rowindex={from + index + 2}>
              {columns.map((column) => (
                <td key={column.title} class={column.className}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="table-empty">{emptyText}</p>}
    </section>
  );
}

/**
 * @param {{ current: HTMLElement | null }} pane
 * @param {number} rowCount
 */
function useVisibleRows(pane, rowCount) {
  const [range, setRange] = useState({ from: 0, to: 2 * OVERSCAN, rowHeight: 40 });
  useEffect(() => {
    const element = /** @type {HTMLElement} */ (pane.current);
    const update = () => {
      const rowHeight = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row-px')) || 40;
      const first = Math.floor(element.scrollTop / rowHeight);
      const from = Math.max(0, first - OVERSCAN);
      const to = first + Math.ceil(element.clientHeight / rowHeight) + OVERSCAN;
      setRange((old) =>
        old.from === from && old.to === to && old.rowHeight === rowHeight ? old : { from, to, rowHeight },
      );
    };
    update();
    const observer = new ResizeObserver(update);
    observer.observe(element);
    element.addEventListener('scroll', update, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', update);
    };
  }, [pane]);
  // With fewer rows than before, the old range may lie past the end. The browser then scrolls up and fires an event.
  const from = Math.max(0, Math.min(range.from, rowCount - (range.to - range.from)));
  return { ...range, from };
}
