//! The choice of tables: names and globs to include, names and globs to exclude.

use std::collections::HashSet;

use petit_text::{quoted, quoted_list};

use super::glob::Glob;
use super::nearest::nearest;

/// Maximum number of names in a message.
const MAX_NAMES_LISTED: usize = 10;

/// The tables that a request is about.
#[derive(Debug, Clone)]
pub(super) struct TableChoice<'a> {
    /// `None`: all tables.
    included: Option<Patterns<'a>>,
    excluded: Patterns<'a>,
}

/// Names and globs. Names are apart, because a page may send thousands.
#[derive(Debug, Clone, Default)]
struct Patterns<'a> {
    names: HashSet<&'a str>,
    globs: Vec<Glob>,
}

impl<'a> TableChoice<'a> {
    /// The choice by these names and globs. A text that is the name of a table means that table, even if it has a `*`.
    ///
    /// # Errors
    /// A message, if one of them matches none of the tables, or if the exclusions leave no table. `place` is where the
    /// tables are: `"sales"`.
    pub(super) fn new(
        included: Option<&'a [String]>,
        excluded: &'a [String],
        tables: &HashSet<&str>,
        place: &str,
    ) -> Result<Self, NoTable> {
        let choice = Self::unchecked(included, excluded, tables);
        let all = included.unwrap_or_default().iter().chain(excluded);
        let unmatched: Vec<_> = all.filter(|text| !is_matched(text, tables)).collect();
        if let Some(first) = unmatched.first() {
            return Err(NoTable {
                code: "not_found",
                pattern: Some((*first).clone()),
                message: unmatched_message(&unmatched, tables, place),
            });
        }
        let is_asked = included.is_none_or(|included| !included.is_empty());
        if is_asked && !excluded.is_empty() && !tables.iter().any(|name| choice.contains(name)) {
            return Err(NoTable {
                code: "invalid_option",
                pattern: None,
                message: format!("every chosen table of {place} is excluded"),
            });
        }
        Ok(choice)
    }

    /// The choice by those of the names and globs that match a table.
    pub(super) fn unchecked(
        included: Option<&'a [String]>,
        excluded: &'a [String],
        tables: &HashSet<&str>,
    ) -> Self {
        Self {
            included: included.map(|texts| Patterns::new(texts, tables)),
            excluded: Patterns::new(excluded, tables),
        }
    }

    /// Whether a table is chosen.
    pub(super) fn contains(&self, name: &str) -> bool {
        let is_included = self.included.as_ref().is_none_or(|it| it.contains(name));
        is_included && !self.excluded.contains(name)
    }

    /// The choice before the tables are known, as far as it can be said.
    pub(super) fn names_alone(included: &'a [String], excluded: &'a [String]) -> Vec<&'a String> {
        let excluded = Patterns::new(excluded, &HashSet::new());
        let mut known = HashSet::new();
        included
            .iter()
            .filter(|name| !Glob::is_glob(name) && !excluded.contains(name) && known.insert(*name))
            .collect()
    }
}

/// Why no table is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoTable {
    /// Stable code of the error.
    pub(super) code: &'static str,
    /// The first name or glob that matches nothing.
    pub(super) pattern: Option<String>,
    /// What is wrong, and what may be meant.
    pub(super) message: String,
}

impl<'a> Patterns<'a> {
    fn new(texts: &'a [String], tables: &HashSet<&str>) -> Self {
        let mut patterns = Self::default();
        for text in texts {
            if Glob::is_glob(text) && !tables.contains(text.as_str()) {
                patterns.globs.push(Glob::new(text));
            } else {
                patterns.names.insert(text);
            }
        }
        patterns
    }

    fn contains(&self, name: &str) -> bool {
        self.names.contains(name) || self.globs.iter().any(|glob| glob.matches(name))
    }
}

fn is_matched(text: &str, tables: &HashSet<&str>) -> bool {
    if tables.contains(text) {
        return true;
    }
    let glob = Glob::is_glob(text).then(|| Glob::new(text));
    glob.is_some_and(|glob| tables.iter().any(|name| glob.matches(name)))
}

fn unmatched_message(unmatched: &[&String], tables: &HashSet<&str>, place: &str) -> String {
    let Some((first, others)) = unmatched.split_first() else {
        return String::new();
    };
    let mut message = match Glob::is_glob(first) {
        true => format!("no table in {place} matches {}", quoted(first)),
        false => format!("there is no table {} in {place}", quoted(first)),
    };
    let suggested = nearest(first, tables.iter().copied());
    message.push_str("; ");
    message.push_str(&match (suggested.as_slice(), tables.len()) {
        ([], 0) => "it has no tables".into(),
        ([], _) => {
            let mut names: Vec<_> = tables.iter().copied().collect();
            names.sort_unstable();
            format!("its tables are {}", shortened(&names))
        }
        (names, _) => format!("did you mean {}?", quoted_list(names.iter().copied())),
    });
    if !others.is_empty() {
        let others: Vec<_> = others.iter().map(|text| text.as_str()).collect();
        let end = if message.ends_with('?') { "" } else { "." };
        message.push_str(&format!("{end} Nor is there: {}.", shortened(&others)));
    }
    message
}

