import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { count } from '../../pkg-scripts/shared/format.js';
import { rateNow, rates } from './samples.js';

/** @import { Sample } from './samples.js' */

const HEIGHT = 224;
/** Steps between the marks of the time. */
const SECONDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400];

/** Rows a second, as the run went on.
 * @param {{ samples: Sample[] }} props */
export function RateChart({ samples }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const chart = useRef(/** @type {uPlot | undefined} */ (undefined));
  const data = useRef(rates(samples));
  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (place.current);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const draw = () => {
      chart.current?.destroy();
      chart.current = new uPlot(options(element), data.current, element);
    };
    draw();
    const observer = new ResizeObserver(() => {
      chart.current?.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    scheme.addEventListener('change', draw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', draw);
      chart.current?.destroy();
    };
  }, []);
  useEffect(() => {
    data.current = rates(samples);
    chart.current?.setData(data.current);
  }, [samples]);
  const rate = rateNow(samples);
  return (
    <section class="stack" aria-label="Rate">
      <div class="row chart-head">
        <h2>Rows per second</h2>
      </div>
      <div
        class="chart"
        ref={place}
        role="img"
        aria-label={
          rate === undefined ? 'No rate yet' : `The rate is ${count(Math.round(rate))} rows per second`
        }
      />
    </section>
  );
}

/**
 * In the page's colours of the moment.
 * @param {HTMLElement} element
 * @returns {uPlot.Options}
 */
function options(element) {
  const style = getComputedStyle(element);
  const colour = (/** @type {string} */ name) => colourOf(style.getPropertyValue(name));
  const axis = { stroke: colour('--soft'), font: `12px ${style.fontFamily}`, ticks: { show: false } };
  const grid = { stroke: colour('--line'), width: 1 };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [12, 8, 0, 0],
    scales: {
      x: { time: false, range: (_chart, _first, last) => [0, Math.max(2, last)] },
      y: { range: (_chart, _least, most) => [0, Math.max(10, most * 1.15)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        incrs: SECONDS,
        values: (_chart, ticks) => ticks.map((tick) => `${tick} s`),
      },
      { ...axis, grid, size: 56, values: (_chart, ticks) => ticks.map(short) },
    ],
    series: [
      {},
      { stroke: colour('--accent'), width: 2, fill: colour('--accent-wash'), points: { show: false } },
    ],
  };
}

/** A canvas does not know `light-dark()`.
 * @param {string} value */
export function colourOf(value) {
  const [, light = value, dark = value] = /^light-dark\((.*),(.*)\)$/.exec(value.trim()) ?? [];
  return (matchMedia('(prefers-color-scheme: dark)').matches ? dark : light).trim();
}

/** @param {number} rate */
const short = (rate) => rate.toLocaleString('en-US', { notation: 'compact' });
