"""td-client 1.7 against the emulator: what it does with TD, it does here."""

import datetime
import gzip
import io
import json
import math
import time
import urllib.request

import msgpack
import pytest
import tdclient
from conftest import query, rows
from tdclient import errors

I64_MAX = 2**63 - 1
RECORDS = [
    {"time": 1, "i": 1, "f": 1.5, "s": "a", "l": [1, 2], "m": {"k": "v"}},
    {"time": 2, "i": I64_MAX, "f": float("inf"), "s": "é 😀 \u2028 line", "l": [], "m": {}},
    {"time": 3, "i": -(2**63), "f": -0.0, "s": "", "l": [2**53 + 1], "m": {"": "x"}},
    {"time": 4, "i": None, "f": None, "s": None, "l": None, "m": None},
]


def part(records):
    return gzip.compress(b"".join(msgpack.packb(record) for record in records))


def upload(client, session, name, data):
    client.api.bulk_import_upload_part(session, name, io.BytesIO(data), len(data))


def perform(client, name):
    session = client.bulk_import(name)
    session.freeze()
    session.perform(wait=True, wait_interval=0.01, timeout=30)
    session.update()
    return session


def commit(session):
    session.commit(wait=True, wait_interval=0.01, timeout=30)


def test_server_status(client):
    assert client.server_status() == "ok"


def test_databases_are_listed_with_their_counts_and_permissions(client):
    shop = client.database("shop")
    assert shop.permission == "administrator"
    assert shop.count > 70_000
    assert isinstance(shop.created_at, datetime.datetime)
    assert {"edge_cases", "secrets"} <= {database.name for database in client.databases()}


def test_a_database_is_made_once_and_goes_with_its_tables(client):
    client.create_database("py_twice")
    with pytest.raises(errors.AlreadyExistsError):
        client.create_database("py_twice")
    client.create_log_table("py_twice", "inside")
    client.delete_database("py_twice")
    with pytest.raises(errors.NotFoundError):
        client.tables("py_twice")
    with pytest.raises(errors.NotFoundError):
        client.delete_database("py_twice")


@pytest.mark.parametrize("name", ["ab", "Upper", "with-dash", "x" * 257, "information_schema"])
def test_bad_names_are_refused(client, name):
    with pytest.raises(errors.APIError, match="400"):
        client.create_database(name)


def test_tables_tell_schema_alias_expiry_and_counts(client):
    tables = {table.name: table for table in client.tables("shop")}
    customers = tables["customers"]
    assert customers.schema[:2] == [["id", "long"], ["First Name", "string", "first_name"]]
    assert customers.count == 3
    assert customers.estimated_storage_size > 0
    assert tables["orders"].expire_days == 365
    assert tables["returns"].count == 0
    assert client.table("shop", "returns").type == "log"


def test_schema_and_expiry_change(client, database):
    client.create_log_table(database, "tbl")
    assert client.table(database, "tbl").schema == []
    schema = [["a", "long"], ["Odd Key", "string", "odd"], ["l", "array<array<double>>"]]
    client.update_schema(database, "tbl", schema)
    client.update_expire(database, "tbl", 30)
    table = client.table(database, "tbl")
    assert (table.schema, table.expire_days) == (schema, 30)
    client.update_expire(database, "tbl", 0)
    assert client.table(database, "tbl").expire_days is None


@pytest.mark.parametrize(
    "schema",
    [
        [["a", "long"], ["a", "string"]],
        [["time", "long"]],
        [["v", "string"]],
        [["a", "boolean"]],
        [["a", "array<"]],
        [["a", "long", "Bad Alias"]],
        [["a", "long", "b"], ["b", "long"]],
    ],
)
def test_bad_schemas_are_refused(client, database, schema):
    client.create_log_table(database, "tbl")
    with pytest.raises(errors.APIError, match="422"):
        client.update_schema(database, "tbl", schema)


