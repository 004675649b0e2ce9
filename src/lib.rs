//! petit moves tables out of Treasure Data.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod bigint;
pub mod job;
pub mod plan;
pub mod retry;
pub mod session;
pub mod td;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use petit_data::{
    Error, ErrorReport, Result, digest, gzip, part, row_group, schema, small, splitter, stitch,
    text,
};
