//! The boundary to JavaScript: each class and function here turns its arguments into the core's types, makes one call and
//! turns back what came out. Errors become plain objects of the shape of [`ErrorReport`](crate::ErrorReport).

use serde::{Serialize, de::DeserializeOwned};
use serde_bytes::ByteBuf;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::{
    Error, Result, job, plan,
    row_group::{EncodeOptions, RowGroupEncoder},
    schema::ResultSchema,
    splitter::{SplitOptions, Splitter},
    stitch::Stitcher,
    td::{
        Call, Endpoint,
        client::{CallError, Client},
    },
};

type JsResult<T> = std::result::Result<T, JsValue>;

/// A panic leaves a message instead of a bare `unreachable`.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

fn to_js<T: Serialize>(value: &T) -> JsResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    Ok(value.serialize(&serializer)?)
}

fn from_js<T: DeserializeOwned>(value: JsValue) -> JsResult<T> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        error_to_js(&Error::InvalidOption { reason: error.to_string() })
    })
}

fn error_to_js(error: &Error) -> JsValue {
    to_js(&error.report()).unwrap_or_else(|unwritable| unwritable)
}

/// The core's result as wasm-bindgen wants it.
trait IntoJs<T> {
    fn into_js(self) -> JsResult<T>;
}

impl<T> IntoJs<T> for Result<T> {
    fn into_js(self) -> JsResult<T> {
        self.map_err(|error| error_to_js(&error))
    }
}

impl<T> IntoJs<T> for std::result::Result<T, CallError> {
    fn into_js(self) -> JsResult<T> {
        self.map_err(|error| match error {
            CallError::Failed(error) => error_to_js(&error),
            CallError::Aborted(reason) => reason,
        })
    }
}

/// What is left of an object whose work is done.
fn finished() -> JsValue {
    error_to_js(&Error::InvalidOption { reason: "used after finish".into() })
}

/// See [`Splitter`].
#[wasm_bindgen(js_name = Splitter)]
pub struct WasmSplitter(Splitter);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    rows: ByteBuf,
    row_count: u32,
    first_row: u64,
    ends_group: bool,
}

#[wasm_bindgen(js_class = Splitter)]
impl WasmSplitter {
    /// `options`: `{ stepRows, stepBytes, groupRows, groupBytes }`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> JsResult<Self> {
        Splitter::try_new(from_js::<SplitOptions>(options)?).map(Self).into_js()
    }

    /// Takes compressed bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        self.0.push(chunk);
    }

    /// Gives the next step, or undefined when it needs more bytes.
    pub fn next(&mut self) -> JsResult<JsValue> {
        let Some(step) = self.0.next().into_js()? else {
            return Ok(JsValue::UNDEFINED);
        };
        to_js(&Step {
            rows: ByteBuf::from(step.rows),
            row_count: step.row_count,
            first_row: step.first_row,
            ends_group: step.ends_group,
        })
    }

    /// Says that no more bytes come.
    pub fn finish(&mut self) {
        self.0.finish();
    }
}

