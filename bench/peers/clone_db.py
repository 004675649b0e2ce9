"""The obvious Python for `petit clone-db`: td-client, pandas and pytd, 100,000 rows at a time, two tables at a time.

Usage: SOURCE_API_KEY=… DEST_API_KEY=… clone_db.py SOURCE_ENDPOINT DEST_ENDPOINT DATABASE NEW_DATABASE

Each frame of rows becomes a bulk import session: the first replaces the table, the others append. Rows go as msgpack, the
faster of pytd's formats, and waits for jobs are short.
"""

import functools
import itertools
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytd
import tdclient
from pytd.writer import BulkImportWriter
from tdclient.bulk_import_model import BulkImport

FRAME_ROWS = 100_000
TABLES_AT_A_TIME = 2
WAIT_SECONDS = 0.1


def look_often() -> None:
    """td-client looks every 5 seconds whether a session is performed or committed; pytd cannot tell it otherwise."""
    for name in ("perform", "commit"):
        setattr(BulkImport, name, functools.partialmethod(getattr(BulkImport, name), wait_interval=WAIT_SECONDS))


def main(source: str, destination: str, database: str, new_database: str) -> None:
    look_often()
    with tdclient.Client(apikey=os.environ["DEST_API_KEY"], endpoint=destination) as client:
        if new_database not in (existing.name for existing in client.databases()):
            client.create_database(new_database)
    with tdclient.Client(apikey=os.environ["SOURCE_API_KEY"], endpoint=source) as client:
        tables = [table.name for table in client.tables(database)]
    copy = functools.partial(copy_table, source, destination, database, new_database)
    with ThreadPoolExecutor(TABLES_AT_A_TIME) as pool:
        list(pool.map(copy, tables))


def copy_table(source: str, destination: str, database: str, new_database: str, name: str) -> None:
    target = pytd.Client(
        apikey=os.environ["DEST_API_KEY"], endpoint=destination, database=new_database, retry_post_requests=True
    )
    table = pytd.table.Table(target, new_database, name)
    writer = BulkImportWriter()
    with tdclient.Client(apikey=os.environ["SOURCE_API_KEY"], endpoint=source) as client:
        job = client.query(database, f'SELECT * FROM "{name}"', type="presto")
        job.wait(wait_interval=WAIT_SECONDS)
        columns = [column[0] for column in job.result_schema]
        rows = job.result_format("msgpack", store_tmpfile=True, num_threads=4)
        if_exists = "overwrite"
        while chunk := list(itertools.islice(rows, FRAME_ROWS)):
            frame = pd.DataFrame(chunk, columns=columns)
            writer.write_dataframe(frame, table, if_exists, fmt="msgpack")
            if_exists = "append"


if __name__ == "__main__":
    main(*sys.argv[1:])
