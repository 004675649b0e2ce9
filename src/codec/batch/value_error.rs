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
    Value { code: &'static str, reason: String },
}

impl ValueError {
    /// Bytes that are not MessagePack.
    pub fn malformed(malformed: Malformed) -> Self {
        Self::new(Kind::Malformed(malformed))
    }

    /// A value of a type that the column does not accept.
    #[cold]
    pub fn type_mismatch(found: &Value<'_>, expected: &str) -> Box<Self> {
        Self::mismatch(format!("expected {expected}, found {}", found.describe()))
    }

    /// As [`type_mismatch`](Self::type_mismatch), with another reason.
    #[cold]
    pub fn mismatch(reason: String) -> Box<Self> {
        Self::value("type_mismatch", reason)
    }

    /// A value of the right type that is out of the range of the column.
    #[cold]
    pub fn out_of_range(found: &Value<'_>, expected: &str) -> Box<Self> {
        Self::too_large(format!("{} does not fit {expected}", found.describe()))
    }

    /// As [`out_of_range`](Self::out_of_range), with another reason.
    #[cold]
    pub fn too_large(reason: String) -> Box<Self> {
        Self::value("out_of_range", reason)
    }

    /// Text that is not UTF-8.
    #[cold]
    pub fn invalid_utf8(bytes: &[u8], index: usize) -> Box<Self> {
        let reason = format!("{} is not UTF-8", Value::Str(bytes).describe());
        let mut error = Self::value("invalid_utf8", reason);
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
            Kind::Value { code, reason } => Error::Value {
                code,
                column,
                row,
                reason,
            },
        }
    }

    fn value(code: &'static str, reason: String) -> Box<Self> {
        Box::new(Self::new(Kind::Value { code, reason }))
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            path: String::new(),
            index: 0,
        }
    }
}