/// See [`RowGroupEncoder`].
#[wasm_bindgen(js_name = RowGroupEncoder)]
pub struct WasmRowGroupEncoder(Option<RowGroupEncoder>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EncodedRowGroup {
    file: ByteBuf,
    row_count: u64,
    overflowed: Vec<usize>,
}

#[wasm_bindgen(js_class = RowGroupEncoder)]
impl WasmRowGroupEncoder {
    /// `schema`: a job's `hive_result_schema`; `options`: `{ compression, invalidUtf8, plainColumns }`.
    #[wasm_bindgen(constructor)]
    pub fn new(schema: &str, options: JsValue, first_row: f64) -> JsResult<Self> {
        let schema = ResultSchema::parse(schema).into_js()?;
        let options: EncodeOptions = from_js(options)?;
        let encoder = RowGroupEncoder::try_new(&schema, &options, to_u64(first_row)?);
        encoder.map(|encoder| Self(Some(encoder))).into_js()
    }

    /// Takes whole rows: one record batch.
    pub fn push(&mut self, rows: &[u8]) -> JsResult<()> {
        self.0.as_mut().ok_or_else(finished)?.push(rows).into_js()
    }

    /// Gives `{ file, rowCount, overflowed }`.
    pub fn finish(&mut self) -> JsResult<JsValue> {
        let encoded = self.0.take().ok_or_else(finished)?.finish().into_js()?;
        to_js(&EncodedRowGroup {
            file: ByteBuf::from(encoded.file),
            row_count: encoded.row_count,
            overflowed: encoded.overflowed,
        })
    }
}

/// See [`Stitcher`].
#[wasm_bindgen(js_name = Stitcher)]
pub struct WasmStitcher(Option<Stitcher>);

#[wasm_bindgen(js_class = Stitcher)]
impl WasmStitcher {
    /// `metadata`: an array of `[key, value]`.
    #[wasm_bindgen(constructor)]
    pub fn new(schema: &str, options: JsValue, metadata: JsValue) -> JsResult<Self> {
        let schema = ResultSchema::parse(schema).into_js()?;
        let options: EncodeOptions = from_js(options)?;
        let stitcher = Stitcher::try_new(&schema, &options, from_js(metadata)?);
        stitcher.map(|stitcher| Self(Some(stitcher))).into_js()
    }

    /// Takes a row group's file, gives the bytes to write.
    pub fn append(&mut self, file: Vec<u8>) -> JsResult<Vec<u8>> {
        self.0.as_mut().ok_or_else(finished)?.append(file).into_js()
    }

    /// Gives the last bytes of the file.
    pub fn finish(&mut self) -> JsResult<Vec<u8>> {
        self.0.take().ok_or_else(finished)?.finish().into_js()
    }
}

#[derive(Serialize)]
struct SchemaDescription {
    columns: Vec<ColumnDescription>,
    notes: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ColumnDescription {
    name: String,
    td_type: String,
    arrow_type: String,
}

/// What a result schema becomes: `{ columns: [{ name, tdType, arrowType }], notes }`.
#[wasm_bindgen(js_name = describeSchema)]
pub fn describe_schema(schema: &str, options: JsValue) -> JsResult<JsValue> {
    let schema = ResultSchema::parse(schema).into_js()?;
    let arrow_schema = schema.arrow_schema(&from_js::<EncodeOptions>(options)?);
    let columns = schema.columns().iter().zip(arrow_schema.fields()).map(|(column, field)| {
        ColumnDescription {
            name: column.name.clone(),
            td_type: column.type_name.clone(),
            arrow_type: field.data_type().to_string(),
        }
    });
    to_js(&SchemaDescription { columns: columns.collect(), notes: schema.notes().to_vec() })
}

/// See [`Client`].
#[wasm_bindgen(js_name = TdClient)]
pub struct WasmClient(Client);

#[wasm_bindgen(js_class = TdClient)]
impl WasmClient {
    /// `endpoint`: base URL of the API host.
    #[wasm_bindgen(constructor)]
    pub fn new(endpoint: &str, apikey: &str) -> JsResult<Self> {
        let endpoint = Endpoint::parse(endpoint).into_js()?;
        Ok(Self(Client::new(endpoint, apikey)))
    }

    /// Sends a [`Call`] and gives its reply.
    pub async fn call(&self, call: JsValue, signal: AbortSignal, now_ms: f64) -> JsResult<JsValue> {
        let call: Call = from_js(call)?;
        to_js(&self.0.call(&call, Some(&signal), now_ms).await.into_js()?)
    }
}

/// A request's number of bytes or rows, which JavaScript keeps as a float.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, not negative and at most 2^53 by the check above it"
)]
fn to_u64(number: f64) -> JsResult<u64> {
    const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
    if number.fract() == 0.0 && (0.0..=MAX_SAFE_INTEGER).contains(&number) {
        return Ok(number as u64);
    }
    Err(error_to_js(&Error::InvalidOption { reason: format!("{number} is no count") }))
}
