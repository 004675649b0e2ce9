//! Questions about Treasure Data that its documentation leaves open: what is done to answer each one, and what an answer means
//! for petit. The driver carries out the probes.

mod judge;
mod questions;

use serde::{Deserialize, Serialize};

pub use self::judge::judge;
use self::questions::{READ_PROBES, WRITE_PROBES};

/// What is done to answer questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Probe {
    /// Its name.
    pub name: String,
    /// What is done.
    pub ask: Ask,
}

/// What a probe does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ask {
    /// Compares the clocks.
    Clock,
    /// Reads the names of the permissions in the list of databases.
    Permissions,
    /// Sends a preflight request of a browser, without a key.
    Preflight,
    /// Sends this many calls at once.
    Burst {
        /// How many.
        calls: u32,
    },
    /// Runs a query without a table, with one value.
    Value {
        /// The query.
        sql: &'static str,
    },
    /// Runs a query without rows.
    Empty {
        /// The query.
        sql: &'static str,
    },
    /// Runs a query without a table, with a large result, and reads the result in several ways.
    Download {
        /// The query.
        sql: &'static str,
    },
    /// Issues the same job twice, the second time after its end.
    DomainKey {
        /// The query.
        sql: &'static str,
    },
    /// Lists the tables of a database that has logical views.
    Views {
        /// The query that finds views: their databases and names.
        sql: &'static str,
    },
    /// Renames tables.
    Rename,
    /// Loads a table through bulk import sessions.
    Import,
}

/// What was seen when a probe was carried out. Values that came as bytes are passed separately.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum Observation {
    /// The probe could not be carried out.
    Failed {
        /// The code of the error.
        code: String,
    },
    /// Of `clock`.
    Clock {
        /// How far the endpoint's clock is ahead, in milliseconds, if it shows its time.
        #[serde(default)]
        difference_ms: Option<f64>,
    },
    /// Of `permissions`.
    Permissions {
        /// The permissions of the databases.
        names: Vec<String>,
    },
    /// Of `preflight`.
    Preflight {
        /// Whether the answer lets browsers of other origins call.
        is_allowed: bool,
    },
    /// Of `burst`.
    Burst {
        /// How many calls were refused with 429.
        refused: u32,
    },
    /// Of `value`, with the stored result.
    Value {
        /// The job's `hive_result_schema`.
        schema: String,
    },
    /// Of `empty`.
    Empty {
        /// The HTTP status of the result.
        status: u16,
        /// The length of its body, in bytes.
        byte_length: f64,
    },
    /// Of `download`, with the stored result.
    Download {
        /// The job's `result_size`, if it has one.
        #[serde(default)]
        result_size: Option<f64>,
        /// The entity tag, if there is one.
        #[serde(default)]
        etag: Option<String>,
        /// The HTTP status of a request for a range.
        range_status: u16,
        /// The HTTP status of a request for a range with another entity tag.
        stale_status: u16,
    },
    /// Of `domain_key`.
    DomainKey {
        /// Whether the second request leads to the first job.
        is_first: bool,
        /// Whether the key itself leads to that job.
        is_found: bool,
    },
    /// Of `views`.
    Views {
        /// For each view, the type that the table list shows, or nothing if the view is not in it.
        listed: Vec<Option<String>>,
    },
    /// Of `rename`.
    Rename {
        /// The id of a table.
        id: String,
        /// Its id under its new name.
        renamed: String,
        /// The code of the answer to the same rename again.
        again: Option<String>,
        /// The code of the answer to a rename onto itself.
        onto_itself: Option<String>,
        /// The id of the table that replaces it.
        other: String,
        /// The id under the name afterwards.
        replaced: String,
    },
    /// Of `import`, with the result of a query of the table's columns.
    Import {
        /// The code of the answer to perform without a freeze.
        unfrozen: Option<String>,
        /// The code of the answer to perform again, after the first one has ended.
        performed_again: Option<String>,
        /// Number of valid records, of a part with two gzip members of one record each.
        members: f64,
        /// Number of valid records, after a part of one record was replaced by one of two.
        replaced: f64,
        /// Number of parts with errors, after a part that is an empty gzip member.
        empty: f64,
        /// The code of the answer to commit again.
        committed_again: Option<String>,
        /// Time from the commit until the table list shows the rows, in milliseconds, if it does within a minute.
        #[serde(default)]
        counted_ms: Option<f64>,
        /// The `hive_result_schema` of a query of an `int` and a `float` column.
        schema: String,
    },
}

/// An answer of Treasure Data to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ConformanceAnswer {
    /// The name of the question.
    pub question: String,
    /// The question, for people.
    pub title: String,
    /// The answer that petit assumes.
    pub assumed: String,
    /// The answer; missing if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// How the answer relates to what petit assumes.
    pub verdict: Verdict,
    /// Whether petit works with this answer too.
    pub is_handled: bool,
    /// Why there is no answer: the code of an error, or `not_applicable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How an answer relates to what petit assumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is what petit assumes.
    AsAssumed,
    /// It is another answer.
    Differs,
    /// There is no answer.
    NotAnswered,
}

/// What is done to answer the questions, in order.
///
/// `writes`: the probes that write to a database made for them, instead of those that only read.
pub fn probes(writes: bool) -> Vec<Probe> {
    let specs = if writes { WRITE_PROBES } else { READ_PROBES };
    specs
        .iter()
        .map(|spec| Probe {
            name: spec.name.into(),
            ask: spec.ask,
        })
        .collect()
}
