"""Values in a form that JSON does not change, for scripts that print the rows of Parquet files.

Integers are "i:…", floats by their bits "f:…", text "s:…", bytes "b:hex", decimals, dates and timestamps "d:…".
"""

import datetime
import decimal
import struct


def plain(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return f"i:{value}"
    if isinstance(value, float):
        return "f:" + struct.pack(">d", value).hex()
    if isinstance(value, str):
        return f"s:{value}"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "b:" + bytes(value).hex()
    if isinstance(value, (decimal.Decimal, datetime.date, datetime.datetime, datetime.time)):
        return f"d:{value}"
    raise TypeError(f"no plain form for {type(value)}")
