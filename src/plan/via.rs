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
pub enum Method {
    /// A SELECT, whose result petit fetches and loads.
    Fetch,
    /// An INSERT … SELECT of the destination's key.
    Insert,
    /// A SELECT of the source's key, whose result TD brings to the destination.
    Output,
}

impl Method {
    /// Who moves the rows.
    pub fn via(self) -> Via {
        match self {
            Self::Fetch => Via::Client,
            Self::Insert | Self::Output => Via::Engine,
        }
    }
}

/// How the tables of this clone are moved, and why so, in words.
pub fn choose(request: &CloneRequest) -> (Method, &'static str) {
    let is_one = request.is_same_account;
    let may_read = request.destination_reads_source;
    match request.via {
        ViaChoice::Client => (Method::Fetch, "as asked"),
        ViaChoice::Engine if is_one && may_read => (
            Method::Insert,
            "as asked; source and destination are one account",
        ),
        ViaChoice::Engine => (
            Method::Output,
            "as asked; TD brings each query's result to the destination, and keeps the destination's key with the job",
        ),
        ViaChoice::Auto if is_one && may_read => {
            (Method::Insert, "source and destination are one account")
        }
        ViaChoice::Auto if is_one => (
            Method::Fetch,
            "one account, but the destination's key may not read the source",
        ),
        ViaChoice::Auto => (
            Method::Fetch,
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
            (Auto, true, true, Method::Insert),
            (Auto, true, false, Method::Fetch),
            (Auto, false, false, Method::Fetch),
            (Client, true, true, Method::Fetch),
            (Engine, true, true, Method::Insert),
            (Engine, true, false, Method::Output),
            (Engine, false, false, Method::Output),
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
