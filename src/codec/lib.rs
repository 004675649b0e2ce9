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
mod byte_copy;
mod crc;
pub mod digest;
mod error;
pub mod gzip;
mod msgpack;
pub mod parquet_options;
pub mod part;
pub mod row_group;
pub mod schema;
pub mod small_result;
pub mod splitter;
pub mod stitch;
#[cfg(test)]
mod testing;
mod writer_properties;

pub use error::{Error, Result};
