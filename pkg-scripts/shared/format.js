// Formats amounts for people, in the terminal and on the page.
import prettyBytes from 'pretty-bytes';

/**
 * Formats an integer with commas. `toLocaleString` does the same, but loads the platform's locale data first, which takes a
 * command some 40 ms.
 * @param {number | bigint | undefined} count an integer
 */
export function count(count) {
  return count === undefined ? '?' : String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @param {bigint | undefined} rows */
export const inRows = (rows) => `${count(rows)} ${rows === 1n ? 'row' : 'rows'}`;

/** @param {number | bigint | undefined} bytes */
export function size(bytes) {
  return bytes === undefined ? '?' : prettyBytes(bytes, { binary: true });
}

/**
 * @param {bigint} rows
 * @param {number} seconds they took
 */
export const rowRate = (rows, seconds) => `${count(Math.round(Number(rows) / seconds))} rows/s`;

/**
 * The share of a whole, from 0 to 1.
 * @param {bigint} part
 * @param {bigint} whole
 */
export const share = (part, whole) => Math.min(1, Number(part) / Number(whole));

/** @param {number} seconds */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}
