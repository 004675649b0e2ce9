//! Sends calls with the platform's `fetch`. Here and in `fetch` is all of the core's I/O.

mod fetch;

use gloo_net::http::{Method as HttpMethod, RequestBuilder, Response};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, ReadableStream, RequestCache, RequestCredentials, RequestRedirect};

use self::fetch::{Reading, read, send};
use petit_td::{
    Account, ApiKey, ByteRange, Call, ContentRange, Error, Method, Relay, Reply, Service,
    TOKEN_HEADER, number,
};

/// Bytes of an answer at most. A database of a thousand tables with thousands of columns each is told in less.
const MOST_REPLY_BYTES: usize = 128 << 20;
/// Bytes that are read of a refusal, and of records that TD refused.
const MOST_SHORTENED_BYTES: usize = 1 << 20;

/// How a call ended that brought no reply.
#[derive(Debug)]
pub enum CallError {
    /// It failed.
    Failed(Error),
    /// It was aborted; this is the very reason that the signal was given.
    Aborted(JsValue),
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl CallError {
    /// The error without this key, should a server have echoed it.
    #[must_use]
    pub fn without(self, apikey: &ApiKey) -> Self {
        match self {
            Self::Failed(error) => Self::Failed(apikey.redact_error(error)),
            Self::Aborted(reason) => Self::Aborted(reason),
        }
    }
}

/// The start of an answer whose body is still to be read.
#[derive(Debug)]
pub struct Opened {
    /// 200, or 206 when the body is a range.
    pub status: u16,
    /// Which bytes the body has, if the server says so.
    pub content_range: Option<ContentRange>,
    /// Bytes of the body, if the server says so.
    pub content_length: Option<u64>,
    /// What stands for this version of the bytes.
    pub etag: Option<String>,
    /// The body; an empty one may be missing.
    pub body: Option<ReadableStream>,
}

/// The bytes of an upload.
#[derive(Debug, Clone)]
pub struct Part {
    /// A body as fetch takes it; a stream serves one call.
    pub body: JsValue,
    /// How many bytes it gives. TD wants to know, and fetch cannot see it in a stream.
    pub byte_length: u64,
}

/// Calls TD as one account.
#[derive(Debug, Clone)]
pub struct Client {
    account: Account,
    user_agent: Option<String>,
    relay: Option<Relay>,
}

impl Client {
    /// A client for an account. `user_agent` is for platforms that let it be set; leave it out in a browser. Through a
    /// `relay` go all calls, if there is one.
    pub fn new(account: Account, user_agent: Option<String>, relay: Option<Relay>) -> Self {
        Self {
            account,
            user_agent,
            relay,
        }
    }

    /// The account it calls as.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Sends a call and reads the answer.
    ///
    /// `part` is the body of [`Call::UploadPart`], sent as it is, with its length; other calls have none. `now_ms` is the
    /// time now, as `Date.now()` tells it.
    ///
    /// # Errors
    /// [`CallError::Failed`] for every status but 2xx, no answer, or one that is none; [`CallError::Aborted`].
    pub async fn call(
        &self,
        call: &Call,
        part: Option<&Part>,
        signal: Option<&AbortSignal>,
        now_ms: f64,
    ) -> Result<Reply, CallError> {
        let result = self.exchange(call, part, signal, now_ms).await;
        result.map_err(|error| self.without_key(error))
    }

    /// Opens the body of [`Call::JobResult`] or [`Call::ErrorRecords`], or a range of it.
    ///
    /// `if_range` is the `etag` of an earlier answer: should the bytes have changed since, the whole body comes, with
    /// status 200. So it does from servers that know no ranges.
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
    ) -> Result<Opened, CallError> {
        let result = self.begin(call, range, if_range, signal, now_ms).await;
        result.map_err(|error| self.without_key(error))
    }

    async fn exchange(
        &self,
        call: &Call,
        part: Option<&Part>,
        signal: Option<&AbortSignal>,
        now_ms: f64,
    ) -> Result<Reply, CallError> {
        let response = send(call, self.request(call)?, part, signal).await?;
        let answer = Response::from(Clone::clone(&response));
        // Of these the beginning is enough.
        let is_shortened = !answer.ok() || matches!(call, Call::ErrorRecords(_));
        let most = if is_shortened {
            MOST_SHORTENED_BYTES
        } else {
            MOST_REPLY_BYTES
        };
        let Reading {
            bytes: body,
            is_whole,
        } = read(call, &response, signal, most).await?;
        if !is_whole && !is_shortened {
            return Err(Error::Reply {
                action: call.action(),
                reason: format!("more than {MOST_REPLY_BYTES} bytes"),
            }
            .into());
        }
        let body = self.account.apikey.redact_body(body);
        let header = |name: &str| answer.headers().get(name);
        Ok(call.reply(answer.status(), header, &body, whole_ms(now_ms))?)
    }

    async fn begin(
        &self,
        call: &Call,
        range: Option<ByteRange>,
        if_range: Option<&str>,
        signal: Option<&AbortSignal>,
        now_ms: f64,
    ) -> Result<Opened, CallError> {
        let request = self.request(call)?;
        let request = match range {
            // The body is gzip in itself; fetch would ask for one more coding, but leaves that with a range.
            None => request.header("Accept-Encoding", "identity"),
            Some(range) => request.header("Range", &range.header()),
        };
        // A weak tag never matches there.
        let if_range = if_range.filter(|etag| range.is_some() && !etag.starts_with("W/"));
        let request = match if_range {
            Some(etag) => request.header("If-Range", etag),
            None => request,
        };
        let response = send(call, request, None, signal).await?;
        let answer = Response::from(Clone::clone(&response));
        let header = |name: &str| answer.headers().get(name);
        if !answer.ok() {
            let Reading { bytes: body, .. } =
                read(call, &response, signal, MOST_SHORTENED_BYTES).await?;
            return Err(call
                .refused(answer.status(), header, &body, whole_ms(now_ms))
                .into());
        }
        let coding = header("content-encoding").filter(|coding| coding != "identity");
        if let (Some(coding), 206) = (&coding, answer.status()) {
            let reason = format!("a range in the content coding {coding:?}, which cannot be used");
            return Err(Error::Reply {
                action: call.action(),
                reason,
            }
            .into());
        }
        Ok(Opened {
            status: answer.status(),
            content_range: header("content-range").and_then(|range| ContentRange::parse(&range)),
            // Of a coded body it is not the length of what will be read.
            content_length: header("content-length")
                .filter(|_| coding.is_none())
                .and_then(|length| number(&length)),
            etag: header("etag"),
            body: answer.body(),
        })
    }

    fn request(&self, call: &Call) -> Result<RequestBuilder, Error> {
        let request = call.request()?;
        let (method, redirect) = match request.method {
            // A redirect to another host is safe to follow: fetch itself drops Authorization there.
            Method::Get => (HttpMethod::GET, RequestRedirect::Follow),
            // A redirect may turn a POST into a GET, whose success would not mean that anything was done.
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

    fn without_key(&self, error: CallError) -> CallError {
        error.without(&self.account.apikey)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates; the time is only used for the wait until a date"
)]
fn whole_ms(ms: f64) -> u64 {
    ms as u64
}
