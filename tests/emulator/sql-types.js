import { DuckDBTypeId } from '@duckdb/node-api';

/**
 * DuckDB's types in job results: their Trino and Hive names, and the SQL that converts a value for the codec, which writes
 * MessagePack.
 *
 * TD's documentation does not cover the following. Here, DECIMAL, DATE, TIME, INTERVAL, UUID, JSON and zoned timestamps
 * are text; TIMESTAMP is text of the form `yyyy-MM-dd HH:mm:ss.SSS`; VARBINARY is bin; ROW is an array. UBIGINT, which TD
 * lacks, is reported as bigint but written as an unsigned integer, so that tests can send values that do not fit a bigint.
 * HUGEINT, the type of DuckDB's sums, is cast to bigint.
 *
 * @typedef {import('@duckdb/node-api').DuckDBType} DuckDBType
 * @typedef {'presto' | 'hive'} Dialect
 */

/** @type {Record<number, [presto: string, hive: string]>} */
const NAMES = {
  [DuckDBTypeId.BOOLEAN]: ['boolean', 'boolean'],
  [DuckDBTypeId.TINYINT]: ['tinyint', 'tinyint'],
  [DuckDBTypeId.SMALLINT]: ['smallint', 'smallint'],
  [DuckDBTypeId.INTEGER]: ['integer', 'int'],
  [DuckDBTypeId.BIGINT]: ['bigint', 'bigint'],
  [DuckDBTypeId.UTINYINT]: ['smallint', 'smallint'],
  [DuckDBTypeId.USMALLINT]: ['integer', 'int'],
  [DuckDBTypeId.UINTEGER]: ['bigint', 'bigint'],
  [DuckDBTypeId.UBIGINT]: ['bigint', 'bigint'],
  [DuckDBTypeId.HUGEINT]: ['bigint', 'bigint'],
  [DuckDBTypeId.UHUGEINT]: ['bigint', 'bigint'],
  [DuckDBTypeId.FLOAT]: ['real', 'float'],
  [DuckDBTypeId.DOUBLE]: ['double', 'double'],
  [DuckDBTypeId.VARCHAR]: ['varchar', 'string'],
  [DuckDBTypeId.BLOB]: ['varbinary', 'binary'],
  [DuckDBTypeId.DATE]: ['date', 'date'],
  [DuckDBTypeId.TIME]: ['time', 'string'],
  [DuckDBTypeId.TIMESTAMP]: ['timestamp', 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_S]: ['timestamp', 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_MS]: ['timestamp', 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_NS]: ['timestamp', 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_TZ]: ['timestamp with time zone', 'string'],
  [DuckDBTypeId.INTERVAL]: ['interval day to second', 'string'],
  [DuckDBTypeId.UUID]: ['uuid', 'string'],
};

/**
 * @param {DuckDBType} type
 * @param {Dialect} dialect
 * @returns {string} the name for hive_result_schema
 */
export function sqlTypeName(type, dialect) {
  const t = /** @type {any} */ (type);
  const hive = dialect === 'hive';
  if (t.alias === 'JSON') return hive ? 'string' : 'json';
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return `decimal(${t.width},${t.scale})`;
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY: {
      const items = sqlTypeName(t.valueType, dialect);
      return hive ? `array<${items}>` : `array(${items})`;
    }
    case DuckDBTypeId.MAP: {
      const [key, value] = [sqlTypeName(t.keyType, dialect), sqlTypeName(t.valueType, dialect)];
      return hive ? `map<${key},${value}>` : `map(${key}, ${value})`;
    }
    case DuckDBTypeId.STRUCT: {
      const fields = /** @type {string[]} */ (t.entryNames).map((name, index) => {
        const field = sqlTypeName(t.entryTypes[index], dialect);
        if (hive) return `${name || `col${index + 1}`}:${field}`;
        return name ? `${rowFieldName(name)} ${field}` : field;
      });
      return hive ? `struct<${fields.join(',')}>` : `row(${fields.join(', ')})`;
    }
    default:
      return NAMES[type.typeId]?.[hive ? 1 : 0] ?? (hive ? 'string' : 'varchar');
  }
}

/** @param {string} name */
function rowFieldName(name) {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Types that the codec writes without conversion. */
const UNCONVERTED = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.VARCHAR,
  DuckDBTypeId.BLOB,
]);

const TIMESTAMPS = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
]);

/**
 * @param {DuckDBType} type
 * @returns {boolean} whether the codec writes values of this type without conversion
 */
