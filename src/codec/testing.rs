//! Test data: MessagePack values, rows and gzip.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "shared by unit tests and tests/*.rs, each of which uses a part"
)]

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

/// A MessagePack value.
#[derive(Debug, Clone, PartialEq)]
pub enum V {
    Nil,
    Bool(bool),
    Int(i64),
    BigInt(u64),
    F32(f32),
    F64(f64),
    Str(Vec<u8>),
    Bin(Vec<u8>),
    Array(Vec<V>),
    Map(Vec<(V, V)>),
    Ext(i8, Vec<u8>),
}

/// Text.
pub fn s(text: &str) -> V {
    V::Str(text.as_bytes().to_vec())
}

/// An array.
pub fn a(values: impl IntoIterator<Item = V>) -> V {
    V::Array(values.into_iter().collect())
}

/// A map.
pub fn m(pairs: impl IntoIterator<Item = (V, V)>) -> V {
    V::Map(pairs.into_iter().collect())
}

impl V {
    /// The value's bytes, in the smallest form.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Nil => out.push(0xc0),
            Self::Bool(value) => out.push(0xc2 | u8::from(*value)),
            Self::Int(value) => write_int(*value, out),
            Self::BigInt(value) => {
                out.push(0xcf);
                out.extend(value.to_be_bytes());
            }
            Self::F32(value) => {
                out.push(0xca);
                out.extend(value.to_be_bytes());
            }
            Self::F64(value) => {
                out.push(0xcb);
                out.extend(value.to_be_bytes());
            }
            Self::Str(text) => {
                head(
                    text.len(),
                    Some((0xa0, 32)),
                    [Some(0xd9), Some(0xda), Some(0xdb)],
                    out,
                );
                out.extend(text);
            }
            Self::Bin(bytes) => {
                head(bytes.len(), None, [Some(0xc4), Some(0xc5), Some(0xc6)], out);
                out.extend(bytes);
            }
            Self::Array(values) => {
                head(
                    values.len(),
                    Some((0x90, 16)),
                    [None, Some(0xdc), Some(0xdd)],
                    out,
                );
                values.iter().for_each(|value| value.write(out));
            }
            Self::Map(pairs) => {
                head(
                    pairs.len(),
                    Some((0x80, 16)),
                    [None, Some(0xde), Some(0xdf)],
                    out,
                );
                for (key, value) in pairs {
                    key.write(out);
                    value.write(out);
                }
            }
            Self::Ext(kind, bytes) => {
                match bytes.len() {
                    1 => out.push(0xd4),
                    2 => out.push(0xd5),
                    4 => out.push(0xd6),
                    8 => out.push(0xd7),
                    16 => out.push(0xd8),
                    len => head(len, None, [Some(0xc7), Some(0xc8), Some(0xc9)], out),
                }
                out.extend(kind.to_be_bytes());
                out.extend(bytes);
            }
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn write_int(value: i64, out: &mut Vec<u8>) {
    match value {
        -32..=127 => out.push(value as u8),
        -128..=-33 => out.extend([0xd0, value as u8]),
        0x80..=0xff => out.extend([0xcc, value as u8]),
        -0x8000..=-129 => {
            out.push(0xd1);
            out.extend((value as i16).to_be_bytes());
        }
        0x100..=0xffff => {
            out.push(0xcd);
            out.extend((value as u16).to_be_bytes());
        }
        -0x8000_0000..=-0x8001 => {
            out.push(0xd2);
            out.extend((value as i32).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(0xce);
            out.extend((value as u32).to_be_bytes());
        }
        i64::MIN..=-0x8000_0001 => {
            out.push(0xd3);
            out.extend(value.to_be_bytes());
        }
        _ => {
            out.push(0xcf);
            out.extend(value.to_be_bytes());
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::unwrap_used)]
fn head(len: usize, fixed: Option<(u8, usize)>, markers: [Option<u8>; 3], out: &mut Vec<u8>) {
    match (fixed, markers) {
        (Some((base, limit)), _) if len < limit => out.push(base | len as u8),
        (_, [Some(marker), ..]) if len <= 0xff => out.extend([marker, len as u8]),
        (_, [_, Some(marker), _]) if len <= 0xffff => {
            out.push(marker);
            out.extend((len as u16).to_be_bytes());
        }
        (_, [.., marker]) => {
            out.push(marker.unwrap());
            out.extend((len as u32).to_be_bytes());
        }
    }
}

/// Rows as a job result has them.
pub fn rows<const N: usize>(rows: impl IntoIterator<Item = [V; N]>) -> Vec<u8> {
    let mut out = Vec::new();
    for row in rows {
        a(row).write(&mut out);
    }
    out
}

/// One gzip member.
#[allow(clippy::unwrap_used)]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Number of cases of a test: `many` in its exhaustive form, as `npm run test:full` asks for, and otherwise `few`.
pub fn cases(few: u32, many: u32) -> u32 {
    if std::env::var("PETIT_TEST").is_ok_and(|value| value == "full") {
        many
    } else {
        few
    }
}

/// The sizes that chunks are cut to, the whole included.
pub const CHUNK_SIZES: [usize; 4] = [1, 3, 7, usize::MAX];

/// Any value, a few levels deep.
pub fn any_value() -> impl Strategy<Value = V> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    let leaf = prop_oneof![
        Just(V::Nil),
        any::<bool>().prop_map(V::Bool),
        any::<i64>().prop_map(V::Int),
        (-70_000_i64..70_000).prop_map(V::Int),
        (i64::MAX as u64 + 1..=u64::MAX).prop_map(V::BigInt),
        any::<f32>().prop_map(V::F32),
        any::<f64>().prop_map(V::F64),
        bytes().prop_map(V::Str),
        bytes().prop_map(V::Bin),
        (any::<i8>(), bytes()).prop_map(|(kind, bytes)| V::Ext(kind, bytes)),
        prop::collection::vec(any::<u8>(), 250..400).prop_map(V::Str),
    ];
    leaf.prop_recursive(4, 64, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(V::Array),
            prop::collection::vec((inner.clone(), inner), 0..20).prop_map(V::Map),
        ]
    })
}
