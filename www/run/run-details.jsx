import { Log } from '../components/log.jsx';
import { RateChart } from './rate-chart.jsx';

/** @import { RunState } from './run-state.js' */

/** The rate and the log, side by side.
 * @param {{ run: RunState<any> }} props */
export function RunDetails({ run }) {
  return (
    <div class="run-details">
      <RateChart samples={run.samples} />
      <Log label="Log" lines={run.log} />
    </div>
  );
}
