/**
 * TD's and Trino's SQL functions that DuckDB lacks, as macros. Functions whose SQL depends on literal arguments
 * (TD_INTERVAL, TD_TIME_STRING, TD_TIME_FORMAT, TD_SCHEDULED_TIME) are in rewrite.js instead.
 */

/** TD's abbreviations of time zones. Other names, and offsets such as +09:00, are passed to DuckDB unchanged. */
const ZONES = {
  JST: 'Asia/Tokyo',
  KST: 'Asia/Seoul',
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  EST: 'America/New_York',
  EDT: 'America/New_York',
  CST: 'America/Chicago',
  CET: 'Europe/Paris',
  GMT: 'UTC',
  Z: 'UTC',
};

const zoneCases = Object.entries(ZONES).map(([short, long]) => `WHEN '${short}' THEN '${long}'`);

export const FUNCTIONS = [
  `CREATE MACRO td_zone(zone) AS CASE upper(zone) ${zoneCases.join(' ')} ELSE zone END`,
  `CREATE MACRO sequence(first, last) AS generate_series(first, last)`,
  `CREATE MACRO td_is_offset(zone) AS regexp_full_match(zone, '[+-][0-9]{2}:?[0-9]{2}')`,
  `CREATE MACRO td_offset_seconds(zone) AS
     (CASE WHEN zone LIKE '-%' THEN -1 ELSE 1 END)
     * (3600 * CAST(substr(zone, 2, 2) AS BIGINT) + 60 * CAST(right(zone, 2) AS BIGINT))`,
  // Converts a local time in a zone to Unix seconds, and back.
  `CREATE MACRO td_from_local(local, zone) AS CASE
     WHEN td_is_offset(zone) THEN CAST(epoch(CAST(local AS TIMESTAMP)) AS BIGINT) - td_offset_seconds(zone)
     ELSE CAST(epoch(timezone(CASE WHEN td_is_offset(zone) THEN 'UTC' ELSE td_zone(zone) END,
       CAST(local AS TIMESTAMP))) AS BIGINT) END`,
  `CREATE MACRO td_to_local(seconds, zone) AS CASE
     WHEN td_is_offset(zone)
       THEN make_timestamp((CAST(seconds AS BIGINT) + td_offset_seconds(zone)) * 1000000)
     ELSE timezone(CASE WHEN td_is_offset(zone) THEN 'UTC' ELSE td_zone(zone) END,
       to_timestamp(CAST(seconds AS BIGINT))) END`,
  `CREATE MACRO td_offset_text(seconds, zone) AS CASE
     WHEN td_is_offset(zone) THEN replace(zone, ':', '')
     ELSE printf('%s%02d%02d',
       CASE WHEN epoch(td_to_local(seconds, zone)) < seconds THEN '-' ELSE '+' END,
       CAST(abs(epoch(td_to_local(seconds, zone)) - seconds) AS BIGINT) // 3600,
       (CAST(abs(epoch(td_to_local(seconds, zone)) - seconds) AS BIGINT) // 60) % 60) END`,
  // Converts text, with or without an offset, or whole seconds to Unix seconds.
  `CREATE MACRO td_seconds(value, zone) AS CASE
     WHEN value IS NULL THEN NULL
     WHEN regexp_full_match(CAST(value AS VARCHAR), '-?[0-9]+') THEN CAST(CAST(value AS VARCHAR) AS BIGINT)
     WHEN regexp_matches(CAST(value AS VARCHAR), '[0-9]:[0-9]{2}.*([Zz]|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$')
       THEN CAST(epoch(CAST(replace(CAST(value AS VARCHAR), ' UTC', 'Z') AS TIMESTAMPTZ)) AS BIGINT)
     ELSE td_from_local(CAST(value AS VARCHAR), zone) END`,
  `CREATE MACRO td_time_parse
     (value) AS td_seconds(value, 'UTC'),
     (value, zone) AS td_seconds(value, zone)`,
  // Constant bounds are folded, so that DuckDB prunes row groups by them.
  `CREATE MACRO td_time_range
     (t, a) AS (a IS NULL OR t >= td_seconds(a, 'UTC')),
     (t, a, b) AS ((a IS NULL OR t >= td_seconds(a, 'UTC')) AND (b IS NULL OR t < td_seconds(b, 'UTC'))),
     (t, a, b, zone) AS ((a IS NULL OR t >= td_seconds(a, zone)) AND (b IS NULL OR t < td_seconds(b, zone)))`,
  `CREATE MACRO td_date_trunc
     (unit, t) AS td_from_local(date_trunc(unit, td_to_local(t, 'UTC')), 'UTC'),
     (unit, t, zone) AS td_from_local(date_trunc(unit, td_to_local(t, zone)), zone)`,
  `CREATE MACRO nan() AS CAST('NaN' AS DOUBLE)`,
  `CREATE MACRO infinity() AS CAST('Infinity' AS DOUBLE)`,
  `CREATE MACRO is_nan(x) AS isnan(x)`,
  `CREATE MACRO is_infinite(x) AS isinf(x)`,
  `CREATE MACRO is_finite(x) AS isfinite(x)`,
  // Differs from Trino's checksum, but is also independent of the order and the same in every account.
  `CREATE MACRO checksum(x) AS CASE WHEN count(*) > 0
     THEN unhex(lpad(hex(CAST(sum(hash(x)) % 18446744073709551616::HUGEINT AS UBIGINT)), 16, '0')) END`,
  `CREATE MACRO approx_distinct(x) AS approx_count_distinct(x)`,
  `CREATE MACRO regexp_like(x, pattern) AS regexp_matches(x, pattern)`,
  `CREATE MACRO to_unixtime(x) AS epoch(CAST(x AS TIMESTAMPTZ))`,
  `CREATE MACRO from_unixtime(x) AS make_timestamp(CAST(CAST(x AS DOUBLE) * 1000000 AS BIGINT))`,
  `CREATE MACRO to_utf8(x) AS encode(x)`,
  `CREATE MACRO from_utf8(x) AS decode(x)`,
  `CREATE MACRO json_parse(x) AS CAST(x AS JSON)`,
  `CREATE MACRO json_format(x) AS CAST(x AS VARCHAR)`,
];
