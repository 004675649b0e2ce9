//! Redacts secrets in text that leaves petit. A server may repeat a key in any spelling, whole or in part.

mod filter;
mod spelling;

use std::borrow::Cow;
use std::ops::Range;

use self::filter::Filter;
use self::spelling::{Spelling, fold, may_have_escapes};

/// The replacement of a secret.
pub const REDACTED: &str = "[API key]";

/// Minimum length of a part of a secret that is redacted, in characters.
const MIN_PART_CHARS: usize = 8;

/// Minimum length of a part that is redacted in a value, such as the name of a table, in characters. A shorter part of a key
/// may be a coincidence, and the value would no longer name anything.
const MIN_VALUE_CHARS: usize = 16;

/// Minimum length of a secret, in characters. A shorter one is a word that text may contain by chance.
const MIN_SECRET_CHARS: usize = 4;

/// Finds secrets in text, and replaces them by `[API key]`.
///
/// It finds a secret, and each part of at least 8 characters, in any case, split by whitespace, in JSON escapes, in
/// percent-encoding, as HTML entities and in base64. It is linear in the text, whatever the number of secrets.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Parts of [`MIN_PART_CHARS`] characters, as numbers, in order.
    parts: Vec<u64>,
    /// Whole secrets that are shorter than that.
    short: Vec<Short>,
    /// A bit for each hash of a part.
    hashes: Vec<u64>,
    filter: Filter,
}

/// A whole secret, or the start of one, of at most [`MIN_PART_CHARS`] characters.
#[derive(Clone, Copy)]
struct Short {
    bytes: u64,
    mask: u64,
    chars: usize,
}

impl Short {
    fn new(key: &str) -> Option<Self> {
        let folded: Vec<u8> = key.chars().map(fold).take(MIN_PART_CHARS).collect();
        let chars = folded.len();
        (chars >= MIN_SECRET_CHARS).then(|| Self {
            bytes: pack(&folded),
            mask: u64::MAX >> (64 - 8 * chars),
            chars,
        })
    }
}

/// A run of characters that are consecutive parts of a secret.
struct Run {
    range: Range<usize>,
    chars: usize,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} parts)", self.parts.len())
    }
}

impl Redactor {
    /// A redactor of these API keys.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        let mut redactor = Self::default();
        for key in keys {
            redactor.add(key);
        }
        redactor
    }

    /// Adds an API key, or another secret. The account number before the slash of a key is no secret by itself.
    pub fn add(&mut self, key: &str) {
        let key = key.trim();
        let account = key
            .split_once('/')
            .filter(|(account, _)| account.bytes().all(|byte| byte.is_ascii_digit()));
        let secret = account.map_or(key, |(_, secret)| secret);
        if secret.chars().count() < MIN_PART_CHARS {
            self.short.extend(Short::new(key));
            return;
        }
        let prefix = key.len() - secret.len();
        // Half of a part may be the account number, so that it is redacted with the secret.
        self.add_parts(key, prefix.saturating_sub(MIN_PART_CHARS / 2));
        for offset in 0..3 {
            self.add_parts(&base64_of(secret.as_bytes(), offset), 0);
        }
        self.parts.sort_unstable();
        self.parts.dedup();
        self.hashes = vec![0; 1 << 10];
        for part in &self.parts {
            self.filter.add(*part);
            let (word, bit) = slot(*part);
            if let Some(word) = self.hashes.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// The text without secrets.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        replace(text, &self.find(text, MIN_PART_CHARS))
    }

    /// A value, such as the name of a table, without secrets. Redacts parts of at least 16 characters only.
    pub fn redact_value<'a>(&self, text: &'a str) -> Cow<'a, str> {
        replace(text, &self.find(text, MIN_VALUE_CHARS))
    }

    /// Whether [`redact`](Self::redact) leaves the text unchanged.
    pub fn is_clean(&self, text: &str) -> bool {
        self.find(text, MIN_PART_CHARS).is_empty()
    }

    /// Where secrets are in the text, in order and without overlaps.
    fn find(&self, text: &str, min_chars: usize) -> Vec<Range<usize>> {
        if self.parts.is_empty() && self.short.is_empty() {
            return Vec::new();
        }
        let has_escapes = may_have_escapes(text);
        if !has_escapes && self.short.is_empty() && !self.filter.may_match(text) {
            return Vec::new();
        }
        let mut found = self.find_in(Spelling::new(text, false), min_chars);
        // As written first: a percent sign before a key is no escape of its first characters.
        if has_escapes {
            found.extend(self.find_in(Spelling::new(text, true), min_chars));
        }
        found.sort_unstable_by_key(|range| range.start);
        found.dedup_by(|next, range| {
            let overlaps = next.start <= range.end;
            if overlaps {
                range.end = range.end.max(next.end);
            }
            overlaps
        });
        found
    }

    fn find_in(&self, spelling: Spelling<'_>, min_chars: usize) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        // Positions of the last characters, as a ring.
        let mut starts = [0; MIN_PART_CHARS];
        let start_of = |starts: &[usize; MIN_PART_CHARS], count: usize, chars: usize| {
            let start = starts.get((count - chars) % MIN_PART_CHARS);
            start.copied().unwrap_or_default()
        };
        let (mut bytes, mut count) = (0_u64, 0_usize);
        let mut run: Option<Run> = None;
        for (byte, range) in spelling {
            bytes = bytes << 8 | u64::from(byte);
            if let Some(start) = starts.get_mut(count % MIN_PART_CHARS) {
                *start = range.start;
            }
            count += 1;
            for short in self.short.iter().filter(|short| count >= short.chars) {
                if bytes & short.mask == short.bytes {
                    found.push(start_of(&starts, count, short.chars)..range.end);
                }
            }
            if count >= MIN_PART_CHARS && self.is_part(bytes) {
                let run = run.get_or_insert_with(|| Run {
                    range: start_of(&starts, count, MIN_PART_CHARS)..range.end,
                    chars: MIN_PART_CHARS - 1,
                });
                run.range.end = range.end;
                run.chars += 1;
            } else {
                found.extend(run.take().and_then(|run| run.finish(min_chars)));
            }
        }
        found.extend(run.and_then(|run| run.finish(min_chars)));
        found
    }

    /// Whether these characters are a part of a secret.
    fn is_part(&self, bytes: u64) -> bool {
        let (word, bit) = slot(bytes);
        let may_be = self.hashes.get(word).is_some_and(|word| word & bit != 0);
        may_be && self.parts.binary_search(&bytes).is_ok()
    }

    /// Adds each part of a text from `start`.
    fn add_parts(&mut self, text: &str, start: usize) {
        let folded: Vec<u8> = text.chars().map(fold).collect();
        let parts = folded.get(start..).unwrap_or_default();
        self.parts.extend(parts.windows(MIN_PART_CHARS).map(pack));
    }
}

