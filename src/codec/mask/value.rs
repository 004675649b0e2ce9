//! Masks one value, with its nested values.

use std::collections::HashSet;

use super::{cache::Pseudonyms, date, method::Method, text};
use crate::{
    msgpack::{
        MAX_DEPTH, Malformed, Reader, Value, write_array_len, write_bin, write_map_len, write_text,
    },
    schema::DataType,
};

const NIL: u8 = 0xc0;
const FALSE: u8 = 0xc2;

/// Appends the masked form of the next value of `reader`, which is of `data_type`. A method that has no meaning for a value
/// writes NULL, and never the value itself.
pub(super) fn write(
    rule: Rule<'_>,
    data_type: &DataType,
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    if rule.depth > MAX_DEPTH {
        reader.skip()?;
        out.push(NIL);
        return Ok(());
    }
    match reader.value()? {
        Value::Array(len) => return write_array(rule, data_type, len, reader, out),
        Value::Map(len) => return write_map(rule, data_type, len, reader, out),
        Value::Int(value) => rule.write_integer(value.into(), data_type, out),
        Value::BigInt(value) => rule.write_integer(value.into(), data_type, out),
        Value::Str(bytes) => rule.write_text(bytes, data_type, write_text, out),
        Value::Bin(bytes) => rule.write_text(bytes, data_type, write_bin, out),
        Value::Bool(_) => out.push(if rule.is_blank() { FALSE } else { NIL }),
        Value::F32(_) | Value::F64(_) if rule.is_blank() => write_integer(0, out),
        Value::Nil | Value::F32(_) | Value::F64(_) | Value::Ext(..) => out.push(NIL),
    }
    Ok(())
}

/// How values are masked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule<'a> {
    pub(super) method: Method,
    /// `None` without a secret.
    pub(super) pseudonyms: Option<Pseudonyms<'a>>,
    /// Levels of arrays and maps around the value.
    pub(super) depth: usize,
}

impl Rule<'_> {
    fn nested(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }

    /// Whether numbers become 0 and booleans false.
    fn is_blank(self) -> bool {
        matches!(self.method, Method::Zero | Method::Redact)
    }

    fn write_integer(self, value: i128, data_type: &DataType, out: &mut Vec<u8>) {
        match (self.method, self.pseudonyms) {
            (Method::Hash | Method::Email | Method::EmailHash, Some(pseudonyms)) => {
                write_hashed_integer(pseudonyms, value, data_type, out);
            }
            (Method::Partial(kept), _) => write_integer(text::partial_integer(value, kept), out),
            (Method::Redact | Method::Zero, _) => write_integer(0, out),
            (Method::Day, _) => write_integer(date::integer(value, false), out),
            (Method::Month, _) => write_integer(date::integer(value, true), out),
            _ => out.push(NIL),
        }
    }

    fn write_text(
        self,
        value: &[u8],
        data_type: &DataType,
        write: fn(&mut Vec<u8>, &[u8]),
        out: &mut Vec<u8>,
    ) {
        let mut masked = Vec::new();
        let is_text = !matches!(
            data_type,
            DataType::Date | DataType::Timestamp { .. } | DataType::Decimal { .. }
        );
        match (self.method, self.pseudonyms) {
            (Method::Hash, Some(made)) => return write_text(out, &made.text(value)),
            (Method::Email, Some(made)) => return text::email(made, value, true, out),
            (Method::EmailHash, Some(made)) => return text::email(made, value, false, out),
            (Method::Day, _) if date::text(value, false, &mut masked) => {}
            (Method::Month, _) if date::text(value, true, &mut masked) => {}
            (Method::Partial(kept), _) if is_text => text::partial(value, kept, &mut masked),
            (Method::Redact, _) if is_text => text::redact(value, &mut masked),
            (Method::Zero, _) if is_text => {}
            _ => return out.push(NIL),
        }
        write(out, &masked);
    }
}

/// An encoder may shorten a whole double to an integer, and the type of the column decides what the pseudonym is.
fn write_hashed_integer(
    pseudonyms: Pseudonyms<'_>,
    value: i128,
    data_type: &DataType,
    out: &mut Vec<u8>,
) {
    match data_type {
        DataType::TinyInt | DataType::SmallInt | DataType::Integer | DataType::BigInt => {
            write_integer(pseudonyms.integer(value).into(), out);
        }
        DataType::Boolean | DataType::Real | DataType::Double => out.push(NIL),
        DataType::Decimal { .. }
        | DataType::Varchar
        | DataType::Varbinary
        | DataType::Date
        | DataType::Timestamp { .. }
        | DataType::Json
        | DataType::Other(_)
        | DataType::Array(_)
        | DataType::Map(..)
        | DataType::Row(_) => write_text(out, &pseudonyms.digits(value)),
    }
}

fn write_array(
    rule: Rule<'_>,
    data_type: &DataType,
    len: u32,
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    write_array_len(out, len);
    for index in 0..len {
        let element = element_type(data_type, index as usize);
        write(rule.nested(), element, reader, out)?;
    }
    Ok(())
}

/// The type of an element of an array or a row. A value that is neither keeps its type.
fn element_type(data_type: &DataType, index: usize) -> &DataType {
    if let DataType::Array(element) = data_type {
        return element;
    }
    if let DataType::Row(fields) = data_type {
        let field = fields.get(index);
        return field.map_or(data_type, |field| &field.data_type);
    }
    data_type
}

/// Keys that become equal, or NULL, keep only the first of their entries.
fn write_map(
    rule: Rule<'_>,
    data_type: &DataType,
    len: u32,
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    let (key_type, value_type) = if let DataType::Map(key, value) = data_type {
        (key.as_ref(), value.as_ref())
    } else {
        (data_type, data_type)
    };
    let mut keys = HashSet::new();
    let mut entries = Vec::new();
    let mut kept = 0;
    for _ in 0..len {
        let mut key = Vec::new();
        write(rule.nested(), key_type, reader, &mut key)?;
        if key == [NIL] || keys.contains(&key) {
            reader.skip()?;
            continue;
        }
        entries.extend(&key);
        write(rule.nested(), value_type, reader, &mut entries)?;
        keys.insert(key);
        kept += 1;
    }
    write_map_len(out, kept);
    out.extend(entries);
    Ok(())
}

fn write_integer(value: i128, out: &mut Vec<u8>) {
    match (u8::try_from(value), i64::try_from(value)) {
        (Ok(small @ 0..=0x7f), _) => out.push(small),
        (_, Ok(value)) => {
            out.push(0xd3);
            out.extend(value.to_be_bytes());
        }
        _ => out.push(NIL),
    }
}
