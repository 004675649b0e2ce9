import { Log } from '../components/log.jsx';
import { RateChart } from './rate-chart.jsx';
import { hasRates } from './samples.js';

/** @import { RunState } from './run-state.js' */

/** The log and, once there are rates to draw, their chart: side by side. The log stays in its place when the chart appears.
 * @param {{ run: RunState }} props */
export function RunDetails({ run }) {
  return (
    <div class="run-details">
      <Log label="Log" lines={run.log} />
      {hasRates(run.samples) && <RateChart samples={run.samples} />}
    </div>
  );
}
