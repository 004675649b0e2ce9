//! MessagePack of job results: a reader of values, and a scanner for the ends of rows.
//!
//! Hand-written, because rows are decoded in place, without allocations, and every integer stays exact.

mod extent;
mod malformed;
mod scanner;
mod writer;

use self::extent::extent;
pub use self::{
    malformed::Malformed,
    scanner::RowScanner,
    writer::{write_array_len, write_bin, write_map_len, write_str, write_text, write_text_of},
};

/// Maximum nesting of arrays and maps in a value whose type does not limit it.
pub const MAX_DEPTH: usize = 64;

/// One value. For arrays and maps it is only the length; the nested values follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// NULL.
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that fits `i64`.
    Int(i64),
    /// An integer above `i64::MAX`.
    BigInt(u64),
    /// A 32-bit float.
    F32(f32),
    /// A 64-bit float.
    F64(f64),
    /// Text, not necessarily UTF-8.
    Str(&'a [u8]),
    /// Bytes.
    Bin(&'a [u8]),
    /// An array of this many values, which follow.
    Array(u32),
    /// A map of this many pairs, which follow.
    Map(u32),
    /// An extension type and its bytes.
    Ext(i8, &'a [u8]),
}

impl Value<'_> {
    /// The type, for messages that must not show values.
    pub fn type_name(&self) -> String {
        match self {
            Self::Nil => "NULL".into(),
            Self::Bool(_) => "a boolean".into(),
            Self::Int(_) | Self::BigInt(_) => "an integer".into(),
            Self::F32(_) | Self::F64(_) => "a float".into(),
            Self::Str(_) => "text".into(),
            Self::Bin(_) => "binary".into(),
            Self::Array(len) => format!("an array of {len}"),
            Self::Map(len) => format!("a map of {len}"),
            Self::Ext(kind, _) => format!("extension type {kind}"),
        }
    }

    /// A short description with the value.
    pub fn describe(&self) -> String {
        match self {
            Self::Nil => "NULL".into(),
            Self::Bool(value) => format!("the boolean {value}"),
            Self::Int(value) => format!("the integer {value}"),
            Self::BigInt(value) => format!("the integer {value}"),
            Self::F32(value) => format!("the float {value}"),
            Self::F64(value) => format!("the float {value}"),
            Self::Str(bytes) => format!("the text {}", quote(bytes)),
            Self::Bin(bytes) => format!("{} bytes of binary", bytes.len()),
            Self::Array(len) => format!("an array of {len}"),
            Self::Map(len) => format!("a map of {len}"),
            Self::Ext(kind, bytes) => format!("{} bytes of extension type {kind}", bytes.len()),
        }
    }
}

/// Text in quotes, truncated to 40 characters.
pub fn quote(bytes: &[u8]) -> String {
    const MAX_CHARS: usize = 40;
    let text = String::from_utf8_lossy(bytes.get(..4 * MAX_CHARS).unwrap_or(bytes));
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

/// Reads values from a slice.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The unread bytes.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether the next value is NULL.
    pub fn is_nil(&self) -> bool {
        self.rest.first() == Some(&0xc0)
    }

    /// Reads the next value.
    ///
    /// # Errors
    /// [`Malformed`] if the bytes are not a value.
    #[inline]
    pub fn value(&mut self) -> Result<Value<'a>, Malformed> {
        let [marker] = self.take()?;
        Ok(match marker {
            0x00..=0x7f => Value::Int(marker.into()),
            0x80..=0x8f => Value::Map(u32::from(marker & 0x0f)),
            0x90..=0x9f => Value::Array(u32::from(marker & 0x0f)),
            0xa0..=0xbf => Value::Str(self.bytes(u32::from(marker & 0x1f))?),
            0xc0 => Value::Nil,
            0xc1 => return Err(Malformed::Reserved),
            0xc2 => Value::Bool(false),
            0xc3 => Value::Bool(true),
            0xc4 => Value::Bin(self.sized8()?),
            0xc5 => Value::Bin(self.sized16()?),
            0xc6 => Value::Bin(self.sized32()?),
            0xc7 => {
                let len = self.u8()?;
                self.ext(len.into())?
            }
            0xc8 => {
                let len = self.u16()?;
                self.ext(len.into())?
            }
            0xc9 => {
                let len = self.u32()?;
                self.ext(len)?
            }
            0xca => Value::F32(f32::from_be_bytes(self.take()?)),
            0xcb => Value::F64(f64::from_be_bytes(self.take()?)),
            0xcc => Value::Int(self.u8()?.into()),
            0xcd => Value::Int(self.u16()?.into()),
            0xce => Value::Int(self.u32()?.into()),
            0xcf => {
                let value = u64::from_be_bytes(self.take()?);
                i64::try_from(value).map_or(Value::BigInt(value), Value::Int)
            }
            0xd0 => Value::Int(i8::from_be_bytes(self.take()?).into()),
            0xd1 => Value::Int(i16::from_be_bytes(self.take()?).into()),
            0xd2 => Value::Int(i32::from_be_bytes(self.take()?).into()),
            0xd3 => Value::Int(i64::from_be_bytes(self.take()?)),
            0xd4..=0xd8 => self.ext(1 << (marker - 0xd4))?,
            0xd9 => Value::Str(self.sized8()?),
            0xda => Value::Str(self.sized16()?),
            0xdb => Value::Str(self.sized32()?),
            0xdc => Value::Array(self.u16()?.into()),
            0xdd => Value::Array(self.u32()?),
            0xde => Value::Map(self.u16()?.into()),
            0xdf => Value::Map(self.u32()?),
            0xe0..=0xff => Value::Int(marker.cast_signed().into()),
        })
    }

    /// Reads the next value if it is a text of less than 256 bytes, which is the common case. Faster than
    /// [`value`](Self::value).
    #[inline(always)]
    pub fn short_text(&mut self) -> Option<&'a [u8]> {
        let (&marker, after) = self.rest.split_first()?;
        let (len, after) = match marker {
            0xa0..=0xbf => (marker & 0x1f, after),
            0xd9 => after.split_first().map(|(&len, after)| (len, after))?,
            _ => return None,
        };
        let (text, rest) = after.split_at_checked(len.into())?;
        self.rest = rest;
        Some(text)
    }

    /// Reads the next value if it is an integer that fits `N`, and eight bytes follow its marker. Faster than
    /// [`value`](Self::value).
    #[inline(always)]
    pub fn short_integer<N: TryFrom<i64>>(&mut self) -> Option<N> {
        let (&marker, after) = self.rest.split_first()?;
        let word = u64::from_be_bytes(*after.first_chunk()?);
        // The low two bits of a marker are the logarithm of the number of bytes.
        let len = 1_u8 << (marker & 3);
        let unused_bits = 64 - 8 * u32::from(len);
        let (value, len) = match marker {
            0x00..=0x7f => (i64::from(marker), 0),
            0xcc..=0xcf => (i64::try_from(word >> unused_bits).ok()?, len),
            0xd0..=0xd3 => (word.cast_signed() >> unused_bits, len),
            _ => return None,
        };
        let value = N::try_from(value).ok()?;
        self.rest = after.get(usize::from(len)..)?;
        Some(value)
    }

    /// Reads the next value if it is a 64-bit float. Faster than [`value`](Self::value).
    #[inline(always)]
    pub fn short_float(&mut self) -> Option<f64> {
        let (&marker, after) = self.rest.split_first()?;
        let (word, rest) = after.split_first_chunk()?;
        if marker != 0xcb {
            return None;
        }
        self.rest = rest;
        Some(f64::from_be_bytes(*word))
    }

    /// Reads the next value if it is NULL.
    #[inline(always)]
    pub fn take_nil(&mut self) -> bool {
        match self.rest.split_first() {
            Some((0xc0, rest)) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Skips the next value with its nested values, and returns its bytes.
    ///
    /// # Errors
    /// [`Malformed`] if the bytes are not a value.
    #[inline]
    pub fn skip(&mut self) -> Result<&'a [u8], Malformed> {
        let start = self.rest;
        let mut remaining = 1_usize;
        let mut len = 0_usize;
        while remaining > 0 {
            let next = start.get(len..).ok_or(Malformed::Torn)?;
            let extent = extent(next)?.ok_or(Malformed::Torn)?;
            len = len.saturating_add(extent.bytes);
            remaining = (remaining - 1).saturating_add(extent.values);
        }
        let (value, rest) = start.split_at_checked(len).ok_or(Malformed::Torn)?;
        self.rest = rest;
        Ok(value)
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Malformed::Torn)?;
        self.rest = rest;
        Ok(*taken)
    }

    #[inline]
    fn bytes(&mut self, len: u32) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self
            .rest
            .split_at_checked(len as usize)
            .ok_or(Malformed::Torn)?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    fn u8(&mut self) -> Result<u8, Malformed> {
        self.take().map(u8::from_be_bytes)
    }

    #[inline]
    fn u16(&mut self) -> Result<u16, Malformed> {
        self.take().map(u16::from_be_bytes)
    }

    #[inline]
    fn u32(&mut self) -> Result<u32, Malformed> {
        self.take().map(u32::from_be_bytes)
    }

    #[inline]
    fn sized8(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.u8()?;
        self.bytes(len.into())
    }

    #[inline]
    fn sized16(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.u16()?;
        self.bytes(len.into())
    }

    #[inline]
    fn sized32(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.u32()?;
        self.bytes(len)
    }

    fn ext(&mut self, len: u32) -> Result<Value<'a>, Malformed> {
        let kind = i8::from_be_bytes(self.take()?);
        Ok(Value::Ext(kind, self.bytes(len)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{CHUNK_SIZES, V, a, any_value, m, s};

    fn read(reader: &mut Reader<'_>) -> Result<V, Malformed> {
        Ok(match reader.value()? {
            Value::Nil => V::Nil,
            Value::Bool(value) => V::Bool(value),
            Value::Int(value) => V::Int(value),
            Value::BigInt(value) => V::BigInt(value),
            Value::F32(value) => V::F32(value),
            Value::F64(value) => V::F64(value),
            Value::Str(text) => V::Str(text.to_vec()),
            Value::Bin(bytes) => V::Bin(bytes.to_vec()),
            Value::Ext(kind, bytes) => V::Ext(kind, bytes.to_vec()),
            Value::Array(len) => {
                let values = (0..len).map(|_| read(reader));
                V::Array(values.collect::<Result<_, _>>()?)
            }
            Value::Map(len) => {
                let pairs = (0..len).map(|_| Ok((read(reader)?, read(reader)?)));
                V::Map(pairs.collect::<Result<_, _>>()?)
            }
        })
    }

    /// Ends of rows found in a buffer that grows by `size` bytes at a time.
    fn row_ends(bytes: &[u8], size: usize) -> Result<Vec<usize>, Malformed> {
        let mut scanner = RowScanner::default();
        let mut ends = Vec::new();
        let mut len = 0;
        loop {
            while let Some(end) = scanner.next_row(&bytes[..len])? {
                ends.push(end);
            }
            if len == bytes.len() {
                return Ok(ends);
            }
            len = len.saturating_add(size).min(bytes.len());
        }
    }

    macro_rules! reads {
        ($($name:ident: $bytes:expr => $value:expr;)*) => {
            $(#[test]
            fn $name() {
                let bytes = $bytes.to_vec();
                let mut reader = Reader::new(&bytes);
                assert_eq!(read(&mut reader), Ok($value));
                assert!(reader.is_empty());
                assert_eq!(Reader::new(&bytes).skip(), Ok(bytes.as_slice()));
                for len in 0..bytes.len() {
                    assert_eq!(read(&mut Reader::new(&bytes[..len])), Err(Malformed::Torn));
                    assert_eq!(Reader::new(&bytes[..len]).skip(), Err(Malformed::Torn));
                }
            })*
        };
    }

    reads! {
        int_fixed: [0x7f] => V::Int(127);
        int_negative_fixed: [0xe0] => V::Int(-32);
        int_u8: [0xcc, 0xff] => V::Int(255);
        int_u16: [0xcd, 0xff, 0xff] => V::Int(65_535);
        int_u32: [0xce, 0xff, 0xff, 0xff, 0xff] => V::Int(4_294_967_295);
        int_u64: [0xcf, 0x7f, 255, 255, 255, 255, 255, 255, 255] => V::Int(i64::MAX);
        int_u64_big: [0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0] => V::BigInt(1 << 63);
        int_i8: [0xd0, 0x80] => V::Int(-128);
        int_i16: [0xd1, 0x80, 0] => V::Int(-32_768);
        int_i32: [0xd2, 0x80, 0, 0, 0] => V::Int(i32::MIN.into());
        int_i64: [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0] => V::Int(i64::MIN);
        nil: [0xc0] => V::Nil;
        bool_false: [0xc2] => V::Bool(false);
        bool_true: [0xc3] => V::Bool(true);
        float_32: [0xca, 0x3f, 0x80, 0, 0] => V::F32(1.0);
        float_64: [0xcb, 0xbf, 0xf0, 0, 0, 0, 0, 0, 0] => V::F64(-1.0);
        str_fixed: [0xa2, b'h', b'i'] => s("hi");
        str_8: [0xd9, 1, b'x'] => s("x");
        str_16: [0xda, 0, 1, b'x'] => s("x");
        str_32: [0xdb, 0, 0, 0, 1, b'x'] => s("x");
        bin_8: [0xc4, 1, 9] => V::Bin(vec![9]);
        bin_16: [0xc5, 0, 1, 9] => V::Bin(vec![9]);
        bin_32: [0xc6, 0, 0, 0, 1, 9] => V::Bin(vec![9]);
        ext_8: [0xc7, 3, 5, 1, 2, 3] => V::Ext(5, vec![1, 2, 3]);
        ext_16: [0xc8, 0, 1, 0xff, 1] => V::Ext(-1, vec![1]);
        ext_32: [0xc9, 0, 0, 0, 0, 7] => V::Ext(7, vec![]);
        ext_fixed_1: [0xd4, 1, 2] => V::Ext(1, vec![2]);
        ext_fixed_16: [[0xd8, 1].as_slice(), &[9; 16]].concat() => V::Ext(1, vec![9; 16]);
        array_fixed: [0x92, 1, 0xc0] => a([V::Int(1), V::Nil]);
        array_16: [0xdc, 0, 1, 1] => a([V::Int(1)]);
        array_32: [0xdd, 0, 0, 0, 1, 1] => a([V::Int(1)]);
        map_fixed: [0x81, 0xa0, 1] => m([(s(""), V::Int(1))]);
        map_16: [0xde, 0, 1, 1, 2] => m([(V::Int(1), V::Int(2))]);
        map_32: [0xdf, 0, 0, 0, 1, 1, 2] => m([(V::Int(1), V::Int(2))]);
    }

    #[test]
    fn the_reserved_byte_is_rejected() {
        assert_eq!(Reader::new(&[0xc1]).value(), Err(Malformed::Reserved));
        assert_eq!(Reader::new(&[0x91, 0xc1]).skip(), Err(Malformed::Reserved));
        assert_eq!(row_ends(&[0x91, 0xc1], 1), Err(Malformed::Reserved));
    }

    #[test]
    fn nan_keeps_its_payload() {
        let bytes = [0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0x12, 0x34];
        let Ok(Value::F64(float)) = Reader::new(&bytes).value() else {
            panic!("no float");
        };
        assert_eq!(float.to_bits(), 0x7ff0_0000_0000_1234);
    }

    #[test]
    fn a_row_is_an_array() {
        let mut scanner = RowScanner::default();
        assert_eq!(scanner.next_row(&[0x80]), Err(Malformed::NotAnArray(0x80)));
    }

    #[test]
    fn a_wrong_length_is_rejected_or_needs_more_input() {
        for head in [
            [0x91, 0xdb, 0xff, 0xff, 0xff, 0xff],
            [0x91, 0xc6, 0x7f, 0xff, 0xff, 0xff],
            [0x91, 0xc9, 0xff, 0xff, 0xff, 0xff],
            [0x91, 0xdd, 0xff, 0xff, 0xff, 0xff],
            [0x91, 0xdf, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(row_ends(&head, 1), Err(Malformed::RowTooLarge), "{head:x?}");
            assert_eq!(Reader::new(&head).skip(), Err(Malformed::Torn), "{head:x?}");
        }
        assert_eq!(row_ends(&[0x91, 0xdb, 0, 0xff, 0xff, 0xff], 1), Ok(vec![]));
    }

    #[test]
    fn nesting_without_end_needs_no_stack() {
        let mut bytes = vec![0x91; 1_000_000];
        bytes.push(0xc0);
        assert_eq!(row_ends(&bytes, usize::MAX), Ok(vec![bytes.len()]));
        assert_eq!(Reader::new(&bytes).skip(), Ok(bytes.as_slice()));
    }

    #[test]
    fn found_rows_may_be_discarded() {
        let bytes = [a([s("one")]).bytes(), a([s("two")]).bytes()].concat();
        let mut scanner = RowScanner::default();
        assert_eq!(scanner.next_row(&bytes[..7]), Ok(Some(5)));
        assert_eq!(scanner.next_row(&bytes[..7]), Ok(None));
        scanner.discard(5);
        assert_eq!(scanner.next_row(&bytes[5..]), Ok(Some(5)));
    }

    #[test]
    fn heads_change_form_with_their_length() {
        for (len, head) in [
            (15, vec![0x8f]),
            (16, vec![0xde, 0, 16]),
            (65_535, vec![0xde, 0xff, 0xff]),
            (65_536, vec![0xdf, 0, 1, 0, 0]),
        ] {
            let mut out = Vec::new();
            write_map_len(&mut out, len);
            assert_eq!(out, head);
        }
        for len in [0, 31, 32, 255, 256, 65_535, 65_536] {
            let text = "x".repeat(len);
            let mut out = Vec::new();
            write_str(&mut out, &text).unwrap();
            assert_eq!(out, s(&text).bytes(), "{len}");
        }
    }

    #[test]
    fn values_are_described_briefly() {
        let long = "é".repeat(1000);
        assert_eq!(
            Value::Str(long.as_bytes()).describe().chars().count(),
            9 + 43
        );
        assert_eq!(
            Value::Str(b"a\xff\n").describe(),
            "the text \"a\u{fffd}\\n\""
        );
        let words = [
            Value::Nil,
            Value::Bool(true),
            Value::Int(-1),
            Value::BigInt(u64::MAX),
            Value::F32(0.5),
            Value::F64(f64::NAN),
            Value::Bin(b"abc"),
            Value::Array(2),
            Value::Map(3),
            Value::Ext(-1, b""),
        ]
        .map(|value| value.describe());
        assert_eq!(
            words,
            [
                "NULL",
                "the boolean true",
                "the integer -1",
                "the integer 18446744073709551615",
                "the float 0.5",
                "the float NaN",
                "3 bytes of binary",
                "an array of 2",
                "a map of 3",
                "0 bytes of extension type -1",
            ]
        );
    }

    proptest! {
        #[test]
        fn any_value_is_read_back(value in any_value()) {
            let bytes = value.bytes();
            let mut reader = Reader::new(&bytes);
            // Compared as bytes, so that NaN equals itself.
            prop_assert_eq!(read(&mut reader).map(|read| read.bytes()), Ok(bytes.clone()));
            prop_assert!(reader.is_empty());
            prop_assert_eq!(Reader::new(&bytes).skip(), Ok(bytes.as_slice()));
        }

        #[test]
        fn rows_are_found_however_the_buffer_grows(values in prop::collection::vec(any_value(), 0..5)) {
            let mut bytes = Vec::new();
            let mut ends = Vec::new();
            for value in values {
                a([value, V::Nil]).write(&mut bytes);
                ends.push(bytes.len());
            }
            for size in CHUNK_SIZES {
                prop_assert_eq!(row_ends(&bytes, size), Ok(ends.clone()));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::new(&bytes);
            while !reader.is_empty() && read(&mut reader).is_ok() {}
            let skipped = Reader::new(&bytes).skip();
            let read = read(&mut Reader::new(&bytes));
            prop_assert_eq!(skipped.is_ok(), read.is_ok());
            let whole = row_ends(&bytes, usize::MAX);
            for size in CHUNK_SIZES {
                prop_assert_eq!(row_ends(&bytes, size), whole.clone());
            }
        }
    }
}
