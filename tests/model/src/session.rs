//! A bulk import session whose perform and commit may be lost, late, repeated or answered wrongly: its rows must be in once.

use std::fmt::Arguments;

use petit_td::publish::Answer;
use petit_td::session::{Change, Progress, SessionStep, next_step};
use petit_td::{JobInfo, SessionInfo};
use serde_json::json;

use crate::search::Model;

/// One configuration of the model.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// Number of faults at most.
    pub faults: u8,
    /// The rule that is broken.
    pub mutant: Mutant,
}

/// A rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// None.
    None,
    /// A session that could not be seen as committed counts as loaded.
    ReadyIsDone,
    /// A commit is sent whatever the session says of its records.
    CommitsUnchecked,
    /// A commit is not sent again after one that was lost.
    NeverAgain,
}

impl Mutant {
    /// Every rule that can be broken.
    pub const ALL: [Self; 3] = [Self::ReadyIsDone, Self::CommitsUnchecked, Self::NeverAgain];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Status {
    Uploading,
    Performing,
    Ready,
    Committing,
    Committed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Request {
    Perform,
    Commit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum End {
    Done,
    Failed,
}

/// The state of everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    status: Status,
    frozen: bool,
    /// Whether TD has refused a record.
    has_refused: bool,
    /// How often the rows were added to the table.
    added: u8,
    in_flight: Vec<Request>,
    progress: Progress,
    /// Whether the session has had the time to change.
    has_waited: bool,
    end: Option<End>,
    faults: u8,
}

/// Rows in the parts.
const ROWS: u64 = 5;

/// Longer than the core waits for a session to change.
const LONG_MS: u64 = 60_000;

impl Model for Config {
    type State = World;

    fn initial(&self) -> World {
        World {
            status: Status::Uploading,
            frozen: false,
            has_refused: false,
            added: 0,
            in_flight: Vec::new(),
            progress: Progress {
                rows_sent: ROWS,
                ..Progress::default()
            },
            has_waited: false,
            end: None,
            faults: self.faults,
        }
    }

    fn next(&self, world: &World, add: &mut dyn FnMut(Arguments<'_>, World)) {
        for (place, request) in world.in_flight.iter().enumerate() {
            let mut next = world.clone();
            next.in_flight.remove(place);
            next.carry_out(*request);
            add(format_args!("{request:?} arrives"), next);
        }
        server(world, add);
        if world.end.is_none() {
            self.client(world, add);
        }
    }

    fn violation(&self, world: &World) -> Option<String> {
        if world.added > 1 {
            return Some("rows are in twice".into());
        }
        match world.end {
            Some(End::Done) if world.added == 0 => Some("rows are missing after success".into()),
            Some(End::Done) if world.has_refused => Some("refused records were committed".into()),
            Some(End::Failed) if world.faults == self.faults && !world.has_refused => {
                Some("it fails without a fault".into())
            }
            Some(End::Failed)
                if world.progress.commits < 3
                    && !world.has_refused
                    && world.progress.performs < 3 =>
            {
                Some("it gives up a session that could be committed".into())
            }
            _ => None,
        }
    }
}

/// What TD does by itself.
fn server(world: &World, add: &mut dyn FnMut(Arguments<'_>, World)) {
    let with = |change: &dyn Fn(&mut World)| {
        let mut next = world.clone();
        change(&mut next);
        next
    };
    match world.status {
        Status::Performing => {
            add(
                format_args!("it is ready"),
                with(&|world| world.status = Status::Ready),
            );
            if world.faults > 0 {
                let refused = with(&|world| {
                    world.faults -= 1;
                    world.has_refused = true;
                    world.status = Status::Ready;
                });
                add(format_args!("it is ready, a record was refused"), refused);
            }
        }
        Status::Committing => {
            let committed = with(&|world| {
                world.status = Status::Committed;
                world.added += 1;
            });
            add(format_args!("it is committed"), committed);
            if world.faults > 0 {
                let back = with(&|world| {
                    world.faults -= 1;
                    world.status = Status::Ready;
                });
                add(format_args!("its commit fails"), back);
            }
        }
        Status::Uploading | Status::Ready | Status::Committed => {}
    }
}

impl Config {
    fn client(&self, world: &World, add: &mut dyn FnMut(Arguments<'_>, World)) {
        let mut next = world.clone();
        match self.step(world) {
            SessionStep::Freeze => {
                next.frozen = true;
                add(format_args!("frozen"), next);
            }
            SessionStep::Perform => exchange(world, Request::Perform, add),
            SessionStep::Commit => exchange(world, Request::Commit, add),
            SessionStep::Wait if !world.has_waited => {
                next.has_waited = true;
                add(format_args!("the client waits"), next);
            }
            // TD moves on.
            SessionStep::Wait => {}
            SessionStep::Done => {
                next.end = Some(End::Done);
                add(format_args!("done"), next);
            }
            SessionStep::Fail { error } => {
                next.end = Some(End::Failed);
                add(format_args!("failed: {error}"), next);
            }
        }
    }

    fn step(&self, world: &World) -> SessionStep {
        let progress = Progress {
            since_last_ms: if world.has_waited { LONG_MS } else { 0 },
            ..world.progress
        };
        let (session, job) = world.shown();
        let was_sent = world.progress.commits > 0 || world.progress.commit_in_doubt;
        match (self.mutant, world.status) {
            (Mutant::ReadyIsDone, Status::Ready) if was_sent => SessionStep::Done,
            (Mutant::CommitsUnchecked, Status::Ready) => SessionStep::Commit,
            (Mutant::NeverAgain, Status::Ready) if was_sent && world.has_waited => {
                SessionStep::Fail {
                    error: petit_td::Error::InvalidOption {
                        reason: "not again".into(),
                    },
                }
            }
            _ => next_step(&session, job.as_ref(), progress),
        }
    }
}

fn exchange(world: &World, request: Request, add: &mut dyn FnMut(Arguments<'_>, World)) {
    let mut with = |what: &str, faults: u8, change: &dyn Fn(&mut World) -> bool| {
        let mut next = world.clone();
        if next.faults < faults {
            return;
        }
        next.faults -= faults;
        let is_taken = change(&mut next);
        next.has_waited = false;
        let change = match request {
            Request::Perform => Change::Perform,
            Request::Commit => Change::Commit,
        };
        let answer = if is_taken {
            Answer::Done
        } else {
            Answer::Unanswered
        };
        next.progress = next.progress.after(change, answer).unwrap();
        add(format_args!("{request:?} {what}"), next);
    };
    with("is answered", 0, &|world| world.carry_out(request));
    with("is lost", 1, &|_| false);
    with("has no answer", 1, &|world| {
        world.carry_out(request);
        false
    });
    with("is late", 1, &|world| {
        world.in_flight.push(request);
        world.in_flight.sort();
        false
    });
    with("is sent twice", 1, &|world| {
        world.carry_out(request);
        world.carry_out(request)
    });
}

impl World {
    /// Whether TD takes the request: it does so in one status only.
    fn carry_out(&mut self, request: Request) -> bool {
        let status = match (request, self.status) {
            (Request::Perform, Status::Uploading) if self.frozen => Status::Performing,
            (Request::Commit, Status::Ready) => Status::Committing,
            _ => return false,
        };
        self.status = status;
        true
    }

    fn shown(&self) -> (SessionInfo, Option<JobInfo>) {
        let (status, job) = match self.status {
            Status::Uploading => ("uploading", None),
            Status::Performing => ("performing", Some("running")),
            Status::Ready => ("ready", Some("success")),
            Status::Committing => ("committing", Some("success")),
            Status::Committed => ("committed", Some("success")),
        };
        let valid = if self.has_refused { 4 } else { 5 };
        let session = json!({
            "name": "s", "status": status, "upload_frozen": self.frozen, "job_id": job.map(|_| "1"),
            "valid_records": valid, "error_records": 5 - valid,
        });
        let job = job.map(|status| json!({"job_id": "1", "status": status}));
        let read = |value| serde_json::from_value(value).unwrap();
        (serde_json::from_value(session).unwrap(), job.map(read))
    }
}
