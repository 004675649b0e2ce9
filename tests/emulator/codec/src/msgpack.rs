//! MessagePack, read straight from bytes and written straight into a `Vec`.

/// Why bytes could not be read as MessagePack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// They end inside a value: more bytes may help.
    End,
    /// They hold the byte that MessagePack never uses.
    Invalid,
}

/// One value's head: scalars whole, containers by their length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// nil
    Nil,
    /// true or false
    Bool(bool),
    /// Any integer that fits 64 bits with a sign.
    Int(i64),
    /// Integers above `i64::MAX`.
    UInt(u64),
    /// Both float sizes.
    Float(f64),
    /// str: bytes, which need not be UTF-8.
    Text(&'a [u8]),
    /// bin
    Binary(&'a [u8]),
    /// An array of this many values.
    Array(u32),
    /// A map of this many pairs.
    Map(u32),
    /// An ext value, its payload skipped.
    Ext,
}

/// Reads values from the front of a slice.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader over `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The bytes that are not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads one value's head.
    #[inline]
    pub fn read(&mut self) -> Result<Value<'a>, Fault> {
        let [tag] = self.array()?;
        Ok(match tag {
            0x00..=0x7f => Value::Int(i64::from(tag)),
            0x80..=0x8f => Value::Map(u32::from(tag & 0x0f)),
            0x90..=0x9f => Value::Array(u32::from(tag & 0x0f)),
            0xa0..=0xbf => Value::Text(self.slice(u32::from(tag & 0x1f))?),
            0xc0 => Value::Nil,
            0xc1 => return Err(Fault::Invalid),
            0xc2 => Value::Bool(false),
            0xc3 => Value::Bool(true),
            0xc4..=0xc6 => {
                let length = self.length(tag - 0xc4)?;
                Value::Binary(self.slice(length)?)
            }
            0xc7..=0xc9 => {
                let length = self.length(tag - 0xc7)?;
                self.ext(length)?
            }
            0xca => Value::Float(f64::from(f32::from_be_bytes(self.array()?))),
            0xcb => Value::Float(f64::from_be_bytes(self.array()?)),
            0xcc => Value::Int(i64::from(u8::from_be_bytes(self.array()?))),
            0xcd => Value::Int(i64::from(u16::from_be_bytes(self.array()?))),
            0xce => Value::Int(i64::from(u32::from_be_bytes(self.array()?))),
            0xcf => {
                let value = u64::from_be_bytes(self.array()?);
                i64::try_from(value).map_or(Value::UInt(value), Value::Int)
            }
            0xd0 => Value::Int(i64::from(i8::from_be_bytes(self.array()?))),
            0xd1 => Value::Int(i64::from(i16::from_be_bytes(self.array()?))),
            0xd2 => Value::Int(i64::from(i32::from_be_bytes(self.array()?))),
            0xd3 => Value::Int(i64::from_be_bytes(self.array()?)),
            0xd4..=0xd8 => self.ext(1 << (tag - 0xd4))?,
            0xd9..=0xdb => {
                let length = self.length(tag - 0xd9)?;
                Value::Text(self.slice(length)?)
            }
            0xdc | 0xdd => Value::Array(self.length(tag - 0xdb)?),
            0xde | 0xdf => Value::Map(self.length(tag - 0xdd)?),
            0xe0..=0xff => Value::Int(i64::from(i8::from_be_bytes([tag]))),
        })
    }

    /// Reads one value with all that is in it, and gives its bytes.
    #[inline]
    pub fn skip(&mut self) -> Result<&'a [u8], Fault> {
        let start = self.rest;
        let mut outstanding = 1_u64;
        while outstanding > 0 {
            outstanding -= 1;
            match self.read()? {
                Value::Array(length) => outstanding += u64::from(length),
                Value::Map(length) => outstanding += 2 * u64::from(length),
                Value::Nil
                | Value::Bool(_)
                | Value::Int(_)
                | Value::UInt(_)
                | Value::Float(_)
                | Value::Text(_)
                | Value::Binary(_)
                | Value::Ext => {}
            }
        }
        start
            .get(..start.len() - self.rest.len())
            .ok_or(Fault::Invalid)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(Fault::End)?;
        self.rest = rest;
        Ok(*head)
    }

    #[inline]
    fn slice(&mut self, length: u32) -> Result<&'a [u8], Fault> {
        let length = usize::try_from(length).map_err(|_| Fault::Invalid)?;
        let (head, rest) = self.rest.split_at_checked(length).ok_or(Fault::End)?;
        self.rest = rest;
        Ok(head)
    }

    /// A length of 1, 2 or 4 bytes, for a size of 0, 1 or 2.
    #[inline]
    fn length(&mut self, size: u8) -> Result<u32, Fault> {
        Ok(match size {
            0 => u32::from(u8::from_be_bytes(self.array()?)),
            1 => u32::from(u16::from_be_bytes(self.array()?)),
            _ => u32::from_be_bytes(self.array()?),
        })
    }

    fn ext(&mut self, length: u32) -> Result<Value<'a>, Fault> {
        let [_kind] = self.array()?;
        self.slice(length)?;
        Ok(Value::Ext)
    }
}

/// Writes nil.
pub fn write_nil(out: &mut Vec<u8>) {
    out.push(0xc0);
}

/// Writes true or false.
pub fn write_bool(out: &mut Vec<u8>, value: bool) {
    out.push(if value { 0xc3 } else { 0xc2 });
}

