import { literal } from '../engine.js';

/** TD's time functions whose SQL depends on literal arguments. */

/** @type {Record<string, string>} */
const UNITS = {
  y: 'year',
  q: 'quarter',
  M: 'month',
  w: 'week',
  d: 'day',
  h: 'hour',
  m: 'minute',
  s: 'second',
};
/** @type {Record<string, string>} strftime patterns of TD_TIME_STRING's formats with `!` */
const TRUNCATED_FORMATS = {
  y: '%Y',
  q: '%Y-%m',
  M: '%Y-%m',
  w: '%Y-%m-%d',
  d: '%Y-%m-%d',
  h: '%Y-%m-%d %H',
  m: '%Y-%m-%d %H:%M',
};
const FULL_FORMAT = '%Y-%m-%d %H:%M:%S';
const DURATION = /^([+-]?\d*)([yqMwdhms])$/;

/**
 * `TD_INTERVAL(time, '-7d/-1d', zone)`: a condition on whole units before or around the scheduled time. The duration is
 * before the slash. After it is the offset at which the interval ends: units from now, `now`, a date or a Unix time.
 *
 * @param {string} time SQL
 * @param {string} interval
 * @param {string} zone
 * @param {number} now in Unix seconds
 * @returns {string} SQL
 */
export function timeInterval(time, interval, zone, now) {
  const [lengthText = '', offsetText] = interval.split('/');
  const length = DURATION.exec(lengthText.trim());
  if (!length) throw new Error(`TD_INTERVAL: cannot read '${interval}'`);
  const unit = UNITS[/** @type {string} */ (length[2])] ?? 'day';
  const count = Number(
    length[1] === '' || length[1] === '+' || length[1] === '-' ? `${length[1]}1` : length[1],
  );
  const anchor = anchorOf(offsetText?.trim(), unit, zone, now);
  const other = `${anchor} + INTERVAL (${count}) ${unit}`;
  const [from, to] = count < 0 ? [other, anchor] : [anchor, other];
  const z = literal(zone);
  return `(${time} >= td_from_local(${from}, ${z}) AND ${time} < td_from_local(${to}, ${z}))`;
}

/**
 * @param {string | undefined} offset
 * @param {string} unit
 * @param {string} zone
 * @param {number} now
 * @returns {string} SQL of a local time
 */
function anchorOf(offset, unit, zone, now) {
  const z = literal(zone);
  const local = `td_to_local(${now}, ${z})`;
  if (offset === undefined) return `date_trunc('${unit}', ${local})`;
  if (offset === 'now') return local;
  const duration = DURATION.exec(offset);
  if (!duration) return `td_to_local(td_seconds(${literal(offset)}, ${z}), ${z})`;
  const shift = UNITS[/** @type {string} */ (duration[2])] ?? 'day';
  return `(date_trunc('${shift}', ${local}) + INTERVAL (${Number(duration[1])}) ${shift})`;
}

/**
 * `TD_TIME_STRING(time, 'd!', zone)`: the start of the unit that contains the time. `!` omits smaller units.
 * @param {string} time SQL
 * @param {string} format
 * @param {string} zone
 */
export function timeString(time, format, zone) {
  const unit = UNITS[format.charAt(0)];
  if (!unit || !/^.!?$/.test(format)) throw new Error(`TD_TIME_STRING: no such format '${format}'`);
  const z = literal(zone);
  const start = `date_trunc('${unit}', td_to_local(${time}, ${z}))`;
  if (format.endsWith('!'))
    return `strftime(${start}, '${TRUNCATED_FORMATS[format.charAt(0)] ?? FULL_FORMAT}')`;
  return `(strftime(${start}, '${FULL_FORMAT}') || td_offset_text(${time}, ${z}))`;
}

/** Java's date patterns, the longest first. @type {[RegExp, string][]} */
const JAVA_PATTERNS = [
  [/^yyyy/, '%Y'],
  [/^yy/, '%y'],
  [/^MMMM/, '%B'],
  [/^MMM/, '%b'],
  [/^MM/, '%m'],
  [/^M/, '%-m'],
  [/^dd/, '%d'],
  [/^d/, '%-d'],
  [/^HH/, '%H'],
  [/^H/, '%-H'],
  [/^hh/, '%I'],
  [/^mm/, '%M'],
  [/^ss/, '%S'],
  [/^SSS/, '%g'],
  [/^EEEE/, '%A'],
  [/^E{1,3}/, '%a'],
  [/^DDD/, '%j'],
  [/^a/, '%p'],
];

/**
 * `TD_TIME_FORMAT(time, 'yyyy-MM-dd HH:mm:ss z', zone)`, with Java's date patterns.
 * @param {string} time SQL
 * @param {string} pattern
 * @param {string} zone
 */
export function timeFormat(time, pattern, zone) {
  const z = literal(zone);
  const parts = [];
  let text = '';
  const flush = () => {
    if (text !== '') parts.push(`strftime(td_to_local(${time}, ${z}), ${literal(text)})`);
    text = '';
  };
  for (let rest = pattern; rest !== ''; ) {
    const quoted = /^'([^']*)'/.exec(rest);
    const known = JAVA_PATTERNS.find(([letters]) => letters.test(rest));
    const zoned = /^(Z+|z+|X+)/.exec(rest);
    if (quoted) text += quoted[1]?.replaceAll('%', '%%');
    else if (zoned) {
      flush();
      parts.push(rest.startsWith('z') ? z : `td_offset_text(${time}, ${z})`);
    } else text += known ? known[1] : rest.charAt(0).replace('%', '%%');
    rest = rest.slice((quoted ?? zoned ?? (known ? known[0].exec(rest) : null) ?? [' '])[0].length);
  }
  flush();
  return parts.length > 0 ? `(${parts.join(' || ')})` : "''";
}
