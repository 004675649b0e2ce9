//! Names of staging tables, bulk import sessions, parts and jobs of a clone.

/// The prefix of the names of staging tables and sessions.
pub(super) const PREFIX: &str = "petit_staging_";

/// Maximum length of a staging name, in characters: the strictest limit in TD's documents.
const MAX_NAME_CHARS: usize = 128;

/// Number of hexadecimal digits of the hash of the database and the table.
const HASH_DIGITS: usize = 6;

/// Number of hexadecimal digits of the run.
const RUN_DIGITS: usize = 8;

/// Number of hexadecimal digits of the attempt.
const ATTEMPT_DIGITS: usize = 2;

/// Number of digits of all three.
const DIGITS: usize = HASH_DIGITS + RUN_DIGITS + ATTEMPT_DIGITS;

/// Number of digits of the hash in names of petit 0.1, which had six digits of the run after it.
const OLD_HASH_DIGITS: usize = 10;

/// The name of the staging table of a table, and of its bulk import session.
///
/// It contains a hash of the database and the table, because the names of sessions are unique in the account, long names are
/// truncated, and no other table must have such a name by chance. By the hash, a run recognizes the orphans of an earlier one.
/// It also contains the run, by which its lease is found, and the attempt, so that no name is ever used twice.
///
/// This is the name of the first attempt; see [`attempt_name`].
pub fn staging_name(database: &str, table: &str, run: u32) -> String {
    let digits = digits([database, table], run);
    named(&digits, table)
}

/// The digits of these texts, this run and its first attempt.
pub(super) fn digits<'a>(texts: impl IntoIterator<Item = &'a str>, run: u32) -> String {
    let hash = hash(texts) >> (64 - 4 * HASH_DIGITS);
    format!(
        "{hash:0HASH_DIGITS$x}{run:0RUN_DIGITS$x}{:0ATTEMPT_DIGITS$x}",
        0
    )
}

pub(super) fn named(digits: &str, table: &str) -> String {
    let mut name = format!("{PREFIX}{digits}_{table}");
    let end = name
        .char_indices()
        .nth(MAX_NAME_CHARS)
        .map_or(name.len(), |(end, _)| end);
    name.truncate(end);
    name
}

/// The name of another attempt of the same run at the same table.
pub fn attempt_name(name: &str, attempt: u8) -> String {
    let (start, end) = (
        PREFIX.len() + DIGITS - ATTEMPT_DIGITS,
        PREFIX.len() + DIGITS,
    );
    match (name.get(..start), name.get(end..)) {
        (Some(head), Some(tail)) => format!("{head}{attempt:0ATTEMPT_DIGITS$x}{tail}"),
        _ => name.into(),
    }
}

/// The digits of the run that made a staging name, if there is a run in it.
pub fn run_of(name: &str) -> Option<u32> {
    let digits = name
        .strip_prefix(PREFIX)?
        .get(HASH_DIGITS..HASH_DIGITS + RUN_DIGITS)?;
    u32::from_str_radix(digits, 16).ok()
}

/// Whether this is a staging name of any run and any table of this database. Truncated names are not recognized.
pub fn is_staging_name(database: &str, name: &str) -> bool {
    let table = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split_once('_'))
        .map(|(_, table)| table);
    table.is_some_and(|table| is_staging_of(database, table, name))
}

/// Whether this is a staging name of any run for this table of this database.
pub fn is_staging_of(database: &str, table: &str, name: &str) -> bool {
    let Some(digits) = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.get(..DIGITS))
    else {
        return false;
    };
    let is_hex = |char: char| char.is_ascii_digit() || ('a'..='f').contains(&char);
    let begins_with_hash = |count: usize| {
        let hash = hash([database, table]) >> (64 - 4 * count);
        digits.starts_with(&format!("{hash:0count$x}"))
    };
    digits.chars().all(is_hex)
        && named(digits, table) == name
        && (begins_with_hash(HASH_DIGITS) || begins_with_hash(OLD_HASH_DIGITS))
}

/// The end of a staging name: the name of the table, or its start if it is long.
pub(super) fn table_of(name: &str) -> Option<&str> {
    let (_, table) = name.strip_prefix(PREFIX)?.split_once('_')?;
    Some(table)
}

/// All words in a text that look like staging names.
pub fn staging_names(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(PREFIX).filter_map(|(start, _)| {
        let rest = text.get(start..)?;
        let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        rest.get(..end)
    })
}

/// The name of a part of a session; the first number is 1.
pub fn part_name(number: u32) -> String {
    format!("part_{number:05}")
}

