//! How long a lease is valid.
//!
//! A run keeps an empty table in the destination as its lease, and replaces it again and again by a new one. TD writes the
//! time of creation by its own clock. The work of a run is left alone until its newest lease is too old by that clock.

use crate::time;

/// How long a lease is valid, in milliseconds.
pub const LEASE_MS: u64 = 300_000;

/// How often a run renews its lease, in milliseconds. Several renewals may fail, and a listing may lag, before it lapses.
pub const RENEW_MS: u64 = 60_000;

/// Whether a lease is valid. A time that is missing or unreadable counts as valid, because live work must not be deleted by
/// mistake.
pub fn is_valid(created_at: Option<&str>, now_ms: Option<u64>) -> bool {
    let (Some(created_ms), Some(now_ms)) = (created_at.and_then(time::parse_td), now_ms) else {
        return true;
    };
    is_valid_at(created_ms, now_ms)
}

/// The same for a time of creation that was read.
pub fn is_valid_at(created_ms: u64, now_ms: u64) -> bool {
    now_ms < created_ms.saturating_add(LEASE_MS)
}
