//! Lengths of MessagePack values, without decoding them. The format is that of
//! <https://github.com/msgpack/msgpack/blob/master/spec.md>.

use super::malformed::Malformed;

/// The length of a value, as its first bytes declare it.
pub struct Extent {
    /// Bytes of the marker, the length, and the text or number.
    pub bytes: usize,
    /// Number of nested values that follow.
    pub values: usize,
}

/// The extent of the value at the start of `bytes`; `None` if `bytes` end inside its marker or length.
#[inline(always)]
pub fn extent(bytes: &[u8]) -> Result<Option<Extent>, Malformed> {
    let Some((&marker, after)) = bytes.split_first() else {
        return Ok(None);
    };
    match FIXED_EXTENTS.get(usize::from(marker)) {
        Some(&(bytes @ 1.., values)) => Ok(Some(Extent {
            bytes: bytes.into(),
            values: values.into(),
        })),
        _ => sized_extent(marker, after),
    }
}

/// By marker, the [`Extent`] of values whose marker declares it; 0 bytes for all others. A lookup is faster than a match.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, and a byte is below 256"
)]
const FIXED_EXTENTS: [(u8, u8); 256] = {
    let mut extents = [(0, 0); 256];
    let mut marker = 0_u8;
    while marker < u8::MAX {
        extents[marker as usize] = fixed_extent(marker);
        marker += 1;
    }
    extents[marker as usize] = fixed_extent(marker);
    extents
};

const fn fixed_extent(marker: u8) -> (u8, u8) {
    match marker {
        0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => (1, 0),
        0x80..=0x8f => (1, (marker & 0x0f) * 2),
        0x90..=0x9f => (1, marker & 0x0f),
        0xa0..=0xbf => (1 + (marker & 0x1f), 0),
        0xcc | 0xd0 => (2, 0),
        0xcd | 0xd1 => (3, 0),
        0xca | 0xce | 0xd2 => (5, 0),
        0xcb | 0xcf | 0xd3 => (9, 0),
        0xd4..=0xd8 => (2 + (1 << (marker - 0xd4)), 0),
        0xc1 | 0xc4..=0xc9 | 0xd9..=0xdf => (0, 0),
    }
}

/// The extent of a value whose length follows its marker.
#[inline]
fn sized_extent(marker: u8, after: &[u8]) -> Result<Option<Extent>, Malformed> {
    let len = match marker {
        0xc4 | 0xc7 | 0xd9 => after.first().map(|&len| usize::from(len)),
        0xc5 | 0xc8 | 0xda | 0xdc | 0xde => after
            .first_chunk()
            .map(|&len| usize::from(u16::from_be_bytes(len))),
        _ => after
            .first_chunk()
            .map(|&len| u32::from_be_bytes(len) as usize),
    };
    let (head, len, values) = match (marker, len) {
        (0x00..=0xc3 | 0xca..=0xd8 | 0xe0..=0xff, _) => return Err(Malformed::Reserved),
        (_, None) => return Ok(None),
        (0xc4 | 0xd9, Some(len)) => (2, len, 0),
        (0xc5 | 0xda | 0xc7, Some(len)) => (3, len, 0),
        (0xc8, Some(len)) => (4, len, 0),
        (0xc6 | 0xdb, Some(len)) => (5, len, 0),
        (0xc9, Some(len)) => (6, len, 0),
        (0xdc, Some(values)) => (3, 0, values),
        (0xdd, Some(values)) => (5, 0, values),
        (0xde, Some(pairs)) => (3, 0, pairs * 2),
        (0xdf, Some(pairs)) => (5, 0, pairs.saturating_mul(2)),
    };
    Ok(Some(Extent {
        bytes: len.saturating_add(head),
        values,
    }))
}
