/**
 * How long a clone of one table takes, and what passes through petit, from measured costs and stated assumptions: a
 * simulation of the jobs and of what waits for what, without any I/O.
 *
 * @typedef {typeof import('./costs.json')} Costs what was measured of petit itself: see measure.js
 * @typedef {'client' | 'shards' | 'engine' | 'output'} Path
 * @typedef {{ seconds: number, peakBytes: number, throughBytes: number, jobs: number }} Forecast
 */

/** What nobody measured here: Treasure Data's side, and the line to it. */
export const ASSUMPTIONS = {
  /** From issuing a job to its first row, and what a look at its end comes late. */
  jobSeconds: 8,
  /** Jobs of one account that run at a time; others queue. */
  jobSlots: 16,
  /** Rows that one SELECT spools in a second. */
  selectRowsPerSecond: 400_000,
  /** Rows that one INSERT … SELECT writes: TD's own account is about five times as many. */
  insertRowsPerSecond: 2_000_000,
  /** Rows that one result output brings to another account. */
  outputRowsPerSecond: 300_000,
  /** Rows that the job of a bulk import session checks, and a commit adds. */
  performRowsPerSecond: 1_000_000,
  /** Rows that a COUNT(1) goes through. */
  countRowsPerSecond: 200_000_000,
  /** Bytes that the line of one machine carries each way. */
  lineBytesPerSecond: 60_000_000,
};

/** As petit cuts by itself, and as it runs jobs at a time: see src/plan/slice.rs. */
const FETCH_SLICE_ROWS = 50_000_000;
const ENGINE_SLICE_ROWS = 200_000_000;
const MOST_SLICES = 10_000;
const JOBS_AT_A_TIME = 4;
/** Of a job's status, as the emulator and the documentation have it. */
const LOOK_BYTES = 300;

/** Rows from which on crossovers are looked for. */
export const LEAST = 1e3;

/** Machines of the path `shards`. */
export const MACHINES = 8;

/**
 * @param {Path} path
 * @param {number} rows of the table; of `shards`, of tables that divide evenly
 * @param {Costs} costs
 * @param {typeof ASSUMPTIONS} [assumed]
 * @returns {Forecast}
 */
export function forecast(path, rows, costs, assumed = ASSUMPTIONS) {
  if (path === 'client') return byClient(rows, costs, assumed, JOBS_AT_A_TIME);
  if (path === 'shards') {
    const jobs = Math.max(1, Math.floor(assumed.jobSlots / MACHINES));
    const one = byClient(rows / MACHINES, costs, assumed, Math.min(JOBS_AT_A_TIME, jobs));
    return { ...one, throughBytes: one.throughBytes * MACHINES, jobs: one.jobs * MACHINES };
  }
  const rate = path === 'engine' ? assumed.insertRowsPerSecond : assumed.outputRowsPerSecond;
  return byEngine(rows, rate, costs, assumed);
}

/**
 * petit fetches and loads: slices' jobs run ahead, their results are worked off one after another.
 * @param {number} rows
 * @param {Costs} costs
 * @param {typeof ASSUMPTIONS} assumed
 * @param {number} jobsAtATime
 * @returns {Forecast}
 */
function byClient(rows, costs, assumed, jobsAtATime) {
  const slices = slicesOf(rows, FETCH_SLICE_ROWS);
  const spool = (/** @type {number} */ slice) => assumed.jobSeconds + slice / assumed.selectRowsPerSecond;
  const perRow = Math.max(
    1 / costs.clientRowsPerSecond,
    Math.max(costs.bytesPerRow, costs.uploadBytesPerRow) / assumed.lineBytesPerSecond,
  );
  const copied = pipelined(slices, jobsAtATime, spool, (slice) => slice * perRow);
  const settled =
    3 * assumed.jobSeconds + rows / assumed.performRowsPerSecond + rows / assumed.countRowsPerSecond;
  return {
    seconds: costs.clientStartSeconds + countBefore(slices, rows, assumed) + copied + settled,
    peakBytes: costs.clientPeakBytes,
    throughBytes: rows * (costs.bytesPerRow + costs.uploadBytesPerRow),
    jobs: slices.length + 2,
  };
}

/**
 * TD moves the rows.
 * @param {number} rows
 * @param {number} rate rows per second of a job
 * @param {Costs} costs
 * @param {typeof ASSUMPTIONS} assumed
 * @returns {Forecast}
 */
function byEngine(rows, rate, costs, assumed) {
  const slices = slicesOf(rows, ENGINE_SLICE_ROWS);
  const moved = makespan(
    slices.map((slice) => assumed.jobSeconds + slice / rate),
    JOBS_AT_A_TIME,
  );
  const counts = 2 * (assumed.jobSeconds + rows / assumed.countRowsPerSecond);
  return {
    seconds: costs.engineStartSeconds + countBefore(slices, rows, assumed) + moved + counts,
    peakBytes: costs.enginePeakBytes,
    throughBytes: costs.engineBytes + costs.engineBytesPerJob * slices.length + lookBytes(moved),
    jobs: slices.length + 3,
  };
}

/**
 * What the looks at jobs that run so long take: one in ten seconds for each, at most.
 * @param {number} seconds
 */
const lookBytes = (seconds) => JOBS_AT_A_TIME * LOOK_BYTES * (seconds / 10);

/**
 * @param {number} rows
 * @param {number} sliceRows
 */
function slicesOf(rows, sliceRows) {
  const number = Math.min(MOST_SLICES, Math.max(1, Math.ceil(rows / sliceRows)));
  return Array.from({ length: number }, () => rows / number);
}

/**
 * The query for the counts by day, of a table that is cut.
 * @param {number[]} slices
 * @param {number} rows
 * @param {typeof ASSUMPTIONS} assumed
 */
function countBefore(slices, rows, { jobSeconds, countRowsPerSecond }) {
  return slices.length > 1 ? jobSeconds + rows / countRowsPerSecond : 0;
}

/**
 * When the last of these jobs ends, so many at a time, in their order.
 * @param {number[]} seconds
 * @param {number} lanes
 */
export function makespan(seconds, lanes) {
  const free = Array(lanes).fill(0);
  for (const one of seconds) free[free.indexOf(Math.min(...free))] += one;
  return Math.max(...free);
}

/**
 * When the last slice is worked off: jobs run ahead of the work, at most so many not yet taken.
 * @param {number[]} slices
 * @param {number} ahead
 * @param {(slice: number) => number} spool seconds of a slice's job
 * @param {(slice: number) => number} work seconds on a slice's result
 */
export function pipelined(slices, ahead, spool, work) {
  /** @type {number[]} */
  const taken = [];
  let done = 0;
  for (const [place, slice] of slices.entries()) {
    const start = taken[place - ahead] ?? 0;
    const take = Math.max(done, start + spool(slice));
    taken.push(take);
    done = take + work(slice);
  }
  return done;
}

/**
 * The least number of rows, within a factor of 1.01, from which on `is` holds for good; none if it does not by 10^12.
 * @param {(rows: number) => boolean} is
 * @param {number} [least]
 */
export function crossover(is, least = LEAST) {
  let found;
  for (let rows = 1e12; rows >= least; rows /= 1.01) {
    if (!is(rows)) return found;
    found = rows;
  }
  return found;
}
