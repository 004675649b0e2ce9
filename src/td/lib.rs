//! Treasure Data's REST API as values: a call becomes a request, a response becomes a reply, and `job`, `session` and `retry`
//! derive the next step from it.
//!
//! This crate does no I/O and reads no clock. Current time and randomness are arguments.

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
pub mod append;
mod byte_range;
mod call;
mod columns;
pub mod copy_job;
mod describe;
mod deserialize;
mod encode;
mod endpoint;
mod error;
mod error_body;
mod http;
pub mod job;
mod model;
pub mod names;
mod network_error;
pub mod publish;
mod redirect;
mod relay;
pub mod removal;
#[cfg(feature = "typescript")]
mod replies;
mod reply;
mod request;
mod result_output;
pub mod retry;
mod row_values;
pub mod session;
mod table_list;
mod this_machine;
pub mod time;
mod workflow;

pub use account::{Account, ApiKey};
pub use byte_range::{ByteRange, ContentRange, ResponseHead, header_number};
pub use call::{
    AttemptRef, Call, CreateSession, CreateTable, DatabaseRef, DomainKeyRef, Engine, IssueJob,
    JobRef, ListJobs, PartRef, PerformSession, RenameTable, SessionRef, StartAttempt, TableRef,
};
pub use columns::{Column, Schema, parse_schema, schema_text};
pub use endpoint::{Endpoint, known_hosts};
pub use error::{Error, Result};
pub use http::{Body, Method, Request, Service};
pub use model::{
    Bytes, DatabaseInfo, Distribution, IssuedJob, JobDebug, JobInfo, JobStatistics, KilledJob,
    PerformedSession, SessionInfo, TableInfo, UserInfo,
};
pub use network_error::{FailureDescription, NetworkFailure};
pub use redirect::{Address, MAX_REDIRECTS, Redirect};
pub use relay::{Relay, TOKEN_HEADER};
#[cfg(feature = "typescript")]
pub use replies::Replies;
pub use reply::Reply;
pub use result_output::ResultUrl;
pub use table_list::{NotTables, TableListReader};
pub use this_machine::is_this_machine;
pub use workflow::{AttemptInfo, NamedId};
