//! Data types, and the parser of their names.

use super::unique_names::unique_names;
use crate::msgpack::quote;

/// Maximum nesting of types. Arrow's readers accept 64 levels in the schema of a file, and a map has two levels.
const MAX_DEPTH: usize = 28;

/// The type of a column, or of a nested value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataType {
    /// `boolean`
    Boolean,
    /// `tinyint`, 8 bits
    TinyInt,
    /// `smallint`, 16 bits
    SmallInt,
    /// `integer`, `int`, 32 bits
    Integer,
    /// `bigint`, `long`, 64 bits
    BigInt,
    /// `real`, `float`, 32 bits
    Real,
    /// `double`, 64 bits
    Double,
    /// `decimal(precision, scale)`
    Decimal {
        /// Total number of digits, 1 to 38.
        precision: u8,
        /// Digits after the decimal point, 0 to `precision`.
        scale: u8,
    },
    /// `varchar`, `varchar(n)`, `char(n)`, `string`
    Varchar,
    /// `varbinary`, `binary`
    Varbinary,
    /// `date`
    Date,
    /// `timestamp` (milliseconds), `timestamp(p)`
    Timestamp {
        /// Digits of the fraction of a second, 0 to 9.
        precision: u8,
    },
    /// `json`
    Json,
    /// Any other type, by its name. Its values are written as the text that TD sends.
    Other(String),
    /// `array(T)`, `array<T>`
    Array(Box<DataType>),
    /// `map(K, V)`, `map<K,V>`
    Map(Box<DataType>, Box<DataType>),
    /// `row(a T, …)`, `struct<a:T,…>`
    Row(Vec<Field>),
}

/// A field of a row type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, made unique within the row. Fields without a name are called `field0` and so on.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
}

