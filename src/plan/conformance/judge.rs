//! What an observation answers.

use petit_codec::{
    result_form::{gzip_members, value_form},
    schema::ResultSchema,
};

use super::questions::{Question, READ_PROBES, WRITE_PROBES};
use super::{ConformanceAnswer, Observation, Verdict};

/// Difference of the clocks that does not matter, in milliseconds.
const MAX_CLOCK_DIFFERENCE_MS: f64 = 60_000.0;

/// The permissions that petit knows.
const PERMISSIONS: [&str; 5] = [
    "administrator",
    "owner",
    "full_access",
    "query_only",
    "import_only",
];

/// Length of a gzip stream without bytes that is certainly without them.
const MAX_EMPTY_GZIP_BYTES: f64 = 64.0;

/// The answers to the questions of a probe.
///
/// `body`: the bytes of a result that the observation is about, else empty.
pub fn judge(probe: &str, observation: &Observation, body: &[u8]) -> Vec<ConformanceAnswer> {
    let mut specs = READ_PROBES.iter().chain(WRITE_PROBES);
    let questions = specs.find(|spec| spec.name == probe);
    let questions = questions.map_or(&[][..], |spec| spec.questions);
    if let Observation::Failed { code } = observation {
        let unanswered = |it| answer(it, None, code);
        return questions.iter().map(unanswered).collect();
    }
    let found = answers(observation, body);
    let pairs = questions
        .iter()
        .zip(found.into_iter().chain(std::iter::repeat(None)));
    pairs
        .map(|(question, found)| answer(question, found, "not_applicable"))
        .collect()
}

fn answer(question: &Question, found: Option<String>, reason: &str) -> ConformanceAnswer {
    let verdict = match found.as_deref() {
        None => Verdict::NotAnswered,
        Some(found) if found == question.assumed => Verdict::AsAssumed,
        Some(_) => Verdict::Differs,
    };
    let is_handled = found
        .as_deref()
        .is_some_and(|found| verdict == Verdict::AsAssumed || question.handled.contains(&found));
    ConformanceAnswer {
        question: question.name.into(),
        title: question.title.into(),
        assumed: question.assumed.into(),
        reason: found.is_none().then(|| reason.into()),
        answer: found,
        verdict,
        is_handled,
    }
}

/// The answers in the order of the questions.
fn answers(observation: &Observation, body: &[u8]) -> Vec<Option<String>> {
    let code = |code: &Option<String>| Some(code.clone().unwrap_or_else(|| "done".into()));
    match observation {
        Observation::Failed { .. } => Vec::new(),
        Observation::Clock { difference_ms } => vec![difference_ms.map(clock)],
        Observation::Permissions { names } => vec![permissions(names)],
        Observation::Preflight { is_allowed } => {
            vec![either(*is_allowed, "allowed", "not allowed")]
        }
        Observation::Burst { refused } => {
            vec![either(
                *refused == 0,
                "none refused",
                "some refused with 429",
            )]
        }
        Observation::Value { schema } => vec![value_form(schema, body)],
        Observation::Empty {
            status,
            byte_length,
        } => vec![Some(empty(*status, *byte_length))],
        Observation::Download {
            result_size,
            etag,
            range_status,
            stale_status,
        } => vec![
            gzip_members(body).and_then(|members| either(members > 1, "several", "one")),
            result_size.and_then(|size| {
                either(
                    size.to_bits() == length(body).to_bits(),
                    "equal",
                    "different",
                )
            }),
            Some(tag(etag.as_deref()).into()),
            Some(format!("HTTP {range_status}")),
            etag.as_ref().map(|_| format!("HTTP {stale_status}")),
        ],
        Observation::DomainKey { is_first, is_found } => vec![
            either(*is_first, "the first job", "a second job"),
            either(*is_found, "found", "not found"),
        ],
        Observation::Views { listed } => vec![views(listed)],
        Observation::Rename {
            id,
            renamed,
            again,
            onto_itself,
            other,
            replaced,
        } => vec![
            either(id == renamed, "kept", "new"),
            code(again),
            code(onto_itself),
            Some(replacement(renamed, other, replaced).into()),
        ],
        Observation::Import {
            unfrozen,
            performed_again,
            members,
            replaced,
            empty,
            committed_again,
            counted_ms,
            schema,
        } => vec![
            code(unfrozen),
            code(performed_again),
            records(*members, "all records"),
            records(*replaced, "replaced"),
            either(*empty < 1.0, "no error", "an error part"),
            code(committed_again),
            either(counted_ms.is_some(), "within a minute", "later"),
            column_types(schema),
        ],
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "an answer, as those that may be missing"
)]
fn either(is_first: bool, first: &str, second: &str) -> Option<String> {
    Some(if is_first { first } else { second }.into())
}

