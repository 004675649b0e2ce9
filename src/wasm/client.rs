//! The HTTP client: sends calls with the platform's `fetch`. This module and `fetch` contain all I/O of the Rust code.

pub mod call_error;
mod fetch;

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::{Method as HttpMethod, RequestBuilder, Response};
use petit_td::{
    Account, Address, ByteRange, Call, ContentRange, Error, MAX_REDIRECTS, Method, Redirect, Relay,
    Reply, Request, Service, TOKEN_HEADER, TableInfo, TableListReader, header_number, time,
};
use petit_text::quoted;
use web_sys::{
    AbortSignal, ReadableStream, RequestCache, RequestCredentials, RequestRedirect, ResponseType,
    Url,
};

use crate::convert::to_f64;

use self::call_error::CallError;
use self::fetch::{BodyBytes, read_body, read_chunks, send};
pub use self::fetch::{UploadBody, Watch};

/// Maximum size of a reply, in bytes. The listing of a thousand tables with thousands of columns each is smaller.
const MAX_REPLY_BYTES: usize = 128 << 20;
/// Maximum number of bytes read from the body of an error, and from the records that TD rejected.
const MAX_EXCERPT_BYTES: usize = 1 << 20;

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
    /// Whether `fetch` has undone a content coding, so that the bytes are not those of the stored result.
    pub is_decoded: bool,
    /// The body. It may be `None` if it is empty.
    pub body: Option<ReadableStream>,
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

    /// Current time by the server's clock, in Unix milliseconds, if a response had it in its `Date` header. Browsers
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
        watch: &Watch<'_>,
        now_ms: f64,
    ) -> Result<Reply, CallError> {
        let result = self.send_and_parse(call, upload, watch, now_ms).await;
        result.map_err(|error| self.redact(error))
    }

    /// Sends [`Call::ListTables`] and reads the tables one at a time, because the reply may be very long.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn list_tables(
        &self,
        call: &Call,
        watch: &Watch<'_>,
        now_ms: f64,
    ) -> Result<Vec<Rc<TableInfo>>, CallError> {
        let result = self.send_and_read_tables(call, watch, now_ms).await;
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
        watch: &Watch<'_>,
        now_ms: f64,
    ) -> Result<Reply, CallError> {
        let response = self.send(call, &[], upload, watch.signal).await?;
        watch.received();
        let head = Response::from(Clone::clone(&response));
        self.read_clock(&head, now_ms);
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
        } = read_body(call, &response, watch, max).await?;
        if !is_complete && !is_excerpt {
            return Err(too_long(call).into());
        }
        // Rejected records are compressed. What petit shows of them is redacted after they are decoded.
        let is_compressed = matches!(call, Call::ErrorRecords(_)) && head.ok();
        let body = if is_compressed {
            body
        } else {
            self.account.apikey.redact_body(body)
        };
        let header = |name: &str| head.headers().get(name);
        Ok(call.reply(head.status(), header, &body, to_whole_ms(now_ms))?)
    }

    async fn send_and_read_tables(
        &self,
        call: &Call,
        watch: &Watch<'_>,
        now_ms: f64,
    ) -> Result<Vec<Rc<TableInfo>>, CallError> {
        let response = self.send(call, &[], None, watch.signal).await?;
        watch.received();
        let head = Response::from(Clone::clone(&response));
        self.read_clock(&head, now_ms);
        if !head.ok() {
            return Err(self.http_error(call, &response, watch, now_ms).await);
        }
        let mut reader = TableListReader::new(self.account.apikey.redactor());
        let push = |chunk: Vec<u8>| reader.push(&chunk);
        if !read_chunks(call, &response, watch, MAX_REPLY_BYTES, push).await? {
            return Err(too_long(call).into());
        }
        Ok(call.read_tables(reader)?)
    }

    /// The error of a response with a status other than 2xx.
    async fn http_error(
        &self,
        call: &Call,
        response: &web_sys::Response,
        watch: &Watch<'_>,
        now_ms: f64,
    ) -> CallError {
        let head = Response::from(Clone::clone(response));
        let header = |name: &str| head.headers().get(name);
        match read_body(call, response, watch, MAX_EXCERPT_BYTES).await {
            Ok(BodyBytes { bytes, .. }) => {
                let body = self.account.apikey.redact_body(bytes);
                call.http_error(head.status(), header, &body, to_whole_ms(now_ms))
                    .into()
            }
            Err(error) => error,
        }
    }

    fn read_clock(&self, head: &Response, now_ms: f64) {
        let date = head.headers().get("date");
        if let Some(date) = date.and_then(|date| time::parse_http_date(&date)) {
            self.clock_offset_ms.set(Some(to_f64(date) - now_ms));
        }
    }

    async fn send_for_body(
        &self,
        call: &Call,
        range: Option<ByteRange>,
        if_range: Option<&str>,
        signal: Option<&AbortSignal>,
        now_ms: f64,
    ) -> Result<OpenedBody, CallError> {
        let mut headers = vec![match range {
            // The body is gzip already. `fetch` would ask for a content coding, except for a range.
            None => ("Accept-Encoding", "identity".into()),
            Some(range) => ("Range", range.header()),
        }];
        // A weak tag never matches in If-Range (RFC 9110 §13.1.5).
        let if_range = if_range.filter(|etag| range.is_some() && !etag.starts_with("W/"));
        headers.extend(if_range.map(|etag| ("If-Range", etag.to_owned())));
        let response = self.send(call, &headers, None, signal).await?;
        let head = Response::from(Clone::clone(&response));
        let header = |name: &str| head.headers().get(name);
        if !head.ok() {
            let watch = Watch {
                signal,
                on_bytes: None,
            };
            return Err(self.http_error(call, &response, &watch, now_ms).await);
        }
        let is_decoded = header("content-encoding").is_some_and(|coding| coding != "identity");
        Ok(OpenedBody {
            status: head.status(),
            content_range: header("content-range").and_then(|range| ContentRange::parse(&range)),
            // For a coded body, this is not the length of the decoded bytes.
            content_length: header("content-length")
                .filter(|_| !is_decoded)
                .and_then(|length| header_number(&length)),
            etag: header("etag"),
            is_decoded,
            body: head.body(),
        })
    }

    /// Sends a request, and follows redirects as [`Redirect`] decides.
    async fn send(
        &self,
        call: &Call,
        headers: &[(&str, String)],
        upload: Option<&UploadBody>,
        signal: Option<&AbortSignal>,
    ) -> Result<web_sys::Response, CallError> {
        let request = call.request()?;
        let first = address(&self.url(&request), None)?;
        let (mut at, mut has_key) = (first, true);
        for redirects in 0.. {
            let build = |mode| self.builder(&request, &at.href, has_key, mode, headers);
            let response = send(call, build(RequestRedirect::Manual), upload, signal).await?;
            if response.type_() == ResponseType::Opaqueredirect {
                return self
                    .follow_in_browser(call, &at, build(RequestRedirect::Follow), signal)
                    .await;
            }
            let location = response.headers().get("location").ok().flatten();
            let Some(location) = location.filter(|_| is_redirect(response.status())) else {
                return Ok(response);
            };
            let to = address(&location, Some(&at.href))?;
            let redirect = Redirect { from: &at, to: &to };
            has_key = redirect.keeps_key(call)? && has_key;
            if redirects == MAX_REDIRECTS {
                return Err(redirect.endless(call).into());
            }
            at = to;
        }
        Err(Error::Reply {
            action: call.describe(),
            reason: "no response".into(),
        }
        .into())
    }

    /// Repeats a request that was redirected. Browsers hide where to, and drop the key when the origin changes.
    async fn follow_in_browser(
        &self,
        call: &Call,
        from: &Address,
        builder: RequestBuilder,
        signal: Option<&AbortSignal>,
    ) -> Result<web_sys::Response, CallError> {
        if call.request()?.method != Method::Get {
            let to = Address {
                href: "another address".into(),
                ..from.clone()
            };
            return Err(match (Redirect { from, to: &to }).keeps_key(call) {
                Err(error) => error.into(),
                Ok(_) => Redirect { from, to: &to }.endless(call).into(),
            });
        }
        let response = send(call, builder, None, signal).await?;
        let to = address(&response.url(), None)?;
        Redirect { from, to: &to }.keeps_key(call)?;
        Ok(response)
    }

    /// The URL of a request, at the endpoint or through the relay.
    fn url(&self, request: &Request) -> String {
        let endpoint = match request.service {
            Service::Api => self.account.endpoint.clone(),
            Service::Workflow => self.account.endpoint.workflow(),
        };
        match &self.relay {
            None => endpoint.url(&request.target),
            Some(relay) => relay.url(&endpoint, &request.target),
        }
    }

    fn builder(
        &self,
        request: &Request,
        url: &str,
        has_key: bool,
        redirect: RequestRedirect,
        headers: &[(&str, String)],
    ) -> RequestBuilder {
        let method = match request.method {
            Method::Get => HttpMethod::GET,
            Method::Post => HttpMethod::POST,
            Method::Put => HttpMethod::PUT,
        };
        // The relay knows its page by a cookie also.
        let credentials = match &self.relay {
            Some(_) => RequestCredentials::SameOrigin,
            None => RequestCredentials::Omit,
        };
        let mut builder = RequestBuilder::new(url)
            .method(method)
            .redirect(redirect)
            .cache(RequestCache::NoStore)
            .credentials(credentials);
        if has_key {
            builder = builder.header("Authorization", &self.account.apikey.authorization());
        }
        if let Some(relay) = self.relay.as_ref().filter(|_| has_key) {
            builder = builder.header(TOKEN_HEADER, &relay.token);
        }
        if let Some(user_agent) = &self.user_agent {
            builder = builder.header("User-Agent", user_agent);
        }
        if let Some(content_type) = request.body.content_type() {
            builder = builder.header("Content-Type", content_type);
        }
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        builder
    }

    fn redact(&self, error: CallError) -> CallError {
        error.redact(&self.account.apikey)
    }
}

fn too_long(call: &Call) -> Error {
    Error::Reply {
        action: call.describe(),
        reason: format!("more than {MAX_REPLY_BYTES} bytes"),
    }
}

/// Whether a status is a redirect that has a location.
fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Parses a URL, relative to `base`.
fn address(url: &str, base: Option<&str>) -> Result<Address, Error> {
    let parsed = match base {
        Some(base) => Url::new_with_base(url, base),
        None => Url::new(url),
    };
    let parsed = parsed.map_err(|_| Error::Reply {
        action: "follow a redirect".into(),
        reason: format!("{} is not a URL", quoted(url)),
    })?;
    Ok(Address {
        href: parsed.href(),
        origin: parsed.origin(),
        host: parsed.hostname(),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and the time is only used to compute the delay until a Retry-After date"
)]
fn to_whole_ms(ms: f64) -> u64 {
    ms as u64
}
