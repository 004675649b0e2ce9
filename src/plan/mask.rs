//! The rules of masking: which method masks which column.

use petit_codec::{
    mask::{Key, MaskedColumn, Method},
    schema::ResultSchema,
};
use petit_td::Column;
use petit_text::{quoted, quoted_list};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::glob::Glob;
use super::nearest::nearest;
use crate::{Error, Result};

/// The column that every table has in addition to its schema. A glob does not match it, so that `*=null` leaves the times of the rows.
pub(super) const TIME: &str = "time";

/// A column that is masked, for the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct PlannedMask {
    /// Its SQL name.
    pub column: String,
    /// What becomes of its values.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub method: Method,
}

/// The columns of a job result, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MaskedResult {
    /// The schema of the masked rows, in the format of `hive_result_schema`.
    pub schema: String,
    /// The columns of the result.
    pub columns: Vec<MaskedColumn>,
    /// The columns that are masked.
    pub masks: Vec<PlannedMask>,
}

/// Rules in their order. Of several rules for a column, the last one counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules(Vec<Rule>);

/// A method for the columns that a pattern matches.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// As the user wrote it.
    pub(super) text: String,
    /// The part before the `=`.
    pattern: String,
    method: Method,
}

impl Rules {
    /// Parses rules such as `email=hash` or `users.*phone*=partial:4`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a rule without a column or without a known method.
    pub(super) fn parse(texts: &[String]) -> Result<Self> {
        texts.iter().map(|text| Rule::parse(text)).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The method for a column, which may have two names.
    pub(super) fn method_of(&self, table: &str, names: [&str; 2]) -> Option<Method> {
        let mut rules = self.0.iter().rev();
        let rule = rules.find(|rule| rule.matches(table, names))?;
        Some(rule.method)
    }

    /// The masks for the columns of a table, by their SQL names.
    pub(super) fn masks_of(&self, table: &str, columns: &[Column]) -> Vec<PlannedMask> {
        if self.is_empty() {
            return Vec::new();
        }
        let names = columns
            .iter()
            .map(|column| [column.sql_name(), &column.key]);
        let masks = with_time(names).filter_map(|names| {
            let [column, _] = names;
            Some(PlannedMask {
                column: column.into(),
                method: self.method_of(table, names)?,
            })
        });
        masks.collect()
    }

    /// The rules that match no column of any of the tables, which are names with columns.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the first of them, unless there are tables with unknown columns.
    pub(super) fn unmatched<'a>(
        &self,
        tables: impl Iterator<Item = (&'a str, Vec<Column>)>,
        some_are_unknown: bool,
    ) -> Result<Vec<&Rule>> {
        let mut unmatched: Vec<_> = self.0.iter().collect();
        if unmatched.is_empty() {
            return Ok(unmatched);
        }
        let mut known = Vec::new();
        for (table, columns) in tables {
            let names = columns
                .iter()
                .map(|column| [column.sql_name(), &column.key]);
            let names: Vec<_> = with_time(names).collect();
            unmatched.retain(|rule| !names.iter().any(|names| rule.matches(table, *names)));
            known.extend(
                names
                    .iter()
                    .map(|[name, _]| (table.to_owned(), (*name).to_owned())),
            );
        }
        match unmatched.first() {
            Some(rule) if !some_are_unknown => Err(rule.not_found(&known)),
            _ => Ok(unmatched),
        }
    }

    fn mask_result(&self, schema: &ResultSchema, table: &str) -> Result<MaskedResult> {
        let invalid = |reason: String| Error::InvalidOption { reason };
        let mut result = MaskedResult {
            schema: String::new(),
            columns: Vec::new(),
            masks: Vec::new(),
        };
        let mut left = Vec::new();
        for column in schema.columns() {
            let method = self.method_of(table, [&column.name; 2]);
            let masked = MaskedColumn {
                kind: column.type_name.clone(),
                method,
            };
            if method != Some(Method::Drop) {
                left.push([column.name.clone(), masked.masked_type().map_err(invalid)?]);
            }
            result.masks.extend(method.map(|method| PlannedMask {
                column: column.name.clone(),
                method,
            }));
            result.columns.push(masked);
        }
        if left.is_empty() {
            return Err(invalid("the mask rules drop every column".into()));
        }
        result.schema = json!(left).to_string();
        Ok(result)
    }
}

impl FromIterator<Rule> for Rules {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        Self(rules.into_iter().collect())
    }
}

impl Rule {
    fn parse(text: &str) -> Result<Self> {
        let refused = |reason: String| Error::InvalidOption {
            reason: format!("the mask rule {}: {reason}", quoted(text)),
        };
        let Some((pattern, method)) = text.rsplit_once('=') else {
            return Err(refused(
                "it has no method; a rule is column=method, such as email=hash".into(),
            ));
        };
        let (pattern, method) = (pattern.trim(), method.trim());
        if pattern.is_empty() {
            return Err(refused("it has no column before the =".into()));
        }
        Ok(Self {
            text: text.into(),
            pattern: pattern.into(),
            method: method.parse().map_err(refused)?,
        })
    }