/// A list of quoted names of bounded length: `"a", "b" and 198 more`.
pub(super) fn shortened(names: &[&str]) -> String {
    let shown = quoted_list(names.iter().take(MAX_NAMES_LISTED).copied());
    match names.len().saturating_sub(MAX_NAMES_LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TABLES: [&str; 5] = ["orders", "order_lines", "web_logs", "web_clicks", "odd*"];

    fn choose(included: Option<&[&str]>, excluded: &[&str]) -> Result<Vec<&'static str>, NoTable> {
        let owned = |texts: &[&str]| {
            texts
                .iter()
                .map(|&text| text.to_owned())
                .collect::<Vec<_>>()
        };
        let (included, excluded) = (included.map(owned), owned(excluded));
        let tables = HashSet::from(TABLES);
        let choice = TableChoice::new(included.as_deref(), &excluded, &tables, "\"shop\"")?;
        Ok(TABLES
            .into_iter()
            .filter(|name| choice.contains(name))
            .collect())
    }

    #[test]
    fn names_and_globs_choose_and_exclude() {
        type Case = (
            Option<&'static [&'static str]>,
            &'static [&'static str],
            &'static [&'static str],
        );
        let cases: [Case; 8] = [
            (None, &[], &TABLES),
            (Some(&[]), &[], &[]),
            (Some(&["orders"]), &[], &["orders"]),
            (Some(&["order*", "orders"]), &[], &["orders", "order_lines"]),
            (Some(&["web_*"]), &["*_logs"], &["web_clicks"]),
            (None, &["web_*", "odd*"], &["orders", "order_lines"]),
            (Some(&["odd*"]), &[], &["odd*"]),
            (Some(&["??????"]), &[], &["orders"]),
        ];
        for (included, excluded, expected) in cases {
            assert_eq!(choose(included, excluded).unwrap(), expected);
        }
    }

    #[test]
    fn a_name_or_glob_that_matches_nothing_is_an_error() {
        let message = |included: &[&str], excluded: &[&str]| {
            let error = choose(Some(included), excluded).unwrap_err();
            assert_eq!(error.code, "not_found");
            error.message
        };
        assert_eq!(
            message(&["order"], &[]),
            "there is no table \"order\" in \"shop\"; did you mean \"orders\"?"
        );
        assert_eq!(
            message(&["wbe_*"], &[]),
            "no table in \"shop\" matches \"wbe_*\"; did you mean \"web_clicks\", \"web_logs\"?"
        );
        assert_eq!(
            message(&["orders"], &["web_log"]),
            "there is no table \"web_log\" in \"shop\"; did you mean \"web_logs\"?"
        );
        assert_eq!(
            message(&["nothing"], &[]),
            "there is no table \"nothing\" in \"shop\"; its tables are \"odd*\", \"order_lines\", \"orders\", \"web_clicks\", \"web_logs\""
        );
        assert_eq!(
            message(&["order", "orders", "none"], &[]),
            "there is no table \"order\" in \"shop\"; did you mean \"orders\"? Nor is there: \"none\"."
        );
    }

    #[test]
    fn hundreds_of_names_are_shortened() {
        let names: Vec<_> = (0..200).map(|number| format!("zzz_{number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let message = choose(Some(&names), &[]).unwrap_err().message;
        assert!(message.ends_with("and 189 more."), "{message}");
        assert!(message.len() < 300, "{message}");
    }

    #[test]
    fn exclusions_that_leave_nothing_are_an_error() {
        let error = choose(Some(&["orders"]), &["order*"]).unwrap_err();
        assert_eq!(error.code, "invalid_option");
        assert_eq!(error.message, "every chosen table of \"shop\" is excluded");
    }

    #[test]
    fn names_are_known_before_the_listing() {
        let owned = |texts: &[&str]| {
            texts
                .iter()
                .map(|&text| text.to_owned())
                .collect::<Vec<_>>()
        };
        let included = owned(&["orders", "web_*", "orders", "returns"]);
        let excluded = owned(&["ret*"]);
        assert_eq!(TableChoice::names_alone(&included, &excluded), ["orders"]);
    }

    proptest! {
        #[test]
        fn a_chosen_table_is_included_and_not_excluded(
            included in proptest::sample::subsequence(&TABLES[..4], 1..4),
            excluded in proptest::sample::subsequence(&TABLES[..4], 0..4),
        ) {
            match choose(Some(&included), &excluded) {
                Ok(chosen) => for name in TABLES {
                    let expected = included.contains(&name) && !excluded.contains(&name);
                    prop_assert_eq!(chosen.contains(&name), expected);
                },
                Err(error) => {
                    prop_assert_eq!(error.code, "invalid_option");
                    prop_assert!(included.iter().all(|name| excluded.contains(name)));
                }
            }
        }
    }
}
