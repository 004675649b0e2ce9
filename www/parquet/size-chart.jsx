import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { size } from '../../pkg-scripts/shared/format.js';
import { resolveColour } from '../run/rate-chart.jsx';

/** @import { ParquetColumn } from './read-parquet.js' */

/** Only the largest columns get a bar. */
const MAX_BARS = 16;
const BAR_HEIGHT = 26;
const AXIS_HEIGHT = 34;
/** Distances of the ticks, in bytes: powers of two, so that the labels are round. */
const TICK_INTERVALS = Array.from({ length: 50 }, (_, power) => 2 ** power);
const NAMES_WIDTH = 132;
/** Characters of a name that fit in NAMES_WIDTH. */
const MAX_NAME_LENGTH = 17;

/** A bar chart of the bytes of each column, sorted by size.
 * @param {{ columns: ParquetColumn[] }} props */
export function SizeChart({ columns }) {
  const container = useRef(/** @type {HTMLDivElement | null} */ (null));
  const sized = columns.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
  const largest = sized.slice(0, MAX_BARS);
  const height = largest.length * BAR_HEIGHT + AXIS_HEIGHT;
  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (container.current);
    /** @type {uPlot | undefined} */
    let chart;
    const draw = () => {
      chart?.destroy();
      chart = new uPlot(options(element, largest, height), dataOf(largest), element);
    };
    draw();
    const observer = new ResizeObserver(() => chart?.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', draw);
      chart?.destroy();
    };
  }, [columns]);
  const others = sized.length - largest.length;
  const [first] = largest;
  return (
    <section class="stack" aria-label="Size per column">
      <h2>Size per column{others > 0 && ` (${largest.length} largest)`}</h2>
      <div
        class="size-chart"
        ref={container}
        role="img"
        aria-label={
          first ? `The largest column is ${first.name} with ${size(first.bytes)}` : 'No column has values'
        }
        style={{ blockSize: `${height}px` }}
      />
    </section>
  );
}

/** @param {ParquetColumn[]} columns
 * @returns {uPlot.AlignedData} */
const dataOf = (columns) => [columns.map((_, index) => index), columns.map(({ bytes }) => bytes)];

/**
 * Options of a horizontal bar chart: uPlot's axes, swapped. The colours are those of the current colour scheme.
 * @param {HTMLElement} element
 * @param {ParquetColumn[]} columns
 * @param {number} height
 * @returns {uPlot.Options}
 */
function options(element, columns, height) {
  const style = getComputedStyle(element);
  const colour = (/** @type {string} */ name) => resolveColour(style.getPropertyValue(name));
  const axis = { stroke: colour('--muted'), font: `12px ${style.fontFamily}`, ticks: { show: false } };
  const max = columns[0]?.bytes || 1;
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [0, 56, 0, 0],
    scales: {
      x: { time: false, ori: 1, dir: -1, range: [-0.5, columns.length - 0.5] },
      y: { ori: 0, range: [0, max] },
    },
    axes: [
      {
        ...axis,
        side: 3,
        size: NAMES_WIDTH,
        gap: 8,
        grid: { show: false },
        splits: columns.map((_, index) => index),
        values: (_chart, ticks) => ticks.map((index) => truncate(columns[index]?.name ?? '')),
      },
      {
        ...axis,
        side: 2,
        size: AXIS_HEIGHT,
        space: 90,
        incrs: TICK_INTERVALS,
        grid: { stroke: colour('--line'), width: 1 },
        values: (_chart, ticks) => ticks.map((tick) => size(Math.round(tick))),
      },
    ],
    series: [
      {},
      {
        paths: uPlot.paths.bars?.({ size: [0.66, 18], radius: 0.2 }),
        stroke: colour('--accent'),
        fill: colour('--accent'),
        points: { show: false },
      },
    ],
  };
}

/** @param {string} name */
const truncate = (name) => (name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 1)}…` : name);
