//! Values in one form. MessagePack has several forms of the same value, and encoders choose different ones.

use crate::msgpack::{MAX_DEPTH, Malformed, Reader, Value};

/// Kinds of values. Each value starts with its kind, so that values of different kinds have different bytes.
mod kind {
    pub const NIL: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const INTEGER: u8 = 3;
    pub const FLOAT: u8 = 4;
    pub const BYTES: u8 = 5;
    pub const ARRAY: u8 = 6;
    pub const MAP: u8 = 7;
    pub const EXTENSION: u8 = 8;
    pub const DEEP: u8 = 9;
}

/// 2^64. Integers of MessagePack are smaller.
const INTEGER_END: f64 = 18_446_744_073_709_551_616.0;

/// Appends the next value of `reader` in the form that is the same for all encodings of it:
///
/// - Integers and floats of any width have the same form if they are the same number. TD's types of the columns are equal
///   when rows are compared, and an encoder may shorten a whole double to an integer. -0.0 is no integer.
/// - All NaNs have one form.
/// - Text and binary values have the same form if they have the same bytes. TD's columns of text hold any bytes.
/// - Maps have the same form in any order of their keys. TD's maps have no order.
/// - Lengths have one width.
///
/// Values below [`MAX_DEPTH`] levels of arrays and maps are appended as they are encoded.
///
/// # Errors
/// [`Malformed`] if the bytes are not a value.
pub fn write(reader: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
    write_value(reader, out, 0)
}

fn write_value(reader: &mut Reader<'_>, out: &mut Vec<u8>, depth: usize) -> Result<(), Malformed> {
    if depth > MAX_DEPTH {
        write_bytes(kind::DEEP, reader.skip()?, out);
        return Ok(());
    }
    match reader.value()? {
        Value::Nil => out.push(kind::NIL),
        Value::Bool(false) => out.push(kind::FALSE),
        Value::Bool(true) => out.push(kind::TRUE),
        Value::Int(value) => write_integer(value.into(), out),
        Value::BigInt(value) => write_integer(value.into(), out),
        Value::F32(value) => write_float(value.into(), out),
        Value::F64(value) => write_float(value, out),
        Value::Str(bytes) | Value::Bin(bytes) => write_bytes(kind::BYTES, bytes, out),
        Value::Array(len) => {
            out.push(kind::ARRAY);
            out.extend(len.to_le_bytes());
            for _ in 0..len {
                write_value(reader, out, depth + 1)?;
            }
        }
        Value::Map(len) => write_map(len, reader, out, depth)?,
        Value::Ext(number, bytes) => {
            write_bytes(kind::EXTENSION, bytes, out);
            out.extend(number.to_le_bytes());
        }
    }
    Ok(())
}

fn write_map(
    len: u32,
    reader: &mut Reader<'_>,
    out: &mut Vec<u8>,
    depth: usize,
) -> Result<(), Malformed> {
    out.push(kind::MAP);
    out.extend(len.to_le_bytes());
    // No capacity in advance: the length is not yet backed by bytes.
    let mut pairs = Vec::new();
    for _ in 0..len {
        let mut pair = Vec::new();
        write_value(reader, &mut pair, depth + 1)?;
        write_value(reader, &mut pair, depth + 1)?;
        pairs.push(pair);
    }
    pairs.sort_unstable();
    out.extend(pairs.concat());
    Ok(())
}

fn write_integer(value: i128, out: &mut Vec<u8>) {
    out.push(kind::INTEGER);
    out.extend(value.to_le_bytes());
}

fn write_float(value: f64, out: &mut Vec<u8>) {
    if let Some(integer) = exact_integer(value) {
        return write_integer(integer, out);
    }
    let value = if value.is_nan() { f64::NAN } else { value };
    out.push(kind::FLOAT);
    out.extend(value.to_bits().to_le_bytes());
}

/// The integer that is the same number, if MessagePack has it.
fn exact_integer(value: f64) -> Option<i128> {
    let negative_zero = value == 0.0 && value.is_sign_negative();
    let is_integer = value.fract() == 0.0 && value.abs() < INTEGER_END && !negative_zero;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number within the range of i128"
    )]
    is_integer.then_some(value as i128)
}

