//! A client: creates a staging table, loads it and publishes it, as the driver does with the steps of the core.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Arguments;

use petit_td::publish::{
    Answer, Contents, IdRule, Identity, LAG_MS, Progress, Reason, RetryState, Seen, Step, naming,
};

use super::world::NAMES;
use super::{Config, Content, Listing, Request, Table, World};
use crate::mutant::Mutant;

/// What a client reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Its publish took place.
    Published,
    /// It did not, and will not.
    NotPublished,
    /// It is not known.
    Unknown,
}

/// What a client is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Creating a staging table.
    Naming(naming::Progress),
    /// Loading rows into it.
    Loading,
    /// Publishing it.
    Publishing(Publishing),
    /// It has reported.
    Ended(Outcome),
    /// It was killed.
    Killed,
}

/// The progress of a publish, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Publishing {
    before: (u8, Option<Table>),
    answer: Answer,
    removing: Option<Reason>,
    id_rule: Option<IdRule>,
    contents: Option<Contents>,
    seen: Option<(Option<Table>, Option<Table>)>,
    has_waited: bool,
    is_exhausted: bool,
    look_failed: bool,
}

/// A client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client {
    /// What it is at.
    pub phase: Phase,
    name: usize,
    attempts: u8,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            phase: Phase::Naming(naming::Progress::default()),
            name: 0,
            attempts: 1,
        }
    }
}

