// How amounts read to people, on a terminal as on the page.
import prettyBytes from 'pretty-bytes';

/** @param {number | undefined} count */
export function count(count) {
  return count === undefined ? '?' : count.toLocaleString('en-US');
}

/** @param {number | undefined} number */
export const inRows = (number) => `${count(number)} ${number === 1 ? 'row' : 'rows'}`;

/** @param {number | undefined} bytes */
export function size(bytes) {
  return bytes === undefined ? '?' : prettyBytes(bytes, { binary: true });
}

/** @param {number} seconds */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}