def test_tables_are_renamed_swapped_moved_and_deleted(client, database):
    for name, value in [("one", 1), ("two", 2)]:
        query(client, database, f"CREATE TABLE {name} AS SELECT {value} AS n")
    client.swap_table(database, "one", "two")
    assert rows(client, database, "SELECT n FROM one") == [[2]]
    with pytest.raises(errors.AlreadyExistsError):
        post(client, f"/v3/table/rename/{database}/one/two")
    post(client, f"/v3/table/rename/{database}/one/two", {"overwrite": "true"})
    assert [table.name for table in client.tables(database)] == ["two"]
    assert rows(client, database, "SELECT n FROM two") == [[2]]
    client.create_database(f"{database}_b")
    client.change_database(database, "two", f"{database}_b")
    assert rows(client, f"{database}_b", "SELECT n FROM two") == [[2]]
    assert client.delete_table(f"{database}_b", "two") == "log"
    with pytest.raises(errors.NotFoundError):
        client.delete_table(f"{database}_b", "two")
    client.delete_database(f"{database}_b")


def post(client, path, params=None):
    with client.api.post(path, params) as response:
        body = response.read()
        if response.status != 200:
            client.api.raise_error("failed", response, body)
        return json.loads(body)


def test_presto_results_by_every_format(client):
    job = query(client, "shop", "SELECT id, first_name, tags, balance FROM customers ORDER BY time")
    assert job.success()
    wanted = [[1, "Aiko", ["new", "tokyo"], 12.5], [2**53 + 1, "Zoë 😀", [], -0.0]]
    assert list(job.result_format("msgpack"))[:2] == wanted
    stored = list(job.result_format("msgpack", store_tmpfile=True, num_threads=4))
    assert stored[:2] == wanted
    assert math.isnan(stored[2][3]) and stored[2][:3] == [3, "", ["a", None, "c"]]
    assert list(job.result_format("json"))[:2] == wanted
    assert list(job.result())[:2] == wanted
    assert job.result_schema == [
        ["id", "bigint"],
        ["first_name", "varchar"],
        ["tags", "array(varchar)"],
        ["balance", "double"],
    ]
    assert job.num_records == 3


def test_result_size_is_the_length_of_the_stored_result(client, prod):
    job = query(client, "shop", "SELECT * FROM page_views")
    request = urllib.request.Request(f"{prod.url}/v3/job/result/{job.id}?format=msgpack.gz")
    request.add_header("Authorization", f"TD1 {prod.keys['master']}")
    with urllib.request.urlopen(request) as response:
        body = response.read()
    assert len(body) == job.result_size
    assert sum(1 for _ in msgpack.Unpacker(io.BytesIO(gzip.decompress(body)))) == 50_000


def test_a_result_of_several_gzip_members_is_read_whole(client):
    job = query(client, "shop", "SELECT a.id FROM page_views a, (VALUES (1), (2), (3)) b(x)")
    assert sum(1 for _ in job.result_format("msgpack")) == 150_000
    assert sum(1 for _ in job.result_format("msgpack", store_tmpfile=True)) == 150_000


def test_hive_has_its_own_names(client):
    job = query(client, "shop", "SELECT `id`, \"x\", COUNT(1) FROM customers GROUP BY `id`", type="hive")
    assert job.result_schema == [["id", "bigint"], ["_c1", "string"], ["_c2", "bigint"]]


def test_an_empty_result_has_its_schema_and_no_rows(client):
    job = query(client, "shop", "SELECT * FROM returns")
    assert (job.num_records, list(job.result_format("msgpack", store_tmpfile=True))) == (0, [])
    assert job.result_schema == [["order_id", "bigint"], ["reason", "varchar"], ["time", "bigint"]]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM nope", "does not exist"),
        ("SELECT * FROM nodb.nope", "Schema 'nodb' does not exist"),
        ("SELECT nope FROM customers", "Column 'nope' cannot be resolved"),
        ("SELEC 1", "mismatched input"),
    ],
)
def test_a_failed_query_says_why(client, sql, message):
    job = query(client, "shop", sql)
    assert job.error()
    assert message in job.debug["stderr"]
    with pytest.raises(errors.NotFoundError):
        client.job_result(job.id)


