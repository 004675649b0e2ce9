//! The characters that a text means, whatever their spelling: escaped, percent-encoded, as entities, or in full width.

use std::ops::Range;

/// Stands for every character that no key has.
const OTHER: u8 = 0xff;

/// Names of entities that mean a character of a key, or nothing visible.
const ENTITIES: [(&str, char); 8] = [
    ("sol;", '/'),
    ("plus;", '+'),
    ("lowbar;", '_'),
    ("nbsp;", ' '),
    ("shy;", ' '),
    ("Tab;", ' '),
    ("NewLine;", ' '),
    ("ZeroWidthSpace;", ' '),
];

/// One byte for each character of a text, with its position. Whitespace and invisible characters are omitted, so that a key
/// that is split over several lines is found.
#[derive(Debug)]
pub struct Spelling<'a> {
    text: &'a str,
    at: usize,
    /// Whether escapes are undone.
    decode: bool,
}

impl<'a> Spelling<'a> {
    pub fn new(text: &'a str, decode: bool) -> Self {
        let at = 0;
        Self { text, at, decode }
    }

    /// What stands for the next character, if it is visible ASCII and starts no escape.
    fn next_plain(&self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let byte = match *rest {
            [b'\\' | b'%' | b'&', ..] if self.decode => return None,
            [byte, ..] => byte,
            [] => return None,
        };
        byte.is_ascii_graphic().then(|| fold_ascii(byte))
    }

    /// The next character as written, or what its escape means, and the length of its spelling.
    fn next_char(&self) -> Option<(char, usize)> {
        let rest = self.text.get(self.at..)?;
        let char = rest.chars().next()?;
        let escaped = match char {
            '\\' if self.decode => backslash(rest),
            '%' if self.decode => percent(rest),
            '&' if self.decode => entity(rest),
            _ => None,
        };
        Some(escaped.unwrap_or((char, char.len_utf8())))
    }
}

impl Iterator for Spelling<'_> {
    type Item = (u8, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // Nearly all of a long text is made of these.
            if let Some(byte) = self.next_plain() {
                let start = self.at;
                self.at += 1;
                return Some((byte, start..self.at));
            }
            let (char, length) = self.next_char()?;
            let start = self.at;
            self.at += length;
            if !is_separator(char) {
                return Some((fold(char), start..self.at));
            }
        }
    }
}

/// The byte that stands for a character: without case, without width, and the same in both alphabets of base64.
pub fn fold(char: char) -> u8 {
    let narrow = match u32::from(char) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(char),
        _ => char,
    };
    let byte = u8::try_from(narrow).ok().filter(u8::is_ascii);
    byte.map_or(OTHER, fold_ascii)
}

/// The byte that stands for a character of ASCII: see [`fold`].
pub fn fold_ascii(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte.to_ascii_lowercase(),
    }
}

/// Whether a text may contain an escape of a character of a key. JSON within JSON is full of `\"`, which is none.
pub fn may_have_escapes(text: &str) -> bool {
    let bytes = text.as_bytes();
    let next = bytes.get(1..).unwrap_or_default().iter().chain([&0]);
    bytes.iter().zip(next).any(|(byte, next)| match byte {
        b'%' | b'&' => true,
        b'\\' => *next != b'"',
        _ => false,
    })
}

fn is_separator(char: char) -> bool {
    char.is_whitespace() || char == '\u{ad}' || crate::sanitize::is_control(char)
}

/// `\u0031`, `\u{31}`, `\x31`, `\061`, `\/` or `\n`, after any number of backslashes: text may be escaped more than once.
fn backslash(text: &str) -> Option<(char, usize)> {
    let rest = text.trim_start_matches('\\');
    let escape = rest.chars().next()?;
    let after = rest.get(escape.len_utf8()..)?;
    let (char, digits) = match escape {
        'u' | 'U' if after.starts_with('{') => {
            let (digits, _) = after.get(1..)?.split_once('}')?;
            (number(digits, 16)?, digits.len() + 2)
        }
        'u' | 'U' => (number(after.get(..4)?, 16)?, 4),
        'x' | 'X' => (number(after.get(..2)?, 16)?, 2),
        '0'..='7' => (number(rest.get(..3)?, 8)?, 2),
        'n' | 'r' | 't' | 'f' | 'b' | 'v' => (' ', 0),
        '/' => ('/', 0),
        _ => return None,
    };
    let length = text.len() - after.len() + digits;
    Some((char, length))
}

/// `%31`, `%u0031`, or `%2531`, which is encoded twice.
fn percent(text: &str) -> Option<(char, usize)> {
    let mut at = 1;
    loop {
        let rest = text.get(at..)?;
        if rest.starts_with(['u', 'U']) {
            return Some((number(rest.get(1..5)?, 16)?, at + 5));
        }
        if rest.starts_with("25") && number(rest.get(2..4).unwrap_or_default(), 16).is_some() {
            at += 2;
            continue;
        }
        return Some((number(rest.get(..2)?, 16)?, at + 2));
    }
}

/// `&#49;`, `&#x31;`, `&sol;`, or `&amp;#49;`, which is encoded twice.
fn entity(text: &str) -> Option<(char, usize)> {
    let mut at = 1;
    while text.get(at..)?.starts_with("amp;") {
        at += 4;
    }
    let rest = text.get(at..)?;
    let Some(digits) = rest.strip_prefix('#') else {
        let (name, char) = ENTITIES.iter().find(|(name, _)| rest.starts_with(name))?;
        return Some((*char, at + name.len()));
    };
    let (radix, digits) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits),
        None => (10, digits),
    };
    let is_digit = |char: char| char.is_digit(radix);
    let end = digits.find(|char| !is_digit(char)).unwrap_or(digits.len());
    let after = digits.get(end..)?;
    let semicolon = usize::from(after.starts_with(';'));
    let char = number(digits.get(..end)?, radix)?;
    Some((char, text.len() - after.len() + semicolon))
}

fn number(digits: &str, radix: u32) -> Option<char> {
    let is_digits = digits.chars().all(|char| char.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok()?;
    is_digits.then(|| char::from_u32(code))?
}
