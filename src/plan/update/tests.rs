use serde_json::{Value, json};

use super::ranges::{complement, condition};
use crate::range_comparison::TimeSpan;
use crate::{CloneRequest, plan_clone};

const DAY: i64 = 86_400;
/// 2026-01-31.
const TODAY: i64 = 1_769_817_600;

/// A difference of a day, `ago` days before today.
fn day(ago: i64, source: u64, destination: u64) -> Value {
    let start = TODAY - ago * DAY;
    let range = TimeSpan::new(Some(start), Some(start + DAY));
    difference(range, source, destination)
}

fn difference(range: TimeSpan, source: u64, destination: u64) -> Value {
    json!({
        "range": {"start": range.start, "end": range.end, "isTimeless": range.is_timeless},
        "label": range.label(), "sourceRows": source, "destinationRows": destination, "joinsPrevious": true,
    })
}

/// The plan of the only table with these differences, of 1000 rows on each side.
fn plan(differences: &[Value], options: Value) -> Value {
    let comparison = json!({
        "sourceRows": 1000, "destinationRows": 1000, "ranges": 9, "differences": differences,
    });
    let mut request = json!({
        "sourceDatabase": "src", "destinationDatabase": "copy", "run": 5, "onExisting": "update",
        "nowMs": (TODAY + DAY) * 1000,
        "sourceTables": [{"name": "tbl", "count": 1000, "estimatedStorageSize": 50_000, "schema": [["id", "long"]]}],
        "destinationTables": [{"name": "tbl", "count": 1000, "schema": [["id", "long"]]}],
        "comparisons": [{"table": "tbl", "comparison": comparison, "isUserPartitioned": false}],
    });
    let more = options.as_object().unwrap().clone();
    request.as_object_mut().unwrap().extend(more);
    let request: CloneRequest = serde_json::from_value(request).unwrap();
    serde_json::to_value(plan_clone(&request).unwrap()).unwrap()["tables"][0].take()
}

fn expiring(source: u64, destination: u64) -> Value {
    let table = |days: u64| json!([{"name": "tbl", "count": 1000, "expire_days": days, "schema": [["id", "long"]]}]);
    json!({"sourceTables": table(source), "destinationTables": table(destination)})
}

#[test]
fn a_table_is_compared_first() {
    let planned = plan(&[], json!({"comparisons": []}));
    assert_eq!(
        (&planned["action"], &planned["copy"]),
        (&json!("compare"), &Value::Null)
    );
    let missing = plan(&[], json!({"destinationTables": []}));
    assert_eq!(missing["action"], "create");
}

#[test]
fn equal_tables_are_skipped() {
    let planned = plan(&[], json!({}));
    assert_eq!(planned["action"], "skip");
    assert_eq!(planned["update"]["reason"], "equal in 9 ranges of time");
    assert_eq!(planned["copy"], Value::Null);
}

#[test]
fn ranges_without_rows_in_the_destination_are_appended() {
    let planned = plan(&[day(1, 10, 0), day(0, 20, 0)], json!({"via": "auto"}));
    assert_eq!(planned["action"], "append");
    assert_eq!(
        (&planned["via"], &planned["rows"], &planned["bytes"]),
        (&json!("client"), &json!(30), &json!(1500))
    );
    let condition = "TD_TIME_RANGE(time, 1769731200, 1769904000)";
    assert_eq!(planned["copy"]["condition"], condition);
    assert_eq!(planned["copy"]["overwrite"], false);
    assert_eq!(
        planned["update"]["countSql"],
        format!("SELECT COUNT(1) FROM \"copy\".\"tbl\" WHERE {condition}")
    );
    assert_eq!(
        planned["update"]["ranges"],
        json!([{"label": "2026-01-30 to 2026-02-01", "sourceRows": 30, "destinationRows": 0}])
    );
    let engine = plan(
        &[day(0, 20, 0)],
        json!({"via": "engine", "isSameAccount": true, "destinationReadsSource": true}),
    );
    assert_eq!(
        (&engine["action"], &engine["via"]),
        (&json!("rebuild"), &json!("engine"))
    );
    assert!(
        engine["update"]["reason"]
            .as_str()
            .unwrap()
            .contains("only a bulk import session")
    );
}

