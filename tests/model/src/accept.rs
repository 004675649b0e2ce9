//! Whether what happened somewhere else could have happened in the model.
//!
//! A trace names the requests that changed something, what became of each, and what the clients reported. The model may take
//! any steps between them that a trace does not show: looks at listings, comparisons, waits, loads.

use std::collections::HashMap;
use std::fmt::Arguments;

use petit_td::publish::IdRule;
use serde::Deserialize;

use crate::mutant::Mutant;
use crate::publish::{Config, World};
use crate::search::{Model, key_of};

/// Faults that a trace does not show: looks that fail, people.
const HIDDEN_FAULTS: u8 = 3;

/// What happened to one table.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Trace {
    /// Where it comes from.
    pub seed: u64,
    /// Number of clients, 1 or 2.
    pub clients: usize,
    /// What a rename does with the id of a table.
    pub id_rule: IdRule,
    /// Whether the real table existed before.
    pub has_old: bool,
    /// Whether the old table held what the source holds.
    pub is_old_equal: bool,
    /// Whether a rename may replace a table.
    pub overwrite: bool,
    /// Number of faults.
    pub faults: u8,
    /// The names of the model's events, in order.
    pub events: Vec<String>,
}

impl Trace {
    fn config(&self) -> Config {
        Config {
            clients: self.clients,
            id_rule: self.id_rule,
            has_old: self.has_old,
            is_old_equal: self.is_old_equal,
            overwrite: self.overwrite,
            checks_target_first: false,
            has_people: true,
            faults: self.faults.saturating_add(HIDDEN_FAULTS),
            mutant: Mutant::None,
        }
    }
}

/// Accepts a trace, or returns the first event that no path of the model has.
///
/// # Errors
/// The event, with what the model could do in its place.
pub fn accept(trace: &Trace) -> Result<(), String> {
    let config = trace.config();
    let mut worlds = closure(&config, vec![config.initial()]);
    for event in &trace.events {
        let mut next = Vec::new();
        let mut other = Vec::new();
        for world in &worlds {
            config.next(world, &mut |name, world| {
                if is_named(&name, event) {
                    next.push(world);
                } else if is_visible(&name.to_string()) {
                    other.push(name.to_string());
                }
            });
        }
        if next.is_empty() {
            other.sort();
            other.dedup();
            return Err(format!("{event:?}; the model has {}", other.join("; ")));
        }
        worlds = closure(&config, next);
    }
    Ok(())
}

/// An event of a trace may leave out the reason of an outcome.
fn is_named(name: &Arguments<'_>, event: &str) -> bool {
    let name = name.to_string();
    name == event
        || name
            .strip_prefix(event)
            .is_some_and(|rest| rest.starts_with(", "))
}

/// All worlds that these worlds become without an event that a trace shows.
fn closure(config: &Config, worlds: Vec<World>) -> Vec<World> {
    let mut seen: HashMap<u64, World> = HashMap::new();
    let mut left = worlds;
    while let Some(world) = left.pop() {
        if seen.insert(key_of(&world), world.clone()).is_some() {
            continue;
        }
        config.next(&world, &mut |name, next| {
            let name = name.to_string();
            // A client that is killed does nothing any more, which a trace shows by itself.
            if !is_visible(&name) && !name.ends_with("is killed") {
                left.push(next);
            }
        });
    }
    seen.into_values().collect()
}

fn is_visible(name: &str) -> bool {
    const OUTCOMES: [&str; 3] = [": published", ": not published", ": unknown"];
    name.ends_with(" arrives")
        || ["Create(", "Rename(", "Delete("]
            .iter()
            .any(|request| name.contains(&format!(": {request}")))
        || OUTCOMES.iter().any(|outcome| name.contains(outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(events: &[&str]) -> Trace {
        Trace {
            seed: 0,
            clients: 1,
            id_rule: IdRule::Kept,
            has_old: false,
            is_old_equal: false,
            overwrite: false,
            faults: 1,
            events: events.iter().map(|&event| event.into()).collect(),
        }
    }

    #[test]
    fn only_paths_of_the_model_are_accepted() {
        let lost = [
            "client 0: Create(0) is answered: Done",
            "client 0: Rename(0) is late: Unanswered",
            "client 0: Delete(0) is answered: Done",
            "client 0: not published",
            "Rename(0) arrives",
        ];
        assert_eq!(accept(&trace(&lost)), Ok(()));
        let mut untrue = lost;
        untrue[3] = "client 0: published";
        assert!(accept(&trace(&untrue)).is_err());
        let hasty = [lost[0], lost[1], "client 0: not published"];
        assert!(accept(&trace(&hasty)).is_err());
        let wrong = [lost[0], "client 0: Rename(0) is answered: Taken"];
        assert!(accept(&trace(&wrong)).is_err());
    }
}
