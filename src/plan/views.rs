//! Logical views of the source of a clone: listed, and created in the destination only on request.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use petit_td::TableInfo;
use petit_text::quoted;
use serde::{Deserialize, Serialize};

use super::clone_request::{CloneRequest, OnExisting};
use super::model::{Action, Problem};
use super::sql;
use super::table_choice::TableChoice;
use super::view_text::{names_in, rewrite_database};

/// A logical view, as `information_schema.views` shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub struct ViewInfo {
    /// Its name.
    pub name: String,
    /// Its query; `None` if TD does not show it.
    #[serde(default)]
    pub text: Option<String>,
}

/// What happens to the views of the source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ViewChoice {
    /// They are not copied.
    #[default]
    Skip,
    /// They are created in the destination, after the tables.
    Copy,
}

/// A view of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct PlannedView {
    /// Its name on both sides.
    pub view: String,
    /// Its action.
    pub action: Action,
    /// The statement that creates it; only for [`Action::Create`] and [`Action::Overwrite`].
    pub sql: Option<String>,
    /// Why it cannot be copied; only for [`Action::Error`].
    pub problem: Option<Problem>,
}

/// Whether TD lists a table as a view.
pub(super) fn is_listed_as_view(table: &TableInfo) -> bool {
    let kind = table.kind.as_deref().unwrap_or_default();
    kind.to_ascii_lowercase().contains("view")
}

/// The names of the views of the source: those of its catalog, and those that its listing shows as views.
pub(super) fn view_names<'a>(
    views: &'a [ViewInfo],
    tables: &'a [Rc<TableInfo>],
) -> HashSet<&'a str> {
    let listed = tables.iter().filter(|table| is_listed_as_view(table));
    let listed = listed.map(|table| table.name.as_str());
    views
        .iter()
        .map(|view| view.name.as_str())
        .chain(listed)
        .collect()
}

/// Plans the chosen views, in an order in which each one comes after those that it mentions.
pub(super) fn plan_views(request: &CloneRequest, choice: &TableChoice<'_>) -> Vec<PlannedView> {
    let names = view_names(&request.source_views, &request.source_tables);
    let views = request.source_views.iter();
    let texts: HashMap<_, _> = views
        .map(|view| (view.name.as_str(), view.text.as_deref()))
        .collect();
    let mut chosen: Vec<_> = names
        .into_iter()
        .filter(|name| choice.contains(name))
        .collect();
    chosen.sort_unstable();
    let text_of = |name| texts.get(name).copied().flatten();
    let chosen = chosen.into_iter().map(|name| (name, text_of(name)));
    let existing = existing_objects(request);
    sort_by_mention(chosen.collect())
        .into_iter()
        .map(|(name, text)| plan_view(request, name, text, existing.get(name).copied()))
        .collect()
}

