//! Judges the shapes of values.

use std::net::{IpAddr, Ipv4Addr};

use super::PersonalKind;

/// Of so many values, one address is enough: free text may hold some.
const EMAIL_SHARE: usize = 20;

/// Whether a value has a shape.
type Shape = fn(&str) -> bool;

/// The shapes in the order in which they are looked for.
const SHAPES: [(PersonalKind, Shape); 6] = [
    (PersonalKind::Email, has_email),
    (PersonalKind::Ip, is_ip),
    (PersonalKind::NationalId, is_national_id),
    (PersonalKind::Account, is_card),
    (PersonalKind::Phone, is_phone),
    (PersonalKind::Address, is_address),
];

/// What values seem to be about: the shape of at least half of those that are not blank. `None` without one.
pub(super) fn kind_of_all<'a>(values: impl Iterator<Item = &'a str>) -> Option<PersonalKind> {
    let mut all = 0_usize;
    let mut hits = [0_usize; SHAPES.len()];
    for value in values.map(str::trim).filter(|value| !value.is_empty()) {
        all += 1;
        let found = SHAPES.iter().zip(&mut hits).find(|((_, is), _)| is(value));
        if let Some((_, hit)) = found {
            *hit += 1;
        }
    }
    let is_enough = |kind: PersonalKind, hits: usize| {
        let share = if kind == PersonalKind::Email {
            EMAIL_SHARE
        } else {
            2
        };
        hits * share >= all
    };
    let mut counted = SHAPES.iter().zip(hits);
    let found = counted.find(|((kind, _), hits)| *hits > 0 && is_enough(*kind, *hits));
    found.map(|((kind, _), _)| *kind)
}

/// Whether an address is in a text: alone, in JSON, or between words.
fn has_email(text: &str) -> bool {
    let is_outside = |char: char| char.is_whitespace() || "\"'<>()[]{},;:|/\\=&".contains(char);
    text.split(is_outside).any(is_email)
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let labels: Vec<&str> = domain.split('.').collect();
    let is_label = |label: &&str| {
        let is_part = |char: char| char.is_alphanumeric() || char == '-';
        !label.is_empty() && label.chars().all(is_part)
    };
    let is_top = |label: &&str| label.len() >= 2 && label.chars().all(char::is_alphabetic);
    !local.is_empty()
        && labels.len() >= 2
        && labels.iter().all(is_label)
        && labels.last().is_some_and(is_top)
}

/// Versions such as `1.2.3.4` have small parts.
fn is_ip(text: &str) -> bool {
    let is_version = |ip: Ipv4Addr| ip.octets().iter().all(|part| *part < 32);
    match text.parse() {
        Ok(IpAddr::V4(ip)) => !is_version(ip),
        Ok(IpAddr::V6(ip)) => text.len() > 6 && !ip.is_unspecified(),
        Err(_) => false,
    }
}

/// A social security number of the United States, or an individual number of Japan with its check digit.
fn is_national_id(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    let is_digits = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    if !is_digits {
        return false;
    }
    groups == [3, 2, 4]
        || is_my_number(&digits_of(text)) && matches!(groups.as_slice(), [12] | [4, 4, 4])
}

/// <https://www.soumu.go.jp/main_content/000313477.pdf>, article 5: the check digit of an individual number.
fn is_my_number(digits: &[u32]) -> bool {
    let Some((check, [first, others @ ..])) = digits.split_last() else {
        return false;
    };
    let weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let all = std::iter::once(first).chain(others);
    let sum: u32 = all.zip(weights).map(|(digit, weight)| digit * weight).sum();
    let rest = sum % 11;
    digits.len() == weights.len() + 1 && *check == if rest <= 1 { 0 } else { 11 - rest }
}

/// A number of a card, with its check digit (ISO/IEC 7812-1).
fn is_card(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_digit() || byte == b' ' || byte == b'-';
    let digits = digits_of(text);
    if !text.bytes().all(is_allowed) || !(14..=19).contains(&digits.len()) {
        return false;
    }
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let reversed = digits.iter().rev().enumerate();
    let sum: u32 = reversed
        .map(|(index, digit)| {
            if index % 2 == 1 {
                doubled(*digit)
            } else {
                *digit
            }
        })
        .sum();
    sum.is_multiple_of(10) && matches!(digits.first(), Some(3..=6))
}

