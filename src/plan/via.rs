//! What moves a table's rows: petit itself, or TD's own engine.

use serde::Serialize;

use super::clone_request::{CloneRequest, ViaChoice};

/// What moves a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// petit: a query's result is fetched and loaded by bulk import.
    Client,
    /// TD: one of its jobs writes the rows where they belong, and none passes through petit.
    Engine,
}

/// The kind of job that moves a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyMethod {
    /// A SELECT, whose result petit fetches and loads.
    #[serde(rename = "fetch")]
    BulkImport,
    /// An INSERT … SELECT of the destination's key.
    #[serde(rename = "insert")]
    InsertSelect,
    /// A SELECT of the source's key, whose result TD brings to the destination.
    #[serde(rename = "output")]
    ResultOutput,
}

impl CopyMethod {
    /// Who moves the rows.
    pub fn via(self) -> Via {
        match self {
            Self::BulkImport => Via::Client,
            Self::InsertSelect | Self::ResultOutput => Via::Engine,
        }
    }
}

/// How the tables of this clone are moved, and why so, in words.
pub fn choose(request: &CloneRequest) -> (CopyMethod, &'static str) {
    let is_one = request.is_same_account;
    let may_read = request.destination_reads_source;
    match request.via {
        ViaChoice::Client => (CopyMethod::BulkImport, "as asked"),
        ViaChoice::Engine if is_one && may_read => (
            CopyMethod::InsertSelect,
            "as asked; source and destination are one account",
        ),
        ViaChoice::Engine => (
            CopyMethod::ResultOutput,
            "as asked; TD brings each query's result to the destination, and keeps the destination's key with the job",
        ),
        ViaChoice::Auto if is_one && may_read => (
            CopyMethod::InsertSelect,
            "source and destination are one account",
        ),
        ViaChoice::Auto if is_one => (
            CopyMethod::BulkImport,
            "one account, but the destination's key may not read the source",
        ),
        ViaChoice::Auto => (
            CopyMethod::BulkImport,
            "source and destination are not one account for sure",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_chosen_where_it_can_write_by_itself() {
        use ViaChoice::{Auto, Client, Engine};
        let cases = [
            (Auto, true, true, CopyMethod::InsertSelect),
            (Auto, true, false, CopyMethod::BulkImport),
            (Auto, false, false, CopyMethod::BulkImport),
            (Client, true, true, CopyMethod::BulkImport),
            (Engine, true, true, CopyMethod::InsertSelect),
            (Engine, true, false, CopyMethod::ResultOutput),
            (Engine, false, false, CopyMethod::ResultOutput),
        ];
        for (via, is_same_account, destination_reads_source, expected) in cases {
            let request = CloneRequest {
                via,
                is_same_account,
                destination_reads_source,
                ..CloneRequest::default()
            };
            let (method, why) = choose(&request);
            assert_eq!(method, expected, "{via:?}");
            assert_eq!(why.starts_with("as asked"), via != Auto, "{why}");
        }
    }
}
