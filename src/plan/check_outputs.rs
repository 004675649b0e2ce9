//! Decides what an export may write at its output paths, and lists what it replaces and deletes.

use std::collections::HashMap;

use petit_text::quoted;

use super::manifest::{Identity, Manifest};
use super::model::{ExportPlan, ExportRequest, ExportTask, Problem};
use super::output::{ExistingOutput, OutputKind, OverwriteAction, Overwritten};

/// How the names of files begin that are not in a partition.
const FILE_PREFIX: &str = "part-";

/// Adds the problems of the output paths, and to each task the files that it replaces or deletes.
pub(super) fn check_outputs(request: &ExportRequest, plan: &mut ExportPlan) {
    let existing: HashMap<&str, &ExistingOutput> = request
        .existing
        .iter()
        .map(|output| (output.path.as_str(), output))
        .collect();
    // Some file systems are case-insensitive.
    let mut owners: HashMap<String, String> = HashMap::new();
    for task in &mut plan.tasks {
        let path = task.output_path.clone();
        let table = Some(task.table.as_str());
        if let Some(owner) = owners.insert(path.to_lowercase(), task.table.clone()) {
            let message = format!(
                "{} and {} have the same file {}",
                quoted(&owner),
                quoted(&task.table),
                quoted(&path)
            );
            plan.problems
                .push(Problem::new("file_clash", table, message));
        } else if let Some(output) = existing.get(path.as_str()) {
            match check_output(request, task, output) {
                Ok(overwrites) => {
                    task.overwrites = overwrites;
                    task.unlisted.clone_from(&output.unlisted);
                }
                Err((code, message)) => plan.problems.push(Problem::new(code, table, message)),
            }
        }
    }
}

/// The files that the task replaces or deletes, or why it must not run.
fn check_output(
    request: &ExportRequest,
    task: &ExportTask,
    output: &ExistingOutput,
) -> Result<Vec<Overwritten>, (&'static str, String)> {
    let path = quoted(&output.path);
    if output.kind == OutputKind::Unusable {
        let reason = output.reason.as_deref().unwrap_or("it cannot be written");
        return Err((
            "cannot_write",
            format!("nothing can be written to {path}: {reason}"),
        ));
    }
    if request.update {
        return check_update(request, task, output);
    }
    match &task.partitioning {
        Some(partitioning) => check_folder(request, &format!("{}=", partitioning.key), output),
        None if task.file_size.is_some() => check_folder(request, FILE_PREFIX, output),
        None => check_file(request, output),
    }
}

fn check_file(
    request: &ExportRequest,
    output: &ExistingOutput,
) -> Result<Vec<Overwritten>, (&'static str, String)> {
    let path = quoted(&output.path);
    match output.kind {
        OutputKind::Folder => Err((
            "path_conflict",
            format!("{path} is a folder; petit does not replace folders"),
        )),
        OutputKind::File | OutputKind::BlockDevice if !request.overwrite => {
            Err(("file_exists", format!("{path} already exists")))
        }
        OutputKind::File => Ok(vec![Overwritten {
            path: output.path.clone(),
            action: OverwriteAction::Replace,
        }]),
        OutputKind::Absent
        | OutputKind::Stream
        | OutputKind::BlockDevice
        | OutputKind::Unusable => Ok(Vec::new()),
    }
}

/// A folder is used as it is: only what petit's manifest lists is replaced or deleted. `prefix` is how the paths of the files
/// begin that the export can write.
fn check_folder(
    request: &ExportRequest,
    prefix: &str,
    output: &ExistingOutput,
) -> Result<Vec<Overwritten>, (&'static str, String)> {
    check_is_free(output)?;
    if let (Some(manifest), false) = (&output.manifest, request.overwrite) {
        let manifest = quoted(&manifest.path);
        return Err((
            "file_exists",
            format!("the manifest {manifest} of an earlier export already exists"),
        ));
    }
    let listed = output.manifest.iter().flat_map(|manifest| &manifest.files);
    let mut overwrites: Vec<_> = listed
        .chain(&output.unfinished)
        .map(|file| Overwritten {
            path: format!("{}/{file}", output.path.trim_end_matches('/')),
            action: match file.starts_with(prefix) {
                true => OverwriteAction::ReplaceOrDelete,
                false => OverwriteAction::Delete,
            },
        })
        .collect();
    overwrites.extend(output.manifest.iter().map(|manifest| Overwritten {
        path: manifest.path.clone(),
        action: OverwriteAction::Replace,
    }));
    Ok(overwrites)
}

