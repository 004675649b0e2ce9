/**
 * How far the rows were at a time after the beginning.
 * @typedef {{ atMs: number, rows: bigint }} Sample
 */

/** How far apart samples are at least, in milliseconds. */
const INTERVAL_MS = 500;
/** They get further apart as the run gets longer: this part of its time. */
const PART = 1 / 200;
/** How far back the present rate looks, in milliseconds. */
const WINDOW_MS = 10_000;

/**
 * @param {Sample[]} samples
 * @param {Sample} sample
 * @returns {Sample[]}
 */
export function addSample(samples, sample) {
  const apartMs = sample.atMs - (samples.at(-1)?.atMs ?? 0);
  return apartMs < Math.max(INTERVAL_MS, sample.atMs * PART) ? samples : [...samples, sample];
}

/**
 * Rows a second between each two samples, at the later's time in seconds: what a chart draws.
 * @param {Sample[]} samples
 * @returns {[seconds: number[], rates: number[]]}
 */
export function rates(samples) {
  const seconds = [0];
  const values = [0];
  for (const [index, { atMs, rows }] of samples.entries()) {
    const before = samples[index - 1];
    if (!before) continue;
    seconds.push(atMs / 1000);
    values.push(perSecond(before, { atMs, rows }));
  }
  return [seconds, values];
}

/**
 * Rows a second of late.
 * @param {Sample[]} samples
 */
export function rateNow(samples) {
  const last = samples.at(-1);
  const first = last && samples.find(({ atMs }) => atMs >= last.atMs - WINDOW_MS);
  if (!last || !first || last === first) return undefined;
  return perSecond(first, last);
}

/**
 * Rows of a table that failed are taken back: that is no rate.
 * @param {Sample} first
 * @param {Sample} last
 */
const perSecond = (first, last) =>
  Math.max(0, (Number(last.rows - first.rows) * 1000) / Math.max(1, last.atMs - first.atMs));
