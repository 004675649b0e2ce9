// The clock of every log of the page: the local time, with its zone.

/**
 * The local time with the offset from UTC, such as `14:03:09 +09:00`.
 * @param {number} ms since 1970-01-01 UTC
 */
export function clockTime(ms) {
  const time = new Date(ms);
  const minutes = -time.getTimezoneOffset();
  const offset = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()];
  return `${clock.map(twoDigits).join(':')} ${minutes < 0 ? '-' : '+'}${offset.map(twoDigits).join(':')}`;
}

/** @param {number} number */
const twoDigits = (number) => String(number).padStart(2, '0');