/// The domain key of an attempt to move a slice of a table.
///
/// `run` is unique to the run. Repeated calls within an attempt have the same key, so that TD starts one job. Another run, or
/// another attempt after a failed job, has another key.
pub fn domain_key(run: &str, staging_table: &str, slice: u32, attempt: u32) -> String {
    format!(
        "petit-{run}-{:016x}-{slice}-{attempt}",
        hash([staging_table])
    )
}

/// FNV-1a hash of texts, each terminated by a byte that is not in UTF-8.
pub fn hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> u64 {
    let bytes = texts
        .into_iter()
        .flat_map(|text| text.bytes().chain([0xFF]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use petit_td::names::validate_table_name;

    #[test]
    fn the_name_is_the_same_in_every_version() {
        assert_eq!(
            staging_name("copy", "orders", 0xABC),
            "petit_staging_01190300000abc00_orders"
        );
    }

    #[test]
    fn names_keep_tds_rules_and_stay_apart() {
        let long = "x".repeat(128);
        let tables = ["orders", "abc", &long, &long[..127], "___"];
        let mut names: Vec<_> = tables
            .iter()
            .map(|table| staging_name("db", table, 1))
            .collect();
        names.extend(
            tables
                .iter()
                .map(|table| staging_name("other_db", table, 1)),
        );
        names.extend(tables.iter().map(|table| staging_name("db", table, 2)));
        names.extend(
            tables
                .iter()
                .map(|table| attempt_name(&staging_name("db", table, 2), 1)),
        );
        for name in &names {
            assert_eq!(validate_table_name(name), Ok(()), "{name}");
            assert!(name.len() <= MAX_NAME_CHARS, "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 4 * tables.len());
    }

    #[test]
    fn database_and_table_do_not_run_together() {
        assert_ne!(hash(["ab", "c"]), hash(["a", "bc"]));
    }

    #[test]
    fn only_names_made_here_are_known_again() {
        let of = |database: &str, table: &str| staging_name(database, table, 0xC0FF_EE00);
        assert!(is_staging_name("copy", &of("copy", "orders")));
        assert!(is_staging_name("copy", &of("copy", "a_b_c")));
        // Of petit 0.1.
        assert!(is_staging_name(
            "copy",
            "petit_staging_011903eb01000abc_orders"
        ));
        for name in [
            &of("other", "orders"),
            &of("copy", &"x".repeat(128)),
            "petit_staging_orders",
            "petit_staging_0000000000000000_orders",
            "petit_staging_01190300000zzz01_orders",
            "petit_staging_011903eb01_orders",
            "orders",
            "petit_staging_",
            "petit_staging_é1903eb01000abc_orders",
            "",
        ] {
            assert!(!is_staging_name("copy", name), "{name}");
        }
    }

    #[test]
    fn a_cut_name_is_known_by_its_table() {
        let long = "x".repeat(128);
        let name = staging_name("copy", &long, 7);
        assert!(is_staging_of("copy", &long, &name));
        assert!(!is_staging_of("copy", &long[..127], &name));
        assert!(!is_staging_of("other", &long, &name));
    }

    #[test]
    fn an_attempt_has_its_own_name_and_its_runs_digits() {
        for table in ["orders", &"x".repeat(128)] {
            let first = staging_name("copy", table, 0xC0FF_EE00);
            let next = attempt_name(&first, 0x1F);
            assert!(
                is_staging_of("copy", table, &next) && next.len() == first.len() && next != first
            );
            assert_eq!(attempt_name(&next, 0), first);
            assert_eq!(
                (run_of(&first), run_of(&next)),
                (Some(0xC0FF_EE00), Some(0xC0FF_EE00))
            );
        }
        assert_eq!(attempt_name("orders", 1), "orders");
        assert_eq!(run_of("orders"), None);
    }

    #[test]
    fn names_are_found_in_statements() {
        let names = |text| staging_names(text).collect::<Vec<_>>();
        assert_eq!(
            names("INSERT INTO \"d\".\"petit_staging_0_t\" SELECT 1 -- petit_staging_1_u\n"),
            ["petit_staging_0_t", "petit_staging_1_u"]
        );
        assert!(names("SELECT 1").is_empty());
    }

    #[test]
    fn a_domain_key_is_one_jobs_own() {
        let mut keys: Vec<_> = [
            ("r1", "a", 0, 0),
            ("r2", "a", 0, 0),
            ("r1", "b", 0, 0),
            ("r1", "a", 1, 0),
            ("r1", "a", 0, 1),
        ]
        .map(|(run, table, slice, attempt)| domain_key(run, table, slice, attempt))
        .to_vec();
        assert_eq!(keys[0], domain_key("r1", "a", 0, 0));
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 5);
    }

    #[test]
    fn part_names_sort_as_they_count() {
        assert_eq!(part_name(1), "part_00001");
        assert_eq!(part_name(123_456), "part_123456");
    }
}
