//! The boundary to JavaScript: each class and each function converts its arguments, makes one call and converts the result.
//!
//! This is the only crate that names JavaScript types. An error becomes a plain object of the shape of
//! [`ErrorReport`](petit_text::ErrorReport).
#![cfg(target_arch = "wasm32")]

mod append;
mod client;
mod convert;
mod data;
mod plan;
mod ranges;
mod tables;
mod td;
mod types;

use wasm_bindgen::prelude::*;

/// Installs a hook that logs the message of a panic.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