fn clock(difference_ms: f64) -> String {
    let is_small = difference_ms.abs() < MAX_CLOCK_DIFFERENCE_MS;
    if is_small {
        "less than 60 s"
    } else {
        "60 s or more"
    }
    .into()
}

/// Only the names that TD itself gives to permissions are shown; a text in another form could be anything.
fn permissions(names: &[String]) -> Option<String> {
    let is_name = |name: &str| {
        name.len() <= 30 && name.bytes().all(|it| it == b'_' || it.is_ascii_lowercase())
    };
    let mut others: Vec<_> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !PERMISSIONS.contains(name))
        .map(|name| if is_name(name) { name } else { "?" })
        .collect();
    others.sort_unstable();
    others.dedup();
    match (names, others.as_slice()) {
        ([], _) => None,
        (_, []) => Some("known names".into()),
        _ => Some(format!("also {}", others.join(", "))),
    }
}

fn empty(status: u16, byte_length: f64) -> String {
    match status {
        200 if byte_length < 1.0 => "no bytes".into(),
        200 if byte_length < MAX_EMPTY_GZIP_BYTES => "an empty gzip stream".into(),
        200 => "bytes".into(),
        _ => format!("HTTP {status}"),
    }
}

fn tag(etag: Option<&str>) -> &'static str {
    match etag {
        None => "none",
        Some(tag) if tag.starts_with("W/") => "a weak tag",
        Some(_) => "a strong tag",
    }
}

fn views(listed: &[Option<String>]) -> Option<String> {
    let shown: Vec<_> = listed.iter().flatten().collect();
    match (listed, shown.first()) {
        ([], _) => None,
        (_, None) => Some("absent".into()),
        (_, Some(kind)) => either(
            kind.to_ascii_lowercase().contains("view"),
            "as views",
            "as tables",
        ),
    }
}

/// `replaced`: the id under the name of the table `target`, after `other` was renamed onto it.
fn replacement(target: &str, other: &str, replaced: &str) -> &'static str {
    match replaced {
        _ if replaced == other => "of the renamed table",
        _ if replaced == target => "of the replaced table",
        _ => "new",
    }
}

/// Two records are expected.
fn records(count: f64, expected: &str) -> Option<String> {
    let is_expected = count.to_bits() == 2.0_f64.to_bits();
    Some(if is_expected {
        expected.into()
    } else {
        format!("{count} records instead of 2")
    })
}

