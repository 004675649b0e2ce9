//! A server that passes calls on to TD for pages in a browser, which may not call TD themselves: TD allows no other origin.

use serde::Deserialize;

use super::Endpoint;
use crate::Result;

/// The header that carries [`Relay::token`].
pub const TOKEN_HEADER: &str = "X-Petit-Token";

/// Where the relay is, and what lets a page use it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Its origin: `http://127.0.0.1:5000`.
    pub url: String,
    /// The secret of the relay's run.
    pub token: String,
}

impl Relay {
    /// The relay's URL of what a request asks for, `/v3/…`, at an endpoint: `<relay>/relay/https/api.treasuredata.com/v3/…`.
    pub fn url(&self, endpoint: &Endpoint, target: &str) -> String {
        let place = endpoint.url(target).replacen("://", "/", 1);
        format!("{}/relay/{place}", self.url.trim_end_matches('/'))
    }

    /// Refuses a relay that would get the key over plain HTTP, as [`Endpoint::check_plain_http`] does.
    ///
    /// # Errors
    /// [`Error::Account`](crate::Error::Account), also for a URL that cannot be one.
    pub fn check_plain_http(&self, allowed: bool) -> Result<()> {
        Endpoint::parse(&self.url)?.check_plain_http(allowed)
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Relay({})", self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_becomes_a_path_of_the_relay() {
        let relay = Relay {
            url: "http://127.0.0.1:5000/".into(),
            token: "secret".into(),
        };
        let url = |endpoint: &str| relay.url(&Endpoint::parse(endpoint).unwrap(), "/v3/x?y=%2F");
        assert_eq!(
            url("eu01"),
            "http://127.0.0.1:5000/relay/https/api.eu01.treasuredata.com/v3/x?y=%2F"
        );
        assert_eq!(
            url("http://localhost:8008/td/"),
            "http://127.0.0.1:5000/relay/http/localhost:8008/td/v3/x?y=%2F"
        );
        assert!(!format!("{relay:?}").contains("secret"));
        assert_eq!(relay.check_plain_http(false), Ok(()));
        let afar = Relay {
            url: "http://relay.example".into(),
            ..relay
        };
        assert!(afar.check_plain_http(false).is_err());
    }
}
