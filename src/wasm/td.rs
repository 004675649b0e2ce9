//! The class that calls TD, and the functions that derive the next step from its replies.

use js_sys::{Function, Reflect};
use petit_td::{
    Account, ByteRange, Call, DatabaseRef, Endpoint, NetworkFailure, Reply, ResponseHead, copy_job,
    is_this_machine, job, known_hosts, publish, publish::naming, removal, retry, session,
};
use petit_text::Redactor;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::{
    client::{Client, UploadBody, Watch},
    convert::{IntoJs, JsResult, Plain, from_js, to_f64, to_js, to_u64},
    tables::WasmTableList,
    types::{
        JsCall, JsCopyJobKind, JsCopyProgress, JsCopyStep, JsFailureDescription, JsIdRule,
        JsJobInfo, JsLeftovers, JsListedTables, JsNamingProgress, JsNamingStep, JsPublishProgress,
        JsPublishStep, JsRelay, JsRemoval, JsResponseHead, JsRetryState, JsSessionChange,
        JsSessionInfo, JsSessionProgress, JsSessionRemovalStep, JsSessionStep, JsTableInfo,
    },
};

/// See [`Client`].
#[wasm_bindgen(js_name = TdClient)]
pub struct WasmClient(Client);

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "core.Replies[keyof core.Replies]")]
    pub type JsReply;

    #[wasm_bindgen(
        typescript_type = "core.ResponseHead & { body?: ReadableStream<Uint8Array<ArrayBuffer>> }"
    )]
    pub type OpenedResponse;
}

impl Plain for JsReply {
    type Rust = Reply;
}