impl DataType {
    /// Parses a type name of Presto, Trino or Hive. Whitespace and case are ignored.
    ///
    /// # Errors
    /// A reason for a message: unbalanced brackets, or more than 28 levels.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text.trim() };
        let parsed = parser.data_type(0).and_then(|data_type| {
            if parser.rest.is_empty() {
                Ok(data_type)
            } else {
                Err(format!(
                    "unexpected text at {}",
                    quote(parser.rest.as_bytes())
                ))
            }
        });
        parsed.map_err(|reason| format!("the type {}: {reason}", quote(text.as_bytes())))
    }

    /// Whether its values are integers.
    pub fn is_integer(&self) -> bool {
        matches!(
            self,
            Self::TinyInt | Self::SmallInt | Self::Integer | Self::BigInt
        )
    }

    /// The number of Parquet columns of this type.
    pub fn leaf_count(&self) -> usize {
        self.nested()
            .map_or(1, |types| types.into_iter().map(Self::leaf_count).sum())
    }

    /// The fields of this type and of the nested types, by row type.
    pub fn rows(&self) -> Vec<&[Field]> {
        let nested = self.nested().unwrap_or_default();
        let mut rows: Vec<_> = nested.into_iter().flat_map(Self::rows).collect();
        if let Self::Row(fields) = self {
            rows.insert(0, fields.as_slice());
        }
        rows
    }

    /// Names of the nested unknown types, which are written as text.
    pub fn types_written_as_text(&self) -> Vec<&str> {
        if let Self::Other(name) = self {
            return vec![name];
        }
        let nested = self.nested().unwrap_or_default();
        nested
            .into_iter()
            .flat_map(Self::types_written_as_text)
            .collect()
    }

    /// The types of the elements, of keys and values, or of the fields; `None` for a type without nested types.
    fn nested(&self) -> Option<Vec<&Self>> {
        match self {
            Self::Array(element) => Some(vec![element]),
            Self::Map(key, value) => Some(vec![key, value]),
            Self::Row(fields) => Some(fields.iter().map(|field| &field.data_type).collect()),
            Self::Boolean
            | Self::TinyInt
            | Self::SmallInt
            | Self::Integer
            | Self::BigInt
            | Self::Real
            | Self::Double
            | Self::Decimal { .. }
            | Self::Varchar
            | Self::Varbinary
            | Self::Date
            | Self::Timestamp { .. }
            | Self::Json
            | Self::Other(_) => None,
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn data_type(&mut self, depth: usize) -> Result<DataType, String> {
        if depth > MAX_DEPTH {
            return Err(format!("it has more than {MAX_DEPTH} levels"));
        }
        let start = self.rest;
        let name = self.word().to_ascii_lowercase();
        if name.is_empty() {
            return Err("a type is missing".into());
        }
        let opened = self.rest.starts_with(['(', '<']);
        match name.as_str() {
            "array" if opened => {
                let close = self.open();
                let element = self.data_type(depth + 1)?;
                self.expect(close)?;
                Ok(DataType::Array(Box::new(element)))
            }
            "map" if opened => {
                let close = self.open();
                let key = self.data_type(depth + 1)?;
                self.expect(',')?;
                let value = self.data_type(depth + 1)?;
                self.expect(close)?;
                Ok(DataType::Map(Box::new(key), Box::new(value)))
            }
            "row" | "struct" if opened => {
                let close = self.open();
                self.fields(close, depth)
            }
            _ => self.scalar(start, &name),
        }
    }

    fn fields(&mut self, close: char, depth: usize) -> Result<DataType, String> {
        let mut names = Vec::new();
        let mut types = Vec::new();
        loop {
            let name = self.field_name(close)?;
            names.push(name.unwrap_or_else(|| format!("field{}", names.len())));
            types.push(self.data_type(depth + 1)?);
            if !self.skip(',') {
                break;
            }
        }
        self.expect(close)?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let fields = unique_names(&names).into_iter().zip(types);
        let fields = fields.map(|(name, data_type)| Field { name, data_type });
        Ok(DataType::Row(fields.collect()))
    }

    /// The name that precedes the type of a field, if there is one. Hive always writes it; Trino may omit it.
    fn field_name(&mut self, close: char) -> Result<Option<String>, String> {
        if self.rest.starts_with('"') {
            let name = self.quoted()?;
            self.skip(':');
            return Ok(Some(name));
        }
        let start = self.rest;
        let name = self.word();
        if close == '>' {
            self.expect(':')?;
            return Ok(Some(name.to_owned()));
        }
        let second = Parser { rest: self.rest }.word().to_ascii_lowercase();
        // `time with time zone` is a type; `time varchar` is a name and a type.
        let type_alone = second.is_empty()
            || matches!(
                second.as_str(),
                "with" | "without" | "precision" | "day" | "year"
            );
        if type_alone {
            self.rest = start;
            return Ok(None);
        }
        Ok(Some(name.to_owned()))
    }

    /// A type without nested types: the text up to the next comma or closing bracket.
    fn scalar(&mut self, start: &'a str, name: &str) -> Result<DataType, String> {
        let parameters = if self.rest.starts_with(['(', '<']) {
            self.brackets()?
        } else {
            ""
        };
        let mut suffix = Vec::new();
        loop {
            let word = self.word().to_ascii_lowercase();
            if word.is_empty() {
                break;
            }
            suffix.push(word);
        }
        let len = start.len() - self.rest.len();
        let text = start.get(..len).unwrap_or_default().trim_end();
        let known = scalar(name, parameters, &suffix.join(" "));
        Ok(known.unwrap_or_else(|| DataType::Other(text.to_owned())))
    }

    /// The text between a bracket and its closing bracket.
    fn brackets(&mut self) -> Result<&'a str, String> {
        let mut open = 0_usize;
        for (position, character) in self.rest.char_indices() {
            match character {
                '(' | '<' => open += 1,
                ')' | '>' => open -= 1,
                _ => {}
            }
            if open == 0 {
                let inside = self.rest.get(1..position).unwrap_or_default();
                self.advance(position + 1);
                return Ok(inside);
            }
        }
        Err("a bracket is not closed".into())
    }

    /// A name in double quotes, in which a quote is doubled.
    fn quoted(&mut self) -> Result<String, String> {
        let mut name = String::new();
        let mut characters = self.rest.char_indices().skip(1).peekable();
        while let Some((position, character)) = characters.next() {
            if character != '"' {
                name.push(character);
            } else if characters.next_if(|&(_, next)| next == '"').is_some() {
                name.push('"');
            } else {
                self.advance(position + 1);
                return Ok(name);
            }
        }
        Err("a quote is not closed".into())
    }

    fn word(&mut self) -> &'a str {
        let is_end = |c: char| c.is_whitespace() || "(),:<>\"".contains(c);
        let len = self.rest.find(is_end).unwrap_or(self.rest.len());
        let word = self.rest.get(..len).unwrap_or_default();
        self.advance(len);
        word
    }

    /// Skips an opening bracket, and returns the matching closing bracket.
    fn open(&mut self) -> char {
        let close = if self.rest.starts_with('<') { '>' } else { ')' };
        self.advance(1);
        close
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.skip(wanted) {
            return Ok(());
        }
        Err(format!(
            "{wanted:?} is missing before {}",
            quote(self.rest.as_bytes())
        ))
    }

    fn skip(&mut self, wanted: char) -> bool {
        let found = self.rest.starts_with(wanted);
        if found {
            self.advance(wanted.len_utf8());
        }
        found
    }

    fn advance(&mut self, len: usize) {
        self.rest = self.rest.get(len..).unwrap_or_default().trim_start();
    }
}