fn plan_view(
    request: &CloneRequest,
    name: &str,
    text: Option<&str>,
    existing: Option<Existing>,
) -> PlannedView {
    let planned = |action, sql, problem| PlannedView {
        view: name.into(),
        action,
        sql,
        problem,
    };
    if request.views == ViewChoice::Skip {
        return planned(Action::Skip, None, None);
    }
    if existing.is_some() && request.on_existing == OnExisting::Skip {
        return planned(Action::Skip, None, None);
    }
    match create_view(request, name, text, existing) {
        Ok(sql) if existing.is_some() => planned(Action::Overwrite, Some(sql), None),
        Ok(sql) => planned(Action::Create, Some(sql), None),
        Err((code, message)) => {
            let problem = Problem::new(code, Some(name), message);
            planned(Action::Error, None, Some(problem))
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Existing {
    Table,
    View,
}

/// What the destination has, by name.
fn existing_objects(request: &CloneRequest) -> HashMap<&str, Existing> {
    let tables = request.destination_tables.iter().flatten().map(|table| {
        let kind = match is_listed_as_view(table) {
            true => Existing::View,
            false => Existing::Table,
        };
        (table.name.as_str(), kind)
    });
    let views = request.destination_views.iter();
    // A view can also be listed as a table.
    tables
        .chain(views.map(|view| (view.as_str(), Existing::View)))
        .collect()
}

/// The statement that creates a view. It runs with the rights of its callers, because TD does not show whether the source's view
/// runs with those of its definer, which would show more.
fn create_view(
    request: &CloneRequest,
    name: &str,
    text: Option<&str>,
    existing: Option<Existing>,
) -> Result<String, (&'static str, String)> {
    let (from, to) = (&request.source_database, &request.destination_database);
    let taken = |what: &str| {
        let message = format!("{} already has a {what} {}", quoted(to), quoted(name));
        Err(("already_exists", message))
    };
    match existing {
        Some(Existing::Table) => return taken("table"),
        Some(Existing::View) if request.on_existing == OnExisting::Error => return taken("view"),
        _ => {}
    }
    let exclude = "create it in the destination yourself, and leave it out with --exclude";
    let Some(text) = text else {
        let message = format!("TD does not show the text of the view; {exclude}");
        return Err(("bad_view", message));
    };
    let Some(text) = rewrite_database(text.trim().trim_end_matches(';'), from, to) else {
        let message = format!(
            "the view uses {} both for the database and for something else, so that petit cannot rewrite it; {exclude}",
            quoted(from)
        );
        return Err(("bad_view", message));
    };
    let create = match existing {
        Some(_) => "CREATE OR REPLACE VIEW",
        None => "CREATE VIEW",
    };
    let view = sql::table(to, name);
    Ok(format!("{create} {view} SECURITY INVOKER AS {text}"))
}

/// Puts each view after those that it mentions. Of views that mention each other, the first one comes last.
fn sort_by_mention<'a>(views: Vec<(&'a str, Option<&'a str>)>) -> Vec<(&'a str, Option<&'a str>)> {
    let places: HashMap<_, _> = views
        .iter()
        .enumerate()
        .map(|(place, (name, _))| (name.to_lowercase(), place))
        .collect();
    let mentions = |text: Option<&str>| {
        let names = text.map(names_in).unwrap_or_default();
        let mut mentioned: Vec<_> = names.iter().filter_map(|name| places.get(name)).collect();
        mentioned.sort_unstable();
        mentioned.into_iter().copied().collect::<Vec<_>>()
    };
    let mut is_visited = vec![false; views.len()];
    let mut sorted = Vec::with_capacity(views.len());
    for first in 0..views.len() {
        // A stack instead of recursion: a chain of views may be long.
        let mut visits = vec![Visit::Start(first)];
        while let Some(visit) = visits.pop() {
            match visit {
                Visit::End(place) => sorted.extend(views.get(place).copied()),
                Visit::Start(place) => {
                    let is_new = is_visited
                        .get_mut(place)
                        .is_some_and(|visited| !std::mem::replace(visited, true));
                    if is_new {
                        let text = views.get(place).and_then(|view| view.1);
                        visits.push(Visit::End(place));
                        visits.extend(mentions(text).into_iter().rev().map(Visit::Start));
                    }
                }
            }
        }
    }
    sorted
}

/// A visit of a view: its start, or its end after the visits of those that it mentions.
enum Visit {
    Start(usize),
    End(usize),
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plan_clone;

    fn plan(more: Value) -> Value {
        let mut request = json!({
            "sourceDatabase": "shop", "destinationDatabase": "copy", "views": "copy",
            "sourceTables": [{"name": "orders"}],
            "sourceViews": [
                {"name": "a_report", "text": "SELECT * FROM shop.paid"},
                {"name": "paid", "text": "SELECT * FROM \"shop\".\"orders\" WHERE paid = 1"},
            ],
        });
        for (name, value) in more.as_object().unwrap() {
            request[name] = value.clone();
        }
        let plan = plan_clone(&serde_json::from_value(request).unwrap()).unwrap();
        serde_json::to_value(plan).unwrap()
    }

    fn actions(plan: &Value) -> Vec<String> {
        let views = plan["views"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        views
            .map(|it| format!("{} {}", text(&it["action"]), text(&it["view"])))
            .collect()
    }

    #[test]
    fn views_are_listed_and_skipped_by_default() {
        let plan = plan(json!({"views": "skip"}));
        assert_eq!(actions(&plan), ["skip paid", "skip a_report"]);
        assert_eq!(plan["tables"].as_array().unwrap().len(), 1);
        assert_eq!(plan["views"][0]["sql"], Value::Null);
    }

    #[test]
    fn copies_are_created_after_the_views_that_they_mention() {
        let plan = plan(json!({}));
        assert_eq!(actions(&plan), ["create paid", "create a_report"]);
        assert_eq!(
            plan["views"][0]["sql"],
            "CREATE VIEW \"copy\".\"paid\" SECURITY INVOKER AS SELECT * FROM \"copy\".\"orders\" WHERE paid = 1"
        );
    }

    #[test]
    fn views_that_mention_each_other_are_planned_once() {
        let views = json!([
            {"name": "one", "text": "SELECT * FROM shop.two"},
            {"name": "two", "text": "SELECT * FROM shop.one, shop.base"},
            {"name": "base", "text": "SELECT 1"},
        ]);
        let plan = plan(json!({"sourceViews": views}));
        assert_eq!(actions(&plan), ["create base", "create two", "create one"]);
    }

    #[test]
    fn a_long_chain_of_views_is_sorted() {
        let view = |n: usize| json!({"name": format!("view_{n:05}"), "text": format!("SELECT * FROM shop.view_{:05}", n + 1)});
        let views: Vec<_> = (0..20_000).map(view).collect();
        let plan = plan(json!({"sourceViews": views}));
        let actions = actions(&plan);
        assert_eq!(actions.first().unwrap(), "create view_19999");
        assert_eq!(actions.last().unwrap(), "create view_00000");
    }

    #[test]
    fn no_form_of_a_listing_makes_a_view_a_table() {
        let names = |tables: Value| {
            let plan = plan(json!({"sourceTables": tables}));
            let tables = plan["tables"].as_array().unwrap().iter();
            let tables: Vec<_> = tables.map(|it| it["table"].clone()).collect();
            (tables, actions(&plan))
        };
        let expected = (
            vec![json!("orders")],
            vec!["create paid".to_owned(), "create a_report".into()],
        );
        assert_eq!(names(json!([{"name": "orders"}])), expected);
        for kind in ["log", "view", "logical_view"] {
            let listed = json!([
                {"name": "orders", "type": "log"}, {"name": "paid", "type": kind}, {"name": "a_report", "type": kind},
            ]);
            assert_eq!(names(listed), expected, "{kind}");
        }
    }

    #[test]
    fn a_view_without_a_text_is_a_problem_only_if_it_is_wanted() {
        let listed = json!([{"name": "orders"}, {"name": "hidden", "type": "view"}]);
        let wanted = plan(json!({"sourceTables": listed, "sourceViews": []}));
        assert_eq!(actions(&wanted), ["error hidden"]);
        assert_eq!(wanted["views"][0]["problem"]["code"], "bad_view");
        let skipped = plan(json!({"sourceTables": listed, "sourceViews": [], "views": "skip"}));
        assert_eq!(actions(&skipped), ["skip hidden"]);
        let excluded =
            plan(json!({"sourceTables": listed, "sourceViews": [], "exclude": ["hidden"]}));
        assert_eq!(actions(&excluded), [""; 0]);
    }

    #[test]
    fn existing_objects_are_handled_as_requested() {
        let there = json!([{"name": "paid"}]);
        let with = |on_existing: &str, views: Value| {
            let plan = plan(json!({
                "destinationTables": there, "destinationViews": views, "onExisting": on_existing, "tables": ["paid"],
            }));
            (actions(&plan).remove(0), plan["views"][0]["sql"].clone())
        };
        assert_eq!(with("error", json!(["paid"])).0, "error paid");
        assert_eq!(with("skip", json!(["paid"])).0, "skip paid");
        let (action, sql) = with("overwrite", json!(["paid"]));
        assert_eq!(action, "overwrite paid");
        assert!(sql.as_str().unwrap().starts_with("CREATE OR REPLACE VIEW "));
        // A table is never replaced by a view.
        assert_eq!(with("overwrite", json!([])).0, "error paid");
        assert_eq!(with("skip", json!([])).0, "skip paid");
    }

    #[test]
    fn an_ambiguous_text_is_not_rewritten() {
        let text = "SELECT shop.id FROM shop.orders shop";
        let ambiguous = plan(json!({"sourceViews": [{"name": "odd_one", "text": text}]}));
        assert_eq!(actions(&ambiguous), ["error odd_one"]);
        let same_name = plan(json!({
            "sourceViews": [{"name": "odd_one", "text": text}], "destinationDatabase": "shop",
        }));
        assert_eq!(actions(&same_name), ["create odd_one"]);
    }

    #[test]
    fn a_table_does_not_replace_a_view() {
        let plan = plan(json!({
            "destinationTables": [], "destinationViews": ["orders"], "onExisting": "overwrite",
        }));
        assert_eq!(plan["tables"][0]["problem"]["code"], "already_exists");
        assert_eq!(
            plan["tables"][0]["problem"]["message"],
            "\"copy\" already has a view \"orders\""
        );
    }
}