def test_writing_statements_have_no_result_but_statistics(client, database):
    job = query(client, database, "CREATE TABLE t1x AS SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL")
    assert job.success()
    with pytest.raises(errors.NotFoundError):
        client.job_result(job.id)
    with client.api.get(f"/v3/job/statistics/{job.id}") as response:
        assert json.loads(response.read()) == {"records_inserted": "2"}
    before = int(time.time())
    query(client, database, "INSERT INTO t1x VALUES (3, 'y')")
    query(client, database, "INSERT INTO t1x (b, time) SELECT 'z', 77")
    got = rows(client, database, "SELECT a, b, time FROM t1x ORDER BY a NULLS LAST")
    assert [row[:2] for row in got] == [[1, "x"], [2, None], [3, "y"], [None, "z"]]
    assert got[2][2] >= before and got[3][2] == 77
    query(client, database, "DELETE FROM t1x WHERE a = 1; DROP TABLE IF EXISTS never_there")
    assert rows(client, database, "SELECT COUNT(1) FROM t1x") == [[3]]


def test_insert_into_a_table_without_schema_makes_its_columns(client, database):
    client.create_log_table(database, "fresh")
    query(client, database, "INSERT INTO fresh SELECT 1")
    assert client.table(database, "fresh").schema == [["_col0", "long"]]
    assert rows(client, database, "SELECT _col0 FROM fresh") == [[1]]


def test_time_ranges(client, database):
    times = "VALUES (0, 1577804399), (1, 1577804400), (2, 1577836799), (3, 1577836800)"
    query(client, database, f"CREATE TABLE t1x AS SELECT n, time FROM ({times}) AS v(n, time)")

    def select(condition):
        sql = f"SELECT n FROM t1x WHERE {condition} ORDER BY n"
        return [n for [n] in rows(client, database, sql)]

    assert select("TD_TIME_RANGE(time, 1577804400, 1577836800)") == [1, 2]
    assert select("TD_TIME_RANGE(time, '2020-01-01', NULL, 'JST')") == [1, 2, 3]
    assert select("TD_TIME_RANGE(time, '2020-01-01')") == [3]
    assert select("TD_TIME_RANGE(time, NULL, '2020-01-01')") == [0, 1, 2]
    assert select("TD_TIME_RANGE(time, '2020-01-01 00:00:00+09:00', '2019-12-31T23:59:59Z')") == [1]
    assert select("TD_TIME_RANGE(time, '2020-01-01', '2020-01-02', 'Asia/Tokyo')") == [1, 2, 3]
    assert select("TD_TIME_RANGE(time, '2020-01-01 00:00', NULL, '+09:00')") == [1, 2, 3]
    assert select("time >= 1577804400 AND time < 1577836800") == [1, 2]
    query(client, database, "SELECT 1", scheduled_time=1577836800)
    job = query(
        client,
        database,
        "SELECT n FROM t1x WHERE TD_INTERVAL(time, '-1d') ORDER BY n",
        scheduled_time=1577836800,
    )
    assert list(job.result_format("msgpack")) == [[0], [1], [2]]


def test_time_text(client):
    sql = (
        "SELECT TD_TIME_STRING(1577836800, 'd!'), TD_TIME_STRING(1577836800, 's', 'JST'),"
        " TD_TIME_FORMAT(1577836800, 'yyyy/MM/dd HH:mm', 'JST'), TD_TIME_PARSE('2020-01-01', 'JST')"
    )
    wanted = ["2020-01-01", "2020-01-01 09:00:00+0900", "2020/01/01 09:00", 1577804400]
    assert rows(client, "shop", sql) == [wanted]