impl Run {
    /// Where the run is, if it is long enough.
    fn finish(self, min_chars: usize) -> Option<Range<usize>> {
        (self.chars >= min_chars).then_some(self.range)
    }
}

fn pack(bytes: &[u8]) -> u64 {
    let packed = bytes.iter().map(|byte| u64::from(*byte));
    packed.fold(0, |packed, byte| packed << 8 | byte)
}

/// The word and the bit of a part in the filter.
fn slot(bytes: u64) -> (usize, u64) {
    let hash = bytes.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
    let word = usize::try_from(hash >> 6).unwrap_or_default();
    (word, 1 << (hash & 63))
}

/// The characters of base64 that depend on these bytes only, if `offset` other bytes precede them.
fn base64_of(bytes: &[u8], offset: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut text, mut bits, mut length) = (String::new(), 0_u32, 0);
    for byte in [0].iter().cycle().take(offset).chain(bytes) {
        bits = bits << 8 | u32::from(*byte);
        length += 8;
        while length >= 6 {
            length -= 6;
            let index = (bits >> length & 63) as usize;
            text.extend(ALPHABET.get(index).copied().map(char::from));
        }
    }
    let foreign = (offset * 8).div_ceil(6);
    text.get(foreign..).unwrap_or_default().to_owned()
}