fn column_types(schema: &str) -> Option<String> {
    let schema = ResultSchema::parse(schema).ok()?;
    let types: Vec<_> = schema
        .columns()
        .iter()
        .map(|it| it.type_name.as_str())
        .collect();
    Some(types.join(", "))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a result of the probe is far below 2^53 bytes"
)]
fn length(body: &[u8]) -> f64 {
    body.len() as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Ask, probes};
    use super::*;

    /// The answers, each with what it is: `=` as assumed, `~` different and handled, `!` different, `?` none.
    fn verdicts(probe: &str, observation: serde_json::Value) -> Vec<(String, char)> {
        let observation = serde_json::from_value(observation).unwrap();
        judge(probe, &observation, b"")
            .into_iter()
            .map(|it| match (it.verdict, it.is_handled) {
                (Verdict::AsAssumed, _) => (it.answer.unwrap_or_default(), '='),
                (Verdict::Differs, true) => (it.answer.unwrap_or_default(), '~'),
                (Verdict::Differs, false) => (it.answer.unwrap_or_default(), '!'),
                (Verdict::NotAnswered, _) => (it.reason.unwrap_or_default(), '?'),
            })
            .collect()
    }

    fn one(probe: &str, observation: serde_json::Value) -> (String, char) {
        verdicts(probe, observation).remove(0)
    }

    #[test]
    fn the_names_of_probes_and_questions_are_unique_and_reads_write_nothing() {
        let all: Vec<_> = READ_PROBES.iter().chain(WRITE_PROBES).collect();
        let mut names: Vec<_> = all
            .iter()
            .flat_map(|it| it.questions)
            .map(|it| it.name)
            .collect();
        assert!(all.iter().all(|it| !it.questions.is_empty()));
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for probe in probes(false) {
            let (Ask::Value { sql }
            | Ask::Empty { sql }
            | Ask::Download { sql }
            | Ask::DomainKey { sql }) = probe.ask
            else {
                assert!(!matches!(probe.ask, Ask::Rename | Ask::Import));
                continue;
            };
            assert!(sql.starts_with("SELECT "), "{sql}");
            assert!(
                !sql.contains(" FROM ") || sql.contains(" FROM UNNEST(SEQUENCE("),
                "{sql} reads no table"
            );
        }
    }

    #[test]
    fn an_answer_is_as_assumed_handled_or_different() {
        let views = |listed| one("views", json!({"kind": "views", "listed": listed}));
        assert_eq!(views(json!([null, null])), ("absent".into(), '='));
        assert_eq!(views(json!(["view"])), ("as views".into(), '~'));
        assert_eq!(views(json!(["log"])), ("as tables".into(), '~'));
        assert_eq!(views(json!([])).1, '?');
        let names = |names| {
            one(
                "permissions",
                json!({"kind": "permissions", "names": names}),
            )
        };
        assert_eq!(names(json!(["administrator", "query_only"])).1, '=');
        assert_eq!(
            names(json!(["reader", "Mr X"])),
            ("also ?, reader".into(), '!')
        );
        let empty = |status, length| {
            one(
                "empty",
                json!({"kind": "empty", "status": status, "byteLength": length}),
            )
        };
        assert_eq!(empty(200, 20).1, '=');
        assert_eq!(empty(404, 90), ("HTTP 404".into(), '~'));
        assert_eq!(empty(500, 0).1, '!');
    }

    #[test]
    fn a_failed_probe_answers_none_of_its_questions() {
        let failed = json!({"kind": "failed", "code": "forbidden"});
        let answers = judge("download", &serde_json::from_value(failed).unwrap(), b"");
        assert_eq!(answers.len(), 5);
        assert!(answers.iter().all(|it| it.verdict == Verdict::NotAnswered));
        assert!(
            answers
                .iter()
                .all(|it| it.reason.as_deref() == Some("forbidden"))
        );
    }

    #[test]
    fn a_rename_is_judged_by_ids() {
        let rename = |renamed: &str, replaced: &str| {
            let seen = json!({"kind": "rename", "id": "1", "renamed": renamed, "again": "not_found",
                "ontoItself": "conflict", "other": "2", "replaced": replaced});
            let found: Vec<_> = verdicts("rename", seen)
                .into_iter()
                .map(|it| it.0)
                .collect();
            found.join("; ")
        };
        assert_eq!(
            rename("1", "2"),
            "kept; not_found; conflict; of the renamed table"
        );
        assert_eq!(rename("3", "4"), "new; not_found; conflict; new");
        assert_eq!(
            rename("1", "1"),
            "kept; not_found; conflict; of the replaced table"
        );
    }

    #[test]
    fn an_import_is_judged_by_counts_and_codes() {
        let import = json!({"kind": "import", "members": 2, "replaced": 3, "empty": 0, "committedAgain": "conflict",
            "countedMs": 20, "schema": "[[\"i\", \"integer\"], [\"f\", \"real\"]]"});
        let found = verdicts("import", import);
        assert_eq!(found[0], ("done".into(), '='));
        assert_eq!(found[3], ("3 records instead of 2".into(), '!'));
        assert_eq!(found[7], ("integer, real".into(), '~'));
    }
}
