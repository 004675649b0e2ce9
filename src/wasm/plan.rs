//! The planning functions. Requests and plans are plain data.

use js_sys::Function;
use petit_codec::small_result;
use petit_plan::{CloneRequest, ExportRequest, VerifyRequest};
use wasm_bindgen::prelude::*;

use crate::{
    convert::{IntoJs, JsResult, from_js, to_f64, to_js},
    tables::WasmTableList,
    types::{
        JsAnswers, JsCleanupPlan, JsCleanupRequest, JsClonePlan, JsCloneRequest, JsColumns,
        JsExportPlan, JsExportRequest, JsFolderState, JsFolderUpdate, JsMaskedResult,
        JsObservation, JsOutputs, JsPartitioning, JsPartitions, JsPersonal, JsProbes,
        JsResolvedTimes, JsSampleOptions, JsSideQueries, JsSlices, JsStatements, JsStoreUrl,
        JsTableInfo, JsTimeOptions, JsVerifyPlan, JsVerifyRequest,
    },
};

/// See [`petit_plan::plan_export`].
///
/// `listing`: the tables of the database; undefined if they are not known.
#[wasm_bindgen(js_name = planExport)]
pub fn plan_export(
    request: JsExportRequest,
    listing: Option<WasmTableList>,
) -> JsResult<JsExportPlan> {
    to_js(&petit_plan::plan_export(&export_request(request, listing)?))
}

/// See [`petit_plan::export_outputs`].
#[wasm_bindgen(js_name = exportOutputs)]
pub fn export_outputs(
    request: JsExportRequest,
    listing: Option<WasmTableList>,
) -> JsResult<JsOutputs> {
    to_js(&petit_plan::export_outputs(&export_request(
        request, listing,
    )?))
}

fn export_request(
    request: JsExportRequest,
    listing: Option<WasmTableList>,
) -> JsResult<ExportRequest> {
    Ok(ExportRequest {
        listing: listing.map(|list| list.tables().to_vec()),
        ..from_js(request)?
    })
}

/// See [`petit_plan::StoreUrl::parse`].
#[wasm_bindgen(js_name = parseStoreUrl)]
pub fn parse_store_url(url: &str) -> JsResult<JsStoreUrl> {
    let parsed = petit_plan::StoreUrl::parse(url);
    to_js(
        &parsed
            .map_err(|reason| petit_plan::Error::InvalidOption { reason })
            .into_js()?,
    )
}

/// See [`petit_plan::plan_clone`].
#[wasm_bindgen(js_name = planClone)]
pub fn plan_clone(
    request: JsCloneRequest,
    source: &WasmTableList,
    destination: Option<WasmTableList>,
) -> JsResult<JsClonePlan> {
    let request = CloneRequest {
        source_tables: source.tables().to_vec(),
        destination_tables: destination.map(|list| list.tables().to_vec()),
        ..from_js(request)?
    };
    to_js(&petit_plan::plan_clone(&request).into_js()?)
}

/// See [`petit_plan::nearest`].
#[wasm_bindgen]
pub fn nearest(pattern: &str, names: Vec<String>) -> Vec<String> {
    let found = petit_plan::nearest(pattern, names.iter().map(String::as_str));
    found.into_iter().map(str::to_owned).collect()
}

/// See [`petit_plan::check_masks`].
#[wasm_bindgen(js_name = checkMasks)]
pub fn check_masks(rules: Vec<String>, secret: Option<String>) -> JsResult<()> {
    petit_plan::check_masks(&rules, secret.as_deref()).into_js()
}

/// See [`petit_plan::check_sample`].
#[wasm_bindgen(js_name = checkSample)]
pub fn check_sample(options: JsSampleOptions) -> JsResult<()> {
    petit_plan::check_sample(&from_js(options)?).into_js()
}

/// See [`petit_plan::mask_result`].
#[wasm_bindgen(js_name = maskResult)]
pub fn mask_result(
    schema: &str,
    rules: Vec<String>,
    table: &str,
    required: Vec<String>,
) -> JsResult<JsMaskedResult> {
    to_js(&petit_plan::mask_result(schema, &rules, table, &required).into_js()?)
}

/// See [`petit_plan::judge_values`].
///
/// `rows`: the result of a query of `TableList.personalColumns`.
#[wasm_bindgen(js_name = judgeValues)]
pub fn judge_values(table: &str, columns: Vec<String>, rows: &[u8]) -> JsResult<JsPersonal> {
    let rows = small_result::read_whole_rows(rows).into_js()?;
    to_js(&petit_plan::judge_values(table, &columns, &rows))
}

/// See [`petit_plan::split_by_time`].
///
/// `counts`: the result of the plan's `slicesSql`.
#[wasm_bindgen(js_name = cutByTime)]
pub fn cut_by_time(counts: &[u8], slice_rows: u64, statements: JsStatements) -> JsResult<JsSlices> {
    let counts = small_result::read_time_counts(counts).into_js()?;
    to_js(&petit_plan::split_by_time(
        &counts,
        slice_rows,
        &from_js(statements)?,
    ))
}

/// See [`petit_plan::partitions`].
///
/// `counts`: the result of the plan's `slicesSql`.
#[wasm_bindgen(js_name = partitionsOf)]
pub fn partitions_of(
    counts: &[u8],
    partitioning: JsPartitioning,
    slice_rows: Option<u64>,
    statements: JsStatements,
) -> JsResult<JsPartitions> {
    let counts = small_result::read_checked_counts(counts).into_js()?;
    let statements = from_js(statements)?;
    let partitions =
        petit_plan::partitions(&counts, &from_js(partitioning)?, slice_rows, &statements);
    to_js(&partitions.into_js()?)
}

