//! Globs for names of tables: `*` stands for any characters, `?` for one.

/// A glob that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob(Vec<char>);

impl Glob {
    /// Reads a glob. Every text is one; a text without `*` and `?` matches only itself.
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().collect())
    }

    /// Whether a text has a `*` or a `?`.
    pub(super) fn is_glob(text: &str) -> bool {
        text.contains(['*', '?'])
    }

    /// Whether the glob matches the whole name. As TD's names, it is case-sensitive.
    ///
    /// After a mismatch, the last `*` takes one more character. Earlier ones need not change, so that the time is at most
    /// the product of both lengths.
    pub(super) fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut at, mut name_at) = (0, 0);
        let mut last_star: Option<(usize, usize)> = None;
        while let Some(char) = name.get(name_at) {
            match self.0.get(at) {
                Some('*') => {
                    last_star = Some((at, name_at));
                    at += 1;
                }
                Some(expected) if *expected == '?' || expected == char => {
                    at += 1;
                    name_at += 1;
                }
                _ => {
                    let Some((star, taken)) = last_star else {
                        return false;
                    };
                    last_star = Some((star, taken + 1));
                    at = star + 1;
                    name_at = taken + 1;
                }
            }
        }
        self.0.iter().skip(at).all(|rest| *rest == '*')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, as a recursion.
    fn by_definition(glob: &[char], name: &[char]) -> bool {
        match (glob, name) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                by_definition(rest, name)
                    || name
                        .split_first()
                        .is_some_and(|(_, name)| by_definition(glob, name))
            }
            (['?', rest @ ..], [_, name @ ..]) => by_definition(rest, name),
            ([first, rest @ ..], [char, name @ ..]) => first == char && by_definition(rest, name),
            _ => false,
        }
    }

    #[test]
    fn a_glob_matches_whole_names() {
        let cases = [
            ("web_*", "web_logs", true),
            ("web_*", "web_", true),
            ("web_*", "my_web_logs", false),
            ("*logs", "web_logs", true),
            ("*_2025_*", "a_2025_b_2025_c", true),
            ("day_??", "day_01", true),
            ("day_??", "day_1", false),
            ("*", "", true),
            ("?", "日", true),
            ("Web_*", "web_logs", false),
            ("a.c", "abc", false),
            ("", "a", false),
        ];
        for (glob, name, expected) in cases {
            assert_eq!(Glob::new(glob).matches(name), expected, "{glob} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_more_time_than_one() {
        let glob = Glob::new(&format!("{}b", "*a".repeat(200)));
        assert!(!glob.matches(&"a".repeat(20_000)));
    }

    proptest! {
        #[test]
        fn the_result_is_that_of_the_definition(glob in "[ab*?]{0,8}", name in "[abc]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let expected = by_definition(&chars(&glob), &chars(&name));
            prop_assert_eq!(Glob::new(&glob).matches(&name), expected);
        }

        #[test]
        fn a_name_matches_itself_and_each_glob_made_of_it(name in "[a-z0-9_]{1,20}", cut in 0..20_usize) {
            let cut = cut.min(name.len());
            let (start, end) = name.split_at(cut);
            for glob in [name.clone(), format!("{start}*"), format!("*{end}"), format!("{start}*{end}")] {
                prop_assert!(Glob::new(&glob).matches(&name), "{}", glob);
            }
        }
    }
}
