//! The codec's classes and functions. A method called after `finish` throws `invalid_option`.

use petit_codec::{
    digest::Digest,
    inspect,
    mask::Masker,
    part::{PART_HEADER, Part, SegmentWriter},
    row_group::{self, FILE_MAGIC, RowGroupEncoder},
    schema::ResultSchema,
    small_result,
    splitter::Splitter,
    stitch::Stitcher,
};
use wasm_bindgen::prelude::*;

use crate::{
    convert::{IntoJs, JsResult, finished, from_js, to_js, to_u64},
    types::{
        JsDialect, JsEncodeOptions, JsEncodedRowGroup, JsFileDescription, JsMaskedColumns,
        JsMetadata, JsRow, JsRowBatch, JsRows, JsSchemaDescription, JsSegment, JsSegmentOptions,
        JsSplitOptions, JsTableName,
    },
};

/// See [`Splitter`].
#[wasm_bindgen(js_name = Splitter)]
pub struct WasmSplitter(Splitter);

#[wasm_bindgen(js_class = Splitter)]
impl WasmSplitter {
    /// See [`Splitter::try_new`].
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsSplitOptions) -> JsResult<Self> {
        Splitter::try_new(from_js(options)?).map(Self).into_js()
    }

    /// Adds compressed bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        self.0.push(chunk);
    }

    /// Returns the next batch, or undefined if it needs more bytes.
    pub fn next(&mut self) -> JsResult<Option<JsRowBatch>> {
        let batch = self.0.next().into_js()?;
        batch.as_ref().map(to_js).transpose()
    }

    /// Marks the end of the bytes.
    pub fn finish(&mut self) {
        self.0.finish();
    }
}

/// See [`Masker`].
#[wasm_bindgen(js_name = Masker)]
pub struct WasmMasker(Masker);

#[wasm_bindgen(js_class = Masker)]
impl WasmMasker {
    /// See [`Masker::try_new`].
    #[wasm_bindgen(constructor)]
    pub fn new(columns: JsMaskedColumns, secret: Option<String>, first_row: f64) -> JsResult<Self> {
        let columns = from_js(columns)?;
        let masker = Masker::try_new(&columns, secret.as_deref(), to_u64(first_row)?);
        masker.map(Self).into_js()
    }

    /// Returns whole rows with masked values.
    pub fn mask(&mut self, rows: &[u8]) -> JsResult<Vec<u8>> {
        self.0.mask(rows).map(<[u8]>::to_vec).into_js()
    }
}

/// See [`RowGroupEncoder`].
#[wasm_bindgen(js_name = RowGroupEncoder)]
pub struct WasmRowGroupEncoder(Option<RowGroupEncoder>);

#[wasm_bindgen(js_class = RowGroupEncoder)]
impl WasmRowGroupEncoder {
    /// `schema`: a job's `hive_result_schema`.
    #[wasm_bindgen(constructor)]
    pub fn new(schema: &str, options: JsEncodeOptions, first_row: f64) -> JsResult<Self> {
        let options = from_js(options)?;
        let schema = ResultSchema::of_file(schema, &options).into_js()?;
        let encoder = RowGroupEncoder::try_new(&schema, &options, to_u64(first_row)?);
        encoder.map(|encoder| Self(Some(encoder))).into_js()
    }

    /// Decodes whole rows to a record batch.
    pub fn decode(&mut self, rows: &[u8]) -> JsResult<()> {
        self.0.as_mut().ok_or_else(finished)?.decode(rows).into_js()
    }

    /// Writes the record batch.
    pub fn write(&mut self) -> JsResult<()> {
        self.0.as_mut().ok_or_else(finished)?.write().into_js()
    }

    /// Returns the row group.
    pub fn finish(&mut self) -> JsResult<JsEncodedRowGroup> {
        to_js(&self.0.take().ok_or_else(finished)?.finish().into_js()?)
    }
}

/// See [`row_group::default_bytes`]; `schema`: a job's `hive_result_schema`.
#[wasm_bindgen(js_name = defaultRowGroupBytes)]
pub fn default_row_group_bytes(schema: &str) -> JsResult<u32> {
    let schema = ResultSchema::parse(schema).into_js()?;
    Ok(row_group::default_bytes(schema.columns().len()))
}

/// See [`Stitcher`].
#[wasm_bindgen(js_name = Stitcher)]
pub struct WasmStitcher(Option<Stitcher>);

#[wasm_bindgen(js_class = Stitcher)]
impl WasmStitcher {
    /// `metadata`: key-value metadata of the file.
    #[wasm_bindgen(constructor)]
    pub fn new(schema: &str, options: JsEncodeOptions, metadata: JsMetadata) -> JsResult<Self> {
        let options = from_js(options)?;
        let schema = ResultSchema::of_file(schema, &options).into_js()?;
        let stitcher = Stitcher::try_new(&schema, &options, from_js(metadata)?);
        stitcher.map(|stitcher| Self(Some(stitcher))).into_js()
    }

    /// The bytes that precede the row groups.
    pub fn head(&self) -> Vec<u8> {
        FILE_MAGIC.to_vec()
    }

    /// Adds a row group: the footer of its file, and the length of its data.
    pub fn append(&mut self, footer: Vec<u8>, data_length: f64) -> JsResult<()> {
        let stitcher = self.0.as_mut().ok_or_else(finished)?;
        stitcher.append(footer, to_u64(data_length)?).into_js()
    }

