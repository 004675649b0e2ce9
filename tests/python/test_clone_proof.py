"""Proof by others: pytd writes frames to one account, petit clones the database, td-client reads both and finds them equal."""

import math
import os
import subprocess

import numpy
import pandas
import pytd
import pytest
from conftest import ROOT, rows
from test_pytd import quick_polls, write  # noqa: F401


@pytest.fixture
def backup(emulator):
    return emulator["backup"]


@pytest.fixture
def copy(backup, database):
    """The same database in the other account, gone after the test."""
    with backup.client() as client:
        yield client
        client.delete_database(database)


@pytest.fixture
def source(prod, database):
    return pytd.Client(apikey=prod.keys["master"], endpoint=prod.url, database=database)


def clone(prod, backup, database, *options):
    """Runs petit's command."""
    env = {
        "PATH": os.environ["PATH"],
        "SOURCE_API_KEY": prod.keys["master"],
        "DEST_API_KEY": backup.keys["master"],
    }
    command = ["node", str(ROOT / "pkg-scripts/cli.js"), "clone-db", "--se", prod.url, "--de", backup.url]
    run = subprocess.run([*command, database, *options], env=env, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout


def contents(client, database, table):
    """All rows, as texts that tell 1 from 1.0 and know NaN, in an order of their own; and the schema."""
    job_rows = rows(client, database, f'SELECT * FROM "{table}"')
    return sorted(map(repr, job_rows)), client.table(database, table).schema


def assert_equal(client, copy, database, tables):
    assert sorted(table.name for table in copy.tables(database)) == sorted(tables)
    for table, count in tables.items():
        wanted, got = contents(client, database, table), contents(copy, database, table)
        assert len(wanted[0]) == count, table
        assert got == wanted, table
        assert copy.table(database, table).count == count


FRAME = pandas.DataFrame(
    {
        "time": [1, 2, 3, 4],
        "n": [1, 2**53 + 1, -(2**63), 2**63 - 1],
        "maybe": pandas.array([1, None, 2**53 + 1, None], dtype="Int64"),
        "x": [0.5, math.nan, -math.inf, -0.0],
        "s": ["a", 'b,"c"\nd', "é 😀", ""],
        "code": ["00123", "1e5", "NaN", "true"],
        "b": [True, False, True, False],
        "tags": [["x", "y"], [], ["é"], ["z"]],
    }
)


@pytest.mark.parametrize("fmt", ["csv", "msgpack"])
def test_what_pytd_wrote_arrives_as_it_is(client, copy, prod, backup, source, database, fmt):
    options = {"fmt": fmt}
    write(source, FRAME, "created", if_exists="error", **options)
    write(source, FRAME, "appended", if_exists="error", **options)
    write(source, FRAME.assign(time=FRAME["time"] + 10, extra="new"), "appended", if_exists="append", **options)
    write(source, FRAME, "overwritten", if_exists="error", **options)
    write(source, FRAME.head(3).assign(n=7), "overwritten", if_exists="overwrite", **options)
    clone(prod, backup, database)
    assert_equal(client, copy, database, {"created": 4, "appended": 8, "overwritten": 3})
    assert copy.bulk_imports() == []


def test_lists_and_many_parts_arrive_as_they_are(client, copy, prod, backup, source, database):
    count = 30_000
    frame = pandas.DataFrame(
        {
            "time": numpy.arange(count),
            "n": numpy.arange(count) * 2**40,
            "tags": [[str(n), "x"][: n % 3] for n in range(count)],
            "numbers": [list(range(n % 4)) for n in range(count)],
        }
    )
    write(source, frame, "lists", if_exists="error", fmt="msgpack", keep_list=True, chunk_record_size=1000)
    clone(prod, backup, database)
    assert_equal(client, copy, database, {"lists": count})


@pytest.mark.parametrize("fmt", ["csv", "msgpack"])
def test_a_copy_follows_what_pytd_writes_later(client, copy, prod, backup, source, database, fmt):
    write(source, FRAME, "frame", if_exists="error", fmt=fmt)
    clone(prod, backup, database)
    write(source, FRAME.assign(time=20), "frame", if_exists="append", fmt=fmt)
    write(source, FRAME.head(2), "later", if_exists="error", fmt=fmt)
    assert "1 copied, 1 skipped, 0 failed" in clone(prod, backup, database, "--skip-existing")
    assert copy.table(database, "frame").count == 4
    assert "2 copied, 0 skipped, 0 failed" in clone(prod, backup, database, "--overwrite")
    assert_equal(client, copy, database, {"frame": 8, "later": 2})


def test_pytd_goes_on_with_a_copy(client, copy, prod, backup, source, database):
    write(source, FRAME, "frame", if_exists="error", fmt="msgpack")
    clone(prod, backup, database)
    target = pytd.Client(apikey=backup.keys["master"], endpoint=backup.url, database=database)
    for writer in (source, target):
        write(writer, FRAME.assign(time=30), "frame", if_exists="append", fmt="msgpack")
    assert_equal(client, copy, database, {"frame": 8})
