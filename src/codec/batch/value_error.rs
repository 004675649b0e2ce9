//! The error of a value, before its column and row are known.

use crate::{
    Error,
    msgpack::{Malformed, Value},
};

/// The error of one value. Each enclosing level adds its part of the path.
#[derive(Debug)]
pub struct ValueError {
    kind: Kind,
    /// Path inside the column: `[]`, `.x`.
    path: String,
    /// Index of the value in its array, for errors that are found when the array is built.
    pub index: usize,
}

#[derive(Debug)]
enum Kind {
    Malformed(Malformed),
    Value {
        code: &'static str,
        reason: String,
        shown: Option<String>,
    },
}

impl From<Malformed> for Box<ValueError> {
    fn from(malformed: Malformed) -> Self {
        Box::new(ValueError::malformed(malformed))
    }
}

impl ValueError {
    /// Bytes that are not MessagePack.
    pub fn malformed(malformed: Malformed) -> Self {
        Self::new(Kind::Malformed(malformed))
    }

    /// A value of a type that the column does not accept.
    #[cold]
    pub fn type_mismatch(found: &Value<'_>, expected: &str) -> Box<Self> {
        Self::of_value("type_mismatch", found, |value| {
            format!("expected {expected}, found {value}")
        })
    }

    /// As [`type_mismatch`](Self::type_mismatch), with a reason that contains no value.
    #[cold]
    pub fn mismatch(reason: String) -> Box<Self> {
        Self::value("type_mismatch", reason, None)
    }

    /// As [`type_mismatch`](Self::type_mismatch), with another reason.
    #[cold]
    pub fn mismatch_of(found: &Value<'_>, reason: impl Fn(&str) -> String) -> Box<Self> {
        Self::of_value("type_mismatch", found, reason)
    }

    /// A value of the right type that is out of the range of the column.
    #[cold]
    pub fn out_of_range(found: &Value<'_>, expected: &str) -> Box<Self> {
        Self::of_value("out_of_range", found, |value| {
            format!("{value} does not fit {expected}")
        })
    }

    /// As [`out_of_range`](Self::out_of_range), with a reason that contains no value.
    #[cold]
    pub fn too_large(reason: String) -> Box<Self> {
        Self::value("out_of_range", reason, None)
    }

    /// Text that is not UTF-8.
    #[cold]
    pub fn invalid_utf8(bytes: &[u8], index: usize) -> Box<Self> {
        let mut error = Self::of_value("invalid_utf8", &Value::Str(bytes), |value| {
            format!("{value} is not UTF-8")
        });
        error.index = index;
        error
    }

    /// Prepends an enclosing level to the path.
    #[cold]
    pub fn inside(mut self: Box<Self>, level: &str) -> Box<Self> {
        self.path.insert_str(0, level);
        self
    }

    /// Converts it to an error of the column `name`.
    pub fn into_error(self, name: &str, row: u64) -> Error {
        let column = format!("{name}{}", self.path);
        match self.kind {
            Kind::Malformed(malformed) => Error::MessagePack {
                row,
                reason: format!("{malformed}, in column {column:?}"),
            },
            Kind::Value {
                code,
                reason,
                shown,
            } => Error::Value {
                code,
                column,
                row,
                reason,
                shown,
            },
        }
    }

    /// An error about a value. The reason is made twice: with the type of the value, and with the value.
    fn of_value(
        code: &'static str,
        found: &Value<'_>,
        reason: impl Fn(&str) -> String,
    ) -> Box<Self> {
        let shown = reason(&found.describe());
        Self::value(code, reason(&found.type_name()), Some(shown))
    }

    fn value(code: &'static str, reason: String, shown: Option<String>) -> Box<Self> {
        Box::new(Self::new(Kind::Value {
            code,
            reason,
            shown,
        }))
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            path: String::new(),
            index: 0,
        }
    }
}