/// Checks that an update finds a folder of its own table. What it replaces is known when the partitions are compared.
fn check_update(
    request: &ExportRequest,
    task: &ExportTask,
    output: &ExistingOutput,
) -> Result<Vec<Overwritten>, (&'static str, String)> {
    check_is_free(output)?;
    let conflict = |message| Err(("path_conflict", message));
    let Some(listed) = &output.manifest else {
        let Some(first) = output.unlisted.first() else {
            return Ok(Vec::new());
        };
        return conflict(format!(
            "{} exists, but no manifest lists it; an update needs the manifest beside the folder, or a new folder",
            quoted(first)
        ));
    };
    let path = quoted(&listed.path);
    let identity = Identity {
        site: request.site.as_deref(),
        invalid_utf8: request.invalid_utf8.as_deref(),
        task,
    };
    match Manifest::parse(listed.text.as_deref().unwrap_or_default()) {
        Err(reason) => conflict(format!("the manifest {path} is damaged: {reason}")),
        Ok(manifest) => match manifest.mismatch(&identity) {
            Some(reason) => conflict(format!(
                "the manifest {path} does not match this update: {reason}"
            )),
            None => Ok(Vec::new()),
        },
    }
}

/// Checks that nothing is in the way of a folder's files.
fn check_is_free(output: &ExistingOutput) -> Result<(), (&'static str, String)> {
    if !matches!(output.kind, OutputKind::Folder | OutputKind::Absent) {
        let path = quoted(&output.path);
        return Err(("path_conflict", format!("{path} is not a folder")));
    }
    match &output.conflict {
        None => Ok(()),
        Some(conflict) => Err((
            "path_conflict",
            format!(
                "{} is not a file that petit wrote; petit replaces only files that its manifest lists",
                quoted(conflict)
            ),
        )),
    }
}

