//! A model of Treasure Data and of its network, and an exhaustive check of petit's decisions against it.
//!
//! The decisions are the functions that petit ships: [`petit_td::publish`] and [`petit_td::session`]. The model runs them
//! in every order of events within a bound: requests that are lost, late, repeated or answered wrongly, listings that lag,
//! crashes, other clients, and people. `docs/guarantees.md` says what is assumed and what is proved.
#![allow(
    clippy::indexing_slicing,
    clippy::needless_range_loop,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

pub mod accept;
pub mod lease;
pub mod mutant;
pub mod publish;
pub mod search;
pub mod session;
