//! Conversions between the values of the other crates and JavaScript's, errors included.

use petit_text::ErrorReport;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;

use crate::{client::call_error::CallError, types::JsErrorReport};

/// The result of a call from JavaScript.
pub type JsResult<T> = Result<T, JsValue>;

/// Plain JavaScript data of the shape of a Rust type: see `types`.
pub trait Plain: JsCast + Into<JsValue> {
    /// The Rust type.
    type Rust;
}

/// Converts a value to plain JavaScript data. Counts of rows and bytes become `BigInt`: see [`petit_text::bigint`].
pub fn to_js<J: Plain<Rust: Serialize>>(value: &J::Rust) -> JsResult<J> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    Ok(value.serialize(&serializer)?.unchecked_into())
}

/// Converts plain JavaScript data to a value.
pub fn from_js<J: Plain<Rust: DeserializeOwned>>(value: J) -> JsResult<J::Rust> {
    serde_wasm_bindgen::from_value(value.into()).map_err(|error| {
        // The class of the JavaScript error precedes the message.
        let message = error.to_string();
        invalid_option(message.strip_prefix("Error: ").unwrap_or(&message))
    })
}

fn error_to_js(report: &ErrorReport) -> JsValue {
    match to_js::<JsErrorReport>(report) {
        Ok(error) => error.into(),
        Err(conversion_error) => conversion_error,
    }
}

fn invalid_option(reason: &str) -> JsValue {
    error_to_js(&ErrorReport::new("invalid_option", reason))
}

/// Converts the results of the other crates, whose errors all have a report.
pub trait IntoJs<T> {
    fn into_js(self) -> JsResult<T>;
}

impl<T> IntoJs<T> for petit_codec::Result<T> {
    fn into_js(self) -> JsResult<T> {
        self.map_err(|error| error_to_js(&error.report()))
    }
}

impl<T> IntoJs<T> for petit_td::Result<T> {
    fn into_js(self) -> JsResult<T> {
        self.map_err(|error| error_to_js(&error.report()))
    }
}

impl<T> IntoJs<T> for petit_plan::Result<T> {
    fn into_js(self) -> JsResult<T> {
        self.map_err(|error| error_to_js(&error.report()))
    }
}

impl<T> IntoJs<T> for Result<T, CallError> {
    fn into_js(self) -> JsResult<T> {
        self.map_err(|error| match error {
            CallError::Failed(error) => error_to_js(&error.report()),
            CallError::Aborted(reason) => reason,
        })
    }
}

/// The error of a method that is called after `finish`.
pub fn finished() -> JsValue {
    invalid_option("used after finish")
}

/// Converts a position in a result, or a number of bytes held in memory, from JavaScript's float.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, not negative and at max 2^53 by the check above it"
)]
pub fn to_u64(number: f64) -> JsResult<u64> {
    const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
    if number.fract() == 0.0 && (0.0..=MAX_SAFE_INTEGER).contains(&number) {
        return Ok(number as u64);
    }
    Err(invalid_option(&format!("{number} is not a valid count")))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds, far below 2^53")]
pub fn to_f64(milliseconds: u64) -> f64 {
    milliseconds as f64
}