fn replace<'a>(text: &'a str, found: &[Range<usize>]) -> Cow<'a, str> {
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut redacted = String::with_capacity(text.len());
    let mut at = 0;
    for range in found {
        redacted.push_str(text.get(at..range.start).unwrap_or_default());
        redacted.push_str(REDACTED);
        at = range.end;
    }
    redacted.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(redacted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";

    fn key() -> String {
        format!("7/{SECRET}")
    }

    /// The secret, each character in another spelling.
    fn spelled(spell: impl Fn(usize, char) -> String) -> String {
        let spelled = SECRET.chars().enumerate().map(|(at, char)| spell(at, char));
        spelled.collect()
    }

    #[test]
    fn every_spelling_of_a_key_is_redacted() {
        let code = u32::from;
        let cases = [
            key(),
            SECRET.to_uppercase(),
            spelled(|_, char| format!("\\u{:04x}", code(char))),
            spelled(|_, char| format!("\\\\u{:04X}", code(char))),
            spelled(|_, char| format!("\\u{{{:x}}}", code(char))),
            spelled(|_, char| format!("\\x{:02x}", code(char))),
            spelled(|_, char| format!("\\{:03o}", code(char))),
            spelled(|_, char| format!("%{:02X}", code(char))),
            spelled(|_, char| format!("%25{:02x}", code(char))),
            spelled(|_, char| format!("%u{:04x}", code(char))),
            spelled(|at, char| {
                if at % 3 == 0 {
                    format!("%{:02x}", code(char))
                } else {
                    char.into()
                }
            }),
            spelled(|_, char| format!("&#{};", code(char))),
            spelled(|_, char| format!("&#x{:X};", code(char))),
            spelled(|_, char| format!("&amp;#{};", code(char))),
            spelled(|_, char| format!("{char}\n  ")),
            spelled(|_, char| format!("{char}\\n")),
            spelled(|_, char| format!("{char}\u{200b}")),
            spelled(|_, char| format!("{char}&shy;")),
            spelled(|_, char| format!("{char}%0a")),
            spelled(|_, char| char::from_u32(code(char) + 0xfee0).unwrap().into()),
            spelled(|at, char| match at % 4 {
                0 => format!("\\u{:04x}", code(char)),
                1 => format!("%{:02x}", code(char)),
                2 => format!("&#{};", code(char)),
                _ => char.into(),
            }),
        ];
        let redactor = Redactor::new([key().as_str()]);
        for spelling in cases {
            for (before, after) in [
                ("key ", "!"),
                ("\"", "\""),
                ("'", "',"),
                ("=", "&"),
                ("(", ")"),
            ] {
                let text = format!("{before}{spelling}{after}");
                let redacted = redactor.redact(&text).into_owned();
                let kept = redacted.replace("[API key]", "");
                assert!(redacted.contains("[API key]"), "{text} became {redacted}");
                assert!(
                    kept.len() <= before.len() + after.len() + 8,
                    "{text} became {redacted}"
                );
                assert!(!redactor.is_clean(&text));
            }
        }
    }

    #[test]
    fn a_percent_sign_or_a_backslash_before_a_key_hides_nothing() {
        let redactor = Redactor::new([SECRET]);
        for before in ["%", "\\x", "&#", "%25", "\\u"] {
            let text = format!("{before}{SECRET}.");
            assert_eq!(redactor.redact(&text), format!("{before}[API key]."));
        }
    }

    #[test]
    fn every_part_of_eight_characters_is_redacted_and_no_shorter_one() {
        let redactor = Redactor::new([key().as_str()]);
        for start in 0..=SECRET.len() - 8 {
            let part = &SECRET[start..start + 8];
            assert_eq!(
                redactor.redact(&format!("<{part}>")),
                "<[API key]>",
                "{part}"
            );
            assert_eq!(redactor.redact(&part[1..]), part[1..], "{part}");
        }
    }

    #[test]
    fn a_part_is_found_at_every_place_of_a_long_text() {
        let redactor = Redactor::new([key().as_str()]);
        for before in 0..12 {
            for after in 0..12 {
                let part = &SECRET[before..before + 8];
                let text = format!("{}{part}{}", "<".repeat(before), ">".repeat(after));
                let clean = text.replace(part, REDACTED);
                assert_eq!(redactor.redact(&text), clean);
                assert_eq!(redactor.redact(&text.to_uppercase()), clean);
            }
        }
    }

    #[test]
    fn base64_of_a_key_is_redacted_at_each_offset() {
        let redactor = Redactor::new([key().as_str()]);
        for before in ["", "x", "TD1 7/", "user:"] {
            let whole = format!("{before}{SECRET}");
            let text = base64_of(whole.as_bytes(), 0);
            let kept = redactor.redact(&text).replace("[API key]", "");
            assert!(kept.len() <= before.len() * 2 + 3, "{text}: {kept} is left");
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        let redactor = Redactor::new([
            key().as_str(),
            "42/deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
        ]);
        for text in [
            "",
            "7",
            "7/",
            "job 1234567 of 7",
            "日本語 100% & \\u00",
            "%",
            "&#",
            "\\",
            "&amp;",
            "0a1b2c3",
        ] {
            assert_eq!(redactor.redact(text), text);
        }
        assert!(Redactor::default().is_clean(SECRET));
    }

    #[test]
    fn short_keys_are_found_whole() {
        let redactor = Redactor::new(["1/abc", "a/b"]);
        assert_eq!(
            redactor.redact("no 1%2Fabc, abc, a/b"),
            "no [API key], abc, a/b"
        );
    }

    #[test]
    fn a_value_keeps_what_may_be_a_coincidence() {
        let redactor = Redactor::new([key().as_str()]);
        assert_eq!(redactor.redact_value(&SECRET[..12]), &SECRET[..12]);
        assert_eq!(redactor.redact_value(SECRET), "[API key]");
    }
}
