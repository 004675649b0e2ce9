//! File names that are safe on every platform.

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

/// The path of a file in a folder; `""` is the current folder.
pub fn join(folder: &str, file: &str) -> String {
    match folder.trim_end_matches('/') {
        "" if folder.is_empty() => file.into(),
        folder => format!("{folder}/{file}"),
    }
}

/// A folder's path without slashes at its end.
pub fn trim_folder(path: &str) -> &str {
    match path.trim_end_matches(['/', '\\']) {
        "" => path,
        trimmed => trimmed,
    }
}

/// The last component of a path.
pub fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
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
    fn paths_join_with_one_slash() {
        let cases = [
            ("dataset", "dataset/f"),
            ("a/b//", "a/b/f"),
            ("", "f"),
            ("/", "/f"),
            (".", "./f"),
        ];
        for (folder, path) in cases {
            assert_eq!(join(folder, "f"), path);
        }
        assert_eq!(base_name("a/b\\c.parquet"), "c.parquet");
        assert_eq!(base_name("c"), "c");
        for (path, expected) in [("a/", "a"), ("a\\\\", "a"), ("/", "/"), ("", "")] {
            assert_eq!(trim_folder(path), expected);
        }
    }
}