def test_names_that_need_quoting(client):
    got = query(client, "edge_cases", 'SELECT "select", "from", "select" AS "odd ""name""" FROM "reserved_words"')
    assert got.result_schema == [["select", "varchar"], ["from", "bigint"], ['odd "name"', "varchar"]]
    assert list(got.result_format("msgpack")) == [["a", 2, "a"]]


def test_edge_values_come_out_exactly(client):
    job = query(client, "edge_cases", "SELECT * FROM all_types ORDER BY time")
    with client.api.get(f"/v3/job/result/{job.id}?format=msgpack") as response:
        got = list(msgpack.Unpacker(io.BytesIO(response.read()), raw=True, strict_map_key=False))
    assert got[0] == [None] * 9 + [0]
    assert got[1][:4] == [2**31 - 1, I64_MAX, 0.5, math.inf]
    assert got[1][4] == "line\u2028separator, \"quotes\" and 😀".encode()
    assert got[1][5:8] == [[1, None, -(2**63)], [[b"a", None], [], None], {b"k": 1, b"": None}]
    assert math.isnan(got[1][8][1][0]) and got[1][8][1][1:] == [None, 1.5]
    assert got[2][:3] == [-(2**31), -(2**63), -math.inf]
    assert math.copysign(1, got[2][3]) == -1
    assert got[2][4] == b"\xff\xfeinvalid UTF-8\xc3("
    assert got[3][1] == 2**53 + 1 and got[3][3] == 5e-324
    assert len(got[4][4]) == 10_000


def test_json_text_keeps_each_row_on_its_line(client):
    job = query(client, "edge_cases", "SELECT time, l FROM all_types ORDER BY time")
    assert list(job.result_format("json")) == [[0, None], [1, I64_MAX], [2, -(2**63)], [3, 2**53 + 1], [4, None]]


def test_keys_open_what_they_may(prod, emulator):
    with pytest.raises(errors.AuthError):
        tdclient.Client(apikey="1/wrong", endpoint=prod.url).databases()
    with pytest.raises(errors.AuthError):
        tdclient.Client(apikey=prod.keys["master"], endpoint=emulator["backup"].url).databases()
    with pytest.raises(errors.ForbiddenError):
        prod.client("write_only").databases()
    with pytest.raises(errors.ForbiddenError):
        prod.client("import_only").tables("shop")
    partner = prod.client("partner")
    assert "secrets" in {database.name for database in partner.databases()}
    with pytest.raises(errors.ForbiddenError):
        partner.tables("secrets")
    reader = prod.client("query_only")
    with pytest.raises(errors.ForbiddenError):
        reader.create_log_table("shop", "mine")
    job = query(reader, "shop", "DROP TABLE returns")
    assert job.error() and "Access Denied" in job.debug["stderr"]
    assert rows(reader, "shop", "SELECT COUNT(1) FROM returns") == [[0]]


def test_a_domain_key_makes_one_job(client):
    first = client.query("shop", "SELECT 1", type="presto", domain_key="py-once")
    with pytest.raises(errors.AlreadyExistsError) as caught:
        client.query("shop", "SELECT 1", type="presto", domain_key="py-once")
    body = json.loads(str(caught.value).split(": ", 1)[1])
    assert body["details"] == {"conflicts_with": first.id}
    with client.api.get("/v3/job/status_by_domain_key/py-once") as response:
        assert json.loads(response.read())["job_id"] == first.id


def test_a_running_job_is_killed(client):
    # Long, and without a sum of ids, which would overflow on the way and end the job.
    sql = "SELECT COUNT(1) FROM page_views a, page_views b WHERE a.id % 1000 + b.id % 1000 = 7"
    job = client.query("shop", sql, type="presto")
    while job.status() == "queued":
        time.sleep(0.01)
    assert job.kill() in {"booting", "running"}
    job.wait(wait_interval=0.01, timeout=30)
    assert job.killed()
    assert client.job_status(job.id) == "killed"


