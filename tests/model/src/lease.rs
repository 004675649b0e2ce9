//! Runs that work under leases, and a run that cleans up what others left.

use std::fmt::Arguments;

use petit_td::publish::lease::{LEASE_MS, RENEW_MS, is_valid_at};

use crate::search::Model;

/// The time between two renewals.
const TICK_MS: u64 = RENEW_MS;

/// Ticks that a listing lags behind at most.
const LAG_TICKS: u64 = 1;

/// One configuration of the model.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// Number of runs at work, beside the one that cleans up.
    pub runs: usize,
    /// Renewals that fail at most, for each run.
    pub failures: u8,
    /// When the model ends, in ticks.
    pub end: u64,
    /// The rule that is broken.
    pub mutant: Mutant,
}

/// A rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// None.
    None,
    /// The clock of the cleaning machine counts, which is ahead.
    LocalClock,
    /// Staging tables of every run are removed.
    NoLease,
    /// The lease is deleted before the next one is created.
    DeleteFirst,
    /// The staging table is created before the lease.
    LeaseLast,
    /// A run whose lease has lapsed is left alone for ever.
    NeverLapses,
}

impl Mutant {
    /// Every rule that can be broken.
    pub const ALL: [Self; 5] = [
        Self::LocalClock,
        Self::NoLease,
        Self::DeleteFirst,
        Self::LeaseLast,
        Self::NeverLapses,
    ];
}

/// A run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Run {
    /// When it last took or renewed its lease, and so has to do it again.
    renewed: Option<u64>,
    /// Its leases in the destination, by the time of creation.
    leases: [Option<u64>; 2],
    /// Whether its staging table is there.
    staging: bool,
    /// Whether its newest lease was ever too old.
    has_lapsed: bool,
    /// Whether it was killed.
    is_killed: bool,
    /// Whether it has ended by itself.
    has_ended: bool,
    failures: u8,
}

/// What a listing shows of each run.
type Listing = [([Option<u64>; 2], bool); 2];

/// The state of everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    now: u64,
    runs: [Run; 2],
    /// Listings of the last ticks, the oldest first.
    past: Vec<Listing>,
    /// Deletes of staging tables that the cleaning run has decided on.
    deletes: [bool; 2],
    /// What went wrong.
    wrong: Option<&'static str>,
}

impl Run {
    /// Whether it is at work, and its lease has never lapsed. A run that was suspended for longer than its lease lasts has
    /// lost its claim, even if it renews the lease later.
    fn is_live(&self) -> bool {
        self.renewed.is_some() && !self.is_killed && !self.has_ended && !self.has_lapsed
    }

    fn newest(&self) -> Option<u64> {
        self.leases.into_iter().flatten().max()
    }
}

impl Model for Config {
    type State = World;

    fn initial(&self) -> World {
        World {
            now: 0,
            runs: [Run::default(); 2],
            past: Vec::new(),
            deletes: [false; 2],
            wrong: None,
        }
    }

    fn next(&self, world: &World, add: &mut dyn FnMut(Arguments<'_>, World)) {
        if world.now < self.end && world.wrong.is_none() {
            add(format_args!("time passes"), self.tick(world));
            self.clean(world, add);
            for run in 0..self.runs {
                self.work(world, run, add);
            }
        }
    }

    fn violation(&self, world: &World) -> Option<String> {
        world.wrong.map(str::to_owned)
    }
}

impl Config {
    fn tick(&self, world: &World) -> World {
        let mut next = world.clone();
        next.past.push(listing(world));
        if next.past.len() as u64 > LAG_TICKS {
            next.past.remove(0);
        }
        next.now += 1;
        // What is left of a killed run goes once a cleanup has looked after its lease has lapsed.
        let lease_ticks = LEASE_MS / TICK_MS;
        for run in 0..self.runs {
            let staging = world.runs[run].staging;
            let newest = world.runs[run].newest();
            let is_valid = |at| is_valid_at(at * TICK_MS, next.now * TICK_MS);
            next.runs[run].has_lapsed |= newest.is_some_and(|at| !is_valid(at));
            let is_due = newest.is_some_and(|at| at + lease_ticks <= world.now);
            if staging && is_due && !self.is_orphan(&listing(world)[run], world.now) {
                next.wrong = Some("a cleanup leaves what a killed run has left");
            }
        }
        next
    }

