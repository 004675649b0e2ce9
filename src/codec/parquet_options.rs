//! Options of the Parquet files.

use serde::Deserialize;

/// How to compress data pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Zstandard, level 1.
    #[default]
    Zstd,
    /// Snappy.
    Snappy,
    /// Gzip, level 1.
    Gzip,
    /// LZ4 without its frame (`LZ4_RAW`).
    Lz4,
    /// Not at all.
    None,
}

/// What to do with text that is not UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidUtf8 {
    /// Refuse it.
    #[default]
    Error,
    /// Put U+FFFD in its place.
    Replace,
    /// Write every text column, valid or not, as binary.
    Binary,
}

/// How to write the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EncodeOptions {
    /// Compression of every column.
    pub compression: Compression,
    /// What to do with text that is not UTF-8.
    pub invalid_utf8: InvalidUtf8,
    /// Leaf columns (numbered from 0, as Parquet does) to write without a dictionary.
    pub plain_columns: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_from_camel_case() {
        let options: EncodeOptions = serde_json::from_str(
            r#"{"compression":"lz4","invalidUtf8":"binary","plainColumns":[2]}"#,
        )
        .unwrap();
        assert_eq!(options.compression, Compression::Lz4);
        assert_eq!(options.invalid_utf8, InvalidUtf8::Binary);
        assert_eq!(options.plain_columns, [2]);
        let options: EncodeOptions = serde_json::from_str("{}").unwrap();
        assert_eq!(options, EncodeOptions::default());
        assert!(serde_json::from_str::<EncodeOptions>(r#"{"compresion":"lz4"}"#).is_err());
    }
}
