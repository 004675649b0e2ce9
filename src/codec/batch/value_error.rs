//! What is wrong with a value, before its place is known in full.

use crate::{
    Error,
    msgpack::{Malformed, Value},
};

/// Trouble with one value; each level that it passes on its way out adds its part of the path.
#[derive(Debug)]
pub struct ValueError {
    kind: Kind,
    /// Where it is inside the column: `[]`, `.x`.
    path: String,
    /// Index of the value in its array, for faults found when the array is made.
    pub index: usize,
}

#[derive(Debug)]
enum Kind {
    Malformed(Malformed),
    Value { code: &'static str, reason: String },
}

impl ValueError {
    /// Bytes that are no MessagePack.
    pub fn malformed(malformed: Malformed) -> Self {
        Self::new(Kind::Malformed(malformed))
    }

    /// A value of a kind that the column does not take.
    #[cold]
    pub fn type_mismatch(found: &Value<'_>, takes: &str) -> Box<Self> {
        Self::mismatch(format!("found {}, {takes} is wanted", found.describe()))
    }

    /// Likewise, with the reason in words.
    #[cold]
    pub fn mismatch(reason: String) -> Box<Self> {
        Self::value("type_mismatch", reason)
    }

    /// A value of the right kind that the column has no room for.
    #[cold]
    pub fn out_of_range(found: &Value<'_>, takes: &str) -> Box<Self> {
        Self::too_large(format!("{} does not fit {takes}", found.describe()))
    }

    /// Likewise, with the reason in words.
    #[cold]
    pub fn too_large(reason: String) -> Box<Self> {
        Self::value("out_of_range", reason)
    }

    /// Text that is not UTF-8.
    #[cold]
    pub fn invalid_utf8(bytes: &[u8], index: usize) -> Box<Self> {
        let reason = format!("{} is not UTF-8", Value::Str(bytes).describe());
        let mut fault = Self::value("invalid_utf8", reason);
        fault.index = index;
        fault
    }

    /// The same fault, one level further out.
    #[cold]
    pub fn inside(mut self: Box<Self>, level: &str) -> Box<Self> {
        self.path.insert_str(0, level);
        self
    }

    /// The fault as an error of the column `name`.
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
