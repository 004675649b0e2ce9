"""td-client-python, pytd and Trino's client against the emulator. Prints a line of JSON per operation: judge.py CLIENT URL KEY."""

import datetime
import gzip
import io
import json
import sys
from urllib.parse import urlparse

import msgpack
import pandas
import pytd
import tdclient
import trino
from tdclient import bulk_import_model, errors, job_model

DB = "py_judge"
SQL = "SELECT COUNT(1) AS cnt FROM customers"
RECORDS = [{"time": 1, "n": 1, "s": "a"}, {"time": 2, "n": 2, "s": "b"}]
PART = gzip.compress(b"".join(msgpack.packb(record) for record in RECORDS))
CLIENT, URL, KEY = sys.argv[1:]


def judge(operations):
    for name, check in operations:
        reason = ""
        try:
            if not check():
                reason = "another answer"
        except Exception as error:  # noqa: BLE001
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
        print(json.dumps({"operation": name, "passed": reason == "", "reason": reason}), flush=True)


def refused(error, call):
    try:
        call()
    except error:
        return True
    return False


def done(call):
    """For calls that tell nothing but that they did not fail."""
    call()
    return True


def quick():
    """td-client waits five seconds between polls."""
    for model, names in ((bulk_import_model.BulkImport, ("perform", "commit")), (job_model.Job, ("wait",))):
        for name in names:
            method = getattr(model, name)
            setattr(model, name, lambda self, *args, _method=method, **options: _method(self, *args, **{**options, "wait_interval": 0.01}))


def connect(connect=trino.dbapi.connect, **options):
    """pytd connects by HTTPS to port 443; the emulator is elsewhere."""
    url = urlparse(URL)
    return connect(**{**options, "host": url.hostname, "port": url.port, "http_scheme": "http"})


