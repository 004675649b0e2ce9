//! Accounts and API keys.

use std::fmt;

use petit_text::{REDACTED, Redactor};
use serde_json::Value;

use super::Endpoint;
use super::encode::user_info;
use crate::{Error, Result};

/// An account at TD: an endpoint and an API key.
#[derive(Debug, Clone)]
pub struct Account {
    /// The base URL of the API.
    pub endpoint: Endpoint,
    /// The API key.
    pub apikey: ApiKey,
}

impl Account {
    /// An account from the texts of an endpoint (see [`Endpoint::parse`]) and a key.
    ///
    /// # Errors
    /// [`Error::Account`] for an invalid endpoint or key, and for an endpoint that would receive the key over plain HTTP, see
    /// [`Endpoint::check_plain_http`].
    pub fn try_new(endpoint: &str, apikey: &str, allow_http: bool) -> Result<Self> {
        let account = Self {
            endpoint: Endpoint::parse(endpoint)?,
            apikey: ApiKey::parse(apikey)?,
        };
        account.endpoint.check_plain_http(allow_http)?;
        Ok(account)
    }

    /// Whether both are certainly the same account: they have the same key, or keys with the same account number at the same
    /// service. Keys of the older form have no account number, so that two of them cannot be compared.
    pub fn is_same(&self, other: &Self) -> bool {
        if self.apikey == other.apikey {
            return true;
        }
        let number = self.apikey.account_number();
        self.endpoint.is_same_service(&other.endpoint)
            && number.is_some()
            && number == other.apikey.account_number()
    }
}

/// A key of TD's API. Its `Debug` output is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Parses a key, with or without the prefix `TD1 `. Only TD can tell whether it is valid.
    ///
    /// # Errors
    /// [`Error::Account`] for an empty key, and for characters that no key has.
    pub fn parse(text: &str) -> Result<Self> {
        let key = text.trim();
        let key = match key.strip_prefix("TD1") {
            Some(rest) if rest.trim_start() != rest || rest.is_empty() => rest.trim_start(),
            _ => key,
        };
        let refuse = |code, reason: &str| {
            let reason = format!("the API key {reason}");
            Err(Error::Account { code, reason })
        };
        if key.is_empty() {
            return refuse("missing_key", "is empty");
        }
        match fault(key) {
            Some(reason) => refuse("bad_key", reason),
            None => Ok(Self(key.into())),
        }
    }

    /// The `Authorization` header.
    pub fn authorization(&self) -> String {
        format!("TD1 {}", self.0)
    }

    /// The key, percent-encoded for a URL.
    pub(super) fn percent_encoded(&self) -> String {
        user_info(&self.0)
    }

    /// Redacts this key in a text, because a server may echo its request.
    pub fn redact(&self, text: &str) -> String {
        self.redactor().redact(text).into_owned()
    }

    /// A redactor of this key.
    pub fn redactor(&self) -> Redactor {
        Redactor::new([self.0.as_str()])
    }

    /// Redacts this key in the body of a response: in each string of JSON, whatever its escapes, and in other text.
    pub fn redact_body(&self, body: Vec<u8>) -> Vec<u8> {
        redact_json(&self.redactor(), body)
    }

    /// Redacts this key in an error.
    pub fn redact_error(&self, mut error: Error) -> Error {
        if let Error::Http { message: text, .. }
        | Error::Network { reason: text, .. }
        | Error::Redirected { target: text, .. }
        | Error::Job { reason: text, .. }
        | Error::Reply { reason: text, .. } = &mut error
        {
            *text = self.redact(text);
        }
        error
    }

    /// The account number, which keys of the older form do not have.
    pub fn account_number(&self) -> Option<&str> {
        let (number, _) = self.0.split_once('/')?;
        (!number.is_empty()).then_some(number)
    }
}

/// Quotes, as shells, configuration files and word processors write them.
const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];

/// Why a text cannot be a key.
fn fault(key: &str) -> Option<&'static str> {
    if key.starts_with(QUOTES) || key.ends_with(QUOTES) {
        return Some("is in quotes");
    }
    if key.contains(char::is_control) {
        return Some("contains a control character, such as a line end");
    }
    if key.contains(char::is_whitespace) {
        return Some("contains white space");
    }
    if key.contains(QUOTES) {
        return Some("contains a quote");
    }
    (!key.is_ascii()).then_some("contains a character that is not ASCII")
}

/// Redacts secrets in each string of JSON, whatever its escapes, and in other text.
pub(super) fn redact_json(redactor: &Redactor, body: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&body);
    if redactor.is_clean(&text) {
        return body;
    }
    match serde_json::from_slice(&body) {
        Ok(value) => redact_strings(value, redactor).to_string().into_bytes(),
        Err(_) => redactor.redact(&text).into_owned().into_bytes(),
    }
}

