"""Reads a Parquet file with pandas and prints its columns: {name: {"dtype": ..., "values": [...]}}.

Values are texts, with the type of NULLs: "NA", "NaT", "None", "nan".
"""

import json
import sys

import pandas


def shown(value):
    if value is pandas.NA:
        return "NA"
    if value is pandas.NaT:
        return "NaT"
    return f"{type(value).__name__} {value}" if value is not None else "None"


frame = pandas.read_parquet(sys.argv[1], engine=sys.argv[2])
columns = {name: {"dtype": str(frame[name].dtype), "values": [shown(value) for value in frame[name]]} for name in frame}
print(json.dumps({"index": type(frame.index).__name__, "columns": columns}))