#[wasm_bindgen(js_class = TdClient)]
impl WasmClient {
    /// `endpoint`: base URL of the API host, or the name of a site. `user_agent`: for platforms that allow it to be set.
    /// `relay`: a server that forwards the calls. `allow_http`: whether the key may be sent over plain HTTP; default
    /// false.
    #[wasm_bindgen(constructor)]
    pub fn new(
        endpoint: &str,
        apikey: &str,
        user_agent: Option<String>,
        relay: Option<JsRelay>,
        allow_http: Option<bool>,
    ) -> JsResult<Self> {
        let allow_http = allow_http.unwrap_or(false);
        let account = Account::try_new(endpoint, apikey, allow_http).into_js()?;
        let relay = relay.map(from_js).transpose()?;
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

    /// The name of the site, if the endpoint is one of TD's.
    #[wasm_bindgen(getter)]
    pub fn site(&self) -> Option<String> {
        self.0.account().endpoint.site().map(str::to_owned)
    }

    /// The account number, if the key contains it.
    #[wasm_bindgen(getter, js_name = accountNumber)]
    pub fn account_number(&self) -> Option<String> {
        self.0.account().apikey.account_number().map(str::to_owned)
    }

    /// A hint for a rejected key, if the endpoint is one of TD's sites: the key may belong to another site.
    #[wasm_bindgen(getter, js_name = siteHint)]
    pub fn site_hint(&self) -> Option<String> {
        self.0.account().endpoint.site_hint()
    }

    /// The page of a workflow attempt in TD's console, if the endpoint has a console.
    #[wasm_bindgen(js_name = attemptUrl)]
    pub fn attempt_url(&self, workflow: &str, session: &str, attempt: &str) -> Option<String> {
        let endpoint = &self.0.account().endpoint;
        endpoint.attempt_url(workflow, session, attempt)
    }

    /// The page of a job in TD's console, if the endpoint has a console.
    #[wasm_bindgen(js_name = jobUrl)]
    pub fn job_url(&self, job: &str) -> Option<String> {
        self.0.account().endpoint.job_url(job)
    }

    /// Whether both clients certainly use one account.
    #[wasm_bindgen(js_name = isSameAccount)]
    pub fn is_same_account(&self, other: &WasmClient) -> bool {
        self.0.account().is_same(other.0.account())
    }

    /// Sends a [`petit_td::Call`] and returns its reply. The upload of a part also has a body (a stream, a blob or bytes) and its
    /// length in bytes. `on_bytes` is called each time bytes of the response arrive.
    pub async fn call(
        &self,
        call: JsCall,
        #[wasm_bindgen(unchecked_param_type = "BodyInit | undefined")] body: JsValue,
        byte_length: f64,
        signal: AbortSignal,
        #[wasm_bindgen(unchecked_param_type = "() => void")] on_bytes: Function,
        now_ms: f64,
    ) -> JsResult<JsReply> {
        let call = from_js(call)?;
        let byte_length = to_u64(byte_length)?;
        let upload = (!body.is_undefined()).then_some(UploadBody { body, byte_length });
        let watch = watch(&signal, &on_bytes);
        let reply = self.0.call(&call, upload.as_ref(), &watch, now_ms);
        to_js(&reply.await.into_js()?)
    }

    /// The tables of a database.
    #[wasm_bindgen(js_name = listTables)]
    pub async fn list_tables(
        &self,
        database: String,
        signal: AbortSignal,
        #[wasm_bindgen(unchecked_param_type = "() => void")] on_bytes: Function,
        now_ms: f64,
    ) -> JsResult<WasmTableList> {
        let call = Call::ListTables(DatabaseRef { database });
        let watch = watch(&signal, &on_bytes);
        let tables = self.0.list_tables(&call, &watch, now_ms);
        Ok(tables.await.into_js()?.into())
    }

    /// As `call`, for a job with an `output`, which TD writes to the account of the other client.
    #[wasm_bindgen(js_name = callWithOutputTo)]
    pub async fn call_with_output_to(
        &self,
        call: JsCall,
        destination: &WasmClient,
        signal: AbortSignal,
        #[wasm_bindgen(unchecked_param_type = "() => void")] on_bytes: Function,
        now_ms: f64,
    ) -> JsResult<JsReply> {
        let destination = destination.0.account();
        let call = from_js(call)?.with_output_to(destination).into_js()?;
        let watch = watch(&signal, &on_bytes);
        let reply = self.0.call(&call, None, &watch, now_ms).await;
        let reply = reply.map_err(|error| error.redact(&destination.apikey));
        to_js(&reply.into_js()?)
    }

    /// The text with the account's key redacted.
    pub fn redact(&self, text: &str) -> String {
        self.0.account().apikey.redact(text)
    }

    /// Current time by the server's clock, in Unix milliseconds, if a response had it. `now_ms`: by the local clock.
    #[wasm_bindgen(js_name = serverNowMs)]
    pub fn server_now_ms(&self, now_ms: f64) -> Option<f64> {
        self.0.server_now_ms(now_ms)
    }

    /// Opens the body of a [`petit_td::Call`], from byte `start` to `end` inclusive if they are given.
    pub async fn open(
        &self,
        call: JsCall,
        start: Option<f64>,
        end: Option<f64>,
        etag: Option<String>,
        signal: AbortSignal,
        now_ms: f64,
    ) -> JsResult<OpenedResponse> {
        let call = from_js(call)?;
        let end = end.map(to_u64).transpose()?;
        let start = start.map(to_u64).transpose()?;
        let range = start.map(|start| ByteRange { start, end });
        let opened = self
            .0
            .open(&call, range, etag.as_deref(), Some(&signal), now_ms);
        let opened = opened.await.into_js()?;
        let head: JsResponseHead = to_js(&ResponseHead {
            status: opened.status,
            content_range: opened.content_range,
            content_length: opened.content_length,
            etag: opened.etag,
            is_decoded: opened.is_decoded,
        })?;
        Reflect::set(&head, &"body".into(), &opened.body.into())?;
        Ok(head.unchecked_into())
    }
}

fn watch<'a>(signal: &'a AbortSignal, on_bytes: &'a Function) -> Watch<'a> {
    Watch {
        signal: Some(signal),
        on_bytes: Some(on_bytes),
    }
}

/// See [`Redactor`].
#[wasm_bindgen(js_name = Redactor)]
pub struct WasmRedactor(Redactor);

#[wasm_bindgen(js_class = Redactor)]
impl WasmRedactor {
    /// A redactor of these API keys.
    #[wasm_bindgen(constructor)]
    pub fn new(keys: Vec<String>) -> Self {
        Self(Redactor::new(keys.iter().map(String::as_str)))
    }

    /// See [`Redactor::redact`].
    pub fn redact(&self, text: &str) -> String {
        self.0.redact(text).into_owned()
    }

