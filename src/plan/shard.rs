//! Shards: the share of one machine in a clone that runs on several machines.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use petit_td::TableInfo;
use serde::{Deserialize, Serialize};

use super::staging::hash;
use crate::{Error, Result};

/// Minimum stored size of a large table, in bytes. Smaller tables are distributed by their names only.
const LARGE_BYTES: u64 = 64 << 20;

/// Maximum number of shards.
const MAX_SHARDS: u32 = 10_000;

/// Shard `index` of `count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// The number of the shard, from 1.
    pub index: u32,
    /// The number of shards.
    pub count: u32,
}

impl Shard {
    /// Checks the numbers.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] unless 1 ≤ `index` ≤ `count` ≤ 10,000.
    pub fn check(self) -> Result<()> {
        let Self { index, count } = self;
        if (1..=count).contains(&index) && count <= MAX_SHARDS {
            return Ok(());
        }
        Err(Error::InvalidOption {
            reason: format!(
                "invalid shard {index}/{count}: expected i/n with 1 ≤ i ≤ n ≤ {MAX_SHARDS}"
            ),
        })
    }

    /// Names of the tables in this shard. All machines compute the same shards from the same listing, and each table is in
    /// exactly one of them.
    ///
    /// The shards do not depend on the destination, so that they do not change while tables are copied. The source may change
    /// between the listings of two machines. Therefore a small table is assigned by the hash of its name, and the size of a
    /// large one is rounded down to a power of four, so that only a table that crosses a power of four in between changes the
    /// assignment.
    pub fn tables<'a>(
        self,
        listing: impl Iterator<Item = &'a TableInfo> + Clone,
    ) -> HashSet<String> {
        let mut large: Vec<_> = listing
            .clone()
            .filter_map(|table| Some((size_class(table)?, table.name.as_str())))
            .collect();
        large.sort_by_key(|(class, name)| (Reverse(*class), hash([*name]), *name));
        // The lightest shard first, and of those the one with the smallest number.
        let mut loads: BinaryHeap<_> = (1..=self.count)
            .map(|index| Reverse((0_u128, index)))
            .collect();
        let mut own = HashSet::new();
        for (class, name) in large {
            let Some(Reverse((load, index))) = loads.pop() else {
                break;
            };
            loads.push(Reverse((load + (1_u128 << (2 * class)), index)));
            if index == self.index {
                own.insert(name.to_owned());
            }
        }
        let small = listing.filter(|table| size_class(table).is_none());
        own.extend(
            small
                .filter(|table| self.contains(&table.name))
                .map(|table| table.name.clone()),
        );
        own
    }

    /// Whether a name that is not in the listing belongs to this shard.
    pub fn contains(self, name: &str) -> bool {
        hash([name]) % u64::from(self.count.max(1)) == u64::from(self.index.saturating_sub(1))
    }
}

/// The base-4 logarithm of the size of a large table, rounded down; `None` for a small table.
fn size_class(table: &TableInfo) -> Option<u32> {
    let bytes = table.estimated_storage_size.unwrap_or_default();
    (bytes >= LARGE_BYTES).then(|| bytes.ilog2() / 2)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use proptest::prelude::*;

    use super::*;

    fn table(name: &str, bytes: u64) -> Rc<TableInfo> {
        Rc::new(TableInfo {
            name: name.into(),
            estimated_storage_size: Some(bytes),
            ..TableInfo::default()
        })
    }

    fn shares(count: u32, listing: &[Rc<TableInfo>]) -> Vec<HashSet<String>> {
        (1..=count)
            .map(|index| Shard { index, count }.tables(listing.iter().map(Rc::as_ref)))
            .collect()
    }

    proptest! {
        #[test]
        fn each_table_is_in_one_shard_for_any_order(
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
                Rc::make_mut(table).count = Some(rows);
            }
            Rc::make_mut(&mut listing[4]).estimated_storage_size = Some((1 << 32) + more);
            Rc::make_mut(&mut listing[20]).estimated_storage_size = Some(1 + more % LARGE_BYTES / 2);
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
    fn invalid_shards_are_rejected() {
        for (index, count) in [(0, 3), (4, 3), (1, 0), (1, MAX_SHARDS + 1)] {
            assert!(Shard { index, count }.check().is_err(), "{index}/{count}");
        }
        assert!(Shard { index: 3, count: 3 }.check().is_ok());
    }
}
