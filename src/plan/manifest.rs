//! The manifest beside a folder of files, as an update reads it.

use petit_text::{bigint, quoted};
use serde::{Deserialize, Serialize};

use super::model::ExportTask;
use super::partition::PartitionBy;

/// A file that the manifest lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct ManifestFile {
    /// Path within the folder.
    pub path: String,
    /// The value of the partition's key; `None` for rows without a time.
    #[serde(default)]
    pub value: Option<String>,
    /// Start of the partition (inclusive), in Unix seconds.
    #[serde(default)]
    pub start: Option<i64>,
    /// End of the partition (exclusive), in Unix seconds.
    #[serde(default)]
    pub end: Option<i64>,
    /// Its rows.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows: u64,
    /// Its size.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The jobs whose results its partition has.
    #[serde(default)]
    pub jobs: Vec<String>,
    /// Checksum of the rows of its partition in TD, if one was computed.
    #[serde(default)]
    pub checksum: Option<String>,
}

/// What a manifest says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    database: String,
    table: String,
    #[serde(default)]
    site: Option<String>,
    #[serde(default)]
    partitioning: Option<ManifestPartitioning>,
    #[serde(default)]
    sql: Option<String>,
    #[serde(default)]
    invalid_utf8: Option<String>,
    #[serde(default)]
    masks: Vec<serde_json::Value>,
    #[serde(default)]
    timestamp_columns: Vec<String>,
    /// The schema of the results.
    #[serde(default)]
    pub schema: Option<String>,
    /// The schema of the table.
    #[serde(default)]
    pub table_schema: Option<String>,
    /// The files.
    pub files: Vec<ManifestFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct ManifestPartitioning {
    by: PartitionBy,
    key: String,
}

/// What the files of a folder have in common with an export.
pub(super) struct Identity<'a> {
    /// The site, or the endpoint.
    pub site: Option<&'a str>,
    /// What is done about text that is not UTF-8.
    pub invalid_utf8: Option<&'a str>,
    /// The export.
    pub task: &'a ExportTask,
}

impl Manifest {
    /// # Errors
    /// Why the text is not a manifest.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Why an export must not update the files of this manifest; `None` if it can.
    pub(super) fn mismatch(&self, identity: &Identity<'_>) -> Option<String> {
        let Identity { site, task, .. } = identity;
        let differs = |one: Option<&str>, other: Option<&str>| {
            // Manifests of earlier versions do not have all values.
            matches!((one, other), (Some(one), Some(other)) if one != other)
        };
        let name = |database: &str, table: &str| format!("{}.{}", quoted(database), quoted(table));
        if (&self.database, &self.table) != (&task.database, &task.table) {
            return Some(format!(
                "it is of the table {}",
                name(&self.database, &self.table)
            ));
        }
        if differs(self.site.as_deref(), *site) {
            let site = self.site.as_deref().unwrap_or_default();
            return Some(format!("it is of the site {}", quoted(site)));
        }
        let partitioning = task.partitioning.as_ref().map(|it| (it.by, &it.key));
        if self.partitioning.as_ref().map(|it| (it.by, &it.key)) != partitioning {
            return Some("its files have other partitions".into());
        }
        if !self.masks.is_empty() {
            return Some("its files are masked, and an update does not mask".into());
        }
        if differs(self.sql.as_deref(), task.sql.as_deref()) {
            return Some("its files have the rows or columns of another query".into());
        }
        if self.timestamp_columns != task.timestamp_columns {
            return Some("its files have other --timestamp-columns".into());
        }
        differs(self.invalid_utf8.as_deref(), identity.invalid_utf8)
            .then(|| "its files have another --invalid-utf8".into())
    }
}
