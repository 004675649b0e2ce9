//! The questions, and the answers that petit assumes.

use super::Ask;

/// A probe and its questions.
pub(super) struct Spec {
    pub name: &'static str,
    pub ask: Ask,
    pub questions: &'static [Question],
}

/// A question.
pub(super) struct Question {
    pub name: &'static str,
    pub title: &'static str,
    /// The answer that petit assumes.
    pub assumed: &'static str,
    /// Other answers that petit works with.
    pub handled: &'static [&'static str],
}

const fn question(
    name: &'static str,
    title: &'static str,
    assumed: &'static str,
    handled: &'static [&'static str],
) -> Question {
    Question {
        name,
        title,
        assumed,
        handled,
    }
}

/// A probe of one value, whose question has the same name.
macro_rules! value {
    ($name:literal, $title:literal, $sql:literal, $assumed:literal, [$($handled:literal),*]) => {
        Spec {
            name: $name,
            ask: Ask::Value { sql: $sql },
            questions: &[question($name, $title, $assumed, &[$($handled),*])],
        }
    };
}

macro_rules! probe {
    ($name:literal, $ask:expr, [$($question:expr),* $(,)?]) => {
        Spec { name: $name, ask: $ask, questions: &[$($question),*] }
    };
}

/// The catalog has no rows of users' tables.
const LIST_VIEWS: &str = "SELECT table_schema, table_name FROM information_schema.views \
    WHERE table_schema <> 'information_schema' LIMIT 20";

/// The probes that only read.
#[rustfmt::skip]
pub(super) const READ_PROBES: &[Spec] = &[
    probe!("clock", Ask::Clock, [
        question("clock_difference", "difference of the clocks", "less than 60 s", &["60 s or more"]),
    ]),
    probe!("permissions", Ask::Permissions, [
        question("permission_names", "names of permissions in the list of databases", "known names", &[]),
    ]),
    probe!("preflight", Ask::Preflight, [
        question("cors", "calls from browsers of other origins (CORS)", "not allowed", &["allowed"]),
    ]),
    probe!("burst", Ask::Burst { calls: 8 }, [
        question("rate_limit", "8 calls at once", "none refused", &["some refused with 429"]),
    ]),
    value!("integer", "INTEGER in a result", "SELECT CAST(1 AS INTEGER)", "integer, as an integer", []),
    value!("bigint", "BIGINT in a result", "SELECT 9007199254740993", "bigint, as an integer", []),
    value!("real", "REAL in a result", "SELECT CAST(1.5 AS REAL)", "real, as a 64-bit float", ["real, as a 32-bit float"]),
    value!("fraction", "decimal literal in a result", "SELECT 1.5", "double, as a 64-bit float", ["decimal, as text"]),
    value!("nan", "NaN in a result", "SELECT nan()", "double, as a 64-bit NaN", ["double, as a 32-bit NaN"]),
    value!("decimal", "DECIMAL in a result", "SELECT CAST('1.5' AS DECIMAL(2, 1))", "decimal, as text",
        ["decimal, as a 64-bit float", "decimal, as an integer"]),
    value!("boolean", "BOOLEAN in a result", "SELECT true", "boolean, as a boolean", []),
    value!("timestamp", "TIMESTAMP in a result", "SELECT TIMESTAMP '2020-01-02 03:04:05.678'",
        "timestamp, as text 9999-99-99 99:99:99.999", []),
    value!("date", "DATE in a result", "SELECT DATE '2020-01-02'", "date, as text 9999-99-99", []),
    value!("json", "JSON in a result", "SELECT json_parse('{\"a\": 1}')", "json, as text", ["json, as a map with text keys"]),
    value!("uuid", "UUID in a result", "SELECT CAST('12151fd2-7586-11e9-8f9e-2a86e4085a59' AS UUID)", "uuid, as text", []),
    value!("row", "ROW in a result", "SELECT CAST(ROW(1, 'x') AS ROW(a BIGINT, b VARCHAR))", "row, as an array",
        ["row, as a map with text keys"]),
    value!("varbinary", "VARBINARY in a result", "SELECT from_hex('FF00')", "varbinary, as binary", ["varbinary, as text"]),
    value!("map_keys", "MAP with integer keys in a result", "SELECT MAP(ARRAY[1], ARRAY['x'])", "map, as a map with integer keys",
        ["map, as a map with text keys"]),
    probe!("empty", Ask::Empty { sql: "SELECT 1 WHERE false" }, [
        question("empty_result", "result without rows", "an empty gzip stream", &["no bytes", "HTTP 404"]),
    ]),
    probe!("download", Ask::Download { sql:
        "SELECT a.n, b.m FROM UNNEST(SEQUENCE(1, 1000)) AS a(n) CROSS JOIN UNNEST(SEQUENCE(1, 1000)) AS b(m)" }, [
        question("gzip_members", "gzip members of a large result", "several", &["one"]),
        question("result_size", "length of a result and result_size of its job", "equal", &[]),
        question("etag", "ETag of a result", "a strong tag", &["a weak tag", "none"]),
        question("range", "a range of a result", "HTTP 206", &["HTTP 200"]),
        question("if_range", "a range with another ETag (If-Range)", "HTTP 200", &["HTTP 206"]),
    ]),
    probe!("domain_key", Ask::DomainKey { sql: "SELECT 1" }, [
        question("domain_key_again", "a job with the same domain key again", "the first job", &[]),
        question("domain_key_job", "a job by its domain key", "found", &[]),
    ]),
    probe!("views", Ask::Views { sql: LIST_VIEWS }, [
        question("listed_views", "logical views in the list of tables", "absent", &["as views", "as tables"]),
    ]),
];

/// The probes that write, in a database made for them.
#[rustfmt::skip]
pub(super) const WRITE_PROBES: &[Spec] = &[
    probe!("rename", Ask::Rename, [
        question("renamed_id", "id of a renamed table", "kept", &["new"]),
        question("rename_again", "the same rename again", "not_found", &["conflict"]),
        question("rename_onto_itself", "rename of a table onto itself", "conflict", &["done"]),
        question("replaced_id", "id after a rename that overwrites", "of the renamed table", &["new", "of the replaced table"]),
    ]),
    probe!("import", Ask::Import, [
        question("perform_unfrozen", "perform without a freeze", "done", &["conflict", "request_refused"]),
        question("perform_again", "perform again after it has ended", "done", &["conflict", "request_refused"]),
        question("part_members", "part of two gzip members", "all records", &[]),
        question("part_replaced", "part uploaded again under its name", "replaced", &[]),
        question("part_empty", "part that is an empty gzip stream", "no error", &["an error part"]),
        question("commit_again", "commit again", "conflict", &["done", "request_refused"]),
        question("row_count", "row count in the list of tables after a commit", "within a minute", &["later"]),
        question("narrow_types", "int and float columns in a result", "bigint, double", &["integer, real"]),
    ]),
];