#[test]
fn other_differences_are_a_rebuild_that_keeps_the_rest() {
    let mut late = day(9, 10, 9);
    late["joinsPrevious"] = json!(false);
    let mut new = day(0, 20, 0);
    new["joinsPrevious"] = json!(false);
    let planned = plan(&[late, new], json!({}));
    assert_eq!(planned["action"], "rebuild");
    assert_eq!(planned["copy"]["overwrite"], true);
    let update = &planned["update"];
    assert_eq!(update["keptRows"], 991);
    assert_eq!(
        update["condition"],
        "TD_TIME_RANGE(time, 1769040000, 1769904000) AND (TD_TIME_RANGE(time, 1769040000, 1769126400) OR TD_TIME_RANGE(time, 1769817600, 1769904000))"
    );
    assert_eq!(
        update["keptCondition"],
        "(TD_TIME_RANGE(time, NULL, 1769040000) OR TD_TIME_RANGE(time, 1769126400, 1769817600) OR TD_TIME_RANGE(time, 1769904000, NULL) OR time IS NULL)"
    );
    assert_eq!(plan(&[day(3, 5, 5)], json!({}))["action"], "rebuild");
    assert_eq!(plan(&[day(3, 0, 5)], json!({}))["rows"], 0);
    let timeless = plan(&[difference(TimeSpan::TIMELESS, 3, 0)], json!({}));
    assert_eq!(timeless["copy"]["condition"], "time IS NULL");
}

#[test]
fn expired_rows_are_named_and_left_alone() {
    let differences = [day(40, 10, 0), day(29, 9, 4), day(0, 20, 0)];
    let planned = plan(&differences, expiring(0, 30));
    assert_eq!(
        (&planned["action"], &planned["rows"]),
        (&json!("append"), &json!(20))
    );
    assert_eq!(
        planned["update"]["leftAlone"],
        json!([
            "2 ranges up to 2026-01-02: expire_days of the destination removed rows; they are not copied back"
        ])
    );
    let warnings = planned["warnings"].to_string();
    assert!(
        warnings.contains("rows expire after unlimited in the source, 30 days in the destination"),
        "{warnings}"
    );
    let kept = plan(&[day(40, 0, 10)], expiring(30, 0));
    assert_eq!(kept["action"], "skip");
    assert!(
        kept["update"]["leftAlone"][0]
            .as_str()
            .unwrap()
            .contains("the destination keeps them")
    );
    assert_eq!(
        plan(&[day(20, 0, 10)], expiring(30, 30))["action"],
        "rebuild"
    );
}

#[test]
fn different_columns_are_a_problem_or_a_reason_to_replace_the_table() {
    let changed = json!({"destinationTables": [{"name": "tbl", "schema": [["id", "string"]]}]});
    let with = |more: Value| {
        let mut options = changed.clone();
        options
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        plan(&[], options)
    };
    let failed = with(json!({}));
    assert_eq!(
        (&failed["action"], &failed["problem"]["code"]),
        (&json!("error"), &json!("schema_drift"))
    );
    let message = failed["problem"]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "the columns differ: column \"id\" is long in the source, string in the destination"
    );
    let replaced = with(json!({"onDrift": "rebuild"}));
    assert_eq!(
        (&replaced["action"], &replaced["update"]["reason"]),
        (&json!("overwrite"), &json!(message))
    );
    let part = with(json!({"onDrift": "rebuild", "startTime": "2026-01-01"}));
    assert_eq!(part["problem"]["code"], "schema_drift");
}

#[test]
fn many_ranges_are_put_together() {
    let each = |joins: bool| -> Vec<Value> {
        let days = (0..500).rev().map(|ago| {
            let mut one = day(ago * 2, 1, 0);
            one["joinsPrevious"] = json!(joins);
            one
        });
        days.collect()
    };
    let joined = plan(&each(true), json!({}));
    assert_eq!(
        (
            &joined["action"],
            joined["update"]["ranges"].as_array().unwrap().len()
        ),
        (&json!("append"), 1)
    );
    let many = plan(&each(false), json!({}));
    assert_eq!(
        (&many["action"], &many["rows"]),
        (&json!("rebuild"), &json!(500))
    );
    assert!(many["update"]["ranges"].as_array().unwrap().len() <= 200);
}