    /// Whether the rule may be about a column of a table whose columns are not known.
    pub(super) fn may_match(&self, table: &str) -> bool {
        match self.pattern.split_once('.') {
            Some((of, _)) => Glob::new(of).matches(table),
            None => true,
        }
    }

    /// Whether the rule is about a column of a table: `column`, or `table.column`. SQL names are case-insensitive.
    fn matches(&self, table: &str, names: [&str; 2]) -> bool {
        let is_column = |pattern: &str| {
            let glob = Glob::new(&pattern.to_lowercase());
            names.iter().any(|name| {
                let is_glob_for_time = *name == TIME && pattern != TIME;
                !is_glob_for_time && glob.matches(&name.to_lowercase())
            })
        };
        let of_table = self.pattern.split_once('.');
        is_column(&self.pattern)
            || of_table
                .is_some_and(|(of, column)| Glob::new(of).matches(table) && is_column(column))
    }

    /// The error of a rule that matches none of these columns, which are pairs with their tables.
    fn not_found(&self, known: &[(String, String)]) -> Error {
        let names = known
            .iter()
            .map(|(table, column)| match self.pattern.contains('.') {
                true => format!("{table}.{column}"),
                false => column.clone(),
            });
        let names: Vec<_> = names.collect();
        let suggested = nearest(&self.pattern, names.iter().map(String::as_str));
        let rule = quoted(&self.text);
        let mut reason = format!("no column of the chosen tables matches the mask rule {rule}");
        if !suggested.is_empty() {
            let suggested = quoted_list(suggested);
            reason.push_str(&format!("; did you mean {suggested}?"));
        }
        Error::NotFound { reason }
    }
}

/// The names of all columns: those of the schema, and `time`.
fn with_time<'a>(names: impl Iterator<Item = [&'a str; 2]>) -> impl Iterator<Item = [&'a str; 2]> {
    names.filter(|[_, key]| *key != TIME).chain([[TIME; 2]])
}

/// Checks that masked rows have a valid time, as the rows of a table must.
///
/// # Errors
/// A message that names the rule.
pub(super) fn check_time(masks: &[PlannedMask]) -> Result<(), String> {
    let of_time = masks.iter().find(|mask| mask.column == TIME);
    match of_time.map(|mask| mask.method) {
        Some(method) if !method.keeps_time() => Err(format!(
            "every row of a table must have a time, so that the rule time={method} is not possible; use time=date or time=date:month"
        )),
        _ => Ok(()),
    }
}

/// The columns of a job result, and what becomes of them. `table` is the table that it is of, and `texts` are rules, of which
/// the `required` ones must match a column.
///
/// # Errors
/// [`Error::InvalidOption`] for a rule or a schema that cannot be read, and for a result of which no column is left;
/// [`Error::NotFound`] for a required rule that matches no column.
pub fn mask_result(
    schema: &str,
    texts: &[String],
    table: &str,
    required: &[String],
) -> Result<MaskedResult> {
    let invalid = |error: petit_codec::Error| Error::InvalidOption {
        reason: error.to_string(),
    };
    let schema = ResultSchema::parse(schema).map_err(invalid)?;
    let columns = schema.columns().iter().map(|column| Column {
        key: column.name.clone(),
        ..Column::default()
    });
    let columns = std::iter::once((table, columns.collect()));
    Rules::parse(required)?.unmatched(columns, false)?;
    Rules::parse(texts)?.mask_result(&schema, table)
}

