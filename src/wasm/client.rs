//! The HTTP client: sends calls with the platform's `fetch`. This module and `fetch` contain all I/O of the Rust code.

mod fetch;

use std::cell::Cell;

use gloo_net::http::{Method as HttpMethod, RequestBuilder, Response};
use petit_td::{
    Account, ApiKey, ByteRange, Call, ContentRange, Error, Method, Relay, Reply, Service,
    TOKEN_HEADER, header_number, time,
};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, ReadableStream, RequestCache, RequestCredentials, RequestRedirect};

use crate::to_f64;

use self::fetch::{BodyBytes, read_body, send};

/// Maximum size of a reply, in bytes. The listing of a thousand tables with thousands of columns each is smaller.
const MAX_REPLY_BYTES: usize = 128 << 20;
/// Maximum number of bytes read from the body of an error, and from the records that TD rejected.
const MAX_EXCERPT_BYTES: usize = 1 << 20;

/// Why a call has no reply.
#[derive(Debug)]
pub enum CallError {
    /// The call failed.
    Failed(Error),
    /// The call was aborted. The value is the reason of the signal, unchanged.
    Aborted(JsValue),
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl CallError {
    /// The error with this key redacted, because a server may echo it.
    #[must_use]
    pub fn redact(self, apikey: &ApiKey) -> Self {
        match self {
            Self::Failed(error) => Self::Failed(apikey.redact_error(error)),
            Self::Aborted(reason) => Self::Aborted(reason),
        }
    }
}

/// A response whose body is not read yet.
#[derive(Debug)]
pub struct OpenedBody {
    /// 200, or 206 if the body is a range.
    pub status: u16,
    /// The byte range of the body, if the server sends it.
    pub content_range: Option<ContentRange>,
    /// The length of the body in bytes, if the server sends it.
    pub content_length: Option<u64>,
    /// The entity tag of this version of the body.
    pub etag: Option<String>,
    /// The body. It may be `None` if it is empty.
    pub body: Option<ReadableStream>,
}

/// The body of an upload.
#[derive(Debug, Clone)]
pub struct UploadBody {
    /// Any body that `fetch` accepts. A stream can be sent once.
    pub body: JsValue,
    /// Its length in bytes. TD requires it, and `fetch` does not know the length of a stream.
    pub byte_length: u64,
}

/// Calls TD with one account.
#[derive(Debug, Clone)]
pub struct Client {
    account: Account,
    user_agent: Option<String>,
    relay: Option<Relay>,
    /// How far the server's clock is ahead of the local one, in milliseconds.
    clock_offset_ms: Cell<Option<f64>>,
}

impl Client {
    /// A client for an account. Pass a `user_agent` only on platforms that allow it to be set, which browsers do not. With
    /// a `relay`, all calls go through it.
    pub fn new(account: Account, user_agent: Option<String>, relay: Option<Relay>) -> Self {
        Self {
            account,
            user_agent,
            relay,
            clock_offset_ms: Cell::new(None),
        }
    }

    /// Current time by the server's clock, in Unix milliseconds, if a response has told it in its `Date` header. Browsers
    /// show that header only to pages of the same origin.
    pub fn server_now_ms(&self, now_ms: f64) -> Option<f64> {
        self.clock_offset_ms
            .get()
            .map(|offset| (now_ms + offset).max(0.0).round())
    }

    /// The account of the client.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Sends a call and reads its reply.
    ///
    /// `upload` is the body of [`Call::UploadPart`]; other calls have none. `now_ms` is the current time in Unix
    /// milliseconds.
    ///
    /// # Errors
    /// [`CallError::Failed`] for a status other than 2xx, for a request without a reply and for an unexpected reply;
    /// [`CallError::Aborted`] if the signal was aborted.
    pub async fn call(
        &self,
        call: &Call,
        upload: Option<&UploadBody>,
        signal: Option<&AbortSignal>,
        now_ms: f64,
    ) -> Result<Reply, CallError> {
        let result = self.send_and_parse(call, upload, signal, now_ms).await;
        result.map_err(|error| self.redact(error))
    }

    /// Opens the body of [`Call::JobResult`] or [`Call::ErrorRecords`], or a range of it.
    ///
    /// `if_range` is the `etag` of an earlier response. If the bytes have changed since then, the response is the whole body
    /// with status 200 (RFC 9110 §13.1.5). A server without support for ranges responds in the same way.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn open(
        &self,
        call: &Call,
        range: Option<ByteRange>,
        if_range: Option<&str>,
        signal: Option<&AbortSignal>,
        now_ms: f64,
    ) -> Result<OpenedBody, CallError> {
        let result = self
            .send_for_body(call, range, if_range, signal, now_ms)
            .await;
        result.map_err(|error| self.redact(error))
    }