/// A type by its name, the parameters in brackets, and the words that follow them.
fn scalar(name: &str, parameters: &str, suffix: &str) -> Option<DataType> {
    Some(match (name, suffix) {
        ("boolean", "") => DataType::Boolean,
        ("tinyint", "") => DataType::TinyInt,
        ("smallint", "") => DataType::SmallInt,
        ("integer" | "int", "") => DataType::Integer,
        ("bigint" | "long", "") => DataType::BigInt,
        ("real" | "float", "") => DataType::Real,
        ("double", "" | "precision") => DataType::Double,
        ("decimal", "") => decimal(parameters)?,
        ("varchar" | "char" | "string", "") => DataType::Varchar,
        ("varbinary" | "binary", "") => DataType::Varbinary,
        ("date", "") => DataType::Date,
        ("timestamp", "" | "without time zone") => timestamp(parameters)?,
        ("json", "") => DataType::Json,
        _ => return None,
    })
}

fn decimal(parameters: &str) -> Option<DataType> {
    let (precision, scale) = match parameters.split_once(',') {
        _ if parameters.is_empty() => (38, 0),
        None => (parameters.trim().parse().ok()?, 0),
        Some((precision, scale)) => (precision.trim().parse().ok()?, scale.trim().parse().ok()?),
    };
    let fits = (1..=38).contains(&precision) && scale <= precision;
    fits.then_some(DataType::Decimal { precision, scale })
}

