"""A straightforward equivalent of `petit clone-db` with td-client, pandas and pytd: batches of 100,000 rows, two parallel tables.

Usage: SOURCE_API_KEY=… DEST_API_KEY=… clone_db.py SOURCE_ENDPOINT DEST_ENDPOINT DATABASE NEW_DATABASE

Each batch becomes a bulk import session. The first session replaces the table, the others append to it. The rows are sent in
msgpack, which is faster than pytd's other formats, and the polling intervals are short.
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

BATCH_ROWS = 100_000
PARALLEL_TABLES = 2
POLL_SECONDS = 0.1


def shorten_poll_interval() -> None:
    """td-client polls the state of a session every 5 seconds, and pytd has no option for it."""
    for name in ("perform", "commit"):
        setattr(BulkImport, name, functools.partialmethod(getattr(BulkImport, name), wait_interval=POLL_SECONDS))


def main(source: str, destination: str, database: str, new_database: str) -> None:
    shorten_poll_interval()
    with tdclient.Client(apikey=os.environ["DEST_API_KEY"], endpoint=destination) as client:
        if new_database not in (existing.name for existing in client.databases()):
            client.create_database(new_database)
    with tdclient.Client(apikey=os.environ["SOURCE_API_KEY"], endpoint=source) as client:
        tables = [table.name for table in client.tables(database)]
    copy = functools.partial(copy_table, source, destination, database, new_database)
    with ThreadPoolExecutor(PARALLEL_TABLES) as pool:
        list(pool.map(copy, tables))


def copy_table(source: str, destination: str, database: str, new_database: str, name: str) -> None:
    target = pytd.Client(
        apikey=os.environ["DEST_API_KEY"], endpoint=destination, database=new_database, retry_post_requests=True
    )
    table = pytd.table.Table(target, new_database, name)
    writer = BulkImportWriter()
    with tdclient.Client(apikey=os.environ["SOURCE_API_KEY"], endpoint=source) as client:
        job = client.query(database, f'SELECT * FROM "{name}"', type="presto")
        job.wait(wait_interval=POLL_SECONDS)
        columns = [column[0] for column in job.result_schema]
        rows = job.result_format("msgpack", store_tmpfile=True, num_threads=4)
        if_exists = "overwrite"
        while batch := list(itertools.islice(rows, BATCH_ROWS)):
            frame = pd.DataFrame(batch, columns=columns)
            writer.write_dataframe(frame, table, if_exists, fmt="msgpack")
            if_exists = "append"


if __name__ == "__main__":
    main(*sys.argv[1:])
