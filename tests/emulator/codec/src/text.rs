//! A job result as json, csv or tsv, made from the spooled msgpack.gz.
//!
//! json is one array a line. Bytes that are no UTF-8 become U+FFFD, bin becomes base64, NaN and infinities are bare
//! words unless they are to become null. csv and tsv quote as RFC 4180 does, NULL is nothing between the separators.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::gzip;
use crate::msgpack::{Fault, Reader, Value};

/// What to convert.
#[derive(Debug, Deserialize)]
pub struct Order {
    input: PathBuf,
    format: Format,
    /// Column names for a first line.
    header: Option<Vec<String>>,
    /// Whether NaN and infinities become null.
    nullify_special: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Json,
    Csv,
    Tsv,
}

/// Writes the converted result to `output`.
pub fn run(order: &Order, output: &mut impl Write) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut line = Vec::new();
    if let Some(header) = &order.header {
        write_header(order.format, header, &mut line)?;
        output.write_all(&line)?;
    }
    gzip::feed(&order.input, |bytes| {
        let mut reader = Reader::new(bytes);
        loop {
            let before = reader;
            line.clear();
            match write_row(order, &mut reader, &mut line) {
                Ok(()) => output.write_all(&line)?,
                Err(Fault::End) => return Ok(bytes.len() - before.rest().len()),
                Err(Fault::Invalid) => {
                    return Err(io::Error::other("the spooled result is damaged"));
                }
            }
        }
    })?;
    output.flush()?;
    Ok(())
}

fn write_header(format: Format, names: &[String], out: &mut Vec<u8>) -> serde_json::Result<()> {
    if format == Format::Json {
        serde_json::to_writer(&mut *out, names)?;
    } else {
        for (place, name) in names.iter().enumerate() {
            separate(format, place, out);
            write_field(format, name.as_bytes(), out);
        }
    }
    out.push(b'\n');
    Ok(())
}

fn write_row(order: &Order, reader: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    if order.format == Format::Json {
        write_json(order.nullify_special, reader, out)?;
    } else {
        let Value::Array(columns) = reader.read()? else {
            return Err(Fault::Invalid);
        };
        for place in 0..columns as usize {
            separate(order.format, place, out);
            let mut field = Vec::new();
            let mut peek = *reader;
            match peek.read()? {
                Value::Nil => *reader = peek,
                Value::Text(bytes) => {
                    *reader = peek;
                    field.extend_from_slice(String::from_utf8_lossy(bytes).as_bytes());
                }
                Value::Bool(_)
                | Value::Int(_)
                | Value::UInt(_)
                | Value::Float(_)
                | Value::Binary(_)
                | Value::Array(_)
                | Value::Map(_)
                | Value::Ext => {
                    write_json(order.nullify_special, reader, &mut field)?;
                    if field == b"null" {
                        field.clear();
                    }
                }
            }
            write_field(order.format, &field, out);
        }
    }
    out.push(b'\n');
    Ok(())
}

fn separate(format: Format, place: usize, out: &mut Vec<u8>) {
    if place > 0 {
        out.push(if format == Format::Tsv { b'\t' } else { b',' });
    }
}

fn write_field(format: Format, field: &[u8], out: &mut Vec<u8>) {
    let special = |byte: &u8| match format {
        Format::Tsv => matches!(byte, b'\t' | b'\n' | b'\r' | b'"'),
        Format::Json | Format::Csv => matches!(byte, b',' | b'\n' | b'\r' | b'"'),
    };
    if !field.iter().any(special) {
        out.extend_from_slice(field);
        return;
    }
    out.push(b'"');
    for byte in field {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

fn write_json(nullify: bool, reader: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    match reader.read()? {
        Value::Nil | Value::Ext => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::UInt(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::Float(value) => out.extend_from_slice(float(value, nullify).as_bytes()),
        Value::Text(bytes) => quote(&String::from_utf8_lossy(bytes), out),
        Value::Binary(bytes) => quote(&STANDARD.encode(bytes), out),
        Value::Array(length) => {
            out.push(b'[');
            for item in 0..length {
                if item > 0 {
                    out.push(b',');
                }
                write_json(nullify, reader, out)?;
            }
            out.push(b']');
        }
        Value::Map(length) => {
            out.push(b'{');
            for entry in 0..length {
                if entry > 0 {
                    out.push(b',');
                }
                write_key(nullify, reader, out)?;
                out.push(b':');
                write_json(nullify, reader, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// A map's key as JSON text, whatever its type.
fn write_key(nullify: bool, reader: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut key = Vec::new();
    write_json(nullify, reader, &mut key)?;
    if key.first() == Some(&b'"') {
        out.extend_from_slice(&key);
    } else {
        quote(&String::from_utf8_lossy(&key), out);
    }
    Ok(())
}

fn float(value: f64, nullify: bool) -> String {
    if value.is_finite() {
        format!("{value:?}")
    } else if nullify {
        "null".into()
    } else if value.is_nan() {
        "NaN".into()
    } else if value > 0.0 {
        "Infinity".into()
    } else {
        "-Infinity".into()
    }
}

fn quote(text: &str, out: &mut Vec<u8>) {
    // Writing to a Vec and quoting text cannot fail.
    let _always = serde_json::to_writer(out, text);
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crate::msgpack::{write_array, write_float, write_int, write_map, write_nil, write_text};

    use super::*;

    fn row() -> Vec<u8> {
        let mut row = Vec::new();
        write_array(&mut row, 6);
        write_int(&mut row, i64::MAX);
        write_float(&mut row, f64::NAN);
        write_text(&mut row, b"a,\"b\"\n\xff");
        write_nil(&mut row);
        write_map(&mut row, 1);
        write_int(&mut row, 1);
        write_array(&mut row, 1);
        write_float(&mut row, 1.0);
        write_text(&mut row, b"");
        row
    }

    fn convert(format: Format, nullify_special: bool) -> String {
        let order = Order {
            input: PathBuf::new(),
            format,
            header: None,
            nullify_special,
        };
        let mut out = Vec::new();
        write_row(&order, &mut Reader::new(&row()), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_is_an_array_a_line() {
        let text = "\"a,\\\"b\\\"\\n\u{fffd}\",null,{\"1\":[1.0]},\"\"]\n";
        assert_eq!(
            convert(Format::Json, false),
            format!("[9223372036854775807,NaN,{text}")
        );
        assert_eq!(
            convert(Format::Json, true),
            format!("[9223372036854775807,null,{text}")
        );
    }

    #[test]
    fn csv_and_tsv_quote_what_they_must() {
        let text = "\"a,\"\"b\"\"\n\u{fffd}\"";
        let map = "{\"1\":[1.0]}";
        let quoted = "\"{\"\"1\"\":[1.0]}\"";
        assert_eq!(
            convert(Format::Csv, true),
            format!("9223372036854775807,,{text},,{quoted},\n")
        );
        assert_eq!(
            convert(Format::Tsv, false),
            format!("9223372036854775807\tNaN\t{text}\t\t{quoted}\t\n")
        );
        assert_ne!(map, quoted);
    }
}