/// Redacts each string and each name in JSON.
fn redact_strings(value: Value, redactor: &Redactor) -> Value {
    let redact = |text: String| redactor.redact_value(&text).into_owned();
    match value {
        Value::String(text) => Value::String(redact(text)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| redact_strings(item, redactor))
            .collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (redact(name), redact_strings(value, redactor)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef01234567";

    fn account(endpoint: &str, key: &str) -> Account {
        Account {
            endpoint: Endpoint::parse(endpoint).unwrap(),
            apikey: ApiKey::parse(key).unwrap(),
        }
    }

    #[test]
    fn keys_are_taken_as_they_are_found() {
        for text in ["1/abc", " 1/abc\n", "TD1  1/abc"] {
            assert_eq!(
                ApiKey::parse(text).unwrap().authorization(),
                "TD1 1/abc",
                "{text:?}"
            );
        }
        let cases = [
            ("", "missing_key", "is empty"),
            ("  ", "missing_key", "is empty"),
            ("TD1 ", "missing_key", "is empty"),
            ("\"1/abc\"", "bad_key", "is in quotes"),
            ("'1/abc'", "bad_key", "is in quotes"),
            ("TD1 “1/abc”", "bad_key", "is in quotes"),
            ("1/abc'", "bad_key", "is in quotes"),
            ("1/a\"bc", "bad_key", "contains a quote"),
            ("1/a bc", "bad_key", "contains white space"),
            ("1/a\u{a0}bc", "bad_key", "contains white space"),
            (
                "1/a\nbc",
                "bad_key",
                "contains a control character, such as a line end",
            ),
            (
                "1/a\u{7f}bc",
                "bad_key",
                "contains a control character, such as a line end",
            ),
            ("1/ä", "bad_key", "contains a character that is not ASCII"),
            (
                "1/a\u{202E}",
                "bad_key",
                "contains a character that is not ASCII",
            ),
        ];
        for (text, code, reason) in cases {
            let error = ApiKey::parse(text).unwrap_err();
            assert_eq!(error.code(), code, "{text:?}");
            assert_eq!(error.to_string(), format!("the API key {reason}"));
        }
    }

    #[test]
    fn a_key_shows_nowhere() {
        let account = account("h", &format!("7/{SECRET}"));
        assert!(!format!("{account:?}").contains("0123"));
        let apikey = &account.apikey;
        assert_eq!(
            apikey.redact(&format!("bad key TD1 7/{SECRET}, {SECRET}")),
            "bad key TD1 [API key], [API key]"
        );
        assert_eq!(ApiKey::parse("a/b").unwrap().redact("abba"), "abba");

        let body = |text: &str| apikey.redact_body(text.as_bytes().to_vec());
        assert_eq!(
            body(&format!("{{\"error\":\"7\\/{SECRET}\"}}")),
            br#"{"error":"[API key]"}"#
        );
        let escaped: String = SECRET
            .bytes()
            .map(|byte| format!("\\u{byte:04x}"))
            .collect();
        assert_eq!(
            body(&format!(
                "[1,{{\"{escaped}\":[\"a {escaped}\",\"{}\"]}}]",
                &SECRET[..9]
            )),
            format!(r#"[1,{{"[API key]":["a [API key]","{}"]}}]"#, &SECRET[..9]).into_bytes()
        );
        assert_eq!(body(&format!("<p>{escaped}")), b"<p>[API key]");
        assert_eq!(body("no key"), b"no key");

        let text = || format!("no {SECRET}");
        let errors = [
            Error::Http {
                action: "a".into(),
                status: 401,
                message: text(),
                retry_after_ms: None,
                repeatable: true,
            },
            Error::Network {
                action: "a".into(),
                code: "network",
                reason: text(),
                repeatable: true,
            },
            Error::Reply {
                action: "a".into(),
                reason: text(),
            },
        ];
        for error in errors {
            let shown = format!("{:?}", apikey.redact_error(error));
            assert!(shown.contains("no [API key]"), "{shown}");
        }
        let other = Error::InvalidOption { reason: "x".into() };
        assert_eq!(apikey.redact_error(other.clone()), other);
    }

    #[test]
    fn one_account_is_known_by_key_or_by_number_and_service() {
        let same = |a: (&str, &str), b: (&str, &str)| account(a.0, a.1).is_same(&account(b.0, b.1));
        assert!(same(("h", "1/aa"), ("h", "1/aa")));
        assert!(same(("h", "1/aa"), ("relay.example", "1/aa")));
        assert!(same(("h", "1/aa"), ("h", "1/bb")));
        assert!(!same(("h", "1/aa"), ("h", "2/bb")));
        assert!(!same(("h", "1/aa"), ("i", "1/bb")));
        assert!(!same(("h", "aa"), ("h", "bb")));
        assert!(!same(("h", "/aa"), ("h", "/bb")));
    }

    #[test]
    fn an_account_says_which_of_its_parts_is_wrong() {
        let code =
            |endpoint, key, allow| Account::try_new(endpoint, key, allow).map_err(|e| e.code());
        assert!(code("h", "1/aa", false).is_ok());
        assert!(code("http://h", "1/aa", true).is_ok());
        assert_eq!(
            code("http://h", "1/aa", false).unwrap_err(),
            "insecure_endpoint"
        );
        assert_eq!(code("h/..", "1/aa", false).unwrap_err(), "bad_endpoint");
        assert_eq!(code("h", " ", false).unwrap_err(), "missing_key");
    }
}
