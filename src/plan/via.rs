//! Chooses what moves the rows of a table: petit itself, or TD's engine.

use serde::{Deserialize, Serialize};

use super::clone_request::{CloneRequest, ViaChoice};

/// What moves the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// petit: it downloads the result of a query, and uploads it by bulk import.
    Client,
    /// TD: a job writes the rows to the destination. No row passes through petit.
    Engine,
}

/// The kind of job that moves the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum CopyMethod {
    /// A SELECT, whose result petit downloads, and uploads by bulk import.
    BulkImport,
    /// An INSERT … SELECT with the destination's key.
    InsertSelect,
    /// A SELECT with the source's key and result output to the destination.
    ResultOutput,
}

impl CopyMethod {
    /// What moves the rows.
    pub fn via(self) -> Via {
        match self {
            Self::BulkImport => Via::Client,
            Self::InsertSelect | Self::ResultOutput => Via::Engine,
        }
    }
}

/// The method for a table, and its reason.
pub fn choose(request: &CloneRequest, is_masked: bool) -> (CopyMethod, &'static str) {
    if is_masked {
        return (
            CopyMethod::BulkImport,
            "petit masks its columns, and no unmasked value may reach the destination",
        );
    }
    let is_one = request.is_same_account;
    let may_read = request.destination_reads_source;
    match request.via {
        ViaChoice::Client => (CopyMethod::BulkImport, "as requested"),
        ViaChoice::Engine if is_one && may_read => (
            CopyMethod::InsertSelect,
            "as requested; source and destination are the same account",
        ),
        ViaChoice::Engine => (
            CopyMethod::ResultOutput,
            "as requested; TD writes the result of each query to the destination, and stores the destination's key with the job",
        ),
        ViaChoice::Auto if is_one && may_read => (
            CopyMethod::InsertSelect,
            "source and destination are the same account",
        ),
        ViaChoice::Auto if is_one => (
            CopyMethod::BulkImport,
            "same account, but the destination's key may not read the source",
        ),
        ViaChoice::Auto => (
            CopyMethod::BulkImport,
            "source and destination may be different accounts",
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
            let (method, why) = choose(&request, false);
            assert_eq!(method, expected, "{via:?}");
            assert_eq!(why.starts_with("as requested"), via != Auto, "{why}");
            let (method, why) = choose(&request, true);
            assert_eq!(method, CopyMethod::BulkImport, "{via:?}");
            assert!(why.starts_with("petit masks"), "{why}");
        }
    }
}
