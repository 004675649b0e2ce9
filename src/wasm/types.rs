//! The TypeScript types of the plain data that crosses the boundary.

use wasm_bindgen::prelude::*;

use crate::convert::Plain;

#[wasm_bindgen(typescript_custom_section)]
const IMPORT: &str = "import type * as core from '../../pkg-scripts/core.js';";

macro_rules! js_types {
    ($($js:ident: $rust:ty = $name:literal;)*) => {
        #[wasm_bindgen]
        extern "C" {
            $(#[wasm_bindgen(typescript_type = $name)] pub type $js;)*
        }
        $(impl Plain for $js { type Rust = $rust; })*
    };
}

include!("types/table.rs");
