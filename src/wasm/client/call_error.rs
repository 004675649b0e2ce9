//! Why a call has no reply.

use petit_td::{ApiKey, Error};
use wasm_bindgen::prelude::*;

/// Why a call has no reply.
#[derive(Debug)]
pub enum CallError {
    /// The call failed.
    Failed(Error),
    /// The call was aborted. The value is the reason of the signal, unchanged.
    Aborted(JsValue),
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl CallError {
    /// The error with this key redacted, because a server may echo it.
    #[must_use]
    pub fn redact(self, apikey: &ApiKey) -> Self {
        match self {
            Self::Failed(error) => Self::Failed(apikey.redact_error(error)),
            Self::Aborted(reason) => Self::Aborted(reason),
        }
    }
}