fn timestamp(parameters: &str) -> Option<DataType> {
    let precision = match parameters {
        "" => 3,
        digits => digits.trim().parse().ok()?,
    };
    (precision <= 9).then_some(DataType::Timestamp { precision })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DataType::*, *};

    fn parse(text: &str) -> DataType {
        DataType::parse(text).unwrap()
    }

    fn row<const N: usize>(fields: [(&str, DataType); N]) -> DataType {
        Row(fields
            .map(|(name, data_type)| Field {
                name: name.into(),
                data_type,
            })
            .into())
    }

    fn array(element: DataType) -> DataType {
        Array(Box::new(element))
    }

    fn map(key: DataType, value: DataType) -> DataType {
        Map(Box::new(key), Box::new(value))
    }

    #[test]
    fn simple_names_of_presto_and_hive() {
        for (text, data_type) in [
            ("boolean", Boolean),
            ("tinyint", TinyInt),
            ("smallint", SmallInt),
            ("integer", Integer),
            ("int", Integer),
            ("bigint", BigInt),
            ("long", BigInt),
            ("real", Real),
            ("float", Real),
            ("double", Double),
            ("double precision", Double),
            ("varchar", Varchar),
            ("varchar(255)", Varchar),
            ("char(3)", Varchar),
            ("string", Varchar),
            ("varbinary", Varbinary),
            ("binary", Varbinary),
            ("date", Date),
            ("json", Json),
            ("timestamp", Timestamp { precision: 3 }),
            ("timestamp(0)", Timestamp { precision: 0 }),
            ("timestamp(9)", Timestamp { precision: 9 }),
            ("timestamp(6) without time zone", Timestamp { precision: 6 }),
            (
                "decimal(38,10)",
                Decimal {
                    precision: 38,
                    scale: 10,
                },
            ),
            (
                "decimal( 5 , 0 )",
                Decimal {
                    precision: 5,
                    scale: 0,
                },
            ),
            (
                "decimal(7)",
                Decimal {
                    precision: 7,
                    scale: 0,
                },
            ),
            (
                "decimal",
                Decimal {
                    precision: 38,
                    scale: 0,
                },
            ),
            (" BIGINT ", BigInt),
        ] {
            assert_eq!(parse(text), data_type, "{text}");
        }
    }

    #[test]
    fn other_names_are_kept_as_they_are() {
        for text in [
            "timestamp with time zone",
            "timestamp(3) with time zone",
            "timestamp(12)",
            "time",
            "time(6)",
            "time(3) with time zone",
            "interval day to second",
            "uuid",
            "unknown",
            "ipaddress",
            "HyperLogLog",
            "qdigest(bigint)",
            "function(array(bigint), bigint)",
            "uniontype<int,array<string>>",
            "decimal(39,0)",
            "decimal(0,0)",
            "decimal(5,6)",
            "decimal(x)",
            "array",
            "row",
        ] {
            assert_eq!(parse(text), Other(text.into()), "{text}");
        }
    }

    #[test]
    fn nested_names_of_presto() {
        for (text, data_type) in [
            ("array(bigint)", array(BigInt)),
            ("array( array( varchar(3) ) )", array(array(Varchar))),
            ("map(varchar, bigint)", map(Varchar, BigInt)),
            (
                "map(varchar,array(decimal(3, 1)))",
                map(
                    Varchar,
                    array(Decimal {
                        precision: 3,
                        scale: 1,
                    }),
                ),
            ),
            (
                "row(a bigint, b varchar)",
                row([("a", BigInt), ("b", Varchar)]),
            ),
            (
                "row(a row(b array(double)))",
                row([("a", row([("b", array(Double))]))]),
            ),
            (
                r#"row("a b" bigint, "c""(,)" varchar(3))"#,
                row([("a b", BigInt), ("c\"(,)", Varchar)]),
            ),
            (
                "row(bigint, varchar(3))",
                row([("field0", BigInt), ("field1", Varchar)]),
            ),
            (
                "row(time time, date date)",
                row([("time", Other("time".into())), ("date", Date)]),
            ),
            (
                "row(time with time zone, t timestamp(3) with time zone)",
                row([
                    ("field0", Other("time with time zone".into())),
                    ("t", Other("timestamp(3) with time zone".into())),
                ]),
            ),
            (
                "row(a bigint, a bigint)",
                row([("a", BigInt), ("a_2", BigInt)]),
            ),
            ("row(größe bigint)", row([("größe", BigInt)])),
        ] {
            assert_eq!(parse(text), data_type, "{text}");
        }
    }

    #[test]
    fn nested_names_of_hive() {
        for (text, data_type) in [
            ("array<string>", array(Varchar)),
            ("map<string,array<int>>", map(Varchar, array(Integer))),
            (
                "struct<a:int,b:struct<c:decimal(3,1)>>",
                row([
                    ("a", Integer),
                    (
                        "b",
                        row([(
                            "c",
                            Decimal {
                                precision: 3,
                                scale: 1,
                            },
                        )]),
                    ),
                ]),
            ),
            (
                "struct< a : int , b : string >",
                row([("a", Integer), ("b", Varchar)]),
            ),
        ] {
            assert_eq!(parse(text), data_type, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (text, reason) in [
            ("", "a type is missing"),
            ("array(", "a type is missing"),
            ("array()", "a type is missing"),
            ("row()", "a type is missing"),
            ("array(bigint", "')' is missing before \"\""),
            ("array<bigint)", "'>' is missing before \")\""),
            ("map(bigint)", "',' is missing before \")\""),
            ("struct<int>", "':' is missing before \">\""),
            ("decimal(3", "a bracket is not closed"),
            (r#"row("a bigint)"#, "a quote is not closed"),
            ("bigint)", "unexpected text at \")\""),
        ] {
            let whole = format!("the type {text:?}: {reason}");
            assert_eq!(DataType::parse(text), Err(whole));
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested =
            |levels: usize| format!("{}bigint{}", "array(".repeat(levels), ")".repeat(levels));
        assert!(DataType::parse(&nested(MAX_DEPTH)).is_ok());
        assert!(
            DataType::parse(&nested(MAX_DEPTH + 1))
                .unwrap_err()
                .contains("more than 28 levels")
        );
        assert!(DataType::parse(&nested(1_000_000)).is_err());
        assert!(DataType::parse(&"(".repeat(1_000_000)).is_err());
    }

    #[test]
    fn types_written_as_text_are_found_at_any_depth() {
        let data_type = parse("map(uuid, row(a array(time), b bigint))");
        assert_eq!(data_type.types_written_as_text(), ["uuid", "time"]);
    }

    fn any_type() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("bigint".to_owned()),
            Just("varchar(3)".to_owned()),
            Just("time with time zone".to_owned()),
            Just("decimal(10, 2)".to_owned()),
        ];
        leaf.prop_recursive(5, 30, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|t| format!("array({t})")),
                (inner.clone(), inner.clone()).prop_map(|(k, v)| format!("map<{k},{v}>")),
                prop::collection::vec(inner, 1..3).prop_map(|types| {
                    let fields = types.iter().map(|t| format!("\"f \"\"\" {t}"));
                    format!("row({})", fields.collect::<Vec<_>>().join(", "))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn well_formed_names_are_read(text in any_type()) {
            prop_assert!(DataType::parse(&text).is_ok());
        }

        #[test]
        fn hostile_text_never_panics(text in "(array|map|row|struct|time|with|bigint|[(<>), :\"a🦀]){0,30}") {
            let _ = DataType::parse(&text);
        }

        #[test]
        fn arbitrary_text_never_panics(text in any::<String>()) {
            let _ = DataType::parse(&text);
        }
    }
}