def test_jobs_are_listed_newest_first(client):
    made = [client.query("shop", f"SELECT {n}", type="presto").id for n in range(3)]
    assert [job.id for job in client.jobs(_from=0, to=2)] == made[::-1]
    assert len(client.jobs(_from=0, to=0)) == 1
    with pytest.raises(errors.NotFoundError):
        client.job("not-a-number")


def test_bulk_import_by_parts_reads_back_what_was_put_in(client, database):
    client.create_log_table(database, "copy")
    client.create_bulk_import("py-parts", database, "copy")
    upload(client, "py-parts", "part-0", part(RECORDS[:2]))
    upload(client, "py-parts", "part.1", part(RECORDS[2:]))
    assert client.list_bulk_import_parts("py-parts") == ["part-0", "part.1"]
    session = client.bulk_import("py-parts")
    assert (session.status, session.valid_records, session.table) == ("uploading", None, "copy")
    session = perform(client, "py-parts")
    assert (session.status, session.valid_records, session.error_records) == ("ready", 4, 0)
    assert (session.valid_parts, session.error_parts) == (2, 0)
    assert rows(client, database, "SELECT COUNT(1) FROM copy") == [[0]]
    commit(session)
    assert client.table(database, "copy").schema == [
        ["i", "long"],
        ["f", "double"],
        ["s", "string"],
        ["l", "array<long>"],
        ["m", "map<string,string>"],
    ]
    got = rows(client, database, "SELECT time, i, f, s, l, m FROM copy ORDER BY time")
    assert got == [[r["time"], r["i"], r["f"], r["s"], r["l"], r["m"]] for r in RECORDS]
    assert math.copysign(1, got[2][2]) == -1
    client.delete_bulk_import("py-parts")
    with pytest.raises(errors.NotFoundError):
        client.bulk_import("py-parts")


def test_a_schema_set_first_decides_the_types(client, database):
    client.create_log_table(database, "typed")
    client.update_schema(database, "typed", [["n", "long"], ["s", "string"], ["d", "double"], ["l", "array<string>"]])
    client.create_bulk_import("py-typed", database, "typed")
    records = [
        {"time": 1, "n": "12", "s": 5, "d": 3, "l": [1, "x", None]},
        {"time": 2, "n": "no", "s": True, "d": "1e3", "l": "text"},
        {"time": 3, "n": 1.0, "s": 1.5, "d": "x", "l": []},
        {"time": 4, "n": 2**64 - 1, "s": [1], "d": None, "l": {}},
    ]
    upload(client, "py-typed", "all", part(records))
    commit(perform(client, "py-typed"))
    assert rows(client, database, "SELECT n, s, d, l FROM typed ORDER BY time") == [
        [12, "5", 3.0, ["1", "x", None]],
        [None, "true", 1000.0, None],
        [1, "1.5", None, []],
        [None, "[1]", None, None],
    ]
    assert len(client.table(database, "typed").schema) == 4
    client.delete_bulk_import("py-typed")


def test_bulk_import_of_a_file(client, database, tmp_path):
    client.create_log_table(database, "files")
    client.create_bulk_import("py-files", database, "files")
    csv = tmp_path / "rows.csv"
    csv.write_text("time,n,name\n1,10,x\n2,20,y\n")
    client.bulk_import_upload_file("py-files", "csv-part", "csv", str(csv))
    lines = tmp_path / "rows.json"
    lines.write_text('{"time": 3, "n": 30, "name": "z"}\n')
    client.bulk_import_upload_file("py-files", "json-part", "json", str(lines))
    commit(perform(client, "py-files"))
    assert rows(client, database, "SELECT n, name FROM files ORDER BY time") == [[10, "x"], [20, "y"], [30, "z"]]
    client.delete_bulk_import("py-files")


