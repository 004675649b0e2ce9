//! Whether two looks show one table.

use serde::{Deserialize, Serialize};

use crate::deserialize::count;
use crate::{TableInfo, schema_text};
use petit_text::bigint;

/// What tells a table from another one of the same name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(optional_fields, rename = "TableIdentity")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// Its id, if TD shows one.
    #[serde(default)]
    pub id: Option<String>,
    /// When it was created, as TD writes it.
    #[serde(default)]
    pub created_at: Option<String>,
    /// Its rows, roughly: the count of a listing lags.
    #[serde(default, deserialize_with = "count", serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub rows: Option<u64>,
    /// The keys and types of its columns.
    #[serde(default)]
    pub schema: String,
}

impl From<&TableInfo> for Identity {
    fn from(table: &TableInfo) -> Self {
        Self {
            id: table.id.clone(),
            created_at: table.created_at.clone(),
            rows: table.count,
            schema: schema_text(&table.schema.columns()),
        }
    }
}

/// What TD does with the id of a table that is renamed over another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum IdRule {
    /// The renamed table keeps its id.
    Kept,
    /// It gets a new one.
    New,
    /// It gets the id of the table that it replaces.
    Target,
    /// TD shows no ids, or the rule could not be learnt.
    NotKnown,
}

/// Whether both are one table; none if their ids are not known.
///
/// The time of creation is no part of this: it has a resolution of a second, in which two runs can create a table each.
pub fn is_same_table(one: Option<&Identity>, other: Option<&Identity>) -> Option<bool> {
    let (one, other) = (one?.id.as_ref()?, other?.id.as_ref()?);
    Some(one == other)
}

/// The rule that a rename of one probe over another shows: `from` and `over` are the probes before it, `after` is the one
/// that is left.
pub fn id_rule(from: &Identity, over: &Identity, after: &Identity) -> IdRule {
    let is_kept = is_same_table(Some(from), Some(after));
    let is_target = is_same_table(Some(over), Some(after));
    match (is_kept, is_target) {
        (Some(true), Some(false)) => IdRule::Kept,
        (Some(false), Some(true)) => IdRule::Target,
        (Some(false), Some(false)) => IdRule::New,
        _ => IdRule::NotKnown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_id(id: &str) -> Identity {
        Identity {
            id: (!id.is_empty()).then(|| id.into()),
            ..Identity::default()
        }
    }

    #[test]
    fn a_probe_shows_what_becomes_of_an_id() {
        let cases = [
            ("1", "2", "1", IdRule::Kept),
            ("1", "2", "2", IdRule::Target),
            ("1", "2", "3", IdRule::New),
            ("", "2", "2", IdRule::NotKnown),
            ("1", "2", "", IdRule::NotKnown),
            ("1", "1", "1", IdRule::NotKnown),
        ];
        for (from, over, after, rule) in cases {
            let found = id_rule(&with_id(from), &with_id(over), &with_id(after));
            assert_eq!(found, rule, "{from} {over} {after}");
        }
    }

    #[test]
    fn tables_without_ids_are_neither_the_same_nor_different() {
        assert_eq!(
            is_same_table(Some(&with_id("1")), Some(&with_id("1"))),
            Some(true)
        );
        assert_eq!(
            is_same_table(Some(&with_id("1")), Some(&with_id("2"))),
            Some(false)
        );
        assert_eq!(is_same_table(Some(&with_id("")), Some(&with_id(""))), None);
        assert_eq!(is_same_table(None, Some(&with_id("1"))), None);
    }
}
