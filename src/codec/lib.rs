//! Bytes in, bytes out: job results to Parquet files and to bulk import parts. The codec does no I/O.
//!
//! An export runs `splitter` (gzip and MessagePack to batches of rows), `row_group` (batches to a Parquet row group) and
//! `stitch` (row groups to one file). A clone runs `splitter` and `part`. This crate processes every byte of a table, so
//! that it is compiled for speed and the rest of petit for size.
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
mod canonical;
mod crc;
mod deflate;
pub mod digest;
mod error;
mod float_order;
pub mod gzip;
mod inflate;
pub mod inspect;
pub mod mask;
mod msgpack;
mod pandas;
pub mod parquet_options;
pub mod part;
pub mod result_form;
pub mod row_group;
pub mod schema;
pub mod small_result;
pub mod splitter;
pub mod stitch;
#[cfg(test)]
mod testing;
mod writer_properties;

pub use error::{Error, Result};
