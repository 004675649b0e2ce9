//! Record batches to a Parquet file of one row group.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use parquet::{
    arrow::{
        ArrowSchemaConverter, ArrowWriter,
        arrow_writer::{
            ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions,
            compute_leaves,
        },
    },
    errors::ParquetError,
    file::{
        metadata::ParquetMetaData,
        properties::{WriterProperties, WriterPropertiesPtr},
        writer::SerializedFileWriter,
    },
};

/// Minimum number of columns for [`WideWriter`]. With so many, the buffers of `ArrowWriter` are larger than the rows.
const WIDE_COLUMNS: usize = 200;

/// Writes a row group.
#[derive(Debug)]
pub enum Writer {
    /// Encodes all columns at the same time, batch by batch.
    Narrow(Box<ArrowWriter<Vec<u8>>>),
    /// Encodes one column after the other, at the end.
    Wide(WideWriter),
}

impl Writer {
    /// The writer for the number of columns of `schema`.
    ///
    /// # Errors
    /// [`ParquetError`] for a schema that Parquet cannot represent.
    pub fn try_new(schema: SchemaRef, properties: WriterProperties) -> Result<Self, ParquetError> {
        if schema.flattened_fields().len() >= WIDE_COLUMNS {
            return Ok(Self::Wide(WideWriter::new(schema, Arc::new(properties))));
        }
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), schema, options)?;
        Ok(Self::Narrow(Box::new(writer)))
    }

    /// Adds rows.
    ///
    /// # Errors
    /// [`ParquetError`] if the encoder fails.
    pub fn write(&mut self, batch: RecordBatch) -> Result<(), ParquetError> {
        match self {
            Self::Narrow(writer) => writer.write(&batch),
            Self::Wide(writer) => {
                writer.batches.push(batch);
                Ok(())
            }
        }
    }

    /// Returns the file and its metadata.
    ///
    /// # Errors
    /// [`ParquetError`] if the encoder fails.
    pub fn finish(self) -> Result<(Vec<u8>, ParquetMetaData), ParquetError> {
        match self {
            Self::Narrow(mut writer) => {
                let metadata = writer.finish()?;
                Ok((std::mem::take(writer.inner_mut()), metadata))
            }
            Self::Wide(writer) => writer.finish(),
        }
    }
}

/// Collects the rows of a row group, and then writes column by column. `ArrowWriter` encodes all columns at the same time, and
/// holds about 160 KB for each of them (the hash table of the dictionary, the state of the codec), even if it is empty.
#[derive(Debug)]
pub struct WideWriter {
    schema: SchemaRef,
    properties: WriterPropertiesPtr,
    batches: Vec<RecordBatch>,
}

impl WideWriter {
    fn new(schema: SchemaRef, properties: WriterPropertiesPtr) -> Self {
        Self {
            schema,
            properties,
            batches: Vec::new(),
        }
    }

    fn finish(self) -> Result<(Vec<u8>, ParquetMetaData), ParquetError> {
        let mut file = self.file(&self.schema)?;
        let mut group = file.next_row_group()?;
        for (place, field) in self.schema.fields().iter().enumerate() {
            for chunk in self.encode(place, field)? {
                chunk.append_to_row_group(&mut group)?;
            }
        }
        group.close()?;
        let metadata = file.finish()?;
        Ok((std::mem::take(file.inner_mut()), metadata))
    }

    /// The column chunks of one field. A nested field has several.
    fn encode(
        &self,
        place: usize,
        field: &Arc<Field>,
    ) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
        let schema = Arc::new(Schema::new(vec![Arc::clone(field)]));
        let factory = ArrowRowGroupWriterFactory::new(&self.file(&schema)?, schema);
        let mut writers = factory.create_column_writers(0)?;
        for batch in &self.batches {
            let leaves = compute_leaves(field, batch.column(place))?;
            for (writer, leaf) in writers.iter_mut().zip(&leaves) {
                writer.write(leaf)?;
            }
        }
        writers.into_iter().map(ArrowColumnWriter::close).collect()
    }

    fn file(&self, schema: &Schema) -> Result<SerializedFileWriter<Vec<u8>>, ParquetError> {
        let columns = ArrowSchemaConverter::new()
            .schema_root("arrow_schema")
            .convert(schema)?;
        let properties = Arc::clone(&self.properties);
        SerializedFileWriter::new(Vec::new(), columns.root_schema_ptr(), properties)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        batch::BatchDecoder,
        parquet_options::EncodeOptions,
        schema::ResultSchema,
        testing::{V, a, rows, s},
        writer_properties,
    };

    const SCHEMA: &str = r#"[["id","bigint"],["name","varchar"],["tags","array(varchar)"],
        ["one","row(a bigint, b map(varchar, double))"],["flag","boolean"]]"#;

    #[test]
    fn wide_and_narrow_make_the_same_file() {
        let options = EncodeOptions {
            plain_columns: vec![0, 2],
            ..EncodeOptions::default()
        };
        let mut decoder = BatchDecoder::new(&ResultSchema::parse(SCHEMA).unwrap(), &options);
        let properties = writer_properties::properties(&decoder.schema(), &options).unwrap();
        let properties = properties.build();
        let mut narrow = Writer::try_new(decoder.schema(), properties.clone()).unwrap();
        assert!(matches!(narrow, Writer::Narrow(_)));
        let mut wide = Writer::Wide(WideWriter::new(decoder.schema(), Arc::new(properties)));
        for step in 0..3_u64 {
            let rows = rows((0..7000_i64).map(|row| {
                let few = s(["a", "b", "c"][usize::try_from(row % 3).unwrap()]);
                let tags = if row % 5 == 0 {
                    V::Nil
                } else {
                    a([few.clone(), few.clone()])
                };
                let one = a([V::Int(row), V::Nil]);
                [V::Int(row), few, tags, one, V::Bool(row % 2 == 0)]
            }));
            let batch = decoder.decode(&rows, step * 7000).unwrap();
            narrow.write(batch.clone()).unwrap();
            wide.write(batch).unwrap();
        }
        let (narrow, wide) = (narrow.finish().unwrap(), wide.finish().unwrap());
        assert!(narrow.0 == wide.0, "the files differ");
        assert_eq!(narrow.1.file_metadata().num_rows(), 21_000);
    }

    #[test]
    fn many_columns_are_written_one_after_the_other() {
        let columns: Vec<_> = (0..WIDE_COLUMNS)
            .map(|column| format!(r#"["c{column}","bigint"]"#))
            .collect();
        let schema = ResultSchema::parse(&format!("[{}]", columns.join(","))).unwrap();
        let schema = schema.arrow_schema(&EncodeOptions::default());
        let writer = Writer::try_new(schema, WriterProperties::builder().build()).unwrap();
        assert!(matches!(writer, Writer::Wide(_)));
    }
}