/// Writes an integer in its shortest form, as TD does.
#[inline]
pub fn write_int(out: &mut Vec<u8>, value: i64) {
    if let Ok(value) = u64::try_from(value) {
        write_uint(out, value);
    } else if value >= -32 {
        // The negative fixint is the value's own low byte.
        out.extend_from_slice(value.to_be_bytes().last_chunk::<1>().unwrap_or(&[0xff]));
    } else if let Ok(value) = i8::try_from(value) {
        tagged(out, 0xd0, value.to_be_bytes());
    } else if let Ok(value) = i16::try_from(value) {
        tagged(out, 0xd1, value.to_be_bytes());
    } else if let Ok(value) = i32::try_from(value) {
        tagged(out, 0xd2, value.to_be_bytes());
    } else {
        tagged(out, 0xd3, value.to_be_bytes());
    }
}

/// Writes an integer without a sign in its shortest form.
#[inline]
pub fn write_uint(out: &mut Vec<u8>, value: u64) {
    if let Ok(value) = u8::try_from(value) {
        if value < 0x80 {
            out.push(value);
        } else {
            tagged(out, 0xcc, [value]);
        }
    } else if let Ok(value) = u16::try_from(value) {
        tagged(out, 0xcd, value.to_be_bytes());
    } else if let Ok(value) = u32::try_from(value) {
        tagged(out, 0xce, value.to_be_bytes());
    } else {
        tagged(out, 0xcf, value.to_be_bytes());
    }
}

/// Writes a 64-bit float, whatever its value.
#[inline]
pub fn write_float(out: &mut Vec<u8>, value: f64) {
    tagged(out, 0xcb, value.to_be_bytes());
}

/// Writes str of these bytes.
#[inline]
pub fn write_text(out: &mut Vec<u8>, bytes: &[u8]) {
    if let (Ok(length), true) = (u8::try_from(bytes.len()), bytes.len() < 32) {
        out.push(0xa0 | length);
    } else {
        write_length(out, bytes.len(), [Some(0xd9), Some(0xda), Some(0xdb)]);
    }
    out.extend_from_slice(bytes);
}

/// Writes bin of these bytes.
pub fn write_binary(out: &mut Vec<u8>, bytes: &[u8]) {
    write_length(out, bytes.len(), [Some(0xc4), Some(0xc5), Some(0xc6)]);
    out.extend_from_slice(bytes);
}

/// Writes an array's head.
pub fn write_array(out: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(length) if length < 16 => out.push(0x90 | length),
        _ => write_length(out, length, [None, Some(0xdc), Some(0xdd)]),
    }
}

/// Writes a map's head.
pub fn write_map(out: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(length) if length < 16 => out.push(0x80 | length),
        _ => write_length(out, length, [None, Some(0xde), Some(0xdf)]),
    }
}

#[inline]
fn tagged<const N: usize>(out: &mut Vec<u8>, tag: u8, bytes: [u8; N]) {
    out.push(tag);
    out.extend_from_slice(&bytes);
}

/// Writes a length under the smallest of the tags for 1, 2 and 4 bytes. Lengths above `u32::MAX` cannot come up:
/// Arrow offsets are 32 bits.
fn write_length(out: &mut Vec<u8>, length: usize, [one, two, four]: [Option<u8>; 3]) {
    if let (Some(tag), Ok(length)) = (one, u8::try_from(length)) {
        tagged(out, tag, [length]);
    } else if let (Some(tag), Ok(length)) = (two, u16::try_from(length)) {
        tagged(out, tag, length.to_be_bytes());
    } else if let Some(tag) = four {
        tagged(
            out,
            tag,
            u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes(),
        );
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn integers_take_their_shortest_form_and_come_back() {
        let cases: [(i64, usize); 14] = [
            (0, 1),
            (127, 1),
            (128, 2),
            (255, 2),
            (256, 3),
            (65_536, 5),
            (4_294_967_296, 9),
            (i64::MAX, 9),
            (-1, 1),
            (-32, 1),
            (-33, 2),
            (-129, 3),
            (-32_769, 5),
            (i64::MIN, 9),
        ];
        for (value, length) in cases {
            let mut bytes = Vec::new();
            write_int(&mut bytes, value);
            assert_eq!(bytes.len(), length, "{value}");
            assert_eq!(Reader::new(&bytes).read(), Ok(Value::Int(value)));
        }
    }

    #[test]
    fn lengths_take_their_shortest_form_and_come_back() {
        for (length, head) in [(0, 1), (31, 1), (32, 2), (255, 2), (256, 3), (65_536, 5)] {
            let mut bytes = Vec::new();
            write_text(&mut bytes, &vec![b'x'; length]);
            assert_eq!(bytes.len(), head + length);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.skip().unwrap().len(), head + length);
        }
    }

    #[test]
    fn values_above_the_signed_range_are_told_apart() {
        let mut bytes = Vec::new();
        write_uint(&mut bytes, u64::MAX);
        assert_eq!(Reader::new(&bytes).read(), Ok(Value::UInt(u64::MAX)));
    }

    #[test]
    fn torn_values_ask_for_more_and_bad_bytes_do_not() {
        let whole = [
            0x82, 0xa1, b'a', 0x93, 1, 2, 3, 0xa1, b'b', 0xc7, 2, 9, 1, 1,
        ];
        for end in 0..whole.len() {
            let torn = whole.get(..end).unwrap();
            assert_eq!(Reader::new(torn).skip(), Err(Fault::End), "{end}");
        }
        assert_eq!(Reader::new(&whole).skip(), Ok(whole.as_slice()));
        assert_eq!(Reader::new(&[0x91, 0xc1]).skip(), Err(Fault::Invalid));
    }
}
