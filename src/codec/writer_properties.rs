//! Writer properties of the Parquet files.

use arrow_schema::Schema;
use parquet::{
    arrow::ArrowSchemaConverter,
    basic::{self, GzipLevel, ZstdLevel},
    file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
};

use crate::{
    Result,
    parquet_options::{Compression, EncodeOptions},
};

/// Level of Zstandard and gzip. Higher levels cost much more time than they save in size.
const LEVEL: i32 = 1;

/// The `created_by` field of the files.
pub fn created_by() -> String {
    format!("petit version {}", env!("CARGO_PKG_VERSION"))
}

/// Properties of files of `schema`. The writer itself never ends a row group.
pub fn properties(schema: &Schema, options: &EncodeOptions) -> Result<WriterPropertiesBuilder> {
    let mut properties = WriterProperties::builder()
        .set_created_by(created_by())
        .set_compression(compression(options.compression)?)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(None)
        .set_max_row_group_bytes(None);
    let columns = ArrowSchemaConverter::new().convert(schema)?;
    for (index, column) in columns.columns().iter().enumerate() {
        if options.plain_columns.contains(&index) {
            properties = properties.set_column_dictionary_enabled(column.path().clone(), false);
        }
    }
    Ok(properties)
}

fn compression(compression: Compression) -> Result<basic::Compression> {
    Ok(match compression {
        Compression::Zstd => basic::Compression::ZSTD(ZstdLevel::try_new(LEVEL)?),
        Compression::Snappy => basic::Compression::SNAPPY,
        Compression::Gzip => basic::Compression::GZIP(GzipLevel::try_new(LEVEL.unsigned_abs())?),
        Compression::Lz4 => basic::Compression::LZ4_RAW,
        Compression::None => basic::Compression::UNCOMPRESSED,
    })
}
