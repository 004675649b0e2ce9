import { PetitError, toPetitError } from '../errors.js';
import { omitUndefined } from '../utils/omit-undefined.js';
import { wasm } from '../wasm.js';

/** @import { ResolvedTimes } from '../../core.js' */
/** @import { Platform, TimeRangeOptions } from '../../types.js' */

/**
 * The time range without `since` and `timezone`, as the planner takes it.
 * @param {TimeRangeOptions} options
 * @param {Pick<Platform, 'now'>} platform
 * @returns {ResolvedTimes}
 */
export function resolveTimes({ startTime, endTime, since, timezone }, { now = Date.now }) {
  const offsetAt = offsetsOf(timezone);
  const seconds = BigInt(Math.floor(now() / 1000));
  try {
    return wasm.resolveTimes(omitUndefined({ startTime, endTime, since, timezone }), seconds, offsetAt);
  } catch (error) {
    throw toPetitError(error);
  }
}

/**
 * A function from Unix seconds to the offset of a time zone from UTC in seconds, by the platform's own data.
 * @param {string | undefined} timeZone IANA name
 * @returns {(instant: bigint) => bigint}
 */
function offsetsOf(timeZone = 'UTC') {
  const format = dateTimeFormat(timeZone);
  return (instant) => {
    const date = new Date(Number(instant) * 1000);
    const parts = Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]));
    const { year, month, day, hour, minute, second } = parts;
    const shown = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    return BigInt(shown / 1000) - instant;
  };
}

/** @param {string} timeZone */
function dateTimeFormat(timeZone) {
  const numeric = /** @type {const} */ ('numeric');
  try {
    return new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
    });
  } catch {
    const message = `unknown time zone ${JSON.stringify(timeZone)}`;
    throw new PetitError('invalid_option', message, {
      hint: 'Use a name of the IANA time zone database, such as Asia/Tokyo or Europe/Berlin.',
    });
  }
}
