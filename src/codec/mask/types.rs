//! The types of masked columns.

use crate::schema::{DataType, Field};

use super::method::Method;

/// The type of the values that a method writes for values of `data_type`.
pub(super) fn masked(method: Method, data_type: &DataType) -> DataType {
    match data_type {
        DataType::Array(element) => DataType::Array(Box::new(masked(method, element))),
        DataType::Map(key, value) => {
            let [key, value] = [key, value].map(|nested| Box::new(masked(method, nested)));
            DataType::Map(key, value)
        }
        DataType::Row(fields) => {
            let fields = fields.iter().map(|field| Field {
                name: field.name.clone(),
                data_type: masked(method, &field.data_type),
            });
            DataType::Row(fields.collect())
        }
        DataType::TinyInt | DataType::SmallInt | DataType::Integer if method.needs_key() => {
            DataType::BigInt
        }
        DataType::Varbinary
        | DataType::Date
        | DataType::Timestamp { .. }
        | DataType::Decimal { .. }
            if method.needs_key() =>
        {
            DataType::Varchar
        }
        DataType::Boolean
        | DataType::TinyInt
        | DataType::SmallInt
        | DataType::Integer
        | DataType::BigInt
        | DataType::Real
        | DataType::Double
        | DataType::Decimal { .. }
        | DataType::Varchar
        | DataType::Varbinary
        | DataType::Date
        | DataType::Timestamp { .. }
        | DataType::Json
        | DataType::Other(_) => data_type.clone(),
    }
}

/// The name of a type as TD writes it in the schema of a table.
pub(super) fn name(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "boolean".into(),
        DataType::TinyInt => "tinyint".into(),
        DataType::SmallInt => "smallint".into(),
        DataType::Integer => "int".into(),
        DataType::BigInt => "long".into(),
        DataType::Real => "float".into(),
        DataType::Double => "double".into(),
        DataType::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        DataType::Varchar => "string".into(),
        DataType::Varbinary => "varbinary".into(),
        DataType::Date => "date".into(),
        DataType::Timestamp { precision } => format!("timestamp({precision})"),
        DataType::Json => "json".into(),
        DataType::Other(text) => text.clone(),
        DataType::Array(element) => format!("array<{}>", name(element)),
        DataType::Map(key, value) => format!("map<{},{}>", name(key), name(value)),
        DataType::Row(fields) => {
            let fields = fields.iter().map(|field| {
                let quoted = field.name.replace('"', "\"\"");
                format!("\"{quoted}\" {}", name(&field.data_type))
            });
            format!("row({})", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked_name(method: Method, text: &str) -> String {
        name(&masked(method, &DataType::parse(text).unwrap()))
    }

    #[test]
    fn hashes_of_integers_are_long_and_of_others_text() {
        for (before, after) in [
            ("int", "long"),
            ("long", "long"),
            ("varchar(3)", "string"),
            ("date", "string"),
            ("decimal(9,2)", "string"),
            ("double", "double"),
            ("array<int>", "array<long>"),
            ("map<string,array<int>>", "map<string,array<long>>"),
            (
                "row(a tinyint, \"B c\" timestamp(3))",
                "row(\"a\" long, \"B c\" string)",
            ),
        ] {
            assert_eq!(masked_name(Method::Hash, before), after);
        }
    }

    #[test]
    fn the_name_of_a_type_is_read_as_the_same_type() {
        for text in [
            "boolean",
            "float",
            "json",
            "ipaddress",
            "timestamp(9)",
            "map<int,row(\"x\"\"y\" smallint, b array<varbinary>)>",
        ] {
            let data_type = DataType::parse(text).unwrap();
            assert_eq!(DataType::parse(&name(&data_type)), Ok(data_type));
        }
    }

    #[test]
    fn other_methods_keep_the_type() {
        assert_eq!(
            masked_name(Method::Partial(4), "map<int,date>"),
            "map<int,date>"
        );
    }
}