/// See [`petit_plan::plan_folder_update`].
///
/// `counts`: the result of the plan's `slicesSql`.
#[wasm_bindgen(js_name = planFolderUpdate)]
pub fn plan_folder_update(
    counts: &[u8],
    partitioning: JsPartitioning,
    slice_rows: Option<u64>,
    statements: JsStatements,
    state: JsFolderState,
) -> JsResult<JsFolderUpdate> {
    let counts = small_result::read_checked_counts(counts).into_js()?;
    let update = petit_plan::plan_folder_update(
        &counts,
        &from_js(partitioning)?,
        slice_rows,
        &from_js(statements)?,
        &from_js(state)?,
    );
    to_js(&update.into_js()?)
}

/// See [`petit_plan::domain_key`].
#[wasm_bindgen(js_name = domainKey)]
pub fn domain_key(run: &str, staging_table: &str, slice: u32, attempt: u32) -> String {
    petit_plan::domain_key(run, staging_table, slice, attempt)
}

/// See [`petit_plan::attempt_name`].
#[wasm_bindgen(js_name = attemptName)]
pub fn attempt_name(name: &str, attempt: u8) -> String {
    petit_plan::attempt_name(name, attempt)
}

/// See [`petit_plan::lease_name`].
#[wasm_bindgen(js_name = leaseName)]
pub fn lease_name(database: &str, run: u32, renewal: u32) -> String {
    petit_plan::lease_name(database, run, renewal)
}

/// See [`petit_plan::lease_text`].
#[wasm_bindgen(js_name = leaseText)]
pub fn lease_text(process: &str) -> String {
    petit_plan::lease_text(process)
}

/// How often a lease is renewed, in milliseconds.
#[wasm_bindgen(js_name = leaseRenewMs)]
pub fn lease_renew_ms() -> f64 {
    to_f64(petit_td::publish::lease::RENEW_MS)
}

/// See [`petit_plan::part_name`].
#[wasm_bindgen(js_name = partName)]
pub fn part_name(number: u32) -> String {
    petit_plan::part_name(number)
}

/// See [`petit_plan::list_views`].
#[wasm_bindgen(js_name = listViewsSql)]
pub fn list_views_sql(database: &str) -> String {
    petit_plan::list_views(database)
}

/// See [`petit_plan::plan_cleanup`].
#[wasm_bindgen(js_name = planCleanup)]
pub fn plan_cleanup(request: JsCleanupRequest) -> JsResult<JsCleanupPlan> {
    to_js(&petit_plan::plan_cleanup(&from_js(request)?))
}

/// See [`petit_plan::side_queries`].
#[wasm_bindgen(js_name = sideQueries)]
pub fn side_queries(
    database: &str,
    table: &str,
    columns: JsColumns,
    condition: Option<String>,
) -> JsResult<JsSideQueries> {
    let columns = from_js(columns)?;
    let condition = condition.as_deref();
    let queries = petit_plan::side_queries(database, table, Some(&columns), condition);
    to_js(&queries)
}

/// See [`petit_plan::resolve_times`].
///
/// `now`: in Unix seconds. `offset_at`: a function from Unix seconds to the offset of the time zone in seconds.
#[wasm_bindgen(js_name = resolveTimes)]
pub fn resolve_times(
    options: JsTimeOptions,
    now: i64,
    offset_at: &Function,
) -> JsResult<JsResolvedTimes> {
    let offset_at = |instant: i64| {
        let offset = offset_at.call1(&JsValue::NULL, &JsValue::from(instant));
        offset.ok()?.try_into().ok()
    };
    to_js(&petit_plan::resolve_times(&from_js(options)?, now, offset_at).into_js()?)
}

/// See [`petit_plan::staging_differences`].
#[wasm_bindgen(js_name = stagingDifferences)]
pub fn staging_differences(planned: Option<String>, staging: JsTableInfo) -> JsResult<Vec<String>> {
    petit_plan::staging_differences(planned.as_deref(), &from_js(staging)?).into_js()
}

/// See [`petit_plan::probes`].
#[wasm_bindgen(js_name = conformanceProbes)]
pub fn conformance_probes(writes: bool) -> JsResult<JsProbes> {
    to_js(&petit_plan::probes(writes))
}

/// See [`petit_plan::judge`].
#[wasm_bindgen(js_name = judgeConformance)]
pub fn judge_conformance(
    probe: &str,
    observation: JsObservation,
    body: &[u8],
) -> JsResult<JsAnswers> {
    let observation = from_js(observation)?;
    to_js(&petit_plan::judge(probe, &observation, body))
}

/// See [`petit_plan::plan_verify`].
#[wasm_bindgen(js_name = planVerify)]
pub fn plan_verify(
    request: JsVerifyRequest,
    source: &WasmTableList,
    destination: Option<WasmTableList>,
) -> JsResult<JsVerifyPlan> {
    let request = VerifyRequest {
        source_tables: source.tables().to_vec(),
        destination_tables: destination.map(|list| list.tables().to_vec()),
        ..from_js(request)?
    };
    to_js(&petit_plan::plan_verify(&request))
}