def td_client(td):
    def run(sql=SQL, **options):
        job = td.query("shop", sql, **{"type": "presto", **options})
        job.wait(timeout=30)
        return job

    def uploaded(name, body=PART):
        td.create_bulk_import(name, DB, "one")
        td.bulk_import_upload_part(name, "part1", io.BytesIO(body), len(body))
        return td.bulk_import(name)

    def performed(name):
        session = uploaded(name)
        session.freeze()
        session.perform(wait=True, timeout=30)
        session.update()
        return session

    def killed():
        job = td.query("shop", "SELECT COUNT(1) FROM page_views a, page_views b", type="presto")
        former = td.kill(job.id)
        job.wait(timeout=30)
        return former is not None and job.killed()

    job = {}
    yield "system: server status", lambda: td.server_status() == "ok"
    yield "users: list", lambda: td.users()[0].email.endswith("example.com")
    yield "databases: create", lambda: td.create_database(DB)
    yield "databases: create twice", lambda: refused(errors.AlreadyExistsError, lambda: td.create_database(DB))
    yield "databases: list", lambda: DB in [database.name for database in td.databases()]
    yield "databases: one", lambda: td.database("shop").permission == "administrator"
    yield "databases: a missing one", lambda: refused(errors.NotFoundError, lambda: td.database("missing"))
    yield "databases: a wrong key", lambda: refused(errors.AuthError, lambda: tdclient.Client(apikey="1/x", endpoint=URL).databases())
    yield "tables: create", lambda: td.create_log_table(DB, "one")
    yield "tables: create twice", lambda: refused(errors.AlreadyExistsError, lambda: td.create_log_table(DB, "one"))
    yield "tables: list", lambda: [table.name for table in td.tables(DB)] == ["one"]
    yield "tables: one", lambda: td.table("shop", "customers").count == 3
    yield "tables: a missing one", lambda: refused(errors.NotFoundError, lambda: td.table(DB, "missing"))
    yield "tables: update schema", lambda: td.update_schema(DB, "one", [["n", "long"]]) and td.table(DB, "one").schema == [["n", "long"]]
    yield "tables: update expiry", lambda: td.update_expire(DB, "one", 30) and td.table(DB, "one").expire_days == 30
    yield "tables: swap", lambda: td.create_log_table(DB, "two") and td.swap_table(DB, "one", "two")
    yield "tables: tail", lambda: len(td.tail("shop", "customers", 2)) == 2
    yield "tables: change database", lambda: td.create_database("py_judge2") and td.change_database(DB, "two", "py_judge2")
    yield "tables: delete", lambda: td.delete_table("py_judge2", "two") == "log"
    yield "jobs: Presto query", lambda: job.setdefault("presto", run()).success()
    yield "jobs: Trino query", lambda: run(type="trino").success()
    yield "jobs: Hive query", lambda: run(type="hive").success()
    yield "jobs: priority and retries", lambda: run(priority="HIGH", retry_limit=1).priority == "HIGH"
    yield "jobs: domain key twice", lambda: bool(run(domain_key="py-judge")) and refused(errors.AlreadyExistsError, lambda: run(domain_key="py-judge"))
    yield "jobs: show", lambda: td.job(job["presto"].id).result_schema == [["cnt", "bigint"]]
    yield "jobs: show an unknown job", lambda: refused(errors.NotFoundError, lambda: td.job("7"))
    yield "jobs: status", lambda: td.job_status(job["presto"].id) == "success"
    yield "jobs: list", lambda: len(td.jobs(0, 1)) == 2
    yield "jobs: list by status", lambda: all(one.success() for one in td.jobs(status="success"))
    yield "jobs: kill", killed
    yield "jobs: a failed query tells why", lambda: "does not exist" in run("SELECT * FROM missing").debug["stderr"]
    yield "results: msgpack", lambda: list(td.job_result(job["presto"].id)) == [[3]]
    yield "results: msgpack by Range", lambda: list(td.job_result_format_each(job["presto"].id, "msgpack", store_tmpfile=True)) == [[3]]
    yield "results: json", lambda: list(td.job_result_format(job["presto"].id, "json")) == [[3]]
    yield "results: none of an INSERT", lambda: refused(errors.NotFoundError, lambda: td.job_result(run(f"INSERT INTO {DB}.one SELECT 1 AS n").id))
    yield "results: none of a query without rows", lambda: list(run("SELECT * FROM customers WHERE id < 0").result()) == []
    yield "results: output to a table", lambda: run(result_url=f"td://@/{DB}/written?mode=append").success() and td.table(DB, "written").count == 1
    yield "import: streaming", lambda: td.import_data(DB, "one", "msgpack.gz", io.BytesIO(PART), len(PART)) >= 0
    yield "import: streaming with an id", lambda: td.import_data(DB, "one", "msgpack.gz", io.BytesIO(PART), len(PART), unique_id="py") >= 0
    yield "import: a file", lambda: td.import_file(DB, "one", "json", io.BytesIO(json.dumps(RECORDS[0]).encode())) >= 0
    yield "bulk import: create", lambda: bool(td.create_bulk_import("py_judge_a", DB, "one"))
    yield "bulk import: create twice", lambda: refused(errors.AlreadyExistsError, lambda: td.create_bulk_import("py_judge_a", DB, "one"))
    yield "bulk import: upload a file", lambda: done(lambda: td.bulk_import_upload_file("py_judge_a", "file", "json", io.BytesIO(json.dumps(RECORDS[0]).encode())))
    yield "bulk import: list parts", lambda: td.list_bulk_import_parts("py_judge_a") == ["file"]
    yield "bulk import: delete a part", lambda: td.bulk_import_delete_part("py_judge_a", "file") and td.list_bulk_import_parts("py_judge_a") == []
    yield "bulk import: list", lambda: "py_judge_a" in [one.name for one in td.bulk_imports()]
    yield "bulk import: freeze and unfreeze", lambda: td.freeze_bulk_import("py_judge_a") and td.unfreeze_bulk_import("py_judge_a")
    yield "bulk import: perform", lambda: performed("py_judge_b").valid_records == 2
    yield "bulk import: error records", lambda: list(td.bulk_import_error_records("py_judge_b")) == []
    yield "bulk import: commit", lambda: td.bulk_import("py_judge_b").commit(wait=True, timeout=30) is not False
    yield "bulk import: delete", lambda: td.delete_bulk_import("py_judge_b")
    yield "schedules: list", lambda: any(isinstance(one.name, str) for one in td.schedules())
    yield "schedules: history", lambda: isinstance(td.history(td.schedules()[0].name), list)
    yield "results: list targets", lambda: isinstance(td.results(), list)
    yield "databases: delete", lambda: td.delete_database(DB) and td.delete_database("py_judge2")