/// The scheme of an address such as `s3://bucket/key`; `None` for a path.
pub(super) fn scheme(path: &str) -> Option<&str> {
    // A single letter is a drive of Windows.
    let (scheme, _) = path
        .split_once("://")
        .filter(|(scheme, _)| scheme.len() > 1)?;
    let mut chars = scheme.chars();
    let is_scheme = chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && chars.all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::plan_export;

    fn plan(more: Value) -> ExportPlan {
        let mut request = json!({"database": "db", "tables": ["t"], "output": "out"});
        for (name, value) in more.as_object().unwrap() {
            request[name] = value.clone();
        }
        plan_export(&serde_json::from_value(request).unwrap())
    }

    fn outcome(more: Value) -> Result<Vec<(String, OverwriteAction)>, &'static str> {
        let plan = plan(more);
        match plan.problems.first() {
            Some(problem) => Err(problem.code),
            None => Ok(plan.tasks[0]
                .overwrites
                .iter()
                .map(|it| (it.path.clone(), it.action))
                .collect()),
        }
    }

    #[test]
    fn only_files_are_replaced_and_only_on_request() {
        let cases = [
            ("absent", Ok(0), Ok(0)),
            ("file", Err("file_exists"), Ok(1)),
            ("folder", Err("path_conflict"), Err("path_conflict")),
            ("stream", Ok(0), Ok(0)),
            ("block_device", Err("file_exists"), Ok(0)),
            ("unusable", Err("cannot_write"), Err("cannot_write")),
        ];
        for (kind, without, with) in cases {
            for (overwrite, expected) in [(false, without), (true, with)] {
                let existing = json!([{"path": "out", "kind": kind}]);
                let found = outcome(json!({"overwrite": overwrite, "existing": existing}));
                assert_eq!(found.map(|it| it.len()), expected, "{kind} {overwrite}");
            }
        }
    }

    #[test]
    fn a_folder_of_partitions_is_used_as_it_is() {
        let folder = json!({"partition": "day", "overwrite": true,
            "existing": [{"path": "out", "kind": "folder", "unlisted": ["out/day=2026-01-01/part-0.parquet"]}]});
        assert_eq!(outcome(folder.clone()), Ok(vec![]));
        assert_eq!(
            plan(folder).tasks[0].unlisted,
            ["out/day=2026-01-01/part-0.parquet"]
        );
        let file = json!({"partition": "day", "overwrite": true, "existing": [{"path": "out", "kind": "file"}]});
        assert_eq!(outcome(file), Err("path_conflict"));
    }

    #[test]
    fn only_files_that_the_manifest_lists_are_replaced_or_deleted() {
        let listed = json!([{"path": "out", "kind": "folder", "manifest": {"path": "out.manifest.json",
            "files": ["day=2026-01-01/part-0.parquet", "month=2026-01/part-0.parquet"]}}]);
        assert_eq!(
            outcome(json!({"partition": "day", "existing": listed})),
            Err("file_exists")
        );
        assert_eq!(
            outcome(json!({"partition": "day", "existing": listed, "overwrite": true})),
            Ok(vec![
                (
                    "out/day=2026-01-01/part-0.parquet".into(),
                    OverwriteAction::ReplaceOrDelete
                ),
                (
                    "out/month=2026-01/part-0.parquet".into(),
                    OverwriteAction::Delete
                ),
                ("out.manifest.json".into(), OverwriteAction::Replace),
            ])
        );
    }

    #[test]
    fn a_run_that_was_killed_while_it_published_is_repaired() {
        let killed = json!({"partition": "day", "existing": [{"path": "out", "kind": "folder",
            "unfinished": ["day=2026-01-01/part-0.parquet"]}]});
        let repaired = vec![(
            "out/day=2026-01-01/part-0.parquet".into(),
            OverwriteAction::ReplaceOrDelete,
        )];
        assert_eq!(outcome(killed), Ok(repaired));
    }

    #[test]
    fn an_update_needs_the_manifest_of_its_table() {
        let update = |manifest: Option<Value>, unlisted: Value| {
            let text = manifest.map(|value: Value| {
                let text = value.as_str().map(str::to_owned);
                text.unwrap_or_else(|| value.to_string())
            });
            let listed =
                text.map(|text| json!({"path": "out.manifest.json", "files": [], "text": text}));
            let plan = plan(
                json!({"partition": "day", "update": true, "site": "aws", "invalidUtf8": "error",
                "existing": [{"path": "out", "kind": "folder", "manifest": listed, "unlisted": unlisted}]}),
            );
            plan.problems.first().map(|problem| problem.message.clone())
        };
        let own = |more: Value| {
            let mut manifest = json!({"database": "db", "table": "t", "files": [],
                "partitioning": {"by": "day", "key": "day", "column": "time"}});
            for (name, value) in more.as_object().unwrap() {
                manifest[name] = value.clone();
            }
            Some(manifest)
        };
        assert_eq!(update(own(json!({"site": "aws"})), json!([])), None);
        assert_eq!(
            update(own(json!({})), json!(["out/day=1/part-0.parquet"])),
            None
        );
        assert_eq!(update(None, json!([])), None);
        for (manifest, unlisted, expected) in [
            (
                None,
                json!(["out/day=1/part-0.parquet"]),
                "no manifest lists it",
            ),
            (Some(json!("{")), json!([]), "is damaged"),
            (Some(json!({"database": "db"})), json!([]), "is damaged"),
            (
                own(json!({"table": "u"})),
                json!([]),
                "it is of the table \"db\".\"u\"",
            ),
            (
                own(json!({"site": "eu01"})),
                json!([]),
                "it is of the site \"eu01\"",
            ),
            (
                own(json!({"partitioning": null})),
                json!([]),
                "its files have other partitions",
            ),
            (
                own(json!({"masks": [{"column": "email"}]})),
                json!([]),
                "its files are masked",
            ),
            (
                own(json!({"sql": "SELECT 1"})),
                json!([]),
                "of another query",
            ),
            (
                own(json!({"invalidUtf8": "binary"})),
                json!([]),
                "another --invalid-utf8",
            ),
        ] {
            let message = update(manifest, unlisted).unwrap();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn an_address_is_no_path() {
        for (path, expected) in [
            ("s3://bucket/x", Some("s3")),
            ("https://h/x", Some("https")),
            ("git+ssh://x", Some("git+ssh")),
            ("dir/s3://x", None),
            ("C:\\x", None),
            ("a:b", None),
            ("s3:/x", None),
            ("://x", None),
        ] {
            assert_eq!(scheme(path), expected, "{path}");
        }
    }
}
