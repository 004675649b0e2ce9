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

mod batch;
mod error;
mod file;
pub mod gzip;
pub mod job;
mod msgpack;
pub mod part;
pub mod plan;
pub mod retry;
pub mod row_group;
pub mod schema;
pub mod session;
mod short;
pub mod small;
pub mod splitter;
pub mod stitch;
pub mod td;
#[cfg(test)]
mod testing;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use error::{Error, ErrorReport, Result};
