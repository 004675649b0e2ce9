//! Clients that publish one table, TD, and what can go wrong between them.

mod client;
mod world;

pub use client::{Client, Outcome, Phase};
pub use world::{Content, Listing, Request, Table, World};

use std::fmt::Arguments;

use petit_td::publish::IdRule;

use crate::mutant::Mutant;
use crate::search::Model;

/// One configuration of the model.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// Number of clients, 1 or 2.
    pub clients: usize,
    /// What a rename does with the id of a table.
    pub id_rule: IdRule,
    /// Whether the real table exists before.
    pub has_old: bool,
    /// Whether the old table holds what the source holds.
    pub is_old_equal: bool,
    /// Whether a rename may replace a table.
    pub overwrite: bool,
    /// Whether TD looks for the real name first, when it answers a rename that must not replace a table.
    pub checks_target_first: bool,
    /// Whether people delete staging tables of live runs.
    pub has_people: bool,
    /// Number of faults at most.
    pub faults: u8,
    /// The rule that is broken.
    pub mutant: Mutant,
}

impl Model for Config {
    type State = World;

    fn initial(&self) -> World {
        World::new(self)
    }

    fn next(&self, world: &World, add: &mut dyn FnMut(Arguments<'_>, World)) {
        for (place, request) in world.in_flight.iter().enumerate() {
            let mut next = world.clone();
            next.in_flight.remove(place);
            next.carry_out(self, *request);
            add(format_args!("{request:?} arrives"), next);
        }
        for client in 0..self.clients {
            client::steps(self, world, client, add);
        }
        if self.has_people && world.faults > 0 {
            for place in 0..world.staging.len() {
                if world.staging[place].is_some() {
                    let mut next = world.clone();
                    next.faults -= 1;
                    next.change(|world| world.staging[place] = None);
                    add(format_args!("somebody deletes staging table {place}"), next);
                }
            }
        }
    }

    fn violation(&self, world: &World) -> Option<String> {
        if world
            .target
            .as_ref()
            .is_some_and(|table| table.content == Content::Empty)
        {
            return Some("a reader sees a table that is not whole".into());
        }
        world.clients[..self.clients]
            .iter()
            .enumerate()
            .find_map(|(name, client)| {
                let published = world.has_published[name];
                match client.phase {
                    Phase::Ended(Outcome::Published) if !published => Some(format!(
                        "client {name} reports success, but did not publish"
                    )),
                    Phase::Ended(Outcome::NotPublished) if published => {
                        Some(format!("client {name} reports failure, but has published"))
                    }
                    _ => None,
                }
            })
    }
}
