//! Values as JSON text.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::value_error::ValueError;
use crate::msgpack::{MAX_DEPTH, Reader, Value};

/// Maximum nesting of keys inside keys. A key that is not text becomes the text of its JSON, in which quotes and backslashes
/// are escaped. Each level may double their number, so that without a limit a few dozen bytes would become terabytes.
const MAX_KEY_DEPTH: usize = 4;

/// How deep a value is nested.
#[derive(Debug, Clone, Copy, Default)]
struct Depth {
    /// Number of enclosing arrays and maps.
    levels: usize,
    /// Number of enclosing keys that become text.
    keys: usize,
}

impl Depth {
    fn within_value(self) -> Self {
        Self {
            levels: self.levels + 1,
            ..self
        }
    }

    fn within_key(self) -> Self {
        Self {
            keys: self.keys + 1,
            ..self
        }
    }

    fn check(self) -> Result<(), Box<ValueError>> {
        if self.levels > MAX_DEPTH {
            return Err(ValueError::too_large(format!(
                "more than {MAX_DEPTH} levels of arrays and maps"
            )));
        }
        if self.keys > MAX_KEY_DEPTH {
            return Err(ValueError::too_large(format!(
                "more than {MAX_KEY_DEPTH} levels of maps as keys of maps"
            )));
        }
        Ok(())
    }
}

/// Appends `value`, whose nested values follow in `reader`, as JSON text.
///
/// Integers stay exact, binary values become base64, and keys that are not text become the text of their JSON. The bytes of
/// text are unchanged, so that the result may not be UTF-8.
///
/// # Errors
/// For values that JSON cannot represent (NaN, infinities, extension types, a NULL key), and for nesting beyond
/// [`MAX_DEPTH`], or beyond [`MAX_KEY_DEPTH`] for keys.
pub fn write(
    value: Value<'_>,
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Box<ValueError>> {
    write_value(value, reader, out, Depth::default())
}

fn write_value(
    value: Value<'_>,
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
    depth: Depth,
) -> Result<(), Box<ValueError>> {
    depth.check()?;
    match value {
        Value::Nil => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::BigInt(value) => out.extend_from_slice(value.to_string().as_bytes()),
        // `{:?}` gives the shortest text that parses to the same float.
        Value::F32(float) if float.is_finite() => {
            out.extend_from_slice(format!("{float:?}").as_bytes());
        }
        Value::F64(float) if float.is_finite() => {
            out.extend_from_slice(format!("{float:?}").as_bytes());
        }
        Value::F32(_) | Value::F64(_) => return Err(ValueError::out_of_range(&value, "JSON")),
        Value::Str(text) => write_text(text, out),
        Value::Bin(bytes) => write_text(STANDARD.encode(bytes).as_bytes(), out),
        Value::Array(len) => {
            out.push(b'[');
            for index in 0..len {
                if index > 0 {
                    out.push(b',');
                }
                write_value(reader.value()?, reader, out, depth.within_value())?;
            }
            out.push(b']');
        }
        Value::Map(len) => {
            out.push(b'{');
            for index in 0..len {
                if index > 0 {
                    out.push(b',');
                }
                write_key(reader, out, depth.within_value())?;
                out.push(b':');
                write_value(reader.value()?, reader, out, depth.within_value())?;
            }
            out.push(b'}');
        }
        Value::Ext(..) => return Err(ValueError::type_mismatch(&value, "JSON")),
    }
    Ok(())
}

fn write_key(
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
    depth: Depth,
) -> Result<(), Box<ValueError>> {
    match reader.value()? {
        Value::Str(text) => write_text(text, out),
        Value::Nil => return Err(null_key()),
        key @ Value::Bin(_) => write_value(key, reader, out, depth)?,
        key => {
            let mut text = Vec::new();
            write_value(key, reader, &mut text, depth.within_key())?;
            write_text(&text, out);
        }
    }
    Ok(())
}

/// The error of a NULL key, which neither JSON nor Parquet allows.
pub fn null_key() -> Box<ValueError> {
    ValueError::mismatch("a map has a NULL key".into())
}

fn write_text(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