    /// See [`Redactor::is_clean`].
    #[wasm_bindgen(js_name = isClean)]
    pub fn is_clean(&self, text: &str) -> bool {
        self.0.is_clean(text)
    }
}

/// See [`is_this_machine`].
#[wasm_bindgen(js_name = isThisMachine)]
pub fn is_this_machine_js(host: &str) -> bool {
    is_this_machine(host)
}

/// Describes why a request got no response: see [`NetworkFailure`].
#[wasm_bindgen(js_name = describeNetworkFailure)]
pub fn describe_network_failure(
    message: String,
    code: Option<String>,
    detail: Option<String>,
) -> JsResult<JsFailureDescription> {
    let failure = NetworkFailure {
        message,
        code,
        detail,
    };
    to_js(&failure.describe())
}

/// See [`known_hosts`].
#[wasm_bindgen(js_name = knownHosts)]
pub fn td_hosts() -> Vec<String> {
    known_hosts()
}

/// The normalized URL of an endpoint: see [`Endpoint::parse`].
#[wasm_bindgen(js_name = endpointUrl)]
pub fn endpoint_url(text: &str) -> JsResult<String> {
    Endpoint::parse(text)
        .map(|endpoint| endpoint.to_string())
        .into_js()
}

/// See [`petit_td::Call::is_repeatable`].
#[wasm_bindgen(js_name = isRepeatable)]
pub fn is_repeatable(call: JsCall) -> JsResult<bool> {
    Ok(from_js(call)?.is_repeatable())
}

/// See [`job::has_ended`].
#[wasm_bindgen(js_name = hasJobEnded)]
pub fn has_job_ended(job: JsJobInfo) -> JsResult<bool> {
    Ok(job::has_ended(&from_js(job)?))
}

/// See [`job::check_succeeded`].
#[wasm_bindgen(js_name = checkJobSucceeded)]
pub fn check_job_succeeded(job: JsJobInfo, show_values: bool) -> JsResult<()> {
    job::check_succeeded(&from_js(job)?, show_values).into_js()
}

/// See [`job::poll_delay`].
#[wasm_bindgen(js_name = pollDelayMs)]
pub fn poll_delay_ms(elapsed_ms: f64) -> JsResult<f64> {
    Ok(to_f64(job::poll_delay(to_u64(elapsed_ms.round())?)))
}

/// See [`session::next_step`].
#[wasm_bindgen(js_name = nextSessionStep)]
pub fn next_session_step(
    session: JsSessionInfo,
    job: Option<JsJobInfo>,
    progress: JsSessionProgress,
) -> JsResult<JsSessionStep> {
    let job = job.map(from_js).transpose()?;
    to_js(&session::next_step(
        &from_js(session)?,
        job.as_ref(),
        from_js(progress)?,
    ))
}

/// See [`session::Progress::after`]; undefined if the answer is final. `code`: of the error that the change failed with.
#[wasm_bindgen(js_name = afterSessionChange)]
pub fn after_session_change(
    progress: JsSessionProgress,
    change: JsSessionChange,
    code: Option<String>,
) -> JsResult<Option<JsSessionProgress>> {
    let answer = publish::Answer::from_code(code.as_deref());
    let after = from_js(progress)?.after(from_js(change)?, answer);
    after.as_ref().map(to_js).transpose()
}

/// See [`removal::next_step`].
#[wasm_bindgen(js_name = nextRemovalStep)]
pub fn next_removal_step(left: JsLeftovers) -> JsResult<JsRemoval> {
    let (next, left) = removal::next_step(from_js(left)?);
    to_js(&removal::Removal { next, left })
}

/// See [`removal::next_session_step`].
#[wasm_bindgen(js_name = nextSessionRemovalStep)]
pub fn next_session_removal_step(
    seen: Option<JsSessionInfo>,
    is_job_killed: bool,
    waited_ms: f64,
) -> JsResult<JsSessionRemovalStep> {
    let seen = seen.map(from_js).transpose()?;
    to_js(&removal::next_session_step(
        seen.as_ref(),
        is_job_killed,
        to_u64(waited_ms)?,
    ))
}

/// See [`removal::is_done_already`].
#[wasm_bindgen(js_name = isDoneAlready)]
pub fn is_done_already(call: JsCall, code: &str) -> JsResult<bool> {
    Ok(removal::is_done_already(&from_js(call)?, code))
}

/// See [`removal::has_job_stopped`].
#[wasm_bindgen(js_name = hasJobStopped)]
pub fn has_job_stopped(code: &str) -> bool {
    removal::has_job_stopped(code)
}

/// See [`copy_job::next_step`].
#[wasm_bindgen(js_name = nextCopyStep)]
pub fn next_copy_step(progress: JsCopyProgress, kind: JsCopyJobKind) -> JsResult<JsCopyStep> {
    to_js(&copy_job::next_step(&from_js(progress)?, from_js(kind)?))
}

/// See [`copy_job::starts_again`].
#[wasm_bindgen(js_name = startsAgain)]
pub fn starts_again(code: &str, attempts: u32) -> bool {
    copy_job::starts_again(code, attempts)
}

/// How long a listing may lag behind a change, in milliseconds.
#[wasm_bindgen(js_name = listingLagMs)]
pub fn listing_lag_ms() -> f64 {
    to_f64(publish::LAG_MS)
}

/// The progress of a publish that begins: see [`publish::Progress::new`].
///
/// `staging`, `target`: the tables as `list_tables` shows them, `target` undefined if there is none.
#[wasm_bindgen(js_name = beginPublish)]
pub fn begin_publish(
    staging: Option<JsTableInfo>,
    target: Option<JsTableInfo>,
    rows: Option<u64>,
) -> JsResult<JsPublishProgress> {
    let before = publish::Seen::from(&publish::ListedTables {
        staging: staging.map(from_js).transpose()?,
        target: target.map(from_js).transpose()?,
    });
    to_js(&publish::Progress::new(before, rows))
}

/// See [`publish::next_step`]. `tables`: of a look since the last answer, else undefined.
#[wasm_bindgen(js_name = nextPublishStep)]
pub fn next_publish_step(
    tables: Option<JsListedTables>,
    progress: JsPublishProgress,
    retry: JsRetryState,
) -> JsResult<JsPublishStep> {
    let tables = tables.map(from_js).transpose()?;
    let seen = tables.as_ref().map(publish::Seen::from);
    let progress = from_js(progress)?;
    to_js(&publish::next_step(
        seen.as_ref(),
        &progress,
        from_js(retry)?,
    ))
}

/// See [`publish::Progress::after`]. `code`: of the error that the step failed with.
#[wasm_bindgen(js_name = afterPublishStep)]
pub fn after_publish_step(
    progress: JsPublishProgress,
    step: JsPublishStep,
    code: Option<String>,
) -> JsResult<JsPublishProgress> {
    let answer = publish::Answer::from_code(code.as_deref());
    to_js(&from_js(progress)?.after(from_js(step)?, answer))
}

/// Whether an error with this code leaves open whether the request was carried out: see [`publish::Answer::from_code`].
#[wasm_bindgen(js_name = isUnanswered)]
pub fn is_unanswered(code: &str) -> bool {
    publish::Answer::from_code(Some(code)) == publish::Answer::Unanswered
}

/// See [`publish::id_rule`]. An argument is undefined if the table was not found.
#[wasm_bindgen(js_name = idRule)]
pub fn id_rule(
    from: Option<JsTableInfo>,
    over: Option<JsTableInfo>,
    after: Option<JsTableInfo>,
) -> JsResult<JsIdRule> {
    let identity = |table: Option<JsTableInfo>| -> JsResult<publish::Identity> {
        let table = table.map(from_js).transpose()?;
        Ok(table
            .as_ref()
            .map(publish::Identity::from)
            .unwrap_or_default())
    };
    to_js(&publish::id_rule(
        &identity(from)?,
        &identity(over)?,
        &identity(after)?,
    ))
}

/// See [`naming::next_step`].
#[wasm_bindgen(js_name = nextNamingStep)]
pub fn next_naming_step(progress: JsNamingProgress, exhausted: bool) -> JsResult<JsNamingStep> {
    to_js(&naming::next_step(from_js(progress)?, exhausted))
}

/// See [`naming::Progress::after`]. `code`: of the error that the step failed with.
#[wasm_bindgen(js_name = afterNamingStep)]
pub fn after_naming_step(
    progress: JsNamingProgress,
    step: JsNamingStep,
    code: Option<String>,
) -> JsResult<JsNamingProgress> {
    let answer = publish::Answer::from_code(code.as_deref());
    to_js(&from_js(progress)?.after(from_js(step)?, answer))
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
