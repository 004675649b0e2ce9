import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { count } from '../../pkg-scripts/shared/format.js';
import { currentRate, rateSeries } from './samples.js';

/** @import { Sample } from './samples.js' */

const HEIGHT = 224;
/** Distances of the ticks on the time axis, in seconds. */
const TICK_INTERVALS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400];

/** A chart of rows per second over the time of the run.
 * @param {{ samples: Sample[] }} props */
export function RateChart({ samples }) {
  const container = useRef(/** @type {HTMLDivElement | null} */ (null));
  const chart = useRef(/** @type {uPlot | undefined} */ (undefined));
  const data = useRef(rateSeries(samples));
  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (container.current);
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
    data.current = rateSeries(samples);
    chart.current?.setData(data.current);
  }, [samples]);
  const rate = currentRate(samples);
  return (
    <section class="stack" aria-label="Rate">
      <div class="row chart-head">
        <h2>Rows per second</h2>
      </div>
      <div
        class="chart"
        ref={container}
        role="img"
        aria-label={
          rate === undefined ? 'No rate yet' : `Current rate: ${count(Math.round(rate))} rows per second`
        }
      />
    </section>
  );
}

/**
 * Options with the colours of the current colour scheme.
 * @param {HTMLElement} element
 * @returns {uPlot.Options}
 */
function options(element) {
  const style = getComputedStyle(element);
  const colour = (/** @type {string} */ name) => resolveColour(style.getPropertyValue(name));
  const axis = { stroke: colour('--muted'), font: `12px ${style.fontFamily}`, ticks: { show: false } };
  const grid = { stroke: colour('--line'), width: 1 };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [12, 8, 0, 0],
    scales: {
      x: { time: false, range: (_chart, _min, max) => [0, Math.max(2, max)] },
      y: { range: (_chart, _min, max) => [0, Math.max(10, max * 1.15)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        incrs: TICK_INTERVALS,
        values: (_chart, ticks) => ticks.map((tick) => `${tick} s`),
      },
      { ...axis, grid, size: 56, values: (_chart, ticks) => ticks.map(compactNumber) },
    ],
    series: [
      {},
      { stroke: colour('--accent'), width: 2, fill: colour('--accent-wash'), points: { show: false } },
    ],
  };
}

/** A canvas does not support `light-dark()`, so this picks the colour of the current scheme.
 * @param {string} value */
export function resolveColour(value) {
  const [, light = value, dark = value] = /^light-dark\((.*),(.*)\)$/.exec(value.trim()) ?? [];
  return (matchMedia('(prefers-color-scheme: dark)').matches ? dark : light).trim();
}

/** @param {number} rate */
const compactNumber = (rate) => rate.toLocaleString('en-US', { notation: 'compact' });
