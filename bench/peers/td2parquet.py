"""A straightforward equivalent of `petit td2parquet` with td-client, pandas and pyarrow: batches of 100,000 rows.

Usage: TD_API_KEY=… td2parquet.py ENDPOINT DATABASE TABLE OUTPUT [COMPRESSION]
"""

import itertools
import os
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import tdclient

BATCH_ROWS = 100_000


def main(endpoint: str, database: str, table: str, output: str, compression: str = "zstd") -> None:
    with tdclient.Client(apikey=os.environ["TD_API_KEY"], endpoint=endpoint) as client:
        job = client.query(database, f'SELECT * FROM "{table}"', type="presto")
        job.wait(wait_interval=0.1)
        columns = [column[0] for column in job.result_schema]
        rows = job.result_format("msgpack", store_tmpfile=True, num_threads=4)
        writer = None
        while batch := list(itertools.islice(rows, BATCH_ROWS)):
            frame = pa.Table.from_pandas(pd.DataFrame(batch, columns=columns), preserve_index=False)
            if writer is None:
                writer = pq.ParquetWriter(output, frame.schema, compression=compression)
            writer.write_table(frame.cast(writer.schema))
        if writer is not None:
            writer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
