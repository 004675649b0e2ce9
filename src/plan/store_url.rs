//! Addresses of objects in a store, such as `s3://bucket/folder/file.parquet`.

use petit_text::quoted;
use serde::Serialize;

use super::check_outputs::scheme;

/// Maximum length of an object's key in bytes. S3 allows 1,024, which includes the ends of petit's own names.
const MAX_KEY_BYTES: usize = 900;

/// The kind of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// Amazon S3, or a store with its API.
    S3,
    /// Google Cloud Storage.
    Gs,
    /// Azure Blob Storage, whose buckets are containers.
    Az,
}

/// The place of an object, or of several whose keys begin with the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StoreUrl {
    /// The kind of the store.
    pub kind: StoreKind,
    /// The name of the bucket.
    pub bucket: String,
    /// The key, without a slash at its start or end; empty for the whole bucket.
    pub key: String,
}

impl StoreUrl {
    /// Parses an address. `None` for a path of this computer. Messages omit what can contain a password.
    pub fn parse(url: &str) -> Result<Option<Self>, String> {
        let Some(scheme) = scheme(url) else {
            return Ok(None);
        };
        let kind = match scheme {
            "s3" => StoreKind::S3,
            "gs" => StoreKind::Gs,
            "az" => StoreKind::Az,
            _ => {
                return Err(format!(
                    "petit writes to files and folders of this computer and to s3://…, gs://… and az://…, not to {}",
                    quoted(&format!("{scheme}://…"))
                ));
            }
        };
        let rest = url.get(scheme.len() + 3..).unwrap_or_default();
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let key = key.trim_end_matches('/');
        check_bucket(scheme, bucket)?;
        check_key(scheme, key)?;
        Ok(Some(Self {
            kind,
            bucket: bucket.into(),
            key: key.into(),
        }))
    }
}

fn check_bucket(scheme: &str, bucket: &str) -> Result<(), String> {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    let is_name = (3..=255).contains(&bucket.len())
        && bucket.chars().all(is_plain)
        && !bucket.starts_with('.');
    if is_name {
        return Ok(());
    }
    Err(format!(
        "{scheme}://… needs the name of a bucket or container: 3 or more letters, digits, \"-\", \"_\" or \".\", and no user, password or port"
    ))
}

fn check_key(scheme: &str, key: &str) -> Result<(), String> {
    let problem = if key.len() > MAX_KEY_BYTES {
        format!("is longer than {MAX_KEY_BYTES} bytes")
    } else if key.contains(['?', '#']) {
        "contains \"?\" or \"#\", which belong to other kinds of addresses".into()
    } else if key.chars().any(char::is_control) {
        "contains a control character".into()
    } else if key
        .split('/')
        .any(|name| matches!(name, "." | "..") || (name.is_empty() && !key.is_empty()))
    {
        "has a part between slashes that is empty, \".\" or \"..\"".into()
    } else {
        return Ok(());
    };
    Err(format!("the path of {scheme}://… {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_bucket_and_a_key() {
        for (url, bucket, key) in [
            ("s3://bucket/a/b.parquet", "bucket", "a/b.parquet"),
            ("s3://my.bucket/prefix/", "my.bucket", "prefix"),
            ("s3://bucket", "bucket", ""),
            ("gs://bucket/a/b.parquet", "bucket", "a/b.parquet"),
            ("az://container/a", "container", "a"),
            ("s3://bucket/day=1/日本 +%41", "bucket", "day=1/日本 +%41"),
        ] {
            let parsed = StoreUrl::parse(url).unwrap().unwrap();
            assert_eq!((parsed.bucket.as_str(), parsed.key.as_str()), (bucket, key));
        }
        for path in ["dataset", "a/s3://b", "C:\\x", "-"] {
            assert_eq!(StoreUrl::parse(path), Ok(None), "{path}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused_without_its_secrets() {
        for (url, part) in [
            ("s3://", "name of a bucket or container"),
            ("s3:///key", "name of a bucket or container"),
            ("s3://key:secret@bucket/x", "no user, password or port"),
            ("s3://bucket:9000/x", "no user, password or port"),
            ("s3://b/x", "name of a bucket or container"),
            ("s3://bucket/a?secret=1", "\"?\""),
            ("s3://bucket/a/../secret", "\"..\""),
            ("s3://bucket/a//secret", "empty"),
            ("s3://bucket/\nsecret", "control character"),
            ("ftp://user:secret@host/x", "not to \"ftp://…\""),
            ("S3://bucket/x", "not to \"S3://…\""),
        ] {
            let error = StoreUrl::parse(url).unwrap_err();
            assert!(error.contains(part), "{url}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
        let long = format!("s3://bucket/{}", "k".repeat(MAX_KEY_BYTES + 1));
        assert!(StoreUrl::parse(&long).unwrap_err().contains("900 bytes"));
    }
}
