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

mod error;

pub use error::{Error, ErrorReport, Result};
