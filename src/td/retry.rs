//! The delay before a retry: exponential backoff with full jitter.

/// Maximum delay before the first retry, in milliseconds. It doubles with each retry.
const INITIAL_DELAY_MS: u64 = 500;

/// Maximum delay between two attempts without a `Retry-After`, in milliseconds.
const MAX_DELAY_MS: u64 = 60_000;

/// The delay before the next attempt, in milliseconds; `None` if it would exceed the budget.
///
/// `attempt` is the number of earlier failed attempts, from 0. `hint_ms` is the `Retry-After` of the server, and is never
/// shortened. `elapsed_ms` is the time since the first failure, and `budget_ms` its maximum. `jitter` is a random number from 0
/// to 1. It spreads the retries of many clients: over the whole delay, or, with a hint, over 500 ms after it.
pub fn delay(
    attempt: u32,
    hint_ms: Option<u64>,
    elapsed_ms: u64,
    budget_ms: u64,
    jitter: f64,
) -> Option<u64> {
    let factor = 1_u64.checked_shl(attempt).unwrap_or(u64::MAX);
    let longest_ms = INITIAL_DELAY_MS.saturating_mul(factor).min(MAX_DELAY_MS);
    let delay_ms = match hint_ms {
        Some(hint_ms) => hint_ms.saturating_add(scale(INITIAL_DELAY_MS, jitter)),
        None => scale(longest_ms, jitter),
    };
    (elapsed_ms.saturating_add(delay_ms) <= budget_ms).then_some(delay_ms)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "at most a minute in milliseconds, times a number from 0 to 1"
)]
fn scale(ms: u64, jitter: f64) -> u64 {
    (ms as f64 * jitter.clamp(0.0, 1.0)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_END: u64 = u64::MAX;

    #[test]
    fn waits_double_up_to_a_minute() {
        let longest = |attempt| delay(attempt, None, 0, NO_END, 1.0).unwrap();
        assert_eq!(
            [0, 1, 2, 6, 7, 63, 64, u32::MAX].map(longest),
            [500, 1000, 2000, 32_000, 60_000, 60_000, 60_000, 60_000]
        );
    }

    #[test]
    fn jitter_spreads_over_the_whole_wait() {
        let wait = |jitter| delay(3, None, 0, NO_END, jitter).unwrap();
        assert_eq!(
            [0.0, 0.25, 0.5, 1.0, -1.0, 7.0, f64::NAN].map(wait),
            [0, 1000, 2000, 4000, 0, 4000, 0]
        );
    }

    #[test]
    fn a_hint_is_never_cut_short() {
        assert_eq!(delay(0, Some(90_000), 0, NO_END, 0.0), Some(90_000));
        assert_eq!(delay(9, Some(90_000), 0, NO_END, 1.0), Some(90_500));
        assert_eq!(delay(0, Some(u64::MAX), 0, NO_END, 1.0), Some(u64::MAX));
        assert_eq!(delay(0, Some(90_000), 0, 60_000, 0.0), None);
    }

    #[test]
    fn there_is_an_end() {
        assert_eq!(delay(1, None, 4000, 5000, 1.0), Some(1000));
        assert_eq!(delay(1, None, 4001, 5000, 1.0), None);
        assert_eq!(delay(1, None, NO_END, 5000, 0.0), None);
        assert_eq!(delay(0, None, 0, 0, 0.0), Some(0));
    }
}
