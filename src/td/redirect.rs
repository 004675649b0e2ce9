//! Decides whether a redirect is followed, and whether the API key goes along.

use petit_text::sanitize;

use super::call::Call;
use super::this_machine::is_this_machine;
use crate::{Error, Method, Result};

/// Maximum number of redirects of one request.
pub const MAX_REDIRECTS: usize = 5;

/// Maximum length of an address in a message, in characters.
const MAX_ADDRESS_CHARS: usize = 200;

/// An absolute URL, in the parts that a URL parser returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The whole URL.
    pub href: String,
    /// Scheme, host and port.
    pub origin: String,
    /// The host without its port.
    pub host: String,
}

/// A redirect from one address to another.
#[derive(Debug, Clone, Copy)]
pub struct Redirect<'a> {
    /// The address that was called.
    pub from: &'a Address,
    /// The address in the response.
    pub to: &'a Address,
}

impl Redirect<'_> {
    /// Whether the request to the new address has the API key.
    ///
    /// TD stores results and rejected records elsewhere and may redirect their download. The key stays at the origin that it
    /// was sent to. Every other call is an error at another origin, because it would fail there without its key.
    ///
    /// # Errors
    /// [`Error::Redirected`] for a redirect that is not followed.
    pub fn keeps_key(self, call: &Call) -> Result<bool> {
        let is_download = matches!(call, Call::JobResult(_) | Call::ErrorRecords(_));
        if call.request()?.method != Method::Get {
            return Err(self.refuse(call, "but petit does not repeat a call that writes"));
        }
        if self.from.origin == self.to.origin {
            return Ok(true);
        }
        if !is_download {
            return Err(self.refuse(call, "which must not receive the API key"));
        }
        if self.to.is_exposed() && !self.from.is_exposed() {
            return Err(self.refuse(call, "which is plain HTTP, where others can read the rows"));
        }
        Ok(false)
    }

    /// The error of a request with more than [`MAX_REDIRECTS`] redirects.
    pub fn endless(self, call: &Call) -> Error {
        self.refuse(call, "after too many redirects")
    }

    fn refuse(self, call: &Call, reason: &'static str) -> Error {
        Error::Redirected {
            action: call.describe(),
            target: self.to.shown(),
            reason,
        }
    }
}

impl Address {
    /// Whether others can read what is sent to this address.
    fn is_exposed(&self) -> bool {
        !self.href.starts_with("https:") && !is_this_machine(&self.host)
    }

    /// The address without its query, which may contain a signature.
    fn shown(&self) -> String {
        let end = self.href.find(['?', '#']).unwrap_or(self.href.len());
        sanitize(self.href.get(..end).unwrap_or_default(), MAX_ADDRESS_CHARS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DatabaseRef, JobRef, SessionRef};

    fn address(href: &str) -> Address {
        let (scheme, rest) = href.split_once("://").unwrap();
        let authority = rest.split('/').next().unwrap();
        Address {
            href: href.into(),
            origin: format!("{scheme}://{authority}"),
            host: authority.split(':').next().unwrap().into(),
        }
    }

    fn follow(call: &Call, from: &str, to: &str) -> Result<bool, String> {
        let (from, to) = (address(from), address(to));
        let redirect = Redirect {
            from: &from,
            to: &to,
        };
        redirect.keeps_key(call).map_err(|error| error.to_string())
    }

    #[test]
    fn only_a_download_may_leave_its_origin_and_without_the_key() {
        let list = Call::ListTables(DatabaseRef {
            database: "shop".into(),
        });
        let result = Call::JobResult(JobRef { job_id: "7".into() });
        let records = Call::ErrorRecords(SessionRef {
            session: "s".into(),
        });
        let commit = Call::CommitSession(SessionRef {
            session: "s".into(),
        });
        let (td, other) = ("https://td.example/v3", "https://other.example/v3");
        assert_eq!(follow(&list, td, "https://td.example/v4"), Ok(true));
        assert_eq!(
            follow(&list, td, "https://other.example/v3?sig=x").unwrap_err(),
            "list the tables of \"shop\": the endpoint redirects to https://other.example/v3, which must not receive the API key"
        );
        assert_eq!(follow(&result, td, "https://td.example/x"), Ok(true));
        for call in [&result, &records] {
            assert_eq!(follow(call, td, other), Ok(false));
        }
        for to in [other, "https://td.example/v4"] {
            assert!(
                follow(&commit, td, to)
                    .unwrap_err()
                    .contains("a call that writes")
            );
        }
    }

    #[test]
    fn rows_do_not_leave_this_machine_over_plain_http() {
        let result = Call::JobResult(JobRef { job_id: "7".into() });
        let plain = "http://store.example/r";
        for from in [
            "https://td.example/",
            "http://127.0.0.2:8600/",
            "http://td.localhost/",
        ] {
            let refused = follow(&result, from, plain).unwrap_err();
            assert!(refused.contains("plain HTTP"), "{refused}");
        }
        assert_eq!(follow(&result, "http://td.example/", plain), Ok(false));
        assert_eq!(
            follow(&result, "https://td.example/", "http://127.0.0.9:1/r"),
            Ok(false)
        );
    }
}
