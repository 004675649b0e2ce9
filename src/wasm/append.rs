//! Settles an append whose commit went wrong: see [`petit_td::append`].

use petit_td::append;
use wasm_bindgen::prelude::*;

use crate::{
    convert::{JsResult, from_js, to_js},
    types::{JsAppendProgress, JsAppendStep},
};

/// See [`append::next_step`].
#[wasm_bindgen(js_name = nextAppendStep)]
pub fn next_append_step(progress: JsAppendProgress) -> JsResult<JsAppendStep> {
    to_js(&append::next_step(&from_js(progress)?))
}
