//! TD: one real name, the staging names, and the requests that are on their way.

use petit_td::publish::{Answer, IdRule};

use super::{Client, Config};

/// Staging names of a client.
pub const NAMES: usize = 3;

/// What a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// What the real table held before.
    Old,
    /// No rows yet.
    Empty,
    /// All rows of the source.
    Copy,
}

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Table {
    /// Its id.
    pub id: u8,
    /// What it holds.
    pub content: Content,
}

/// What a listing shows: the ids of the staging tables and the real table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Listing {
    /// By client and name.
    pub staging: [Option<Table>; 2 * NAMES],
    /// Under the real name.
    pub target: Option<Table>,
}

/// A request that changes something; the number is the staging name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Request {
    /// Creates a staging table.
    Create(usize),
    /// Gives it the real name.
    Rename(usize),
    /// Deletes it.
    Delete(usize),
}

/// The state of everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    /// Under the real name.
    pub target: Option<Table>,
    /// By client and name.
    pub staging: [Option<Table>; 2 * NAMES],
    /// What the listing was before the last change.
    pub before: Listing,
    /// Requests that no client waits for any more.
    pub in_flight: Vec<Request>,
    /// The clients.
    pub clients: [Client; 2],
    /// Whether a client's table has had the real name.
    pub has_published: [bool; 2],
    /// Faults that may still happen.
    pub faults: u8,
    next_id: u8,
}

impl World {
    /// The world before anybody does anything.
    pub fn new(config: &Config) -> Self {
        let target = config.has_old.then_some(Table {
            id: 1,
            content: Content::Old,
        });
        Self {
            target,
            staging: [None; 2 * NAMES],
            before: Listing {
                staging: [None; 2 * NAMES],
                target,
            },
            in_flight: Vec::new(),
            clients: [Client::default(); 2],
            has_published: [false; 2],
            faults: config.faults,
            next_id: 2,
        }
    }

    /// The listing as it should be.
    pub fn listing(&self) -> Listing {
        Listing {
            staging: self.staging,
            target: self.target,
        }
    }

    /// Changes the tables; a listing that lags still shows what was before.
    pub fn change(&mut self, change: impl FnOnce(&mut Self)) {
        let before = self.listing();
        change(self);
        if self.listing() != before {
            self.before = before;
        }
    }

    /// Lets a request stay on its way.
    pub fn send(&mut self, request: Request) {
        self.in_flight.push(request);
        self.in_flight.sort();
    }

    /// Carries a request out, as TD does.
    pub fn carry_out(&mut self, config: &Config, request: Request) -> Answer {
        match request {
            Request::Create(name) if self.staging[name].is_some() => Answer::Taken,
            Request::Create(name) => {
                let id = self.fresh_id();
                let content = Content::Empty;
                self.change(|world| world.staging[name] = Some(Table { id, content }));
                Answer::Done
            }
            Request::Rename(_)
                if config.checks_target_first && self.target.is_some() && !config.overwrite =>
            {
                Answer::Taken
            }
            Request::Delete(name) | Request::Rename(name) if self.staging[name].is_none() => {
                Answer::Gone
            }
            Request::Delete(name) => {
                self.change(|world| world.staging[name] = None);
                Answer::Done
            }
            Request::Rename(_) if self.target.is_some() && !config.overwrite => Answer::Taken,
            Request::Rename(name) => {
                self.rename(config, name);
                Answer::Done
            }
        }
    }

    fn rename(&mut self, config: &Config, name: usize) {
        let mut table = self.staging[name].unwrap();
        table.id = match (config.id_rule, self.target) {
            (IdRule::New, _) => self.fresh_id(),
            (IdRule::Target, Some(old)) => old.id,
            _ => table.id,
        };
        self.change(|world| {
            world.staging[name] = None;
            world.target = Some(table);
        });
        self.has_published[name / NAMES] = true;
    }

    fn fresh_id(&mut self) -> u8 {
        self.next_id += 1;
        self.next_id
    }
}
