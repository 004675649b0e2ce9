/**
 * The rows copied at a time, in milliseconds since the start of the run.
 * @typedef {{ atMs: number, rows: bigint }} Sample
 */

/** The minimum distance of two samples, in milliseconds. */
const MIN_INTERVAL_MS = 500;
/** The minimum distance as a fraction of the run's duration: a long run then has few samples, too. */
const MIN_INTERVAL_FRACTION = 1 / 200;
/** The window of the current rate, in milliseconds. */
const WINDOW_MS = 10_000;

/**
 * Adds a sample, unless the last one is too recent.
 * @param {Sample[]} samples
 * @param {Sample} sample
 * @returns {Sample[]}
 */
export function addSample(samples, sample) {
  const intervalMs = sample.atMs - (samples.at(-1)?.atMs ?? 0);
  const minIntervalMs = Math.max(MIN_INTERVAL_MS, sample.atMs * MIN_INTERVAL_FRACTION);
  return intervalMs < minIntervalMs ? samples : [...samples, sample];
}

/**
 * The data of the chart: for each sample its time in seconds and the rows per second since the one before.
 * @param {Sample[]} samples
 * @returns {[seconds: number[], rates: number[]]}
 */
export function rateSeries(samples) {
  const seconds = [0];
  const rates = [0];
  for (const [index, sample] of samples.entries()) {
    const previous = samples[index - 1];
    if (!previous) continue;
    seconds.push(sample.atMs / 1000);
    rates.push(rowsPerSecond(previous, sample));
  }
  return [seconds, rates];
}

/**
 * Whether there is a curve to draw: two rates at least, and not only zeros.
 * @param {Sample[]} samples
 */
export const hasRates = (samples) => samples.length > 2 && rateSeries(samples)[1].some((rate) => rate > 0);

/**
 * Rows per second over the last ten seconds.
 * @param {Sample[]} samples
 */
export function currentRate(samples) {
  const last = samples.at(-1);
  const first = last && samples.find(({ atMs }) => atMs >= last.atMs - WINDOW_MS);
  if (!last || !first || last === first) return undefined;
  return rowsPerSecond(first, last);
}

/**
 * Never negative, although the row count drops when a table fails.
 * @param {Sample} first
 * @param {Sample} last
 */
const rowsPerSecond = (first, last) =>
  Math.max(0, (Number(last.rows - first.rows) * 1000) / Math.max(1, last.atMs - first.atMs));
