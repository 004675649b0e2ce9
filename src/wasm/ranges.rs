//! The comparison of two tables by ranges of time: see [`petit_plan::range_counts_sql`].

use petit_codec::small_result;
use petit_plan::RangeCount;
use wasm_bindgen::prelude::*;

use crate::{
    convert::{IntoJs, JsResult, from_js, to_js},
    types::{
        JsColumns, JsRangeComparison, JsRangeCounts, JsRangeDifferences, JsRangeGrid, JsRangeZoom,
    },
};

/// See [`petit_plan::RangeGrid::at`]. `now`: in Unix seconds.
#[wasm_bindgen(js_name = rangeGridAt)]
pub fn range_grid_at(now: i64) -> JsResult<JsRangeGrid> {
    to_js(&petit_plan::RangeGrid::at(now))
}

/// See [`petit_plan::RangeGrid::hours`]. `start` and `end`: in Unix seconds.
#[wasm_bindgen(js_name = hourlyRangeGrid)]
pub fn hourly_range_grid(start: i64, end: i64) -> JsResult<JsRangeGrid> {
    to_js(&petit_plan::RangeGrid::hours(start, end))
}

/// See [`petit_plan::RangeGrid::cut_after`].
///
/// `counts`: the answer of the side after whose latest row a range ends.
#[wasm_bindgen(js_name = cutRangeGrid)]
pub fn cut_range_grid(grid: JsRangeGrid, counts: &[u8]) -> JsResult<JsRangeGrid> {
    let grid: petit_plan::RangeGrid = from_js(grid)?;
    let counts = small_result::read_checked_counts(counts).into_js()?;
    to_js(&grid.cut_after(petit_plan::latest_time(&counts)))
}

/// See [`petit_plan::range_counts_sql`].
///
/// `columns`: undefined for counts without checksums.
#[wasm_bindgen(js_name = rangeCountsSql)]
pub fn range_counts_sql(
    database: &str,
    table: &str,
    columns: Option<JsColumns>,
    condition: Option<String>,
    grid: JsRangeGrid,
) -> JsResult<String> {
    let columns = columns.map(from_js).transpose()?;
    Ok(petit_plan::range_counts_sql(
        database,
        table,
        columns.as_deref(),
        condition.as_deref(),
        &from_js(grid)?,
    ))
}

/// See [`petit_plan::read_range_counts`].
#[wasm_bindgen(js_name = readRangeCounts)]
pub fn read_range_counts(counts: &[u8], grid: JsRangeGrid) -> JsResult<JsRangeCounts> {
    to_js(&read(counts, &from_js(grid)?)?)
}

/// See [`petit_plan::compare_ranges`]. The counts are the answers of both sides for the same grid.
#[wasm_bindgen(js_name = compareRanges)]
pub fn compare_ranges(
    source: &[u8],
    destination: &[u8],
    grid: JsRangeGrid,
) -> JsResult<JsRangeComparison> {
    let grid = from_js(grid)?;
    let (source, destination) = (read(source, &grid)?, read(destination, &grid)?);
    to_js(&petit_plan::compare_ranges(&source, &destination))
}

/// See [`petit_plan::zoom_in`].
#[wasm_bindgen(js_name = zoomIn)]
pub fn zoom_in(
    comparison: JsRangeComparison,
    condition: Option<String>,
) -> JsResult<Option<JsRangeZoom>> {
    let zoom = petit_plan::zoom_in(&from_js(comparison)?, condition.as_deref());
    zoom.map(|zoom| to_js(&zoom)).transpose()
}

/// See [`petit_plan::zoomed_differences`].
#[wasm_bindgen(js_name = zoomedDifferences)]
pub fn zoomed_differences(
    comparison: JsRangeComparison,
    zoom: JsRangeZoom,
    hours: JsRangeComparison,
) -> JsResult<JsRangeDifferences> {
    let (comparison, zoom, hours) = (from_js(comparison)?, from_js(zoom)?, from_js(hours)?);
    to_js(&petit_plan::zoomed_differences(&comparison, &zoom, &hours))
}

fn read(counts: &[u8], grid: &petit_plan::RangeGrid) -> JsResult<Vec<RangeCount>> {
    let counts = small_result::read_checked_counts(counts).into_js()?;
    petit_plan::read_range_counts(counts, grid).into_js()
}
