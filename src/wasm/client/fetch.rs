//! One request with the platform's `fetch`, and the errors of it.

use gloo_net::http::RequestBuilder;
use js_sys::{Function, Promise, Reflect, Uint8Array};
use petit_td::{Body, Call, Error, NetworkFailure};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader, Request, RequestInit};

use super::call_error::CallError;

/// Maximum length of the chain of causes that is followed.
const MAX_CAUSES: usize = 8;

/// The body of an upload.
#[derive(Debug, Clone)]
pub struct UploadBody {
    /// Any body that `fetch` accepts. A stream can be sent once.
    pub body: JsValue,
    /// Its length in bytes. TD requires it, and `fetch` does not know the length of a stream.
    pub byte_length: u64,
}

#[wasm_bindgen]
extern "C" {
    // gloo-net's own `send` drops the cause of a failure, which is where Node.js reports the reason, and panics if a rejection
    // is not an `Error`.
    #[wasm_bindgen(js_name = fetch, catch)]
    fn fetch(request: &Request, init: &RequestInit) -> Result<JsValue, JsValue>;
}

/// Sends a request. Any status is a success here.
pub(super) async fn send(
    call: &Call,
    builder: RequestBuilder,
    upload: Option<&UploadBody>,
    signal: Option<&AbortSignal>,
) -> Result<web_sys::Response, CallError> {
    let request = match (call.request()?.body, upload) {
        (Body::None, None) => builder.build().map(Request::from),
        (Body::Form(text) | Body::Json(text), None) => builder.body(text).map(Request::from),
        (Body::Raw, Some(upload)) => upload_request(builder, upload),
        (Body::Raw, None) | (Body::None | Body::Form(_) | Body::Json(_), Some(_)) => {
            return Err(Error::InvalidOption {
                reason: format!(
                    "{}: bytes go with the upload of a part only",
                    call.describe()
                ),
            }
            .into());
        }
    };
    let request = request.map_err(|error| {
        let failure = NetworkFailure {
            message: error.to_string(),
            ..NetworkFailure::default()
        };
        failure.error(call)
    })?;
    // The signal is an option of `fetch`, not of the request: Node.js drops a request's signal when it collects the request,
    // and a body that stalls afterwards could not be aborted.
    let init = RequestInit::new();
    init.set_signal(signal);
    let answer = async { JsFuture::from(Promise::resolve(&fetch(&request, &init)?)).await };
    let answer = answer
        .await
        .map_err(|thrown| to_call_error(call, thrown, signal))?;
    let unexpected = |reason: &str| {
        CallError::Failed(Error::Reply {
            action: call.describe(),
            reason: reason.into(),
        })
    };
    answer
        .dyn_into()
        .map_err(|_| unexpected("fetch did not return a Response"))
}

/// An upload. gloo-net's own builder cannot set `duplex`, which `fetch` requires for a stream.
fn upload_request(
    builder: RequestBuilder,
    upload: &UploadBody,
) -> Result<Request, gloo_net::Error> {
    let length = upload.byte_length.to_string();
    let bare = Request::from(builder.header("Content-Length", &length).build()?);
    let init = RequestInit::new();
    init.set_body(&upload.body);
    let whole = Reflect::set(&init, &"duplex".into(), &"half".into())
        .and_then(|_| Request::new_with_request_and_init(&bare, &init));
    whole.map_err(|thrown| {
        let message = text(&thrown, "message").unwrap_or_default();
        gloo_net::Error::GlooError(message)
    })
}

/// Who watches a call: what aborts it, and what learns that bytes arrive.
#[derive(Debug, Clone, Copy)]
pub struct Watch<'a> {
    /// Aborts the call.
    pub signal: Option<&'a AbortSignal>,
    /// Called each time bytes arrive.
    pub on_bytes: Option<&'a Function>,
}

impl Watch<'_> {
    /// Reports that bytes have arrived.
    pub fn received(&self) {
        if let Some(on_bytes) = self.on_bytes {
            // It only starts a timer again.
            let _ = on_bytes.call0(&JsValue::UNDEFINED);
        }
    }
}

/// The bytes of a body, or its start.
pub(super) struct BodyBytes {
    /// The bytes, from the first one.
    pub bytes: Vec<u8>,
    /// Whether they are the whole body.
    pub is_complete: bool,
}

/// Reads at most `max` bytes of a body, because a server may send bytes without end.
pub(super) async fn read_body(
    call: &Call,
    response: &web_sys::Response,
    watch: &Watch<'_>,
    max: usize,
) -> Result<BodyBytes, CallError> {
    let mut bytes = Vec::new();
    let is_complete = read_chunks(call, response, watch, max, |chunk| bytes.extend(chunk)).await?;
    Ok(BodyBytes { bytes, is_complete })
}

/// Reads at most `max` bytes of a body in chunks. Returns whether they are the whole body.
pub(super) async fn read_chunks(
    call: &Call,
    response: &web_sys::Response,
    watch: &Watch<'_>,
    max: usize,
    mut on_chunk: impl FnMut(Vec<u8>),
) -> Result<bool, CallError> {
    let Some(body) = response.body() else {
        return Ok(true);
    };
    let mut length = 0;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let next = JsFuture::from(reader.read()).await;
        let next = next.map_err(|thrown| to_call_error(call, thrown, watch.signal))?;
        watch.received();
        let value = Reflect::get(&next, &"value".into()).unwrap_or_default();
        let Some(chunk) = value.dyn_ref::<Uint8Array>() else {
            return Ok(true);
        };
        let mut chunk = chunk.to_vec();
        let is_too_long = chunk.len() > max - length;
        chunk.truncate(max - length);
        length += chunk.len();
        on_chunk(chunk);
        if is_too_long {
            // The result does not matter, because nothing more is read.
            let _ = JsFuture::from(reader.cancel()).await;
            return Ok(false);
        }
    }
}

/// The error of a rejection: the signal's own reason if it is aborted, else a network error.
fn to_call_error(call: &Call, thrown: JsValue, signal: Option<&AbortSignal>) -> CallError {
    if let Some(signal) = signal.filter(|signal| signal.aborted()) {
        return CallError::Aborted(signal.reason());
    }
    if text(&thrown, "name").as_deref() == Some("AbortError") {
        return CallError::Aborted(thrown);
    }
    let cause = root_cause(&thrown);
    let failure = NetworkFailure {
        message: text(&thrown, "message")
            .or(thrown.as_string())
            .unwrap_or_default(),
        code: text(&cause, "code"),
        detail: text(&cause, "message"),
    };
    CallError::Failed(failure.error(call))
}

/// The innermost cause of an error. Node.js wraps the rejection of a proxy twice.
fn root_cause(thrown: &JsValue) -> JsValue {
    let cause = |of: &JsValue| {
        let cause = Reflect::get(of, &"cause".into()).ok()?;
        cause.is_object().then_some(cause)
    };
    let chain = std::iter::successors(cause(thrown), cause);
    chain.take(MAX_CAUSES).last().unwrap_or_default()
}

/// A property, if it is a non-empty string.
fn text(of: &JsValue, name: &str) -> Option<String> {
    let value = Reflect::get(of, &name.into()).ok()?.as_string()?;
    (!value.is_empty()).then_some(value)
}
