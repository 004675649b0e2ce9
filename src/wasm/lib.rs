//! The boundary to JavaScript: each class and function here turns its arguments into the core's types, makes one call and
//! turns back what came out. Errors become plain objects of the shape of [`ErrorReport`](crate::ErrorReport).

use js_sys::Reflect;
use serde::{Serialize, de::DeserializeOwned};
use serde_bytes::ByteBuf;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::{
    Error, Result,
    digest::Digest,
    job,
    part::{PART_HEAD, Part, SegmentWriter},
    plan, retry,
    row_group::{self, EncodeOptions, FILE_HEAD, RowGroupEncoder},
    schema::ResultSchema,
    session, small,
    splitter::{SplitOptions, Splitter},
    stitch::Stitcher,
    td::{
        Account, ByteRange, Call, Column, ContentRange, Endpoint, JobInfo, Relay,
        client::{self, CallError, Client},
        known_hosts,
    },
};

type JsResult<T> = std::result::Result<T, JsValue>;

/// A panic leaves a message instead of a bare `unreachable`.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// Counts of rows and of bytes become BigInt, as their types say: see [`bigint`](crate::bigint::bigint).
fn to_js<T: Serialize>(value: &T) -> JsResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    Ok(value.serialize(&serializer)?)
}

fn from_js<T: DeserializeOwned>(value: JsValue) -> JsResult<T> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        // The message comes with the class of a JavaScript error before it.
        let message = error.to_string();
        let reason = message.strip_prefix("Error: ").unwrap_or(&message).into();
        error_to_js(&Error::InvalidOption { reason })
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
    error_to_js(&Error::InvalidOption {
        reason: "used after finish".into(),
    })
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
        Splitter::try_new(from_js::<SplitOptions>(options)?)
            .map(Self)
            .into_js()
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
    data_length: u64,
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
    pub fn decode(&mut self, rows: &[u8]) -> JsResult<()> {
        self.0.as_mut().ok_or_else(finished)?.decode(rows).into_js()
    }

    /// Writes the record batch.
    pub fn write(&mut self) -> JsResult<()> {
        self.0.as_mut().ok_or_else(finished)?.write().into_js()
    }

    /// Gives `{ file, dataLength, rowCount, overflowed }`.
    pub fn finish(&mut self) -> JsResult<JsValue> {
        let encoded = self.0.take().ok_or_else(finished)?.finish().into_js()?;
        to_js(&EncodedRowGroup {
            file: ByteBuf::from(encoded.file),
            data_length: encoded.data_length,
            row_count: encoded.row_count,
            overflowed: encoded.overflowed,
        })
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
    /// `metadata`: an array of `[key, value]`.
    #[wasm_bindgen(constructor)]
    pub fn new(schema: &str, options: JsValue, metadata: JsValue) -> JsResult<Self> {
        let schema = ResultSchema::parse(schema).into_js()?;
        let options: EncodeOptions = from_js(options)?;
        let stitcher = Stitcher::try_new(&schema, &options, from_js(metadata)?);
        stitcher.map(|stitcher| Self(Some(stitcher))).into_js()
    }

    /// The bytes before the row groups.
    pub fn head(&self) -> Vec<u8> {
        FILE_HEAD.to_vec()
    }

    /// Takes the tail of a row group's file.
    pub fn append(&mut self, tail: Vec<u8>, data_length: f64) -> JsResult<()> {
        let stitcher = self.0.as_mut().ok_or_else(finished)?;
        stitcher.append(tail, to_u64(data_length)?).into_js()
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
    let columns = schema
        .columns()
        .iter()
        .zip(arrow_schema.fields())
        .map(|(column, field)| ColumnDescription {
            name: column.name.clone(),
            td_type: column.type_name.clone(),
            arrow_type: field.data_type().to_string(),
        });
    to_js(&SchemaDescription {
        columns: columns.collect(),
        notes: schema.notes().to_vec(),
    })
}

/// See [`Client`].
#[wasm_bindgen(js_name = TdClient)]
pub struct WasmClient(Client);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenedHead {
    status: u16,
    content_range: Option<ContentRange>,
    content_length: Option<u64>,
    etag: Option<String>,
}

#[wasm_bindgen(js_class = TdClient)]
impl WasmClient {
    /// `endpoint`: base URL of the API host, or a site's name. `user_agent`: where the platform lets it be set. `relay`:
    /// `{ url, token }` of the server that calls go through, or undefined. `allow_http`: whether the key may be sent over
    /// plain HTTP.
    #[wasm_bindgen(constructor)]
    pub fn new(
        endpoint: &str,
        apikey: &str,
        user_agent: Option<String>,
        relay: JsValue,
        allow_http: Option<bool>,
    ) -> JsResult<Self> {
        let allow_http = allow_http.unwrap_or(false);
        let account = Account::try_new(endpoint, apikey, allow_http).into_js()?;
        let relay: Option<Relay> = from_js(relay)?;
        if let Some(relay) = &relay {
            relay.check_plain_http(allow_http).into_js()?;
        }
        Ok(Self(Client::new(account, user_agent, relay)))
    }

    /// The base URL.
    #[wasm_bindgen(getter)]
    pub fn endpoint(&self) -> String {
        self.0.account().endpoint.to_string()
    }

    /// The site's name, if the endpoint is one of TD's.
    #[wasm_bindgen(getter)]
    pub fn site(&self) -> Option<String> {
        self.0.account().endpoint.site().map(str::to_owned)
    }

    /// The number of the account, if the key tells it.
    #[wasm_bindgen(getter, js_name = accountNumber)]
    pub fn account_number(&self) -> Option<String> {
        self.0.account().apikey.account_number().map(str::to_owned)
    }

    /// What to look at when the endpoint refuses the key, if it is one of TD's sites.
    #[wasm_bindgen(getter, js_name = siteHint)]
    pub fn site_hint(&self) -> Option<String> {
        self.0.account().endpoint.site_hint()
    }

    /// The page of a workflow's attempt in TD's console, if the endpoint has one.
    #[wasm_bindgen(js_name = attemptUrl)]
    pub fn attempt_url(&self, workflow: &str, session: &str, attempt: &str) -> Option<String> {
        let endpoint = &self.0.account().endpoint;
        endpoint.attempt_url(workflow, session, attempt)
    }

    /// The job's page in TD's console, if the endpoint has one.
    #[wasm_bindgen(js_name = jobUrl)]
    pub fn job_url(&self, job_id: &str) -> Option<String> {
        self.0.account().endpoint.job_url(job_id)
    }

    /// Whether both are surely one account.
    #[wasm_bindgen(js_name = isSameAccount)]
    pub fn is_same_account(&self, other: &WasmClient) -> bool {
        self.0.account().is_same(other.0.account())
    }

    /// Sends a [`Call`] and gives its reply. An upload of a part has a body (a stream, a blob or bytes) and its length.
    pub async fn call(
        &self,
        call: JsValue,
        body: JsValue,
        byte_length: f64,
        signal: AbortSignal,
        now_ms: f64,
    ) -> JsResult<JsValue> {
        let call: Call = from_js(call)?;
        let byte_length = to_u64(byte_length)?;
        let part = (!body.is_undefined()).then_some(client::Part { body, byte_length });
        let reply = self.0.call(&call, part.as_ref(), Some(&signal), now_ms);
        to_js(&reply.await.into_js()?)
    }

    /// The same for a call that issues a job with an `output`, which goes to the other client's account.
    #[wasm_bindgen(js_name = callWithOutputTo)]
    pub async fn call_with_output_to(
        &self,
        call: JsValue,
        destination: &WasmClient,
        signal: AbortSignal,
        now_ms: f64,
    ) -> JsResult<JsValue> {
        let destination = destination.0.account();
        let call = from_js::<Call>(call)?
            .with_output_to(destination)
            .into_js()?;
        let reply = self.0.call(&call, None, Some(&signal), now_ms).await;
        let reply = reply.map_err(|error| error.without(&destination.apikey));
        to_js(&reply.into_js()?)
    }

    /// The text without the account's key, should it be in there.
    pub fn redact(&self, text: &str) -> String {
        self.0.account().apikey.redact(text)
    }

    /// Opens the body of a [`Call`], from byte `start` to `end` inclusive if they are given. Gives
    /// `{ status, contentRange, contentLength, etag, body }`.
    pub async fn open(
        &self,
        call: JsValue,
        start: Option<f64>,
        end: Option<f64>,
        etag: Option<String>,
        signal: AbortSignal,
        now_ms: f64,
    ) -> JsResult<JsValue> {
        let call: Call = from_js(call)?;
        let end = end.map(to_u64).transpose()?;
        let start = start.map(to_u64).transpose()?;
        let range = start.map(|start| ByteRange { start, end });
        let opened = self
            .0
            .open(&call, range, etag.as_deref(), Some(&signal), now_ms);
        let opened = opened.await.into_js()?;
        let head = to_js(&OpenedHead {
            status: opened.status,
            content_range: opened.content_range,
            content_length: opened.content_length,
            etag: opened.etag,
        })?;
        Reflect::set(&head, &"body".into(), &opened.body.into())?;
        Ok(head)
    }
}

/// See [`known_hosts`].
#[wasm_bindgen(js_name = knownHosts)]
pub fn td_hosts() -> Vec<String> {
    known_hosts()
}

/// An endpoint as petit writes it: see [`Endpoint::parse`].
#[wasm_bindgen(js_name = endpointUrl)]
pub fn endpoint_url(text: &str) -> JsResult<String> {
    Endpoint::parse(text)
        .map(|endpoint| endpoint.to_string())
        .into_js()
}

/// See [`Call::is_repeatable`].
#[wasm_bindgen(js_name = isRepeatable)]
pub fn is_repeatable(call: JsValue) -> JsResult<bool> {
    Ok(from_js::<Call>(call)?.is_repeatable())
}

/// See [`job::has_ended`].
#[wasm_bindgen(js_name = hasJobEnded)]
pub fn has_job_ended(job: JsValue) -> JsResult<bool> {
    Ok(job::has_ended(&from_js(job)?))
}

/// See [`job::check_succeeded`].
#[wasm_bindgen(js_name = checkJobSucceeded)]
pub fn check_job_succeeded(job: JsValue) -> JsResult<()> {
    job::check_succeeded(&from_js(job)?).into_js()
}

/// See [`job::poll_delay`].
#[wasm_bindgen(js_name = pollDelayMs)]
pub fn poll_delay_ms(elapsed_ms: f64) -> JsResult<f64> {
    Ok(to_f64(job::poll_delay(to_u64(elapsed_ms.round())?)))
}

/// See [`session::next_step`].
#[wasm_bindgen(js_name = nextSessionStep)]
pub fn next_session_step(session: JsValue, job: JsValue, progress: JsValue) -> JsResult<JsValue> {
    let job: Option<JobInfo> = from_js(job)?;
    to_js(&session::next_step(
        &from_js(session)?,
        job.as_ref(),
        from_js(progress)?,
    ))
}

/// See [`retry::delay`].
#[wasm_bindgen(js_name = retryDelayMs)]
pub fn retry_delay_ms(
    attempt: u32,
    hint_ms: Option<f64>,
    elapsed_ms: f64,
    budget_ms: f64,
    jitter: f64,
) -> JsResult<Option<f64>> {
    let hint_ms = hint_ms.map(to_u64).transpose()?;
    let elapsed_ms = to_u64(elapsed_ms.round())?;
    let budget_ms = to_u64(budget_ms.round())?;
    Ok(retry::delay(attempt, hint_ms, elapsed_ms, budget_ms, jitter).map(to_f64))
}

/// See [`SegmentWriter`].
#[wasm_bindgen(js_name = SegmentWriter)]
pub struct WasmSegmentWriter(Option<SegmentWriter>);

#[wasm_bindgen(js_class = SegmentWriter)]
impl WasmSegmentWriter {
    /// `keys`: the record keys in the order of a row's values; `options`: `{ level, firstRow }`.
    #[wasm_bindgen(constructor)]
    pub fn new(keys: Vec<String>, options: JsValue) -> JsResult<Self> {
        let writer = SegmentWriter::try_new(keys, from_js(options)?);
        writer.map(|writer| Self(Some(writer))).into_js()
    }

    /// Takes whole rows.
    pub fn reframe(&mut self, rows: &[u8]) -> JsResult<()> {
        let writer = self.0.as_mut().ok_or_else(finished)?;
        writer.reframe(rows).into_js()
    }

    /// Compresses what was re-framed.
    pub fn deflate(&mut self) -> JsResult<()> {
        self.0.as_mut().ok_or_else(finished)?.deflate().into_js()
    }

    /// Gives `{ deflated, crc, byteLength, rowCount }`.
    pub fn finish(&mut self) -> JsResult<JsValue> {
        to_js(&self.0.take().ok_or_else(finished)?.finish().into_js()?)
    }
}

/// See [`Part`].
#[wasm_bindgen(js_name = Part)]
pub struct WasmPart(Option<Part>);

#[wasm_bindgen(js_class = Part)]
impl WasmPart {
    /// A part of no rows yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self(Some(Part::default()))
    }

    /// The bytes before the segments.
    pub fn head(&self) -> Vec<u8> {
        PART_HEAD.to_vec()
    }

    /// Takes note of a segment.
    pub fn append(&mut self, crc: u32, byte_length: f64) -> JsResult<()> {
        let part = self.0.as_mut().ok_or_else(finished)?;
        part.append(crc, to_u64(byte_length)?);
        Ok(())
    }

    /// The bytes behind the segments.
    pub fn finish(&mut self) -> JsResult<Vec<u8>> {
        Ok(self.0.take().ok_or_else(finished)?.finish())
    }
}

