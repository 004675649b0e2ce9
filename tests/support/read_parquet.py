"""Reads a Parquet file with pyarrow or DuckDB and prints it without losing information.

Usage: read_parquet.py pyarrow|duckdb FILE

Prints one JSON object: columns (names), types (as the reader names them), row_groups, metadata, rows. Values are in
the form of exact_values.py, lists as arrays, maps as {"map": [[key, value], …]}, rows as {"row": {…}}.
"""

import json
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from exact_values import plain


def arrow_value(value, data_type):
    if value is None:
        return None
    if pa.types.is_list(data_type):
        return [arrow_value(item, data_type.value_type) for item in value]
    if pa.types.is_map(data_type):
        return {
            "map": [
                [arrow_value(key, data_type.key_type), arrow_value(item, data_type.item_type)]
                for key, item in value
            ]
        }
    if pa.types.is_struct(data_type):
        return {"row": {field.name: arrow_value(value[field.name], field.type) for field in data_type}}
    return plain(value)


def with_pyarrow(path):
    file = pq.ParquetFile(path)
    table = file.read()
    columns = [
        [arrow_value(value, field.type) for value in column.to_pylist()]
        for field, column in zip(table.schema, table.columns)
    ]
    metadata = {key.decode(): value.decode() for key, value in (file.schema_arrow.metadata or {}).items()}
    return {
        "columns": table.schema.names,
        "types": [str(field.type) for field in table.schema],
        "row_groups": [file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)],
        "metadata": metadata,
        "rows": [list(row) for row in zip(*columns)] if columns else [],
    }


def duckdb_value(value, data_type):
    if value is None:
        return None
    if data_type.id == "list":
        return [duckdb_value(item, data_type.children[0][1]) for item in value]
    if data_type.id == "map":
        key_type, value_type = (child[1] for child in data_type.children)
        return {
            "map": [[duckdb_value(key, key_type), duckdb_value(item, value_type)] for key, item in value.items()]
        }
    if data_type.id == "struct":
        return {"row": {name: duckdb_value(value[name], kind) for name, kind in data_type.children}}
    return plain(value)


def with_duckdb(path):
    result = duckdb.sql("SELECT * FROM read_parquet(?)", params=[path])
    groups = duckdb.sql(
        "SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(?) ORDER BY 1", params=[path]
    ).fetchall()
    return {
        "columns": result.columns,
        "types": [str(data_type) for data_type in result.types],
        "row_groups": [rows for _, rows in groups],
        "metadata": {},
        "rows": [
            [duckdb_value(value, data_type) for value, data_type in zip(row, result.types)]
            for row in result.fetchall()
        ],
    }


if __name__ == "__main__":
    reader, path = sys.argv[1:]
    json.dump({"pyarrow": with_pyarrow, "duckdb": with_duckdb}[reader](path), sys.stdout)
