//! Finds the names that a misspelt name or glob may mean.

/// Maximum number of names that are suggested.
const MAX_SUGGESTIONS: usize = 3;

/// Maximum number of characters of a pattern for which names are suggested: the time grows with its square.
const MAX_PATTERN_CHARS: usize = 64;

/// The names that are nearest to a name or glob, the nearest first.
pub fn nearest<'a>(pattern: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    if pattern.len() > MAX_PATTERN_CHARS {
        return Vec::new();
    }
    let letters = pattern.iter().filter(|char| **char != '*').count();
    let max = (letters / 3).max(1);
    let mut found: Vec<_> = names
        .filter_map(|name| {
            let distance = distance(&pattern, name, max)?;
            (distance < letters).then_some((distance, name))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.truncate(MAX_SUGGESTIONS);
    found.into_iter().map(|(_, name)| name).collect()
}

/// The number of characters to insert, delete, replace or swap with their neighbours so that a lower-case pattern matches the
/// name in any case; `None` above `max`.
fn distance(pattern: &[char], name: &str, max: usize) -> Option<usize> {
    let name: Vec<char> = name
        .to_lowercase()
        .chars()
        .take(MAX_PATTERN_CHARS * 4)
        .collect();
    if !pattern.contains(&'*') && pattern.len().abs_diff(name.len()) > max {
        return None;
    }
    // rows[i][j]: the distance of the first i characters of the pattern to the first j of the name.
    let mut rows: Vec<Vec<usize>> = vec![(0..=name.len()).collect()];
    for (i, expected) in pattern.iter().enumerate() {
        let row = next_row(&rows, pattern, i, *expected, &name);
        rows.push(row);
    }
    let distance = rows.last()?.last().copied()?;
    (distance <= max).then_some(distance)
}

fn next_row(
    rows: &[Vec<usize>],
    pattern: &[char],
    i: usize,
    expected: char,
    name: &[char],
) -> Vec<usize> {
    let at = |row: usize, column: usize| cell(rows, row, column);
    let is_star = expected == '*';
    let mut row = vec![at(i, 0) + usize::from(!is_star)];
    for (j, char) in name.iter().enumerate() {
        let left = row.last().copied().unwrap_or_default();
        if is_star {
            row.push(left.min(at(i, j + 1)));
            continue;
        }
        let is_equal = expected == '?' || expected == *char;
        let mut best = (at(i, j) + usize::from(!is_equal))
            .min(at(i, j + 1) + 1)
            .min(left + 1);
        let is_swapped = i > 0
            && j > 0
            && pattern.get(i - 1) == Some(char)
            && name.get(j - 1) == Some(&expected);
        if is_swapped {
            best = best.min(at(i - 1, j - 1) + 1);
        }
        row.push(best);
    }
    row
}

fn cell(rows: &[Vec<usize>], row: usize, column: usize) -> usize {
    let found = rows.get(row).and_then(|row| row.get(column));
    found.copied().unwrap_or(usize::MAX / 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 6] = [
        "orders",
        "web_logs",
        "web_clicks",
        "customers",
        "returns",
        "ab",
    ];

    fn suggested(pattern: &str) -> Vec<&'static str> {
        nearest(pattern, NAMES.into_iter())
    }

    #[test]
    fn misspelt_names_and_globs_have_suggestions() {
        let cases: [(&str, &[&str]); 9] = [
            ("order", &["orders"]),
            ("ORDERS", &["orders"]),
            ("odrers", &["orders"]),
            ("wbe_*", &["web_clicks", "web_logs"]),
            ("*_lgos", &["web_logs"]),
            ("weblogs", &["web_logs"]),
            ("nothing", &[]),
            ("x", &[]),
            ("**", &[]),
        ];
        for (pattern, expected) in cases {
            assert_eq!(suggested(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn at_most_three_names_are_suggested() {
        let names: Vec<_> = (10..99).map(|number| format!("day_{number}")).collect();
        assert_eq!(nearest("dya_1?", names.iter().map(String::as_str)).len(), 3);
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_found(name in "[a-z]{4,20}", at in 0..20_usize, wrong in proptest::char::range('0', '9')) {
            let mut chars: Vec<_> = name.chars().collect();
            let at = at % chars.len();
            chars[at] = wrong;
            let misspelt: String = chars.into_iter().collect();
            prop_assert_eq!(nearest(&misspelt, [name.as_str(), "0123456789"].into_iter()), [name.as_str()]);
        }

        #[test]
        fn a_pattern_that_matches_has_distance_zero(name in "[a-z]{2,20}", cut in 0..20_usize) {
            let (start, end) = name.split_at(cut % name.len());
            let glob: Vec<_> = format!("{start}*{end}").chars().collect();
            prop_assert_eq!(distance(&glob, &name, 0), Some(0));
        }
    }
}
