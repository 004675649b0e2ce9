//! The methods of masking, and their text form.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Characters that [`Method::Partial`] keeps without a number.
const DEFAULT_KEPT: u8 = 4;

/// The names of the methods, for messages.
const NAMES: &str =
    "hash, email, email:hash, partial, partial:N, redact, null, zero, date, date:month and drop";

/// What becomes of the values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// A keyed hash: 32 hexadecimal digits for text, 63 bits for integers.
    Hash,
    /// The local part of an address is hashed, and the domain is kept.
    Email,
    /// Both parts of an address are hashed.
    EmailHash,
    /// The last characters are kept, and the others become `*`.
    Partial(u8),
    /// Letters become `x`, and digits become 0.
    Redact,
    /// NULL.
    Null,
    /// 0, empty text or false.
    Zero,
    /// A time without its time of day.
    Day,
    /// The first day of the month.
    Month,
    /// The column is left out.
    Drop,
}

impl Method {
    /// Whether the method needs the secret.
    pub fn needs_key(self) -> bool {
        matches!(self, Self::Hash | Self::Email | Self::EmailHash)
    }

    /// Whether the method may be applied to the column `time`, which every row must have.
    pub fn keeps_time(self) -> bool {
        matches!(self, Self::Day | Self::Month)
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let kept = |digits: &str| match digits.parse() {
            Ok(kept @ 1..=u8::MAX) => Ok(Self::Partial(kept)),
            _ => Err("partial:N keeps N characters, from 1 to 255".to_owned()),
        };
        Ok(match text {
            "hash" => Self::Hash,
            "email" => Self::Email,
            "email:hash" => Self::EmailHash,
            "partial" => Self::Partial(DEFAULT_KEPT),
            "redact" => Self::Redact,
            "null" => Self::Null,
            "zero" => Self::Zero,
            "date" => Self::Day,
            "date:month" => Self::Month,
            "drop" => Self::Drop,
            _ => match text.strip_prefix("partial:") {
                Some(digits) => kept(digits)?,
                None => return Err(format!("{text:?} is not a method; the methods are {NAMES}")),
            },
        })
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hash => "hash",
            Self::Email => "email",
            Self::EmailHash => "email:hash",
            Self::Partial(kept) => return write!(f, "partial:{kept}"),
            Self::Redact => "redact",
            Self::Null => "null",
            Self::Zero => "zero",
            Self::Day => "date",
            Self::Month => "date:month",
            Self::Drop => "drop",
        })
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Method {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_is_written_as_it_is_read() {
        for text in [
            "hash",
            "email",
            "email:hash",
            "partial:2",
            "redact",
            "null",
            "zero",
            "date",
            "date:month",
            "drop",
        ] {
            assert_eq!(text.parse::<Method>().unwrap().to_string(), text);
        }
        assert_eq!("partial".parse(), Ok(Method::Partial(4)));
    }

    #[test]
    fn another_text_is_refused_with_the_methods() {
        let refused = |text: &str| text.parse::<Method>().unwrap_err();
        assert!(refused("md5").starts_with("\"md5\" is not a method; the methods are hash, "));
        for text in ["partial:0", "partial:256", "partial:", "partial:-1"] {
            assert_eq!(refused(text), "partial:N keeps N characters, from 1 to 255");
        }
    }
}
