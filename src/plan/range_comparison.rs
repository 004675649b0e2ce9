//! Compares the rows of two tables by ranges of `time`, with one query for each side.
//!
//! How to use it:
//!
//! 1. [`RangeGrid::at`] gives the ranges for the time of now: hours for the last 60 days, days for ten years, and 30 days
//!    elsewhere, so that the answer has a few thousand rows however long the history is. [`RangeGrid::hours`] gives the hours
//!    of a shorter period, to look closer at a range that differs.
//! 2. [`range_counts_sql`] is the query of a side: rows for each range, and with columns a checksum of the rows, which does not
//!    depend on their order. Rows without a time are a range of their own. A condition limits the rows of both sides.
//! 3. [`read_range_counts`] reads the answer. All integers stay exact.
//! 4. [`compare_ranges`] lists the ranges that differ, in the order of time.
//!
//! 5. [`zoom_in`] asks for the hours of days that differ, and [`zoomed_differences`] lists them.
//!
//! A copy that ended inside of an hour has some rows of it. [`RangeGrid::cut_after`] ends a range after the latest row of the
//! destination, so that the rest of the hour is a range without rows there. The destination must be queried first for that.
//!
//! The driver's `result/compare-ranges.js` runs both queries. To compare with something else than a table, such as a
//! manifest, use [`read_range_counts`] of one side.

mod compare;
mod counts;
mod grid;
mod range;
mod zoom;

pub use compare::{RangeComparison, RangeDifference, compare_ranges};
pub use counts::{RangeCount, latest_time, range_counts_sql, read_range_counts};
pub use grid::RangeGrid;
pub use range::TimeSpan;
pub use zoom::{RangeZoom, zoom_in, zoomed_differences};