fn write_bytes(kind: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend((bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{V, a, any_value, m, s};

    fn canonical(bytes: &[u8]) -> Vec<u8> {
        let mut reader = Reader::new(bytes);
        let mut out = Vec::new();
        write(&mut reader, &mut out).unwrap();
        assert!(reader.is_empty());
        out
    }

    /// Encodings of one value each.
    #[test]
    fn all_encodings_of_a_value_have_one_form() {
        let same: &[&[&[u8]]] = &[
            &[
                &[5],
                &[0xcc, 5],
                &[0xcd, 0, 5],
                &[0xce, 0, 0, 0, 5],
                &[0xcf, 0, 0, 0, 0, 0, 0, 0, 5],
                &[0xd0, 5],
                &[0xd1, 0, 5],
                &[0xd2, 0, 0, 0, 5],
                &[0xd3, 0, 0, 0, 0, 0, 0, 0, 5],
                &[0xca, 0x40, 0xa0, 0, 0],
                &[0xcb, 0x40, 0x14, 0, 0, 0, 0, 0, 0],
            ],
            &[&[0xff], &[0xd0, 0xff], &[0xd1, 0xff, 0xff]],
            &[
                &[0xca, 0x3f, 0, 0, 0],
                &[0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0],
            ],
            &[
                &[0xca, 0x7f, 0xc0, 0, 0],
                &[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 1],
                &[0xcb, 0xff, 0xf8, 0, 0, 0, 0, 0, 0],
            ],
            &[
                &[0xa1, b'x'],
                &[0xd9, 1, b'x'],
                &[0xda, 0, 1, b'x'],
                &[0xdb, 0, 0, 0, 1, b'x'],
                &[0xc4, 1, b'x'],
                &[0xc5, 0, 1, b'x'],
                &[0xc6, 0, 0, 0, 1, b'x'],
            ],
            &[&[0x91, 1], &[0xdc, 0, 1, 1], &[0xdd, 0, 0, 0, 1, 0xcc, 1]],
            &[
                &[0x82, 1, 2, 3, 4],
                &[0x82, 3, 4, 1, 2],
                &[0xde, 0, 2, 3, 0xcc, 4, 1, 2],
                &[0xdf, 0, 0, 0, 2, 1, 2, 3, 4],
            ],
            &[&[0xd4, 7, 9], &[0xc7, 1, 7, 9], &[0xc8, 0, 1, 7, 9]],
        ];
        let forms = same.iter().map(|encodings| {
            let forms: Vec<_> = encodings.iter().map(|bytes| canonical(bytes)).collect();
            assert!(
                forms.iter().all(|form| *form == forms[0]),
                "{encodings:02x?}"
            );
            forms[0].clone()
        });
        let forms: std::collections::HashSet<_> = forms.collect();
        assert_eq!(forms.len(), same.len());
    }

    #[test]
    fn other_values_have_other_forms() {
        let values = [
            V::Nil,
            V::Bool(false),
            V::Bool(true),
            V::Int(0),
            V::F64(-0.0),
            V::F64(0.5),
            V::Int(i64::MAX),
            V::BigInt(1 << 63),
            V::Int(i64::MIN),
            V::F64(1e300),
            V::F64(f64::INFINITY),
            V::F64(f64::NEG_INFINITY),
            V::F64(f64::NAN),
            s(""),
            s("0"),
            a([]),
            a([a([])]),
            a([V::Nil, V::Nil]),
            a([V::Int(1), V::Int(2)]),
            a([V::Int(2), V::Int(1)]),
            m([]),
            m([(V::Int(1), V::Int(2))]),
            m([(V::Int(2), V::Int(1))]),
            m([(V::Int(1), V::Int(2)), (V::Int(1), V::Int(2))]),
            V::Ext(1, vec![1]),
            V::Ext(2, vec![1]),
        ];
        let forms: Vec<_> = values
            .iter()
            .map(|value| canonical(&value.bytes()))
            .collect();
        for (at, form) in forms.iter().enumerate() {
            assert!(!forms[..at].contains(form), "{:?}", values[at]);
        }
    }

    #[test]
    fn any_depth_is_taken() {
        let nested = |depth: usize| [vec![0x91; depth], vec![0]].concat();
        assert_ne!(canonical(&nested(100_000)), canonical(&nested(100_001)));
    }

    proptest! {
        #[test]
        fn the_form_is_that_of_the_same_value(one in any_value(), other in any_value()) {
            let [first, second] = [&one, &other].map(|value| canonical(&value.bytes()));
            prop_assert_eq!(&first, &canonical(&one.bytes()));
            if one == other {
                prop_assert_eq!(first, second);
            }
        }
    }
}