/// See [`plan::plan_export`].
#[wasm_bindgen(js_name = planExport)]
pub fn plan_export(request: JsValue) -> JsResult<JsValue> {
    to_js(&plan::plan_export(&from_js(request)?))
}

/// See [`plan::plan_clone`].
#[wasm_bindgen(js_name = planClone)]
pub fn plan_clone(request: JsValue) -> JsResult<JsValue> {
    to_js(&plan::plan_clone(&from_js(request)?).into_js()?)
}

/// See [`plan::cut`]; `counts` is the result of the plan's `slicesSql`, `statements` is `{ sql, countSql, hasCondition }`.
#[wasm_bindgen(js_name = cutByTime)]
pub fn cut_by_time(counts: &[u8], slice_rows: u64, statements: JsValue) -> JsResult<JsValue> {
    let counts = small::read_time_counts(counts).into_js()?;
    to_js(&plan::cut(&counts, slice_rows, &from_js(statements)?))
}

/// See [`plan::partitions`]; `counts` is the result of the plan's `slicesSql`.
#[wasm_bindgen(js_name = partitionsOf)]
pub fn partitions_of(
    counts: &[u8],
    partitioning: JsValue,
    slice_rows: Option<u64>,
    statements: JsValue,
) -> JsResult<JsValue> {
    let counts = small::read_time_counts(counts).into_js()?;
    let statements = from_js(statements)?;
    let partitions = plan::partitions(&counts, &from_js(partitioning)?, slice_rows, &statements);
    let partitions = partitions.map_err(|reason| Error::Refused { reason });
    to_js(&partitions.into_js()?)
}