def test_bad_records_and_parts_are_counted_and_kept_aside(client, database):
    client.create_log_table(database, "bad")
    client.create_bulk_import("py-bad", database, "bad")
    wrong = [{None: "invalid data"}, {"n": 1}, {"time": 1.5}, {"time": "1"}]
    upload(client, "py-bad", "mixed", part([RECORDS[0], *wrong, RECORDS[1]]))
    upload(client, "py-bad", "no-gzip", b"this is no gzip")
    session = perform(client, "py-bad")
    assert (session.status, session.valid_records, session.error_records) == ("ready", 2, 4)
    assert (session.valid_parts, session.error_parts) == (1, 1)
    with client.api.get("/v3/bulk_import/error_records/py-bad") as response:
        body = gzip.decompress(response.read())
    assert list(msgpack.Unpacker(io.BytesIO(body), strict_map_key=False)) == wrong
    client.delete_bulk_import("py-bad")


def test_steps_at_the_wrong_time_are_refused(client, database):
    client.create_log_table(database, "steps")
    client.create_bulk_import("py-steps", database, "steps")
    with pytest.raises(errors.AlreadyExistsError):
        client.create_bulk_import("py-steps", database, "steps")
    with pytest.raises(errors.APIError, match="422"):
        client.create_bulk_import("ab", database, "steps")
    with pytest.raises(errors.NotFoundError):
        client.create_bulk_import("py-other", database, "never")
    with pytest.raises(errors.AlreadyExistsError):
        client.commit_bulk_import("py-steps")
    upload(client, "py-steps", "a", part(RECORDS[:1]))
    upload(client, "py-steps", "a", part(RECORDS[:3]))
    upload(client, "py-steps", "b", part(RECORDS))
    client.freeze_bulk_import("py-steps")
    with pytest.raises(errors.AlreadyExistsError):
        upload(client, "py-steps", "c", part(RECORDS))
    client.unfreeze_bulk_import("py-steps")
    client.bulk_import_delete_part("py-steps", "b")
    assert perform(client, "py-steps").valid_records == 3
    client.delete_table(database, "steps")
    client.create_log_table(database, "steps")
    with pytest.raises(errors.NotFoundError):
        client.commit_bulk_import("py-steps")
    client.delete_bulk_import("py-steps")


def test_streaming_import_and_its_unique_id(client, database):
    client.create_log_table(database, "stream")
    data = part(RECORDS[:2])
    for _ in range(2):
        elapsed = client.import_data(database, "stream", "msgpack.gz", io.BytesIO(data), len(data), unique_id="one")
        assert elapsed >= 0
    assert rows(client, database, "SELECT i FROM stream ORDER BY i") == [[1], [I64_MAX]]
    client.import_data(database, "stream", "msgpack.gz", io.BytesIO(data), len(data))
    assert rows(client, database, "SELECT COUNT(1) FROM stream") == [[4]]
    assert {row["i"] for row in client.tail(database, "stream", 3)} == {1, I64_MAX}


def test_rows_go_to_another_account_by_result_output(emulator, client, database):
    backup = emulator["backup"]
    host = backup.url.split("//")[1]
    with backup.client() as there:
        there.create_database(database)
        url = f"td://{backup.keys['master']}@{host}/{database}/orders?mode=append"
        job = query(client, "shop", "SELECT * FROM orders", result_url=url)
        assert job.success()
        assert job.num_records == 3
        mine, theirs = (
            sorted(rows(one, db, "SELECT COUNT(1), MIN(time), MAX(time) FROM orders"))
            for one, db in [(client, "shop"), (there, database)]
        )
        assert mine == theirs
        there.delete_database(database)


def test_a_query_that_writes_is_run_once_for_its_domain_key(client, database):
    client.create_log_table(database, "written")
    key = f"py-{database}"
    insert = f"INSERT INTO {database}.written SELECT 1 AS a, 2 AS time"
    job = query(client, database, insert, domain_key=key)
    with pytest.raises(errors.AlreadyExistsError):
        client.query(database, insert, type="presto", domain_key=key)
    assert rows(client, database, "SELECT COUNT(1) FROM written") == [[1]]
    with pytest.raises(errors.NotFoundError):
        list(client.job(job.id).result_format("msgpack"))