    async fn send_and_parse(
        &self,
        call: &Call,
        upload: Option<&UploadBody>,
        signal: Option<&AbortSignal>,
        now_ms: f64,
    ) -> Result<Reply, CallError> {
        let response = send(call, self.request(call)?, upload, signal).await?;
        let head = Response::from(Clone::clone(&response));
        // The start of these bodies is sufficient.
        let is_excerpt = !head.ok() || matches!(call, Call::ErrorRecords(_));
        let max = if is_excerpt {
            MAX_EXCERPT_BYTES
        } else {
            MAX_REPLY_BYTES
        };
        let BodyBytes {
            bytes: body,
            is_complete,
        } = read_body(call, &response, signal, max).await?;
        if !is_complete && !is_excerpt {
            return Err(Error::Reply {
                action: call.describe(),
                reason: format!("more than {MAX_REPLY_BYTES} bytes"),
            }
            .into());
        }
        let body = self.account.apikey.redact_body(body);
        let header = |name: &str| head.headers().get(name);
        if let Some(date) = header("date").and_then(|date| time::parse_http_date(&date)) {
            self.clock_offset_ms.set(Some(to_f64(date) - now_ms));
        }
        Ok(call.reply(head.status(), header, &body, to_whole_ms(now_ms))?)
    }

    async fn send_for_body(
        &self,
        call: &Call,
        range: Option<ByteRange>,
        if_range: Option<&str>,
        signal: Option<&AbortSignal>,
        now_ms: f64,
    ) -> Result<OpenedBody, CallError> {
        let request = self.request(call)?;
        let request = match range {
            // The body is gzip already. `fetch` would ask for a content coding, except for a range.
            None => request.header("Accept-Encoding", "identity"),
            Some(range) => request.header("Range", &range.header()),
        };
        // A weak tag never matches in If-Range (RFC 9110 §13.1.5).
        let if_range = if_range.filter(|etag| range.is_some() && !etag.starts_with("W/"));
        let request = match if_range {
            Some(etag) => request.header("If-Range", etag),
            None => request,
        };
        let response = send(call, request, None, signal).await?;
        let head = Response::from(Clone::clone(&response));
        let header = |name: &str| head.headers().get(name);
        if !head.ok() {
            let BodyBytes { bytes: body, .. } =
                read_body(call, &response, signal, MAX_EXCERPT_BYTES).await?;
            return Err(call
                .http_error(head.status(), header, &body, to_whole_ms(now_ms))
                .into());
        }
        let coding = header("content-encoding").filter(|coding| coding != "identity");
        if let (Some(coding), 206) = (&coding, head.status()) {
            let reason =
                format!("a range with the content coding {coding:?}, which petit cannot decode");
            return Err(Error::Reply {
                action: call.describe(),
                reason,
            }
            .into());
        }
        Ok(OpenedBody {
            status: head.status(),
            content_range: header("content-range").and_then(|range| ContentRange::parse(&range)),
            // For a coded body, this is not the length of the decoded bytes.
            content_length: header("content-length")
                .filter(|_| coding.is_none())
                .and_then(|length| header_number(&length)),
            etag: header("etag"),
            body: head.body(),
        })
    }

    fn request(&self, call: &Call) -> Result<RequestBuilder, Error> {
        let request = call.request()?;
        let (method, redirect) = match request.method {
            // Following a redirect is safe: `fetch` drops Authorization when the host changes.
            Method::Get => (HttpMethod::GET, RequestRedirect::Follow),
            // `fetch` may follow a redirect of a POST with a GET, whose success would not mean that TD did anything.
            Method::Post => (HttpMethod::POST, RequestRedirect::Manual),
            Method::Put => (HttpMethod::PUT, RequestRedirect::Manual),
        };
        let endpoint = match request.service {
            Service::Api => self.account.endpoint.clone(),
            Service::Workflow => self.account.endpoint.workflow(),
        };
        let url = match &self.relay {
            None => endpoint.url(&request.target),
            Some(relay) => relay.url(&endpoint, &request.target),
        };
        let mut builder = RequestBuilder::new(&url)
            .method(method)
            .redirect(redirect)
            .cache(RequestCache::NoStore)
            .credentials(RequestCredentials::Omit)
            .header("Authorization", &self.account.apikey.authorization());
        if let Some(relay) = &self.relay {
            builder = builder.header(TOKEN_HEADER, &relay.token);
        }
        if let Some(user_agent) = &self.user_agent {
            builder = builder.header("User-Agent", user_agent);
        }
        if let Some(content_type) = request.body.content_type() {
            builder = builder.header("Content-Type", content_type);
        }
        Ok(builder)
    }

    fn redact(&self, error: CallError) -> CallError {
        error.redact(&self.account.apikey)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and the time is only used to compute the delay until a Retry-After date"
)]
fn to_whole_ms(ms: f64) -> u64 {
    ms as u64
}
