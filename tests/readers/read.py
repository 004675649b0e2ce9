"""Reads Parquet files with one library and prints their rows without losing information.

Usage: read.py ENGINE PATH...

A path that ends with a slash is a folder of partitions, read as one table. Prints one JSON object per path: columns and rows
with values in the form of tests/support/read_parquet.py, or the error. Each library is imported only if it is the engine,
because each one is installed in a folder of its own.
"""

import glob
import json
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from exact_values import plain  # noqa: E402, after the path is set

os.environ["TZ"] = "UTC"


def map_of(pairs):
    return {"map": sorted(([key, value] for key, value in pairs), key=json.dumps)}


def data_files(folder):
    return sorted(glob.glob(f"{folder}**/*.parquet", recursive=True))


# pyarrow, and the libraries that return Arrow tables


def arrow_value(value, kind):
    import pyarrow.types as types

    if value is None:
        return None
    if types.is_list(kind) or types.is_large_list(kind):
        return [arrow_value(item, kind.value_type) for item in value]
    if types.is_map(kind):
        pairs = value.items() if isinstance(value, dict) else value
        return map_of((arrow_value(key, kind.key_type), arrow_value(item, kind.item_type)) for key, item in pairs)
    if types.is_struct(kind):
        fields = [kind[index] for index in range(kind.num_fields)]
        return {"row": {field.name: arrow_value(value[field.name], field.type) for field in fields}}
    if types.is_timestamp(kind):
        # ClickHouse adds UTC.
        return f"d:{timestamp_text(value.replace(tzinfo=None))}"
    return plain(value)


def timestamp_text(value):
    text = str(value)
    return text[:-3] if "." in text and len(text.split(".")[1]) == 9 and text.endswith("000") else text


def arrow_table(table):
    columns = [
        [arrow_value(value, field.type) for value in column.to_pylist()]
        for field, column in zip(table.schema, table.columns)
    ]
    return table.schema.names, [list(row) for row in zip(*columns)]


def with_pyarrow(path):
    import pyarrow.dataset as dataset
    import pyarrow.parquet as parquet

    if path.endswith("/"):
        return arrow_table(dataset.dataset(path, format="parquet", partitioning="hive").to_table())
    return arrow_table(parquet.ParquetFile(path).read())


def with_arrow_stream(path):
    import pyarrow

    return arrow_table(pyarrow.ipc.open_stream(path).read_all())


def with_datafusion(path):
    import datafusion
    import pyarrow

    config = datafusion.SessionConfig().with_target_partitions(1)
    # pyarrow 15 has no values of string views.
    config = config.set("datafusion.execution.parquet.schema_force_view_types", "false")
    context = datafusion.SessionContext(config)
    frame = context.read_parquet(path)
    batches = frame.collect()
    schema = frame.schema()
    return arrow_table(pyarrow.Table.from_batches(batches, schema=None if batches else schema))


def with_chdb(path):
    import chdb
    import pyarrow

    files = f"{path}**/*.parquet" if path.endswith("/") else path
    settings = "max_threads = 1, output_format_arrow_string_as_string = 0"
    result = chdb.query(f"SELECT * FROM file('{files}', Parquet) SETTINGS {settings}", "Arrow")
    return arrow_table(pyarrow.ipc.open_file(result.bytes()).read_all())


# The others


def duckdb_value(value, kind):
    if value is None:
        return None
    if kind.id == "list":
        return [duckdb_value(item, kind.children[0][1]) for item in value]
    if kind.id == "map":
        key_type, value_type = (child[1] for child in kind.children)
        # Before 1.0, a map is a dictionary of two lists.
        old = set(value) == {"key", "value"} and isinstance(value["key"], list)
        pairs = zip(value["key"], value["value"]) if old else value.items()
        return map_of((duckdb_value(key, key_type), duckdb_value(item, value_type)) for key, item in pairs)
    if kind.id == "struct":
        return {"row": {name: duckdb_value(value[name], child) for name, child in kind.children}}
    return plain(value)


