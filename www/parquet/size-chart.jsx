import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { size } from '../../pkg-scripts/shared/format.js';
import { colourOf } from '../run/rate-chart.jsx';

/** @import { ParquetColumn } from './read-parquet.js' */

/** Bars that are drawn at most: the largest columns. */
const MOST_BARS = 16;
const BAR_HEIGHT = 26;
const AXIS_HEIGHT = 34;
/** Round numbers of bytes, for the marks. */
const POWERS = Array.from({ length: 50 }, (_, power) => 2 ** power);
const NAMES_WIDTH = 132;
/** Characters of a name that fit there. */
const NAME_LENGTH = 17;

/** Bytes of each column, the largest first.
 * @param {{ columns: ParquetColumn[] }} props */
export function SizeChart({ columns }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const sized = columns.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
  const largest = sized.slice(0, MOST_BARS);
  const height = largest.length * BAR_HEIGHT + AXIS_HEIGHT;
  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (place.current);
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
      <h2>Size per column{others > 0 && `, the ${largest.length} largest`}</h2>
      <div
        class="size-chart"
        ref={place}
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
 * Bars that lie: uPlot's axes with their places exchanged, in the page's colours of the moment.
 * @param {HTMLElement} element
 * @param {ParquetColumn[]} columns
 * @param {number} height
 * @returns {uPlot.Options}
 */
function options(element, columns, height) {
  const style = getComputedStyle(element);
  const colour = (/** @type {string} */ name) => colourOf(style.getPropertyValue(name));
  const axis = { stroke: colour('--soft'), font: `12px ${style.fontFamily}`, ticks: { show: false } };
  const most = columns[0]?.bytes || 1;
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [0, 56, 0, 0],
    scales: {
      x: { time: false, ori: 1, dir: -1, range: [-0.5, columns.length - 0.5] },
      y: { ori: 0, range: [0, most] },
    },
    axes: [
      {
        ...axis,
        side: 3,
        size: NAMES_WIDTH,
        gap: 8,
        grid: { show: false },
        splits: columns.map((_, index) => index),
        values: (_chart, places) => places.map((at) => cut(columns[at]?.name ?? '')),
      },
      {
        ...axis,
        side: 2,
        size: AXIS_HEIGHT,
        space: 90,
        incrs: POWERS,
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
const cut = (name) => (name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name);
