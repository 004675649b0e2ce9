//! petit's data path: job results to Parquet files and to bulk import parts.
//!
//! A crate of its own, because every byte of a table goes through it: it is compiled for speed, the rest of petit for
//! size. petit's own crate shows what it offers.
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
mod crc;
pub mod digest;
mod error;
mod file;
pub mod gzip;
mod msgpack;
pub mod part;
pub mod row_group;
pub mod schema;
mod short;
pub mod small;
pub mod splitter;
pub mod stitch;
#[cfg(test)]
mod testing;

pub use error::{Error, Result};