    /// Returns the bytes that follow the row groups.
    pub fn finish(&mut self) -> JsResult<Vec<u8>> {
        self.0.take().ok_or_else(finished)?.finish().into_js()
    }
}

/// See [`ResultSchema::describe`]; `schema`: a job's `hive_result_schema`.
#[wasm_bindgen(js_name = describeSchema)]
pub fn describe_schema(schema: &str, options: JsEncodeOptions) -> JsResult<JsSchemaDescription> {
    let options = from_js(options)?;
    let schema = ResultSchema::of_file(schema, &options).into_js()?;
    to_js(&schema.describe(&options))
}

/// See [`inspect::footer_length`]. `tail`: the last bytes of a file of `file_length` bytes.
#[wasm_bindgen(js_name = footerLength)]
pub fn footer_length(tail: &[u8], file_length: f64) -> JsResult<usize> {
    inspect::footer_length(tail, to_u64(file_length)?).into_js()
}

/// See [`inspect::describe`].
#[wasm_bindgen(js_name = describeFile)]
pub fn describe_file(footer: &[u8], file_length: f64) -> JsResult<JsFileDescription> {
    to_js(&inspect::describe(footer, to_u64(file_length)?).into_js()?)
}

/// See [`inspect::table_ddl`].
#[wasm_bindgen(js_name = tableDdl)]
pub fn table_ddl(footer: &[u8], dialect: JsDialect, name: JsTableName) -> JsResult<String> {
    inspect::table_ddl(footer, from_js(dialect)?, &from_js(name)?).into_js()
}

/// See [`SegmentWriter`].
#[wasm_bindgen(js_name = SegmentWriter)]
pub struct WasmSegmentWriter(Option<SegmentWriter>);

#[wasm_bindgen(js_class = SegmentWriter)]
impl WasmSegmentWriter {
    /// `keys`: the record keys in the order of a row's values.
    #[wasm_bindgen(constructor)]
    pub fn new(keys: Vec<String>, options: JsSegmentOptions) -> JsResult<Self> {
        let writer = SegmentWriter::try_new(keys, from_js(options)?);
        writer.map(|writer| Self(Some(writer))).into_js()
    }

    /// Converts whole rows to maps.
    pub fn reframe(&mut self, rows: &[u8]) -> JsResult<()> {
        let writer = self.0.as_mut().ok_or_else(finished)?;
        writer.reframe(rows).into_js()
    }

    /// Compresses the maps.
    pub fn deflate(&mut self) -> JsResult<()> {
        self.0.as_mut().ok_or_else(finished)?.deflate().into_js()
    }

    /// Returns the segment.
    pub fn finish(&mut self) -> JsResult<JsSegment> {
        to_js(&self.0.take().ok_or_else(finished)?.finish().into_js()?)
    }
}

/// See [`Part`].
#[wasm_bindgen(js_name = Part)]
pub struct WasmPart(Option<Part>);

#[wasm_bindgen(js_class = Part)]
impl WasmPart {
    /// A part without rows.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self(Some(Part::default()))
    }

    /// The bytes that precede the segments.
    pub fn head(&self) -> Vec<u8> {
        PART_HEADER.to_vec()
    }

    /// Adds a segment.
    pub fn append(&mut self, crc: u32, byte_length: f64) -> JsResult<()> {
        let part = self.0.as_mut().ok_or_else(finished)?;
        part.append(crc, to_u64(byte_length)?);
        Ok(())
    }

    /// Returns the bytes that follow the segments.
    pub fn finish(&mut self) -> JsResult<Vec<u8>> {
        Ok(self.0.take().ok_or_else(finished)?.finish())
    }
}

/// See [`Digest`].
#[wasm_bindgen(js_name = Digest)]
#[derive(Debug, Default)]
pub struct WasmDigest(Digest);

#[wasm_bindgen(js_class = Digest)]
impl WasmDigest {
    /// A checksum of no rows.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds whole rows.
    pub fn push(&mut self, rows: &[u8]) -> JsResult<()> {
        self.0.push(rows).into_js()
    }

    /// The number of rows.
    #[wasm_bindgen(getter)]
    pub fn rows(&self) -> u64 {
        self.0.rows()
    }

    /// The checksum, in hexadecimal.
    #[wasm_bindgen(getter)]
    pub fn text(&self) -> String {
        self.0.hex()
    }
}

/// See [`small_result::read_count`].
#[wasm_bindgen(js_name = readCount)]
pub fn read_count(gzipped: &[u8]) -> JsResult<u64> {
    small_result::read_count(gzipped).into_js()
}

/// See [`small_result::read_row`].
#[wasm_bindgen(js_name = readRow)]
pub fn read_row(gzipped: &[u8]) -> JsResult<JsRow> {
    to_js(&small_result::read_row(gzipped).into_js()?)
}

/// See [`small_result::read_rows`].
#[wasm_bindgen(js_name = readRows)]
pub fn read_rows(gzipped: &[u8]) -> JsResult<JsRows> {
    to_js(&small_result::read_rows(gzipped).into_js()?)
}

/// See [`small_result::sample_records`], and [`small_result::describe_records`] without values.
#[wasm_bindgen(js_name = sampleRecords)]
pub fn sample_records(gzipped: &[u8], max: usize, show_values: bool) -> Vec<String> {
    if show_values {
        small_result::sample_records(gzipped, max)
    } else {
        small_result::describe_records(gzipped, max)
    }
}