function isUnconverted(type) {
  const t = /** @type {any} */ (type);
  if (type.typeId === DuckDBTypeId.LIST) return isUnconverted(t.valueType);
  if (type.typeId === DuckDBTypeId.MAP) return isUnconverted(t.keyType) && isUnconverted(t.valueType);
  if (type.typeId === DuckDBTypeId.STRUCT) {
    return (
      t.entryNames.every((/** @type {string} */ name) => name !== '') && t.entryTypes.every(isUnconverted)
    );
  }
  return UNCONVERTED.has(type.typeId);
}

/**
 * @param {string} x SQL of the value
 * @param {DuckDBType} type
 * @returns {string} SQL of the value for the codec
 */
export function toWire(x, type) {
  const t = /** @type {any} */ (type);
  if (isUnconverted(type)) return x;
  if (TIMESTAMPS.has(type.typeId)) return `strftime(CAST(${x} AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')`;
  switch (type.typeId) {
    case DuckDBTypeId.TIMESTAMP_TZ:
      return `strftime(${x} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%g UTC')`;
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return `CAST(${x} AS BIGINT)`;
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return `list_transform(${x}, lambda x: ${toWire('x', t.valueType)})`;
    case DuckDBTypeId.MAP: {
      const pair = `{'key': ${toWire('x.key', t.keyType)}, 'value': ${toWire('x.value', t.valueType)}}`;
      return `map_from_entries(list_transform(map_entries(${x}), lambda x: ${pair}))`;
    }
    case DuckDBTypeId.STRUCT: {
      const fields = /** @type {DuckDBType[]} */ (t.entryTypes).map((field, index) => {
        const name = t.entryNames[index];
        const part = name ? `struct_extract(${x}, '${name.replaceAll("'", "''")}')` : `(${x})[${index + 1}]`;
        return `'f${index}': ${toWire(part, field)}`;
      });
      return `CASE WHEN ${x} IS NOT NULL THEN {${fields.join(', ')}} END`;
    }
    default:
      return `CAST(${x} AS VARCHAR)`;
  }
}

/**
 * The TD type that CREATE TABLE AS and INSERT give to a query's column. TD does not document this. Here, integers become
 * long, DECIMAL becomes double, and types that tables lack (booleans, dates, rows …) become string.
 *
 * @param {DuckDBType} type
 * @returns {import('./td-types.js').TdType}
 */
export function tdTypeOf(type) {
  const t = /** @type {any} */ (type);
  const name = sqlTypeName(type, 'presto');
  if (['tinyint', 'smallint', 'integer', 'bigint'].includes(name)) return { kind: 'long' };
  if (name === 'double' || name === 'real' || name.startsWith('decimal(')) return { kind: 'double' };
  if (name.startsWith('array(')) return { kind: 'array', items: tdTypeOf(t.valueType) };
  if (name.startsWith('map('))
    return { kind: 'map', keys: tdTypeOf(t.keyType), values: tdTypeOf(t.valueType) };
  return { kind: 'string' };
}

/**
 * The SQL that converts a value of `type` for a table.
 *
 * @param {string} x
 * @param {DuckDBType} type
 * @returns {string} SQL of the type that {@link tdTypeOf} names
 */
export function toTable(x, type) {
  const td = tdTypeOf(type);
  const t = /** @type {any} */ (type);
  if (td.kind === 'long') return `CAST(${x} AS BIGINT)`;
  if (td.kind === 'double') return `CAST(${x} AS DOUBLE)`;
  if (td.kind === 'array') return `list_transform(${x}, lambda x: ${toTable('x', t.valueType)})`;
  if (td.kind === 'map') {
    const pair = `{'key': ${toTable('x.key', t.keyType)}, 'value': ${toTable('x.value', t.valueType)}}`;
    return `map_from_entries(list_transform(map_entries(${x}), lambda x: ${pair}))`;
  }
  if (type.typeId === DuckDBTypeId.BLOB) return `decode(${x})`;
  if (type.typeId === DuckDBTypeId.STRUCT) return `CAST(to_json(${x}) AS VARCHAR)`;
  return `CAST(${toWire(x, type)} AS VARCHAR)`;
}

/**
 * @param {import('./td-types.js').TdType} td
 * @returns {import('./stored.js').Stored} how {@link toTable} stores it
 */
export function storedOf(td) {
  if (td.kind === 'array') return { list: { items: storedOf(td.items), nulls: true } };
  if (td.kind === 'map') return { map: { keys: storedOf(td.keys), values: storedOf(td.values) } };
  const stored = { int: 'int', long: 'int', float: 'float', double: 'float', string: 'text' };
  return /** @type {import('./stored.js').Stored} */ (stored[td.kind]);
}
