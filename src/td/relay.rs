//! A relay: a server that forwards the calls of a web page. A page cannot call TD directly, because TD allows no other origin
//! (CORS).

use serde::Deserialize;

use super::Endpoint;
use crate::Result;

/// The header that carries [`Relay::token`].
pub const TOKEN_HEADER: &str = "X-Petit-Token";

/// A relay, and the token to use it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Its origin: `http://127.0.0.1:5000`.
    pub url: String,
    /// The secret of the relay process.
    pub token: String,
}

impl Relay {
    /// The relay's URL for a request target at an endpoint: `<relay>/relay/https/api.treasuredata.com/v3/…`.
    pub fn url(&self, endpoint: &Endpoint, target: &str) -> String {
        let path = endpoint.url(target).replacen("://", "/", 1);
        format!("{}/relay/{path}", self.url.trim_end_matches('/'))
    }

    /// Rejects a relay that would receive the key over plain HTTP, see [`Endpoint::check_plain_http`].
    ///
    /// # Errors
    /// [`Error::Account`](crate::Error::Account), also for an invalid URL.
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
