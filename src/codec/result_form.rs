//! The form of a result: how its values arrive, and how its gzip is laid out. For questions about Treasure Data, not for data.

use crate::{
    gzip::Inflater,
    msgpack::{Reader, Value},
    schema::ResultSchema,
};

/// Maximum length of a text whose shape is described, in bytes.
const MAX_SHAPE_BYTES: usize = 40;

/// Bytes decompressed at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// How the only value of a result arrives: `integer, as an integer`. `None` for any other result.
///
/// `result_schema`: the job's `hive_result_schema`.
pub fn value_form(result_schema: &str, gzipped: &[u8]) -> Option<String> {
    let schema = ResultSchema::parse(result_schema).ok()?;
    let [column] = schema.columns() else {
        return None;
    };
    let type_name = column.type_name.as_str();
    let base = type_name.split('(').next().unwrap_or(type_name).trim();
    let mut rows = Vec::with_capacity(BLOCK_BYTES);
    Inflater::new().inflate(gzipped, &mut rows).ok()?;
    let mut reader = Reader::new(&rows);
    let (Ok(Value::Array(1)), Ok(value)) = (reader.value(), reader.value()) else {
        return None;
    };
    let is_time = ["date", "time", "timestamp"].contains(&base);
    Some(format!("{base}, as {}", wire(value, &mut reader, is_time)))
}

fn wire(value: Value<'_>, rest: &mut Reader<'_>, is_time: bool) -> String {
    match value {
        Value::Nil => "NULL".into(),
        Value::Bool(_) => "a boolean".into(),
        Value::Int(_) | Value::BigInt(_) => "an integer".into(),
        Value::F32(value) if value.is_nan() => "a 32-bit NaN".into(),
        Value::F32(_) => "a 32-bit float".into(),
        Value::F64(value) if value.is_nan() => "a 64-bit NaN".into(),
        Value::F64(_) => "a 64-bit float".into(),
        Value::Str(text) if is_time => format!("text {}", shape(text)),
        Value::Str(_) => "text".into(),
        Value::Bin(_) => "binary".into(),
        Value::Array(_) => "an array".into(),
        Value::Map(0) => "a map".into(),
        Value::Map(_) => match rest.value() {
            Ok(Value::Str(_)) => "a map with text keys".into(),
            Ok(Value::Int(_) | Value::BigInt(_)) => "a map with integer keys".into(),
            _ => "a map with other keys".into(),
        },
        Value::Ext(..) => "an extension type".into(),
    }
}

/// A text with 9 for each digit.
fn shape(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text.get(..MAX_SHAPE_BYTES).unwrap_or(text));
    text.chars()
        .map(|char| if char.is_ascii_digit() { '9' } else { char })
        .collect()
}

/// The number of gzip members of a result; `None` if it is not gzip, or damaged.
pub fn gzip_members(bytes: &[u8]) -> Option<u64> {
    let mut inflater = Inflater::new();
    let mut rest = bytes;
    let mut output = Vec::with_capacity(BLOCK_BYTES);
    while !rest.is_empty() {
        output.clear();
        let used = inflater.inflate(rest, &mut output).ok()?;
        if used == 0 && output.is_empty() {
            return None;
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    (inflater.is_complete() && inflater.members() > 0).then(|| inflater.members())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn form(sql_type: &str, row: &[u8]) -> Option<String> {
        value_form(&format!(r#"[["_col0", "{sql_type}"]]"#), &gzip(row))
    }

    #[test]
    fn a_value_is_described_by_its_type_and_its_form() {
        let cases: [(&str, &[u8], &str); 8] = [
            ("integer", b"\x91\x01", "integer, as an integer"),
            ("real", b"\x91\xca\x3f\xc0\0\0", "real, as a 32-bit float"),
            (
                "double",
                b"\x91\xcb\x7f\xf8\0\0\0\0\0\0",
                "double, as a 64-bit NaN",
            ),
            ("decimal(2,1)", b"\x91\xa31.5", "decimal, as text"),
            ("date", b"\x91\xaa2020-01-02", "date, as text 9999-99-99"),
            (
                "row(a bigint, b varchar)",
                b"\x91\x92\x01\xa1x",
                "row, as an array",
            ),
            (
                "map(integer, varchar)",
                b"\x91\x81\x01\xa1x",
                "map, as a map with integer keys",
            ),
            ("varbinary", b"\x91\xc4\x01a", "varbinary, as binary"),
        ];
        for (sql_type, row, expected) in cases {
            assert_eq!(form(sql_type, row).as_deref(), Some(expected));
        }
        assert_eq!(form("bigint", b""), None);
        assert_eq!(value_form("[]", &gzip(b"\x91\x01")), None);
    }

    #[test]
    fn members_are_counted_whatever_they_contain() {
        let large = gzip(&vec![7; 300_000]);
        assert_eq!(gzip_members(&gzip(b"")), Some(1));
        assert_eq!(
            gzip_members(&[gzip(b"a"), large.clone(), gzip(b"")].concat()),
            Some(3)
        );
        assert_eq!(gzip_members(b""), None);
        assert_eq!(gzip_members(large.get(..100).unwrap()), None);
    }
}
