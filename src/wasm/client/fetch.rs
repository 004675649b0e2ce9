//! One exchange with the platform's `fetch`: what it is sent, what came, and what a failure means.

use gloo_net::http::RequestBuilder;
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader, Request, RequestInit};

use super::{CallError, Part};
use petit_td::{Body, Call, Error, NetworkFailure};

/// How many errors, one the cause of the other, are looked into.
const MOST_CAUSES: usize = 8;

#[wasm_bindgen]
extern "C" {
    // gloo-net's own `send` keeps a failure's name and message but not its cause, where Node tells what happened, and
    // panics when the failure is no `Error`.
    #[wasm_bindgen(js_name = fetch, catch)]
    fn fetch(request: &Request, init: &RequestInit) -> Result<JsValue, JsValue>;
}

/// Sends a request; a status of any kind is an answer.
pub(super) async fn send(
    call: &Call,
    builder: RequestBuilder,
    part: Option<&Part>,
    signal: Option<&AbortSignal>,
) -> Result<web_sys::Response, CallError> {
    let request = match (call.request()?.body, part) {
        (Body::None, None) => builder.build().map(Request::from),
        (Body::Form(text) | Body::Json(text), None) => builder.body(text).map(Request::from),
        (Body::Raw, Some(part)) => with_part(builder, part),
        (Body::Raw, None) | (Body::None | Body::Form(_) | Body::Json(_), Some(_)) => {
            return Err(Error::InvalidOption {
                reason: format!("{}: bytes go with the upload of a part only", call.action()),
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
    let url = request.url();
    // The signal goes to `fetch` itself: Node lets go of one that is the request's when it collects the request, and a body
    // that stalls afterwards would never be given up.
    let init = RequestInit::new();
    init.set_signal(signal);
    let answer = async { JsFuture::from(Promise::resolve(&fetch(&request, &init)?)).await };
    let answer = answer
        .await
        .map_err(|thrown| failed(call, thrown, signal))?;
    let unexpected = |reason: &str| {
        CallError::Failed(Error::Reply {
            action: call.action(),
            reason: reason.into(),
        })
    };
    let response: web_sys::Response = answer
        .dyn_into()
        .map_err(|_| unexpected("fetch gave something that is no Response"))?;
    if url.starts_with("https:") && response.url().starts_with("http:") {
        return Err(unexpected("a redirect from https to plain http"));
    }
    Ok(response)
}

/// The request with a part as its body. gloo-net's own cannot say that a stream goes before the answer comes.
fn with_part(builder: RequestBuilder, part: &Part) -> Result<Request, gloo_net::Error> {
    let length = part.byte_length.to_string();
    let bare = Request::from(builder.header("Content-Length", &length).build()?);
    let init = RequestInit::new();
    init.set_body(&part.body);
    let whole = Reflect::set(&init, &"duplex".into(), &"half".into())
        .and_then(|_| Request::new_with_request_and_init(&bare, &init));
    whole.map_err(|thrown| {
        let message = text(&thrown, "message").unwrap_or_default();
        gloo_net::Error::GlooError(message)
    })
}

/// Bytes of a body, and whether these are all of it.
pub(super) struct Reading {
    /// From the first on.
    pub bytes: Vec<u8>,
    /// Whether nothing follows them.
    pub is_whole: bool,
}

/// Reads a body, but no more than `most` bytes of it: servers may send without end.
pub(super) async fn read(
    call: &Call,
    response: &web_sys::Response,
    signal: Option<&AbortSignal>,
    most: usize,
) -> Result<Reading, CallError> {
    let mut bytes = Vec::new();
    let Some(body) = response.body() else {
        let is_whole = true;
        return Ok(Reading { bytes, is_whole });
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let next = JsFuture::from(reader.read()).await;
        let next = next.map_err(|thrown| failed(call, thrown, signal))?;
        let value = Reflect::get(&next, &"value".into()).unwrap_or_default();
        let Some(chunk) = value.dyn_ref::<Uint8Array>() else {
            let is_whole = true;
            return Ok(Reading { bytes, is_whole });
        };
        bytes.extend(chunk.to_vec());
        if bytes.len() > most {
            // Whatever comes of that: the answer is not read any further.
            let _ = JsFuture::from(reader.cancel()).await;
            bytes.truncate(most);
            let is_whole = false;
            return Ok(Reading { bytes, is_whole });
        }
    }
}

/// What a rejection means: the signal's own reason if it is aborted, else what the platform says about it.
fn failed(call: &Call, thrown: JsValue, signal: Option<&AbortSignal>) -> CallError {
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

/// What is at the root of an error: a proxy's refusal is wrapped twice.
fn root_cause(thrown: &JsValue) -> JsValue {
    let cause = |of: &JsValue| {
        let cause = Reflect::get(of, &"cause".into()).ok()?;
        cause.is_object().then_some(cause)
    };
    let chain = std::iter::successors(cause(thrown), cause);
    chain.take(MOST_CAUSES).last().unwrap_or_default()
}

/// A property that is a text with something in it.
fn text(of: &JsValue, name: &str) -> Option<String> {
    let value = Reflect::get(of, &name.into()).ok()?.as_string()?;
    (!value.is_empty()).then_some(value)
}
