//! Treasure Data's REST API as values: calls, requests, replies.
//!
//! Nothing here does I/O or reads a clock; the crate of the WebAssembly module sends the requests.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod account;
mod action;
mod attempt;
mod call;
mod columns;
mod encode;
mod endpoint;
mod error;
pub mod job;
mod lenient;
mod model;
pub mod names;
mod network;
mod output;
mod range;
mod refusal;
mod relay;
mod reply;
mod request;
pub mod retry;
pub mod session;
pub mod time;

/// The largest whole number that every reader of JSON, and JavaScript itself, keeps exactly: 2^53 - 1.
pub const LARGEST_NUMBER: u64 = (1 << 53) - 1;

pub use account::{Account, ApiKey};
pub use attempt::{AttemptInfo, NamedId};
pub use call::{
    AttemptRef, Call, CreateSession, CreateTable, DatabaseRef, DomainKeyRef, Engine, IssueJob,
    JobRef, JobsOf, PartRef, PerformSession, RenameTable, SessionRef, StartAttempt, TableRef,
};
pub use columns::{Column, schema_text};
pub use endpoint::{Endpoint, known_hosts};
pub use error::{Error, Result};
pub use model::{
    Bytes, DatabaseInfo, Distribution, IssuedJob, JobDebug, JobInfo, JobStatistics, KilledJob,
    PerformedSession, SessionInfo, TableInfo, UserInfo,
};
pub use network::NetworkFailure;
pub use output::ResultUrl;
pub use range::{ByteRange, ContentRange, number};
pub use relay::{Relay, TOKEN_HEADER};
pub use reply::Reply;
pub use request::{Body, Method, Request, Service};