#[test]
fn every_other_row_is_in_the_complement() {
    let span = |start: i64, end: i64| TimeSpan::new(Some(start), Some(end));
    let cases = [
        (vec![], "(time IS NOT NULL OR time IS NULL)"),
        (vec![TimeSpan::new(None, None)], "time IS NULL"),
        (
            vec![
                TimeSpan::new(None, Some(0)),
                span(0, 9),
                span(20, 30),
                TimeSpan::new(Some(40), None),
            ],
            "(TD_TIME_RANGE(time, 9, 20) OR TD_TIME_RANGE(time, 30, 40) OR time IS NULL)",
        ),
        (
            vec![span(0, 9), TimeSpan::TIMELESS],
            "(TD_TIME_RANGE(time, NULL, 0) OR TD_TIME_RANGE(time, 9, NULL))",
        ),
    ];
    for (ranges, expected) in cases {
        let others = complement(ranges.into_iter());
        assert_eq!(condition(others.into_iter()).as_deref(), Some(expected));
    }
    assert_eq!(
        condition(
            complement([TimeSpan::new(None, None), TimeSpan::TIMELESS].into_iter()).into_iter()
        ),
        None
    );
}

/// A comparison of a masked or sampled table: `id` is masked to text.
fn masked(options: Value) -> Value {
    let table = |kind: &str| json!([{"name": "tbl", "count": 1000, "schema": [["id", kind], ["gone", "string"]]}]);
    let mut wanted = json!({
        "mask": ["id=hash", "gone=drop"], "sourceTables": table("long"),
        "destinationTables": [{"name": "tbl", "count": 1000, "schema": [["id", "long"]]}],
    });
    wanted
        .as_object_mut()
        .unwrap()
        .extend(options.as_object().unwrap().clone());
    plan(&[day(1, 10, 0)], wanted)
}

#[test]
fn a_masked_table_is_updated_by_petit_with_its_masks() {
    let planned = masked(json!({"isSameAccount": true, "destinationReadsSource": true}));
    assert_eq!(
        (&planned["action"], &planned["via"]),
        (&json!("append"), &json!("client"))
    );
    assert_eq!(planned["masks"].as_array().unwrap().len(), 2);
    let rebuilt = plan(
        &[day(1, 10, 5)],
        json!({"mask": ["id=hash"], "isSameAccount": true, "destinationReadsSource": true}),
    );
    assert_eq!(
        (&rebuilt["action"], &rebuilt["via"]),
        (&json!("rebuild"), &json!("client"))
    );
    let warning = "masked rows are compared by their number only: a row that has changed in place is not noticed";
    assert_eq!(rebuilt["warnings"], json!([warning]));
}

#[test]
fn a_masked_table_that_cannot_be_compared_is_refused_with_the_reason() {
    let refused = |options: Value| {
        let planned = masked(options);
        assert_eq!(planned["action"], "error");
        assert_eq!(planned["problem"]["code"], "invalid_option");
        planned["problem"]["message"].as_str().unwrap().to_owned()
    };
    assert!(refused(json!({"checksum": true})).starts_with("checksums of masked rows differ"));
    assert!(refused(json!({"mask": ["time=date"]})).starts_with("the rule for time gives"));
    // Without a rule, checksums are fine.
    let planned = plan(&[day(1, 10, 0)], json!({"checksum": true}));
    assert_eq!(planned["action"], "append");
}

#[test]
fn masking_changes_the_columns_that_are_compared() {
    let drifted = masked(json!({"mask": ["id=hash"]}));
    assert_eq!(drifted["problem"]["code"], "schema_drift");
    assert_eq!(
        drifted["problem"]["message"],
        "the columns differ: column \"gone\" is only in the source"
    );
}

#[test]
fn a_sample_is_compared_and_copied_by_its_condition() {
    let sample = json!({"sample": {"share": "50%", "by": ["id"]}});
    let hash = "TO_HEX(XXHASH64(TO_UTF8(CAST(\"id\" AS VARCHAR)))) < '8000000000000000'";
    let mut compared = sample.clone();
    compared["comparisons"] = json!([]);
    let compared = plan(&[], compared);
    assert_eq!(
        (&compared["action"], &compared["sampleCondition"]),
        (&json!("compare"), &json!(hash))
    );
    for (difference, action) in [(day(1, 10, 0), "append"), (day(1, 10, 5), "rebuild")] {
        let planned = plan(&[difference], sample.clone());
        assert_eq!(planned["action"], action);
        let condition = planned["copy"]["condition"].as_str().unwrap();
        let range = planned["update"]["condition"].as_str().unwrap();
        assert_eq!(condition, format!("{range} AND {hash}"));
        // The destination has nothing but the sample.
        assert!(
            !planned["update"]["countSql"]
                .as_str()
                .unwrap()
                .contains("XXHASH64")
        );
        assert_eq!(planned["sample"]["by"], "id");
    }
}
