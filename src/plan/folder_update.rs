//! Decides which partitions of a folder are exported again: those that differ between the table and the manifest.

use std::collections::{BTreeMap, HashSet};

use petit_codec::small_result::CheckedCount;
use serde::{Deserialize, Serialize};

use super::manifest::{Manifest, ManifestFile};
use super::output::{OverwriteAction, Overwritten};
use super::partition::{Partition, Partitioning, partitions};
use super::slice::Statements;
use crate::{Error, Result};

/// What is in a folder before an update.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FolderState {
    /// Path of the folder.
    pub path: String,
    /// Text of the manifest; `None` if there is none.
    #[serde(default)]
    pub manifest: Option<String>,
    /// Listed files, as paths within the folder, that are missing or have other bytes.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub changed: Vec<String>,
    /// Files that a run was publishing when it was killed.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub unfinished: Vec<String>,
}

/// Why a partition is exported again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum UpdateReason {
    /// The manifest does not list it.
    New,
    /// It has another number of rows.
    Rows,
    /// It has other rows of the same number.
    Checksum,
    /// The manifest has no checksum of its rows.
    NoChecksum,
    /// A file on the disk is missing or was changed since.
    File,
    /// A run was killed while it replaced its files.
    Unfinished,
}

/// A partition that is exported again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ChangedPartition {
    /// The partition.
    pub partition: Partition,
    /// Why.
    pub reason: UpdateReason,
    /// The files that are replaced.
    pub files: Vec<ManifestFile>,
}

/// What an update does to a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct FolderUpdate {
    /// The partitions that are exported again, in the order of time.
    pub changed: Vec<ChangedPartition>,
    /// The files that stay.
    pub kept: Vec<ManifestFile>,
    /// The files of partitions that the table no longer has.
    pub removed: Vec<ManifestFile>,
    /// Whether a run was killed while it published the folder, so that the folder must be published again.
    pub is_repair: bool,
    /// What is replaced and deleted, without the manifest.
    pub overwrites: Vec<Overwritten>,
    /// The schema of the results that the kept files have, if the manifest has one.
    pub schema: Option<String>,
    /// The schema of the table when they were exported.
    pub table_schema: Option<String>,
}

/// Compares the partitions that a table has now with those of the folder.
///
/// # Errors
/// [`Error::Refused`] for a time outside of the calendar, or a manifest that cannot be read.
pub fn plan_folder_update(
    counts: &[CheckedCount],
    partitioning: &Partitioning,
    slice_rows: Option<u64>,
    statements: &Statements,
    state: &FolderState,
) -> Result<FolderUpdate> {
    let manifest = state.manifest.as_deref().map(Manifest::parse).transpose();
    let manifest = manifest.map_err(|reason| Error::Refused { reason })?;
    let manifest = manifest.unwrap_or_default();
    let mut listed: BTreeMap<String, Vec<ManifestFile>> = BTreeMap::new();
    for file in manifest.files {
        listed.entry(folder_of(&file.path)).or_default().push(file);
    }
    let now = partitions(counts, partitioning, slice_rows, statements)?;
    let (changed_files, unfinished) = (folders(&state.changed), folders(&state.unfinished));
    let mut update = FolderUpdate {
        changed: Vec::new(),
        kept: Vec::new(),
        removed: Vec::new(),
        is_repair: !state.unfinished.is_empty(),
        overwrites: Vec::new(),
        schema: manifest.schema,
        table_schema: manifest.table_schema,
    };
    for partition in now {
        let files = listed.remove(&partition.folder).unwrap_or_default();
        let reason = if unfinished.contains(&partition.folder) {
            Some(UpdateReason::Unfinished)
        } else if !files.is_empty() && changed_files.contains(&partition.folder) {
            Some(UpdateReason::File)
        } else {
            difference(&partition, &files)
        };
        match reason {
            None => update.kept.extend(files),
            Some(reason) => update.changed.push(ChangedPartition {
                partition,
                reason,
                files,
            }),
        }
    }
    update.removed = listed.into_values().flatten().collect();
    update.overwrites = overwrites(&state.path, &update);
    update.overwrites.extend(abandoned(state, &update));
    Ok(update)
}

fn overwrites(folder: &str, update: &FolderUpdate) -> Vec<Overwritten> {
    let of = |files: &[ManifestFile], action| -> Vec<Overwritten> {
        let paths = files
            .iter()
            .map(|file| format!("{}/{}", folder.trim_end_matches('/'), file.path));
        paths.map(|path| Overwritten { path, action }).collect()
    };
    let replaced = update
        .changed
        .iter()
        .flat_map(|changed| of(&changed.files, OverwriteAction::Replace));
    replaced
        .chain(of(&update.removed, OverwriteAction::Delete))
        .collect()
}

/// The files that a killed run published, for partitions that the table no longer has.
fn abandoned(state: &FolderState, update: &FolderUpdate) -> Vec<Overwritten> {
    let changed = update.changed.iter().map(|it| it.partition.folder.clone());
    let listed = update.removed.iter().map(|file| folder_of(&file.path));
    let known: HashSet<String> = changed.chain(listed).collect();
    let folder = state.path.trim_end_matches('/');
    let unknown = state
        .unfinished
        .iter()
        .filter(|path| !known.contains(&folder_of(path)));
    unknown
        .map(|path| Overwritten {
            path: format!("{folder}/{path}"),
            action: OverwriteAction::Delete,
        })
        .collect()
}