/// See [`plan::domain_key`].
#[wasm_bindgen(js_name = domainKey)]
pub fn domain_key(run: &str, staging_table: &str, slice: u32, attempt: u32) -> String {
    plan::domain_key(run, staging_table, slice, attempt)
}

/// See [`plan::part_name`].
#[wasm_bindgen(js_name = partName)]
pub fn part_name(number: u32) -> String {
    plan::part_name(number)
}

/// See [`small::read_count`].
#[wasm_bindgen(js_name = readCount)]
pub fn read_count(gzipped: &[u8]) -> JsResult<u64> {
    small::read_count(gzipped).into_js()
}

/// See [`plan::plan_cleanup`].
#[wasm_bindgen(js_name = planCleanup)]
pub fn plan_cleanup(request: JsValue) -> JsResult<JsValue> {
    to_js(&plan::plan_cleanup(&from_js(request)?))
}

/// See [`plan::side_queries`]; `columns` as `list_tables` gives them.
#[wasm_bindgen(js_name = sideQueries)]
pub fn side_queries(database: &str, table: &str, columns: JsValue) -> JsResult<JsValue> {
    let columns: Vec<Column> = from_js(columns)?;
    to_js(&plan::side_queries(database, table, Some(&columns)))
}

/// See [`plan::plan_verify`].
#[wasm_bindgen(js_name = planVerify)]
pub fn plan_verify(request: JsValue) -> JsResult<JsValue> {
    to_js(&plan::plan_verify(&from_js(request)?))
}

