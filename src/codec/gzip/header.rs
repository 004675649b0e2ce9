//! The header of a gzip member.

use zlib_rs::crc32::crc32;

/// The header of a member (RFC 1952 §2.3), parsed byte by byte. Its contents are validated and dropped.
#[derive(Debug, Default)]
pub struct Header {
    field: HeaderField,
    /// Number of bytes of the field so far.
    len: u16,
    flags: u8,
    /// Number of remaining bytes of the extra field.
    extra: u16,
    crc: u32,
}

/// A field of the header.
#[derive(Debug, Default, Clone, Copy)]
pub enum HeaderField {
    /// Magic, compression method, flags, time, extra flags and operating system.
    #[default]
    Fixed,
    /// Length of the extra field.
    ExtraLength,
    /// The extra field.
    Extra,
    /// File name, terminated by zero.
    Name,
    /// Comment, terminated by zero.
    Comment,
    /// The low half of the CRC-32 of the header.
    Crc,
}

impl Header {
    const MAGIC: [u8; 2] = [0x1f, 0x8b];
    const DEFLATE: u8 = 8;
    const FIXED_BYTES: u16 = 10;
    /// Reserved flags, which must not be set.
    const RESERVED: u8 = 0b1110_0000;
    /// The optional fields in their order, with their flags.
    pub const OPTIONAL: [(HeaderField, u8); 4] = [
        (HeaderField::ExtraLength, 1 << 2),
        (HeaderField::Name, 1 << 3),
        (HeaderField::Comment, 1 << 4),
        (HeaderField::Crc, 1 << 1),
    ];

    /// Adds a byte; returns whether it completes the header.
    ///
    /// # Errors
    /// A reason for a message.
    pub fn push(&mut self, byte: u8) -> Result<bool, &'static str> {
        let index = self.len;
        self.len = self.len.saturating_add(1);
        let expected = self.crc.to_le_bytes();
        self.crc = crc32(self.crc, &[byte]);
        let fields_done = match self.field {
            HeaderField::Fixed => {
                match index {
                    0 | 1 if Self::MAGIC.get(usize::from(index)) != Some(&byte) => {
                        return Err("incorrect header check");
                    }
                    2 if byte != Self::DEFLATE => return Err("unknown compression method"),
                    3 if byte & Self::RESERVED != 0 => return Err("unknown header flags set"),
                    3 => self.flags = byte,
                    _ => {}
                }
                (self.len == Self::FIXED_BYTES).then_some(0)
            }
            HeaderField::ExtraLength => {
                self.extra |= u16::from(byte) << (8 * index);
                if self.len == 2 && self.extra > 0 {
                    self.field = HeaderField::Extra;
                }
                (self.len == 2 && self.extra == 0).then_some(1)
            }
            HeaderField::Extra => {
                self.extra -= 1;
                (self.extra == 0).then_some(1)
            }
            HeaderField::Name => (byte == 0).then_some(2),
            HeaderField::Comment => (byte == 0).then_some(3),
            HeaderField::Crc => {
                self.crc = u32::from_le_bytes(expected);
                if expected.get(usize::from(index)) != Some(&byte) {
                    return Err("header crc mismatch");
                }
                (self.len == 2).then_some(4)
            }
        };
        let Some(done) = fields_done else {
            return Ok(false);
        };
        let mut rest = Self::OPTIONAL.iter().skip(done);
        let next = rest.find(|(_, flag)| self.flags & flag != 0);
        if let Some((field, _)) = next {
            (self.field, self.len) = (*field, 0);
        }
        Ok(next.is_none())
    }
}