/// Checks rules, and the secret that some of them need, before anything else is known.
///
/// # Errors
/// [`Error::InvalidOption`] for a rule that cannot be read, for a secret that is missing or too short.
pub fn check_masks(texts: &[String], secret: Option<&str>) -> Result<()> {
    let invalid = |reason: String| Error::InvalidOption { reason };
    let needs_key = Rules::parse(texts)?
        .0
        .into_iter()
        .find(|rule| rule.method.needs_key());
    match (needs_key, secret) {
        (Some(rule), None) => Err(invalid(format!(
            "the mask rule {} needs a secret; set PETIT_MASK_KEY, or maskKey in the library",
            quoted(&rule.text)
        ))),
        (_, Some(secret)) => {
            let checked = Key::new(secret).map(|_| ());
            checked.map_err(|error| invalid(error.to_string()))
        }
        (None, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(texts: &[&str]) -> Rules {
        let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
        Rules::parse(&texts).unwrap()
    }

    fn columns(names: &[&str]) -> Vec<Column> {
        let column = |name: &&str| Column {
            key: (*name).into(),
            kind: "string".into(),
            ..Column::default()
        };
        names.iter().map(column).collect()
    }

    fn method(texts: &[&str], table: &str, column: &str) -> Option<String> {
        let method = rules(texts).method_of(table, [column; 2])?;
        Some(method.to_string())
    }

    #[test]
    fn a_rule_is_about_columns_of_any_table_or_of_some() {
        for (rule, table, column, is_masked) in [
            ("email=hash", "users", "email", true),
            ("email=hash", "users", "Email", true),
            ("email=hash", "users", "email2", false),
            ("*mail*=hash", "users", "e_mail", true),
            ("users.email=hash", "users", "email", true),
            ("users.email=hash", "orders", "email", false),
            ("user*.*phone*=hash", "users_eu", "home_phone", true),
            ("a.b=hash", "users", "a.b", true),
            ("a=b=hash", "users", "a=b", true),
            ("*=hash", "users", "time", false),
            ("users.*=hash", "users", "time", false),
            ("time=hash", "users", "time", true),
            ("users.time=hash", "users", "time", true),
        ] {
            let found = method(&[rule], table, column);
            assert_eq!(found.is_some(), is_masked, "{rule} {table}.{column}");
        }
    }

    #[test]
    fn the_last_rule_for_a_column_counts() {
        let texts = ["*=redact", "id=hash", "users.id=drop"];
        assert_eq!(method(&texts, "users", "id").as_deref(), Some("drop"));
        assert_eq!(method(&texts, "orders", "id").as_deref(), Some("hash"));
        assert_eq!(method(&texts, "orders", "name").as_deref(), Some("redact"));
    }

    #[test]
    fn a_rule_without_column_or_method_is_refused() {
        let refused = |text: &str| Rules::parse(&[text.to_owned()]).unwrap_err().to_string();
        let start = |text: &str| format!("the mask rule \"{text}\": ");
        assert_eq!(
            refused("email"),
            start("email") + "it has no method; a rule is column=method, such as email=hash"
        );
        assert_eq!(
            refused("=hash"),
            start("=hash") + "it has no column before the ="
        );
        assert!(refused("a=md5").contains("\"md5\" is not a method; the methods are hash, "));
    }

    #[test]
    fn a_rule_that_matches_no_column_is_an_error() {
        let tables = [
            ("users", columns(&["id", "email"])),
            ("orders", columns(&["id"])),
        ];
        let check = |text: &str| {
            let rules = rules(&[text]);
            let unmatched = rules.unmatched(tables.clone().into_iter(), false)?;
            Ok(unmatched.len())
        };
        for text in ["id=hash", "orders.id=hash", "time=date", "e*=null"] {
            assert_eq!(check(text), Ok(0));
        }
        let refused = |text: &str| {
            check(text)
                .map_err(|error: Error| error.to_string())
                .unwrap_err()
        };
        assert_eq!(
            refused("emial=hash"),
            "no column of the chosen tables matches the mask rule \"emial=hash\"; did you mean \"email\"?"
        );
        assert_eq!(
            refused("order.id=hash"),
            "no column of the chosen tables matches the mask rule \"order.id=hash\"; did you mean \"orders.id\"?"
        );
        assert_eq!(
            refused("telephone=hash"),
            "no column of the chosen tables matches the mask rule \"telephone=hash\""
        );
    }

    #[test]
    fn every_row_keeps_a_time() {
        let check = |text: &str| {
            let masks = rules(&[text]).masks_of("users", &columns(&["id"]));
            assert_eq!(masks.len(), 1);
            check_time(&masks)
        };
        assert_eq!(check("time=date:month"), Ok(()));
        assert_eq!(
            check("time=null").unwrap_err(),
            "every row of a table must have a time, so that the rule time=null is not possible; use time=date or time=date:month"
        );
    }

    #[test]
    fn a_result_gets_the_types_of_its_methods() {
        let schema = r#"[["id","integer"],["email","varchar"],["note","varchar"],["at","date"]]"#;
        let texts = ["id=hash", "note=drop", "at=email"].map(str::to_owned);
        let result = mask_result(schema, &texts, "users", &texts).unwrap();
        assert_eq!(
            result.schema,
            r#"[["id","long"],["email","varchar"],["at","string"]]"#
        );
        let masked: Vec<_> = result
            .masks
            .iter()
            .map(|mask| mask.column.as_str())
            .collect();
        assert_eq!(masked, ["id", "note", "at"]);
        assert_eq!(result.columns.len(), 4);
        let nothing = mask_result(r#"[["a","long"]]"#, &["a=drop".into()], "t", &[]);
        assert_eq!(
            nothing.unwrap_err().to_string(),
            "the mask rules drop every column"
        );
        let texts = ["phone=null".to_owned()];
        assert!(mask_result(schema, &texts, "users", &texts).is_err());
        assert!(mask_result(schema, &texts, "users", &[]).is_ok());
    }

    #[test]
    fn a_hash_needs_a_secret() {
        let check = |rule: &str, secret| {
            let checked = check_masks(&[rule.to_owned()], secret);
            checked.map_err(|error| error.to_string())
        };
        assert_eq!(check("email=hash", Some("a secret of masking")), Ok(()));
        assert_eq!(check("email=redact", None), Ok(()));
        assert_eq!(
            check("email=hash", None).unwrap_err(),
            "the mask rule \"email=hash\" needs a secret; set PETIT_MASK_KEY, or maskKey in the library"
        );
        assert_eq!(
            check("email=redact", Some("short")).unwrap_err(),
            "the secret of masking must have at least 16 bytes"
        );
        assert!(check("email=md5", None).is_err());
    }
}