    /// A run takes its lease, creates its staging table, renews the lease, ends or is killed, at any time.
    fn work(&self, world: &World, run: usize, add: &mut dyn FnMut(Arguments<'_>, World)) {
        let now = world.runs[run];
        if now.is_killed || now.has_ended {
            return;
        }
        let with = |change: &dyn Fn(&mut Run)| {
            let mut next = world.clone();
            change(&mut next.runs[run]);
            next
        };
        add(
            format_args!("run {run} is killed"),
            with(&|run| run.is_killed = true),
        );
        let Some(renewed) = now.renewed else {
            let begins = with(&|run| {
                run.renewed = Some(world.now);
                run.leases[0] = (self.mutant != Mutant::LeaseLast).then_some(world.now);
                run.staging = self.mutant == Mutant::LeaseLast;
            });
            return add(format_args!("run {run} begins"), begins);
        };
        if !now.staging {
            add(
                format_args!("run {run} creates its table"),
                with(&|run| run.staging = true),
            );
        }
        if now.leases == [None, None] {
            add(
                format_args!("run {run} takes its lease"),
                with(&|run| run.leases[0] = Some(world.now)),
            );
        }
        if world.now > renewed {
            self.renew(world, run, add);
        }
        let ends = with(&|run| {
            run.staging = false;
            run.leases = [None, None];
            run.has_ended = true;
        });
        add(format_args!("run {run} ends"), ends);
    }

    fn renew(&self, world: &World, run: usize, add: &mut dyn FnMut(Arguments<'_>, World)) {
        let now = world.runs[run];
        if now.failures < self.failures {
            let mut failed = world.clone();
            failed.runs[run].failures += 1;
            failed.runs[run].renewed = now.renewed.map(|at| at + 1);
            add(format_args!("run {run} cannot renew its lease"), failed);
        }
        let mut next = world.clone();
        let leases = &mut next.runs[run].leases;
        match (self.mutant, *leases) {
            (Mutant::DeleteFirst, [Some(_), None]) => {
                *leases = [None, None];
                return add(format_args!("run {run} deletes its lease"), next);
            }
            (_, [old, None]) => *leases = [old, Some(world.now)],
            (_, [_, new]) => {
                *leases = [new, None];
                next.runs[run].renewed = Some(world.now);
            }
        }
        add(format_args!("run {run} renews its lease"), next);
    }

    /// The cleaning run looks, at a listing that may lag, and decides; its delete may arrive later.
    fn clean(&self, world: &World, add: &mut dyn FnMut(Arguments<'_>, World)) {
        let current = listing(world);
        for seen in world.past.iter().chain([&current]) {
            for run in 0..self.runs {
                if world.deletes[run] || !self.is_orphan(&seen[run], world.now) {
                    continue;
                }
                let mut next = world.clone();
                next.deletes[run] = true;
                if world.runs[run].is_live() {
                    next.wrong = Some("work of a live run is deleted");
                }
                add(format_args!("the cleanup takes run {run} for dead"), next);
            }
        }
    }

    fn is_orphan(&self, seen: &([Option<u64>; 2], bool), now: u64) -> bool {
        let (leases, has_staging) = seen;
        let ahead = if self.mutant == Mutant::LocalClock {
            LEASE_MS
        } else {
            0
        };
        let now_ms = now * TICK_MS + ahead;
        let is_live = leases.iter().flatten().any(|at| match self.mutant {
            Mutant::NoLease => false,
            Mutant::NeverLapses => true,
            _ => is_valid_at(at * TICK_MS, now_ms),
        });
        *has_staging && !is_live
    }
}

fn listing(world: &World) -> Listing {
    world.runs.map(|run| (run.leases, run.staging))
}