fn difference(partition: &Partition, files: &[ManifestFile]) -> Option<UpdateReason> {
    let first = files.first();
    let rows = files
        .iter()
        .fold(0, |sum: u64, file| sum.saturating_add(file.rows));
    match (&partition.checksum, first) {
        (_, None) => Some(UpdateReason::New),
        _ if rows != partition.rows => Some(UpdateReason::Rows),
        (None, _) => None,
        (_, Some(ManifestFile { checksum: None, .. })) => Some(UpdateReason::NoChecksum),
        (now, Some(file)) => (*now != file.checksum).then_some(UpdateReason::Checksum),
    }
}

fn folders(paths: &[String]) -> HashSet<String> {
    paths.iter().map(|path| folder_of(path)).collect()
}

/// The folder of a file's partition.
fn folder_of(path: &str) -> String {
    path.rsplit_once('/')
        .map_or_else(String::new, |(folder, _)| folder.into())
}

#[cfg(test)]
mod tests {
    use petit_codec::small_result::TimeCount;
    use serde_json::json;

    use super::*;
    use crate::PartitionBy;

    const DAY: i64 = 86_400;

    fn count(rows: u64, day: i64, checksum: Option<&str>) -> CheckedCount {
        CheckedCount {
            count: TimeCount {
                rows,
                span: Some((day * DAY, day * DAY + 9)),
            },
            checksum: checksum.map(Into::into),
        }
    }

    fn state(files: &[(&str, u64, Option<&str>)]) -> FolderState {
        let files: Vec<_> = files
            .iter()
            .map(|(day, rows, checksum)| {
                json!({"path": format!("day={day}/part-0.parquet"), "value": day, "rows": rows, "bytes": 9,
                    "sha256": "aa", "checksum": checksum})
            })
            .collect();
        let manifest = json!({"database": "d", "table": "t", "files": files});
        FolderState {
            path: "out".into(),
            manifest: Some(manifest.to_string()),
            ..FolderState::default()
        }
    }

    fn update(counts: &[CheckedCount], state: &FolderState) -> FolderUpdate {
        let partitioning = Partitioning::new(PartitionBy::Day, ["time"].into_iter());
        let statements = Statements {
            sql: "SELECT * FROM t".into(),
            count_sql: None,
            limit: None,
            has_condition: false,
        };
        plan_folder_update(counts, &partitioning, None, &statements, state).unwrap()
    }

    fn changes(update: &FolderUpdate) -> Vec<(&str, UpdateReason)> {
        let changed = update.changed.iter();
        changed
            .map(|it| (it.partition.folder.as_str(), it.reason))
            .collect()
    }

    #[test]
    fn the_first_update_exports_everything() {
        let update = update(&[count(2, 0, None)], &FolderState::default());
        assert_eq!(changes(&update), [("day=1970-01-01", UpdateReason::New)]);
        assert_eq!((update.kept.len(), update.removed.len()), (0, 0));
    }

    #[test]
    fn only_partitions_that_differ_are_exported_again() {
        let state = state(&[
            ("1970-01-01", 2, None),
            ("1970-01-02", 3, None),
            ("1970-01-03", 4, None),
        ]);
        let counts = [count(2, 0, None), count(4, 1, None), count(1, 3, None)];
        let update = update(&counts, &state);
        assert_eq!(
            changes(&update),
            [
                ("day=1970-01-02", UpdateReason::Rows),
                ("day=1970-01-04", UpdateReason::New)
            ]
        );
        assert_eq!(update.kept[0].path, "day=1970-01-01/part-0.parquet");
        assert_eq!(update.removed[0].path, "day=1970-01-03/part-0.parquet");
        let overwrites = update
            .overwrites
            .iter()
            .map(|it| (it.path.as_str(), it.action));
        assert_eq!(
            overwrites.collect::<Vec<_>>(),
            [
                (
                    "out/day=1970-01-02/part-0.parquet",
                    OverwriteAction::Replace
                ),
                ("out/day=1970-01-03/part-0.parquet", OverwriteAction::Delete),
            ]
        );
        let [changed, new] = update.changed.as_slice() else {
            panic!("{update:?}")
        };
        assert_eq!((changed.files.len(), new.files.len()), (1, 0));
        assert!(
            changed.partition.slices[0]
                .sql
                .ends_with("WHERE TD_TIME_RANGE(time, 86400, 172800)")
        );
    }

    #[test]
    fn a_checksum_finds_changed_rows_of_the_same_number() {
        let listed = state(&[
            ("1970-01-01", 2, Some("aa")),
            ("1970-01-02", 2, Some("bb")),
            ("1970-01-03", 2, None),
        ]);
        let counts = ["aa", "cc", "dd"]
            .iter()
            .zip(0..)
            .map(|(sum, day)| count(2, day, Some(sum)))
            .collect::<Vec<_>>();
        assert_eq!(
            changes(&update(&counts, &listed)),
            [
                ("day=1970-01-02", UpdateReason::Checksum),
                ("day=1970-01-03", UpdateReason::NoChecksum)
            ]
        );
        let without: Vec<_> = (0..3).map(|day| count(2, day, None)).collect();
        assert_eq!(changes(&update(&without, &listed)), []);
    }

    #[test]
    fn what_happened_on_the_disk_counts() {
        let mut listed = state(&[("1970-01-01", 2, None), ("1970-01-02", 2, None)]);
        listed.changed = vec!["day=1970-01-01/part-0.parquet".into()];
        listed.unfinished = vec!["day=1970-01-02/part-0.parquet".into()];
        let counts = [count(2, 0, None), count(2, 1, None)];
        assert_eq!(
            changes(&update(&counts, &listed)),
            [
                ("day=1970-01-01", UpdateReason::File),
                ("day=1970-01-02", UpdateReason::Unfinished)
            ]
        );
    }
}