def with_duckdb(path):
    import duckdb

    files = f"{path}**/*.parquet" if path.endswith("/") else path
    result = duckdb.sql(f"SELECT * FROM read_parquet('{files}')")
    rows = [[duckdb_value(value, kind) for value, kind in zip(row, result.types)] for row in result.fetchall()]
    return result.columns, rows


def polars_value(value, kind):
    import polars

    if value is None:
        return None
    if type(kind).__name__ == "Map":
        return map_of((polars_value(key, kind.key), polars_value(item, kind.value)) for key, item in value.items())
    if isinstance(kind, polars.List):
        fields = getattr(kind.inner, "fields", [])
        # Before 2.0, Polars has no maps: they are lists of keys and values.
        if [field.name for field in fields] == ["key", "value"]:
            key_type, value_type = (field.dtype for field in fields)
            return map_of(
                (polars_value(pair["key"], key_type), polars_value(pair["value"], value_type)) for pair in value
            )
        return [polars_value(item, kind.inner) for item in value]
    if isinstance(kind, polars.Struct):
        return {"row": {field.name: polars_value(value[field.name], field.dtype) for field in kind.fields}}
    return plain(value)


def with_polars(path):
    import polars

    frame = polars.read_parquet(data_files(path) if path.endswith("/") else path)
    kinds = list(frame.schema.values())
    rows = [[polars_value(value, kind) for value, kind in zip(row, kinds)] for row in frame.rows()]
    return frame.columns, rows


def spark_value(value, kind):
    name = type(kind).__name__
    if value is None:
        return None
    if name == "ArrayType":
        return [spark_value(item, kind.elementType) for item in value]
    if name == "MapType":
        return map_of((spark_value(key, kind.keyType), spark_value(item, kind.valueType)) for key, item in value.items())
    if name == "StructType":
        return {"row": {field.name: spark_value(value[field.name], field.dataType) for field in kind.fields}}
    return plain(value)


_spark = []


def with_spark(path):
    from pyspark.sql import SparkSession

    if not _spark:
        builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        settings = {
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.caseSensitive": "true",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
            "spark.sql.legacy.parquet.nanosAsLong": "true",
        }
        for key, value in settings.items():
            builder = builder.config(key, value)
        _spark.append(builder.getOrCreate())
        _spark[0].sparkContext.setLogLevel("OFF")
    frame = _spark[0].read.parquet(path)
    kinds = [field.dataType for field in frame.schema.fields]
    rows = [[spark_value(value, kind) for value, kind in zip(row, kinds)] for row in frame.collect()]
    return frame.columns, rows


def with_fastparquet(path):
    import fastparquet
    import pandas

    frame = fastparquet.ParquetFile(path).to_pandas()

    def value_of(value):
        if isinstance(value, list):
            return [value_of(item) for item in value]
        if isinstance(value, dict):
            return map_of((value_of(key), value_of(item)) for key, item in value.items())
        if value is None or pandas.isna(value):
            return None
        if isinstance(value, pandas.Timestamp):
            return f"d:{timestamp_text(value)}"
        return plain(value.item() if hasattr(value, "item") else value)

    columns = [[value_of(value) for value in frame[name]] for name in frame.columns]
    return list(frame.columns), [list(row) for row in zip(*columns)]


ENGINES = {
    "pyarrow": with_pyarrow,
    "datafusion": with_datafusion,
    "arrow_stream": with_arrow_stream,
    "chdb": with_chdb,
    "duckdb": with_duckdb,
    "polars": with_polars,
    "spark": with_spark,
    "fastparquet": with_fastparquet,
}


def main():
    engine, *paths = sys.argv[1:]
    for path in paths:
        try:
            columns, rows = ENGINES[engine](path)
            print(json.dumps({"columns": list(columns), "rows": rows}), flush=True)
        except Exception as error:
            print(json.dumps({"error": f"{type(error).__name__}: {error}"[:500]}), flush=True)


main()
