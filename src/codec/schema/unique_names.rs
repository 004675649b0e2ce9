//! Names that are unique within one schema.

use std::collections::{HashMap, HashSet};

/// Makes names unique: the second `a` becomes `a_2` and so on, unless that name exists.
pub fn unique_names(names: &[&str]) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().map(|&name| name.to_owned()).collect();
    // The next number of each name, because a schema may repeat a name thousands of times.
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let unique = names.iter().map(|&name| {
        let Some(number) = numbers.get_mut(name) else {
            numbers.insert(name, 2);
            return name.to_owned();
        };
        loop {
            let candidate = format!("{name}_{number}");
            *number += 1;
            if taken.insert(candidate.clone()) {
                return candidate;
            }
        }
    });
    unique.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_become_unique_and_stay_if_they_were(names in prop::collection::vec("a(_2)?(_3)?", 0..12)) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let unique = unique_names(&names);
            let set: HashSet<&String> = unique.iter().collect();
            prop_assert_eq!(set.len(), names.len());
            for (index, name) in names.iter().enumerate() {
                if !names[..index].contains(name) {
                    prop_assert_eq!(&unique[index], name);
                }
            }
        }
    }
}
