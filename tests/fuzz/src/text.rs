//! Targets whose input is a reply of TD, or a schema.

use petit_codec::{
    parquet_options::{Compression, EncodeOptions},
    row_group::RowGroupEncoder,
    schema::ResultSchema,
};
use petit_td::{Call, Reply};
use petit_text::MAX_SAFE_INTEGER;
use serde_json::Value;

use crate::{check_error, check_message};

/// Maximum number of columns of a schema for which a row is written, because each column needs a writer.
const MAX_WRITTEN_COLUMNS: u8 = 15;

/// All calls whose reply is parsed. The first byte of an input selects one.
const CALLS: [&str; 14] = [
    r#"{"call":"list_databases"}"#,
    r#"{"call":"create_database","database":"d"}"#,
    r#"{"call":"list_tables","database":"d"}"#,
    r#"{"call":"show_table","database":"d","table":"t"}"#,
    r#"{"call":"table_distribution","database":"d","table":"t"}"#,
    r#"{"call":"issue_job","database":"d","query":"q","domainKey":"k"}"#,
    r#"{"call":"job_status","jobId":"1"}"#,
    r#"{"call":"job_status_by_domain_key","domainKey":"k"}"#,
    r#"{"call":"show_job","jobId":"1"}"#,
    r#"{"call":"job_statistics","jobId":"1"}"#,
    r#"{"call":"kill_job","jobId":"1"}"#,
    r#"{"call":"list_sessions"}"#,
    r#"{"call":"perform_session","session":"s"}"#,
    r#"{"call":"show_session","session":"s"}"#,
];

/// Statuses of responses. The second byte of an input selects one.
const STATUSES: [u16; 8] = [200, 204, 400, 401, 404, 409, 429, 503];

/// Any text as the `hive_result_schema` of a job.
pub fn schema(input: &[u8]) {
    let schema = match ResultSchema::parse(&String::from_utf8_lossy(input)) {
        Ok(schema) => schema,
        Err(error) => return check_error(&error),
    };
    let columns = schema.columns();
    assert!(!columns.is_empty());
    schema.notes().iter().for_each(|note| check_message(note));
    let options = EncodeOptions {
        compression: Compression::None,
        ..EncodeOptions::default()
    };
    assert_eq!(schema.arrow_schema(&options).fields().len(), columns.len());
    // A row of NULLs can be written with every valid schema.
    let len = columns.len();
    let Ok(short @ ..=MAX_WRITTEN_COLUMNS) = u8::try_from(len) else {
        return;
    };
    let row = [vec![0x90 | short], vec![0xc0; len]].concat();
    let written = RowGroupEncoder::try_new(&schema, &options, 0).and_then(|mut encoder| {
        encoder.push(&row)?;
        encoder.finish()
    });
    match written {
        Ok(encoded) => assert_eq!(encoded.row_count, 1),
        Err(error) => panic!("the schema {schema:?} takes no NULLs: {error}"),
    }
}

/// Any bytes as the body of a response. The first two bytes select the call and the status.
pub fn replies(input: &[u8]) {
    let Some((&[call, status], body)) = input.split_first_chunk() else {
        return;
    };
    let pick = usize::from(call) % CALLS.len();
    let call: Option<Result<Call, _>> = CALLS.get(pick).map(|text| serde_json::from_str(text));
    let Some(Ok(call)) = call else {
        panic!("invalid call in this file: {call:?}");
    };
    let status = STATUSES
        .get(usize::from(status & 7))
        .copied()
        .unwrap_or(200);
    let retry_after = String::from_utf8_lossy(body.get(..32).unwrap_or(body)).into_owned();
    let header = |name: &str| (name == "retry-after").then(|| retry_after.clone());
    match call.reply(status, header, body, 1_700_000_000_000) {
        Ok(reply) => check_reply(&reply),
        Err(error) => {
            let retry_after_ms = error.report().retry_after_ms;
            assert!(retry_after_ms.is_none_or(|ms| ms <= MAX_SAFE_INTEGER));
            check_error(&error);
        }
    }
}

/// Checks that a reply can be passed to JavaScript without a loss of precision.
fn check_reply(reply: &Reply) {
    match serde_json::to_value(reply) {
        Ok(value) => check_numbers(&value),
        Err(error) => panic!("a reply cannot be serialized: {error}"),
    }
}

fn check_numbers(value: &Value) {
    match value {
        Value::Number(number) => {
            let size = number.as_i64().map_or(u64::MAX, i64::unsigned_abs);
            assert!(size <= MAX_SAFE_INTEGER, "{number}");
        }
        Value::Array(items) => items.iter().for_each(check_numbers),
        Value::Object(fields) => fields.values().for_each(check_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
