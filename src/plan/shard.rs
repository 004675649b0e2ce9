//! One machine's share of a clone that several do.

use std::cmp::Reverse;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::staging::hash;
use crate::{Error, Result};
use petit_td::TableInfo;

/// Stored bytes from which on a table's size counts: smaller ones are spread by their names alone.
const LARGE_BYTES: u64 = 64 << 20;

/// The most machines that a clone can be divided among.
const MOST_SHARDS: u32 = 10_000;

/// The `index`-th of `count` shares, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Which share, from 1.
    pub index: u32,
    /// How many shares there are.
    pub count: u32,
}

impl Shard {
    /// # Errors
    /// [`Error::InvalidOption`] for a share that there is not.
    pub fn check(self) -> Result<()> {
        let Self { index, count } = self;
        if (1..=count).contains(&index) && count <= MOST_SHARDS {
            return Ok(());
        }
        Err(Error::InvalidOption {
            reason: format!(
                "there is no shard {index} of {count}: it has to be i/n with i from 1 to n, and n up to {MOST_SHARDS}"
            ),
        })
    }

    /// Names of the tables in this share. Every machine that sees the same listing finds the same shares, and each table
    /// is in one of them.
    ///
    /// What the destination has plays no part, so that shares stay what they are while tables get done. Sizes change
    /// between two machines' looks. So a small table goes by the hash of its name alone, and a large one counts as the
    /// power of four that it reaches: it has to grow past the next one, at that very moment, to make a difference.
    pub fn tables(self, listing: &[TableInfo]) -> HashSet<String> {
        let mut large: Vec<_> = listing
            .iter()
            .filter_map(|table| Some((size_class(table)?, table.name.as_str())))
            .collect();
        large.sort_by_key(|(class, name)| (Reverse(*class), hash([*name]), *name));
        let mut loads = vec![0_u128; usize::try_from(self.count).unwrap_or(usize::MAX)];
        let mut own = HashSet::new();
        for (class, name) in large {
            let lightest = loads.iter_mut().enumerate().min_by_key(|(_, load)| **load);
            let Some((place, load)) = lightest else { break };
            *load += 1_u128 << (2 * class);
            if self.is_at(place) {
                own.insert(name.to_owned());
            }
        }
        let small = listing.iter().filter(|table| size_class(table).is_none());
        own.extend(
            small
                .filter(|table| self.owns(&table.name))
                .map(|table| table.name.clone()),
        );
        own
    }

    /// Whether a name that is in no listing belongs to this share.
    pub fn owns(self, name: &str) -> bool {
        hash([name]) % u64::from(self.count.max(1)) == u64::from(self.index.saturating_sub(1))
    }

    fn is_at(self, place: usize) -> bool {
        u32::try_from(place).is_ok_and(|place| place + 1 == self.index)
    }
}

/// The power of four that a large table's bytes reach.
fn size_class(table: &TableInfo) -> Option<u32> {
    let bytes = table.estimated_storage_size.unwrap_or_default();
    (bytes >= LARGE_BYTES).then(|| bytes.ilog2() / 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(name: &str, bytes: u64) -> TableInfo {
        TableInfo {
            name: name.into(),
            estimated_storage_size: Some(bytes),
            ..TableInfo::default()
        }
    }

    fn shares(count: u32, listing: &[TableInfo]) -> Vec<HashSet<String>> {
        (1..=count)
            .map(|index| Shard { index, count }.tables(listing))
            .collect()
    }

    proptest! {
        #[test]
        fn each_table_is_in_one_share_whatever_the_order(
            sizes in proptest::collection::vec(0..1_u64 << 45, 0..60),
            count in 1..9_u32,
        ) {
            let mut listing: Vec<_> = sizes
                .iter()
                .enumerate()
                .map(|(number, bytes)| table(&format!("t{number}"), *bytes))
                .collect();
            let found = shares(count, &listing);
            let all: usize = found.iter().map(HashSet::len).sum();
            prop_assert_eq!(all, listing.len());
            let together: HashSet<_> = found.iter().flatten().collect();
            prop_assert_eq!(together.len(), listing.len());
            listing.reverse();
            prop_assert_eq!(shares(count, &listing), found);
        }

        #[test]
        fn growth_within_a_class_changes_nothing(more in 0..1_u64 << 30, rows in 0..1_u64 << 40) {
            let mut listing: Vec<_> = (0..20).map(|n| table(&format!("t{n}"), 1 << 32)).collect();
            listing.push(table("small", 1));
            let before = shares(3, &listing);
            for table in &mut listing {
                table.count = Some(rows);
            }
            listing[4].estimated_storage_size = Some((1 << 32) + more);
            listing[20].estimated_storage_size = Some(1 + more % LARGE_BYTES / 2);
            prop_assert_eq!(shares(3, &listing), before);
        }
    }

    #[test]
    fn large_tables_are_dealt_out_by_size() {
        let sizes = [40, 38, 38, 38, 38];
        let listing: Vec<_> = sizes
            .iter()
            .enumerate()
            .map(|(number, log)| table(&format!("t{number}"), 1 << log))
            .collect();
        let found = shares(2, &listing);
        let big = found.iter().find(|share| share.contains("t0")).unwrap();
        assert_eq!(
            big.len(),
            1,
            "one table of 4^20 bytes is worth four of 4^19"
        );
        let many: Vec<_> = (0..300).map(|n| table(&format!("table_{n}"), n)).collect();
        for share in shares(3, &many) {
            assert!((70..=130).contains(&share.len()), "{}", share.len());
        }
    }

    #[test]
    fn shares_that_there_are_not_are_refused() {
        for (index, count) in [(0, 3), (4, 3), (1, 0), (1, MOST_SHARDS + 1)] {
            assert!(Shard { index, count }.check().is_err(), "{index}/{count}");
        }
        assert!(Shard { index: 3, count: 3 }.check().is_ok());
    }
}