type Add<'a> = &'a mut dyn FnMut(Arguments<'_>, World);

/// Everything that a client can do next.
pub fn steps(config: &Config, world: &World, client: usize, add: Add<'_>) {
    let now = world.clients[client];
    if matches!(now.phase, Phase::Ended(_) | Phase::Killed) {
        return;
    }
    let mut killed = world.clone();
    killed.clients[client].phase = Phase::Killed;
    add(format_args!("client {client} is killed"), killed);
    match now.phase {
        Phase::Naming(progress) => name(config, world, client, progress, add),
        Phase::Loading => load(config, world, client, add),
        Phase::Publishing(progress) => publish(config, world, client, progress, add),
        Phase::Ended(_) | Phase::Killed => {}
    }
}

fn place(client: usize, name: usize) -> usize {
    client * NAMES + name
}

fn name(config: &Config, world: &World, client: usize, progress: naming::Progress, add: Add<'_>) {
    let step = config.mutant.naming(progress, false);
    let mut world = world.clone();
    let now = &mut world.clients[client];
    match step {
        naming::Step::Ready => {
            now.phase = Phase::Loading;
            return add(format_args!("client {client} has a staging table"), world);
        }
        naming::Step::Fail => {
            now.phase = Phase::Ended(Outcome::NotPublished);
            return add(format_args!("client {client} has no staging table"), world);
        }
        naming::Step::NextName if now.name + 1 == NAMES => return,
        naming::Step::NextName => now.name += 1,
        naming::Step::Create => {}
    }
    let request = Request::Create(place(client, now.name));
    exchange(config, &world, client, request, add, &|client, answer| {
        client.phase = Phase::Naming(progress.after(step, answer));
    });
}

/// Loads all rows, or fails half-way and begins another attempt; the delete of the first table may arrive late.
fn load(config: &Config, world: &World, client: usize, add: Add<'_>) {
    let now = world.clients[client];
    let at = place(client, now.name);
    let mut loaded = world.clone();
    let Some(table) = &mut loaded.staging[at] else {
        loaded.clients[client].phase = Phase::Ended(Outcome::NotPublished);
        return add(
            format_args!("client {client} finds no staging table"),
            loaded,
        );
    };
    table.content = Content::Copy;
    let before = (table.id, loaded.target);
    loaded.clients[client].phase = Phase::Publishing(Publishing::new(before));
    add(format_args!("client {client} has loaded"), loaded);
    let name = if config.mutant == Mutant::NameIsUsedAgain {
        now.name
    } else {
        now.name + 1
    };
    if now.attempts == 2 || name == NAMES || world.faults == 0 {
        return;
    }
    let mut again = world.clone();
    again.faults -= 1;
    again.change(|world| world.staging[at] = None);
    again.send(Request::Delete(at));
    again.clients[client] = Client {
        phase: Phase::Naming(naming::Progress::default()),
        name,
        attempts: 2,
    };
    add(format_args!("client {client} starts again"), again);
}

fn publish(config: &Config, world: &World, client: usize, now: Publishing, add: Add<'_>) {
    let step = now.next(config);
    let at = place(client, world.clients[client].name);
    let set = |world: &World, now: Publishing| {
        let mut world = world.clone();
        world.clients[client].phase = Phase::Publishing(now);
        world
    };
    let end = |outcome| {
        let mut world = world.clone();
        world.clients[client].phase = Phase::Ended(outcome);
        world
    };
    match step {
        Step::Published => add(
            format_args!("client {client}: published"),
            end(Outcome::Published),
        ),
        Step::NotPublished { reason } => {
            add(
                format_args!("client {client}: not published, {reason:?}"),
                end(Outcome::NotPublished),
            );
        }
        Step::Unknown { reason } => {
            add(
                format_args!("client {client}: unknown, {reason:?}"),
                end(Outcome::Unknown),
            );
        }
        Step::Rename | Step::Remove { .. } => {
            let request = match step {
                Step::Rename => Request::Rename(at),
                _ => Request::Delete(at),
            };
            exchange(config, world, client, request, add, &|client, answer| {
                client.phase = Phase::Publishing(now.answered(step, answer));
            });
            // Time for repeats may run out at any moment.
            if now.answer == Answer::Unanswered && !now.is_exhausted {
                let exhausted = Publishing {
                    is_exhausted: true,
                    ..now
                };
                add(
                    format_args!("client {client} has no more time"),
                    set(world, exhausted),
                );
            }
        }
        Step::Look => {
            let look = |listing: Listing| Publishing {
                seen: Some((listing.staging[at], listing.target)),
                has_waited: now.seen.is_some(),
                ..now
            };
            add(
                format_args!("client {client} looks"),
                set(world, look(world.listing())),
            );
            if now.seen.is_none() && world.before != world.listing() {
                add(
                    format_args!("client {client} sees an old listing"),
                    set(world, look(world.before)),
                );
            }
            if world.faults > 0 {
                let mut failed = set(
                    world,
                    Publishing {
                        look_failed: true,
                        ..now
                    },
                );
                failed.faults -= 1;
                add(format_args!("client {client} cannot look"), failed);
            }
        }
        Step::LearnIdRule => {
            let learnt = |rule| Publishing {
                id_rule: Some(rule),
                ..now
            };
            add(
                format_args!("client {client} learns the rule"),
                set(world, learnt(config.id_rule)),
            );
            if world.faults > 0 {
                let mut failed = set(world, learnt(IdRule::NotKnown));
                failed.faults -= 1;
                add(format_args!("client {client} learns no rule"), failed);
            }
        }
        Step::Compare => {
            let is_equal = world.target.is_some_and(|table| match table.content {
                Content::Old => config.is_old_equal,
                Content::Empty => false,
                Content::Copy => true,
            });
            let contents = if is_equal {
                Contents::Equal
            } else {
                Contents::Different
            };
            let mut compared = vec![contents];
            if world.faults > 0 {
                // The source has moved on, or no query succeeds.
                compared.extend([Contents::Different, Contents::NotCompared]);
            }
            for (fault, contents) in compared.into_iter().enumerate() {
                let mut next = set(
                    world,
                    Publishing {
                        contents: Some(contents),
                        ..now
                    },
                );
                next.faults -= u8::from(fault > 0);
                add(format_args!("client {client} compares: {contents:?}"), next);
            }
        }
    }
}

/// A request, and all that can become of it.
fn exchange(
    config: &Config,
    world: &World,
    client: usize,
    request: Request,
    add: Add<'_>,
    answered: &dyn Fn(&mut Client, Answer),
) {
    let mut with = |what: &str, faults: u8, change: &dyn Fn(&mut World) -> Answer| {
        let mut next = world.clone();
        if next.faults < faults {
            return;
        }
        next.faults -= faults;
        let answer = change(&mut next);
        answered(&mut next.clients[client], answer);
        add(
            format_args!("client {client}: {request:?} {what}: {answer:?}"),
            next,
        );
    };
    with("is answered", 0, &|world| world.carry_out(config, request));
    with("is lost", 1, &|_| Answer::Unanswered);
    with("has no answer", 1, &|world| {
        world.carry_out(config, request);
        Answer::Unanswered
    });
    with("is late", 1, &|world| {
        world.send(request);
        Answer::Unanswered
    });
    with("is sent twice", 1, &|world| {
        world.carry_out(config, request);
        world.carry_out(config, request)
    });
    if !matches!(request, Request::Create(_)) {
        with("is sent again later", 1, &|world| {
            world.send(request);
            world.carry_out(config, request)
        });
        with("is refused by a proxy", 1, &|_| Answer::Gone);
    }
}

impl Publishing {
    fn new(before: (u8, Option<Table>)) -> Self {
        Self {
            before,
            answer: Answer::None,
            removing: None,
            id_rule: None,
            contents: None,
            seen: None,
            has_waited: false,
            is_exhausted: false,
            look_failed: false,
        }
    }

    fn compute_next(&self, config: &Config) -> Step {
        let seen = self.seen.map(|(staging, target)| Seen {
            staging: staging.map(|table| identity(config, table)),
            target: target.map(|table| identity(config, table)),
        });
        let retry = RetryState {
            since_answer_ms: if self.has_waited { LAG_MS } else { 0 },
            exhausted: self.is_exhausted,
            look_failed: self.look_failed,
        };
        config
            .mutant
            .publish(seen.as_ref(), &self.progress(config), retry)
    }

    /// The same, computed once for each progress: most states have a progress that another one had.
    fn next(&self, config: &Config) -> Step {
        let key = (*self, config.is_old_equal, config.mutant as u8);
        if let Some(step) = STEPS.with_borrow(|steps| steps.get(&key).copied()) {
            return step;
        }
        let step = self.compute_next(config);
        STEPS.with_borrow_mut(|steps| steps.insert(key, step));
        step
    }

    fn answered(self, step: Step, answer: Answer) -> Self {
        // Names of steps do not depend on the configuration.
        let after = Progress {
            answer: self.answer,
            removing: self.removing,
            ..Progress::default()
        }
        .after(step, answer);
        let begins_removal = self.removing.is_none() && after.removing.is_some();
        Self {
            answer: after.answer,
            removing: after.removing,
            seen: None,
            has_waited: false,
            is_exhausted: self.is_exhausted && !begins_removal,
            look_failed: false,
            ..self
        }
    }

    fn progress(&self, config: &Config) -> Progress {
        let (staging, target) = self.before;
        let staging = Table {
            id: staging,
            content: Content::Copy,
        };
        Progress {
            before: Seen {
                staging: Some(identity(config, staging)),
                target: target.map(|table| identity(config, table)),
            },
            rows: Some(ROWS),
            answer: self.answer,
            removing: self.removing,
            id_rule: self.id_rule,
            contents: self.contents,
        }
    }
}

thread_local! {
    static STEPS: RefCell<HashMap<(Publishing, bool, u8), Step>> = RefCell::default();
}

/// Rows of the source.
const ROWS: u64 = 2;

fn identity(config: &Config, table: Table) -> Identity {
    let rows = match table.content {
        Content::Old if config.is_old_equal => ROWS,
        Content::Old => ROWS + 1,
        Content::Empty => 0,
        Content::Copy => ROWS,
    };
    Identity {
        id: Some(table.id.to_string()),
        rows: Some(rows),
        ..Identity::default()
    }
}
