//! File names that are safe on every platform.

use serde::Deserialize;

use super::staging::hash;

/// Maximum length of a file name without its extension, in bytes. File systems allow 255, which includes the ends of
/// petit's own names, such as `.manifest.json`.
const MAX_STEM_BYTES: usize = 200;

/// A file name with this stem. ASCII letters, digits and `_-.` are kept, and other characters become `_`, so that the name has
/// no path. A long stem is truncated, and ends with a hash of the whole stem.
pub fn parquet_file(stem: &str) -> String {
    format!("{}.parquet", folder(stem))
}

/// Names that Windows keeps for devices, with any extension.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Whether Windows takes a file of this name for a device.
fn is_reserved(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or(name);
    RESERVED
        .iter()
        .any(|reserved| first.eq_ignore_ascii_case(reserved))
}

/// A folder name, by the same rules. Windows removes dots at the end of a name.
pub fn folder(stem: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.');
    let mut name: String = stem
        .chars()
        .map(|char| if is_plain(char) { char } else { '_' })
        .collect();
    if name.starts_with(['.', '-']) || name.is_empty() || is_reserved(&name) {
        name.insert(0, '_');
    }
    if name.ends_with('.') {
        name.pop();
        name.push('_');
    }
    if name.len() > MAX_STEM_BYTES {
        name.truncate(MAX_STEM_BYTES - 17);
        name = format!("{name}-{:016x}", hash([stem]));
    }
    name
}

/// How a platform writes paths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PathStyle {
    /// `/a/b`, in which a backslash is a character of a name.
    #[default]
    Posix,
    /// `C:\a\b` or `C:/a/b`. `C:b` is in the current folder of the drive.
    Windows,
}

impl PathStyle {
    fn is_separator(self, char: char) -> bool {
        char == '/' || (char == '\\' && self == Self::Windows)
    }

    /// The drive at the start of a path, such as `C:`.
    fn drive(self, path: &str) -> &str {
        match path.as_bytes() {
            [letter, b':', ..] if self == Self::Windows && letter.is_ascii_alphabetic() => {
                path.get(..2).unwrap_or_default()
            }
            _ => "",
        }
    }

    /// The path of a file in a folder; `""` is the current folder.
    pub fn join(self, folder: &str, file: &str) -> String {
        let folder = self.trim_folder(folder);
        let is_open =
            folder == self.drive(folder) || folder.ends_with(|end| self.is_separator(end));
        let separator = if is_open { "" } else { "/" };
        format!("{folder}{separator}{file}")
    }

    /// A folder's path without separators at its end, unless it is a root.
    pub fn trim_folder(self, path: &str) -> &str {
        let trimmed = path.trim_end_matches(|end| self.is_separator(end));
        if trimmed == self.drive(path) {
            let root = trimmed.len() + 1;
            return path.get(..root).unwrap_or(path);
        }
        trimmed
    }

    /// The last component of a path.
    pub fn base_name(self, path: &str) -> &str {
        let names = path.get(self.drive(path).len()..).unwrap_or_default();
        let last = names.rsplit(|char| self.is_separator(char)).next();
        last.unwrap_or(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_stay_in_the_folder() {
        let cases = [
            ("db_table", "db_table.parquet"),
            ("db_../../etc/passwd", "db_.._.._etc_passwd.parquet"),
            ("../x", "_.._x.parquet"),
            ("..", "_._.parquet"),
            ("db_t.", "db_t_.parquet"),
            ("NUL.db_t", "_NUL.db_t.parquet"),
            ("com1", "_com1.parquet"),
            ("com1_t", "com1_t.parquet"),
            ("", "_.parquet"),
            ("-rf", "_-rf.parquet"),
            ("a\\b:c*d?e\"f<g>h|i", "a_b_c_d_e_f_g_h_i.parquet"),
            ("a\0b\nc", "a_b_c.parquet"),
            ("a\u{202E}b", "a_b.parquet"),
            ("日本", "__.parquet"),
        ];
        for (stem, file) in cases {
            assert_eq!(parquet_file(stem), file, "{stem:?}");
        }
    }

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        let (one, other) = (
            parquet_file(&"a".repeat(513)),
            parquet_file(&"a".repeat(514)),
        );
        assert_eq!(one.len(), MAX_STEM_BYTES + ".parquet".len());
        assert_ne!(one, other);
        let whole = "b".repeat(MAX_STEM_BYTES);
        assert_eq!(parquet_file(&whole), format!("{whole}.parquet"));
    }

    #[test]
    fn paths_join_with_one_separator() {
        let cases = [
            ("dataset", "dataset/f", "dataset/f"),
            ("a/b//", "a/b/f", "a/b/f"),
            ("", "f", "f"),
            ("/", "/f", "/f"),
            (".", "./f", "./f"),
            ("a\\", "a\\/f", "a/f"),
            ("\\", "\\/f", "\\f"),
            ("C:", "C:/f", "C:f"),
            ("C:\\", "C:\\/f", "C:\\f"),
            ("C:/", "C:/f", "C:/f"),
            ("C:\\a\\", "C:\\a\\/f", "C:\\a/f"),
            ("C:a", "C:a/f", "C:a/f"),
            (
                "\\\\server\\share",
                "\\\\server\\share/f",
                "\\\\server\\share/f",
            ),
        ];
        for (folder, posix, windows) in cases {
            assert_eq!(PathStyle::Posix.join(folder, "f"), posix);
            assert_eq!(PathStyle::Windows.join(folder, "f"), windows);
        }
    }

    #[test]
    fn the_name_of_a_file_is_the_end_of_its_path() {
        let cases = [
            ("c", "c", "c"),
            ("a/b\\c", "b\\c", "c"),
            ("C:c", "C:c", "c"),
            ("C:\\c", "C:\\c", "c"),
            ("1:c", "1:c", "1:c"),
            ("a\\", "a\\", ""),
            ("C:", "C:", ""),
            ("a/", "", ""),
        ];
        for (path, posix, windows) in cases {
            assert_eq!(PathStyle::Posix.base_name(path), posix);
            assert_eq!(PathStyle::Windows.base_name(path), windows);
        }
    }

    #[test]
    fn a_root_keeps_its_separator() {
        let cases = [
            ("a/", "a", "a"),
            ("a\\/", "a\\", "a"),
            ("/", "/", "/"),
            ("//", "/", "/"),
            ("", "", ""),
            ("C:\\", "C:\\", "C:\\"),
            ("C:", "C:", "C:"),
        ];
        for (path, posix, windows) in cases {
            assert_eq!(PathStyle::Posix.trim_folder(path), posix);
            assert_eq!(PathStyle::Windows.trim_folder(path), windows);
        }
    }
}
