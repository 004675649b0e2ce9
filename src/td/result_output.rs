//! Result output: TD itself writes the rows of a job to a table.

use std::fmt;

use petit_text::quoted;

use super::Account;
use super::encode::path_segment;
use crate::{Error, Result};

/// The destination of the rows of a job: `td://<key>@<host>/<database>/<table>?mode=append`. It contains a key, so that its
/// `Debug` output is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct ResultUrl(String);

impl ResultUrl {
    /// The URL of a table of an account.
    ///
    /// The mode is `append`: other modes need a master key, and `replace` could lose the schema of the table.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a name that is invalid in a URL, and for an endpoint with a path.
    pub fn to(account: &Account, database: &str, table: &str) -> Result<Self> {
        let host = account.endpoint.authority().ok_or_else(|| {
            let reason = "TD cannot write results to an endpoint with a path after its host".into();
            Error::InvalidOption { reason }
        })?;
        let part = |name: &str| {
            path_segment(name).ok_or_else(|| Error::InvalidOption {
                reason: format!("{} is not a valid name at TD", quoted(name)),
            })
        };
        Ok(Self(format!(
            "td://{}@{host}/{}/{}?mode=append",
            account.apikey.percent_encoded(),
            part(database)?,
            part(table)?
        )))
    }

    /// The URL with the key, for the request only.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ResultUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("td://[hidden]")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{ApiKey, Body, Call, Endpoint};

    fn account(endpoint: &str) -> Account {
        Account {
            endpoint: Endpoint::parse(endpoint).unwrap(),
            apikey: ApiKey::parse("7/0123456789abcdef").unwrap(),
        }
    }

    fn issue() -> Call {
        let output = json!({"database": "copy", "table": "orders"});
        let call = json!({"call": "issue_job", "database": "d", "query": "q", "domainKey": "k", "output": output});
        serde_json::from_value(call).unwrap()
    }

    #[test]
    fn the_request_names_the_table_and_hides_the_key_from_everybody_else() {
        let call = issue()
            .with_output_to(&account("http://127.0.0.1:8008"))
            .unwrap();
        assert!(!format!("{call:?}").contains("0123456789abcdef"));
        let Body::Form(form) = call.request().unwrap().body else {
            panic!("no form");
        };
        assert_eq!(
            form,
            "query=q&domain_key=k&result=td%3A%2F%2F7%252F0123456789abcdef%40127.0.0.1%3A8008%2Fcopy%2Forders%3Fmode%3Dappend"
        );
        let eu = ResultUrl::to(&account("eu01"), "d", "t");
        assert_eq!(
            eu.unwrap().reveal(),
            "td://7%2F0123456789abcdef@api.eu01.treasuredata.com/d/t?mode=append"
        );
    }

    #[test]
    fn an_output_needs_an_endpoint_without_a_path() {
        assert!(
            issue()
                .request()
                .unwrap_err()
                .to_string()
                .contains("account")
        );
        assert!(issue().with_output_to(&account("h/prefix")).is_err());
        let other: Call = serde_json::from_value(json!({"call": "list_databases"})).unwrap();
        assert_eq!(other.clone().with_output_to(&account("h")), Ok(other));
    }
}