def with_pytd():
    client = pytd.Client(apikey=KEY, endpoint=URL, database=DB)
    td = tdclient.Client(apikey=KEY, endpoint=URL)
    frame = pandas.DataFrame({"time": [1, 2], "n": [1, 2**53 + 1], "s": ["a", None]})

    def write(table, **options):
        pytd.table.Table(client, DB, table).import_dataframe(frame.copy(), writer="bulk_import", **options)
        job = td.query(DB, f"SELECT n FROM {table} ORDER BY n", type="presto")
        job.wait(timeout=30)
        return list(job.result())

    yield "databases: create if missing", lambda: done(lambda: client.create_database_if_not_exists(DB))
    yield "databases: exists", lambda: client.exists(DB) and not client.exists("missing")
    yield "databases: list", lambda: DB in [database.name for database in client.list_databases()]
    yield "tables: list", lambda: "customers" in [table.name for table in client.list_tables("shop")]
    yield "bulk import: csv", lambda: write("csv", fmt="csv", if_exists="error") == [[1], [2**53 + 1]]
    yield "bulk import: msgpack", lambda: write("pack", fmt="msgpack", if_exists="error") == [[1], [2**53 + 1]]
    yield "bulk import: append", lambda: len(write("pack", fmt="msgpack", if_exists="append")) == 4
    yield "bulk import: overwrite", lambda: len(write("pack", fmt="msgpack", if_exists="overwrite")) == 2
    yield "bulk import: ignore", lambda: len(write("pack", fmt="msgpack", if_exists="ignore")) == 2
    yield "bulk import: error", lambda: refused(RuntimeError, lambda: write("pack", if_exists="error"))
    yield "jobs: query", lambda: client.query("SELECT id FROM shop.customers WHERE id = 1") == {"data": [[1]], "columns": ["id"]}
    yield "jobs: query without rows", lambda: client.query("SELECT id FROM shop.customers WHERE id < 0")["data"] == []
    yield "jobs: INSERT writer", lambda: done(lambda: client.load_table_from_dataframe(frame.fillna(""), f"{DB}.inserted", writer="insert_into", if_exists="error"))
    yield "jobs: query by td-client", lambda: client.query("SELECT 1 AS a", force_tdclient=True) == {"data": [[1]], "columns": ["a"]}
    yield "jobs: Hive query", lambda: client.query("SELECT 1 AS a", engine="hive")["data"] == [[1]]
    yield "databases: delete", lambda: done(lambda: td.delete_database(DB))


def with_trino():
    connection = connect(user=KEY, catalog="td", schema="shop")

    def fetch(sql):
        cursor = connection.cursor()
        cursor.execute(sql)
        return cursor.fetchall()

    def refused_as(name, sql):
        try:
            fetch(sql)
        except trino.exceptions.TrinoUserError as error:
            return error.error_name == name
        return False

    def canceled():
        cursor = connection.cursor()
        cursor.execute("SELECT id FROM page_views")
        cursor.cancel()
        return cursor.stats["state"] in ("RUNNING", "FINISHED", "FAILED")

    def description():
        cursor = connection.cursor()
        cursor.execute(SQL)
        return [column[:2] for column in cursor.description] == [("cnt", "bigint")]

    typed = "SELECT 9007199254740993, 1.5, 'x', true, ARRAY[1, NULL], MAP(ARRAY['k'], ARRAY[1]), DATE '2020-01-02', NULL"
    values = [9007199254740993, 1.5, "x", True, [1, None], {"k": 1}, datetime.date(2020, 1, 2), None]
    yield "jobs: rows", lambda: fetch(SQL) == [[3]]
    yield "jobs: many pages", lambda: len(fetch("SELECT id FROM page_views")) == 50_000
    yield "jobs: types", lambda: fetch(typed) == [values]
    yield "jobs: NaN and infinity", lambda: str(fetch("SELECT nan(), -infinity()")) == "[[nan, -inf]]"
    yield "jobs: description", description
    yield "jobs: write", lambda: fetch("CREATE TABLE trino_judge AS SELECT 1 AS n") == [[1]] and fetch("INSERT INTO trino_judge SELECT 2 AS n") == [[1]]
    yield "jobs: drop", lambda: fetch("DROP TABLE trino_judge") == []
    yield "jobs: a missing table", lambda: refused_as("TABLE_NOT_FOUND", "SELECT * FROM missing")
    yield "jobs: a syntax error", lambda: refused_as("SYNTAX_ERROR", "SELEC 1")
    yield "jobs: cancel", canceled
    yield "tables: information_schema", lambda: ["customers"] in fetch("SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop'")


trino.dbapi.connect = connect
quick()
JUDGES = {
    "td-client-python": lambda: td_client(tdclient.Client(apikey=KEY, endpoint=URL)),
    "pytd": with_pytd,
    "trino": with_trino,
}
judge(JUDGES[CLIENT]())