/// A number with a country code, one of Japan, or one with an area code in parentheses. A number of Japan that was stored as an
/// integer has lost its 0.
fn is_phone(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_digit() || b"+-(). ".contains(&byte);
    let digits = digits_of(text);
    if !text.bytes().all(is_allowed) {
        return false;
    }
    let count = digits.len();
    match digits.as_slice() {
        _ if text.starts_with('+') => (8..=15).contains(&count),
        _ if text.starts_with('(') => (9..=12).contains(&count),
        [0, 1..=9, ..] => (10..=11).contains(&count) && !text.contains('.'),
        [7..=9, 0, ..] => count == 10 && text.len() == 10,
        [2..=9, ..] => count == 10 && is_grouped(text, [3, 3, 4]),
        _ => false,
    }
}

fn is_grouped(text: &str, lengths: [usize; 3]) -> bool {
    let groups = text.split(['-', '.', ' ']);
    groups.map(str::len).eq(lengths)
}

/// A postal code or a prefecture of Japan.
fn is_address(text: &str) -> bool {
    let text = text.strip_prefix('〒').unwrap_or(text).trim();
    let code = text.split_whitespace().next().unwrap_or_default();
    let is_code = code
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-')
        && code.split('-').map(str::len).eq([3, 4]);
    let prefecture = |ending: &str| text.find(ending).is_some_and(|at| (6..=9).contains(&at));
    let is_in_prefecture = text.starts_with("東京都")
        || text.starts_with("北海道")
        || prefecture("県")
        || prefecture("府");
    let has_number = text.chars().any(char::is_numeric);
    is_code || is_in_prefecture && has_number
}

fn digits_of(text: &str) -> Vec<u32> {
    text.chars().filter_map(|char| char.to_digit(10)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(value: &str) -> Option<PersonalKind> {
        kind_of_all([value].into_iter())
    }

    #[test]
    fn values_are_known_by_their_shape() {
        for (kind, values) in [
            (
                PersonalKind::Email,
                &[
                    "a@example.com",
                    "Ann <ann.b+c@mail.example.co.jp>",
                    "{\"mail\":\"a@x.jp\"}",
                ] as &[&str],
            ),
            (PersonalKind::Ip, &["203.0.113.7", "2001:db8::1"]),
            (
                PersonalKind::NationalId,
                &["078-05-1120", "123456789018", "1234-5678-9018"],
            ),
            (
                PersonalKind::Account,
                &["4111 1111 1111 1111", "378282246310005"],
            ),
            (
                PersonalKind::Phone,
                &[
                    "090-1234-5678",
                    "0312345678",
                    "+81 90 1234 5678",
                    "(212) 555-0101",
                    "212-555-0101",
                    "9012345678",
                ],
            ),
            (
                PersonalKind::Address,
                &[
                    "100-0001",
                    "〒100-0001 東京都千代田区千代田1-1",
                    "神奈川県横浜市1-2",
                ],
            ),
        ] {
            for value in values {
                assert_eq!(kind_of(value), Some(kind), "{value}");
            }
        }
    }

    #[test]
    fn other_values_are_not() {
        for value in [
            "",
            "  ",
            "42",
            "2026-01-02",
            "2026-01-02 03:04:05",
            "1767225600",
            "1767225600000",
            "1.2.3.4",
            "a@b",
            "@example",
            "4111 1111 1111 1112",
            "10.5",
            "1,234",
            "::",
            "http://example.com/",
            "山田",
            "100-00012",
        ] {
            assert_eq!(kind_of(value), None, "{value}");
        }
    }

    #[test]
    fn half_of_the_values_must_have_the_shape_and_a_few_addresses_are_enough() {
        let mixed = |hits: usize, hit: &'static str, others: usize| {
            let hits = std::iter::repeat_n(hit, hits);
            kind_of_all(
                hits.chain(std::iter::repeat_n("x", others))
                    .chain(["", " "]),
            )
        };
        assert_eq!(mixed(5, "203.0.113.7", 5), Some(PersonalKind::Ip));
        assert_eq!(mixed(5, "203.0.113.7", 6), None);
        assert_eq!(mixed(5, "a@example.com", 95), Some(PersonalKind::Email));
        assert_eq!(mixed(5, "a@example.com", 96), None);
    }
}
