//! Options of the Parquet files.

use serde::Deserialize;

/// The compression of data pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Zstandard, level 1.
    #[default]
    Zstd,
    /// Snappy.
    Snappy,
    /// Gzip, level 1.
    Gzip,
    /// LZ4 blocks without a frame (`LZ4_RAW`).
    Lz4,
    /// No compression.
    None,
}

/// The handling of text that is not UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum InvalidUtf8 {
    /// Fail with `invalid_utf8`.
    #[default]
    Error,
    /// Replace invalid bytes by U+FFFD.
    Replace,
    /// Write all text columns as binary columns, whether their text is valid or not.
    Binary,
}

/// The encodings of columns that a dictionary does not make smaller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Encodings {
    /// Those of Parquet 1.0: plain values and dictionaries. Every reader has them.
    #[default]
    Compatible,
    /// Also `DELTA_BINARY_PACKED` for integers. Some readers lack it, such as Polars 0.20 and hyparquet 1.8.
    Delta,
    /// Also `DELTA_LENGTH_BYTE_ARRAY` for text and `BYTE_STREAM_SPLIT` for floats. Some readers lack them, such as pyarrow
    /// 10, fastparquet and Spark 3.3.
    Modern,
}

/// Options of a Parquet file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EncodeOptions {
    /// Compression of all columns. Default: Zstandard.
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub compression: Compression,
    /// Handling of text that is not UTF-8. Default: an error.
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub invalid_utf8: InvalidUtf8,
    /// The encodings of columns that a dictionary does not make smaller. Default: those that every common reader has.
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub encodings: Encodings,
    /// Names of columns whose integers, in Unix seconds, become timestamps. Names are case-insensitive. Default: none.
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub timestamp_columns: Vec<String>,
    /// Indexes of the leaf columns that are written without a dictionary. Default: none.
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub plain_columns: Vec<usize>,
    /// Indexes of the leaf columns that are written as `DELTA_BINARY_PACKED`. Default: none.
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub delta_columns: Vec<usize>,
    /// Whether errors show the values that they are about. Default: only their types.
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub show_values: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_from_camel_case() {
        let options: EncodeOptions = serde_json::from_str(
            r#"{"compression":"lz4","invalidUtf8":"binary","encodings":"delta","plainColumns":[2],"deltaColumns":[3]}"#,
        )
        .unwrap();
        assert_eq!(options.compression, Compression::Lz4);
        assert_eq!(options.invalid_utf8, InvalidUtf8::Binary);
        assert_eq!(options.encodings, Encodings::Delta);
        assert_eq!(options.plain_columns, [2]);
        assert_eq!(options.delta_columns, [3]);
        let options: EncodeOptions = serde_json::from_str("{}").unwrap();
        assert_eq!(options, EncodeOptions::default());
        assert!(serde_json::from_str::<EncodeOptions>(r#"{"compresion":"lz4"}"#).is_err());
    }
}
