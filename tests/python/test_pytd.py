"""pytd 2.4's BulkImportWriter against the emulator: csv and msgpack; error, append, overwrite, ignore."""

import math

import numpy
import pandas
import pytd
import pytest
from conftest import rows


@pytest.fixture(autouse=True)
def quick_polls(monkeypatch):
    """td-client waits 5 seconds between looks; the emulator needs none of that."""
    from tdclient import bulk_import_model, job_model

    for model in (bulk_import_model.BulkImport, job_model.Job):
        for name in ("perform", "commit", "wait"):
            method = getattr(model, name, None)
            if method:
                monkeypatch.setattr(model, name, impatient(method))


def impatient(method):
    def called(self, *args, **options):
        options["wait_interval"] = 0.01
        return method(self, *args, **options)

    return called


@pytest.fixture
def pytd_client(prod, database):
    return pytd.Client(apikey=prod.keys["master"], endpoint=prod.url, database=database)


def write(client, frame, table, **options):
    target = pytd.table.Table(client, client.database, table)
    target.import_dataframe(frame.copy(), writer="bulk_import", **options)


FRAME = pandas.DataFrame(
    {
        "time": [1, 2, 3],
        "n": [1, 2**53 + 1, 3],
        "x": [0.5, math.nan, math.inf],
        "s": ["a", "b,\"c\"", "é 😀"],
        "b": [True, False, True],
    }
)


@pytest.mark.parametrize("fmt", ["csv", "msgpack"])
def test_a_frame_comes_back_as_it_was(client, pytd_client, database, fmt):
    write(pytd_client, FRAME, "frame", if_exists="error", fmt=fmt)
    got = rows(client, database, "SELECT time, n, x, s, b FROM frame ORDER BY time")
    assert got[0] == [1, 1, 0.5, "a", "true"]
    assert got[1] == [2, 2**53 + 1, None, 'b,"c"', "false"]
    assert got[2] == [3, 3, math.inf, "é 😀", "true"]
    schema = {column[0]: column[1] for column in client.table(database, "frame").schema}
    assert schema == {"n": "long", "x": "double", "s": "string", "b": "string"}


@pytest.mark.parametrize("fmt", ["csv", "msgpack"])
def test_what_happens_to_a_table_that_is_there(client, pytd_client, database, fmt):
    def count():
        return rows(client, database, "SELECT COUNT(1), SUM(n) FROM twice")

    one = pandas.DataFrame({"time": [1], "n": [10]})
    two = pandas.DataFrame({"time": [2], "n": [20]})
    write(pytd_client, one, "twice", if_exists="error", fmt=fmt)
    with pytest.raises(RuntimeError):
        write(pytd_client, two, "twice", if_exists="error", fmt=fmt)
    write(pytd_client, two, "twice", if_exists="ignore", fmt=fmt)
    assert count() == [[1, 10]]
    write(pytd_client, two, "twice", if_exists="append", fmt=fmt)
    assert count() == [[2, 30]]
    write(pytd_client, two, "twice", if_exists="overwrite", fmt=fmt)
    assert count() == [[1, 20]]
    assert client.bulk_imports() == []


def test_lists_and_many_parts(client, pytd_client, database):
    frame = pandas.DataFrame(
        {
            "time": numpy.arange(25_000),
            "n": numpy.arange(25_000),
            "tags": [[str(n), "x"][: n % 3] for n in range(25_000)],
        }
    )
    write(pytd_client, frame, "lists", if_exists="error", fmt="msgpack", keep_list=True, chunk_record_size=1000)
    assert rows(client, database, "SELECT COUNT(1), SUM(n) FROM lists") == [[25_000, 25_000 * 24_999 // 2]]
    assert rows(client, database, "SELECT tags FROM lists WHERE n IN (3, 4, 5) ORDER BY n") == [[[]], [["4"]], [["5", "x"]]]
    assert client.table(database, "lists").schema[1] == ["tags", "array<string>"]
