//! Byte ranges of a stored job result.

use petit_text::MAX_SAFE_INTEGER;
use serde::Serialize;

/// A range of bytes to request (RFC 9110 §14.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte, from 0.
    pub start: u64,
    /// The last byte, inclusive; `None` for the end.
    pub end: Option<u64>,
}

impl ByteRange {
    /// The `Range` header.
    pub fn header(&self) -> String {
        let Self { start, end } = self;
        match end {
            None => format!("bytes={start}-"),
            Some(end) => format!("bytes={start}-{end}"),
        }
    }
}

/// What the headers of a response say about its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ResponseHead {
    /// 200, or 206 if the body is a range.
    pub status: u16,
    /// The byte range of the body, if the server sends it.
    pub content_range: Option<ContentRange>,
    /// The length of the body in bytes, if the server sends it.
    pub content_length: Option<u64>,
    /// The entity tag of this version of the body.
    pub etag: Option<String>,
    /// Whether `fetch` has undone a content coding, so that the bytes are not those of the stored result.
    pub is_decoded: bool,
}

/// The range of bytes in a response (RFC 9110 §14.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ContentRange {
    /// The first byte, from 0.
    pub start: u64,
    /// The last byte, inclusive.
    pub end: u64,
    /// Total number of bytes, if the server sends it.
    pub total: Option<u64>,
}

impl ContentRange {
    /// Parses a `Content-Range` header: `bytes 0-99/1000` are the first 100 of 1000 bytes.
    pub fn parse(header: &str) -> Option<Self> {
        let (unit, rest) = header.trim().split_once(' ')?;
        let (range, total) = rest.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let range = Self {
            start: header_number(first)?,
            end: header_number(last)?,
            total: match total.trim() {
                "*" => None,
                total => Some(header_number(total)?),
            },
        };
        let is_sound = unit.eq_ignore_ascii_case("bytes")
            && range.start <= range.end
            && range.total.is_none_or(|total| range.end < total);
        is_sound.then_some(range)
    }
}

/// Parses a number in a header: digits only, at most 2^53 - 1.
pub fn header_number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
        .filter(|number| *number <= MAX_SAFE_INTEGER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_count_as_http_does() {
        let header = |start, end| ByteRange { start, end }.header();
        assert_eq!(header(0, Some(99)), "bytes=0-99");
        assert_eq!(header(100, None), "bytes=100-");
    }

    #[test]
    fn content_ranges_are_read_strictly() {
        let range = |start, end, total| Some(ContentRange { start, end, total });
        let cases = [
            ("bytes 0-99/1000", range(0, 99, Some(1000))),
            (" Bytes 5-5/* ", range(5, 5, None)),
            ("bytes 0-999/1000", range(0, 999, Some(1000))),
            ("bytes */1000", None),
            ("bytes 9-5/1000", None),
            ("bytes 0-1000/1000", None),
            ("bytes 0-+9/1000", None),
            ("bytes 0-18446744073709551616/*", None),
            ("bytes -9/10", None),
            ("bytes 0-9", None),
            ("items 0-9/10", None),
            ("0-9/10", None),
            ("", None),
        ];
        for (header, expected) in cases {
            assert_eq!(ContentRange::parse(header), expected, "{header}");
        }
    }
}
