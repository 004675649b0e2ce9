//! What is at the output paths of an export, and what an export replaces and deletes there.

use serde::{Deserialize, Serialize};

/// What is at an output path before the export, as the caller found it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExistingOutput {
    /// The path, as in the task.
    pub path: String,
    /// What is there.
    pub kind: OutputKind,
    /// Why petit cannot write there; only for [`OutputKind::Unusable`].
    #[serde(default)]
    pub reason: Option<String>,
    /// The manifest beside a folder of partitions; `None` if there is none.
    #[serde(default)]
    pub manifest: Option<ListedFiles>,
    /// Files, as paths within the folder, that a run was publishing when it was killed.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub unfinished: Vec<String>,
    /// What is at paths of partitions and is not listed in the manifest.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub unlisted: Vec<String>,
    /// What is not a file, at the path of a listed file; or, if a whole folder is replaced, what is not petit's in it.
    #[serde(default)]
    pub conflict: Option<String>,
}

/// The kind of file system object at an output path. Symbolic links are followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum OutputKind {
    /// Nothing, and a file can be created.
    #[default]
    Absent,
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A character device, a FIFO or a socket, which takes bytes and is never replaced.
    Stream,
    /// A block device: writing destroys what it stores.
    BlockDevice,
    /// Nothing can be written there.
    Unusable,
}

/// The files that a manifest of petit lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListedFiles {
    /// Path of the manifest.
    pub path: String,
    /// Paths within the folder.
    pub files: Vec<String>,
    /// Its text, if the folder is updated.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub text: Option<String>,
}

/// A file that the export replaces or deletes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Overwritten {
    /// Its path.
    pub path: String,
    /// What happens to it.
    pub action: OverwriteAction,
}

/// What happens to an existing file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum OverwriteAction {
    /// The export writes a file of this name.
    Replace,
    /// The export replaces the file if the partition still has rows, and deletes it otherwise.
    ReplaceOrDelete,
    /// No file of the export has this name.
    Delete,
}