/// See [`small::read_row`].
#[wasm_bindgen(js_name = readRow)]
pub fn read_row(gzipped: &[u8]) -> JsResult<JsValue> {
    to_js(&small::read_row(gzipped).into_js()?)
}

/// See [`Digest`].
#[wasm_bindgen(js_name = Digest)]
#[derive(Debug, Default)]
pub struct WasmDigest(Digest);

#[wasm_bindgen(js_class = Digest)]
impl WasmDigest {
    /// A checksum of no rows yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds whole rows.
    pub fn push(&mut self, rows: &[u8]) -> JsResult<()> {
        self.0.push(rows).into_js()
    }

    /// How many rows there were.
    #[wasm_bindgen(getter)]
    pub fn rows(&self) -> u64 {
        self.0.rows()
    }

    /// The checksum, in hexadecimal.
    #[wasm_bindgen(getter)]
    pub fn text(&self) -> String {
        self.0.text()
    }
}

/// See [`small::sample_records`].
#[wasm_bindgen(js_name = sampleRecords)]
pub fn sample_records(gzipped: &[u8], most: usize) -> Vec<String> {
    small::sample_records(gzipped, most)
}

/// A position in a result, or a number of bytes of what petit holds in memory, which JavaScript keeps as a float.
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
    Err(error_to_js(&Error::InvalidOption {
        reason: format!("{number} is no count"),
    }))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds, far below 2^53")]
fn to_f64(milliseconds: u64) -> f64 {
    milliseconds as f64
}
