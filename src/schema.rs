//! Result schemas: what a job says its columns are.

use arrow::datatypes::SchemaRef;

use crate::{Result, row_group::EncodeOptions};

/// A type of a column or of what is inside it.
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
        /// All digits, 1 to 38.
        precision: u8,
        /// Digits after the point, 0 to `precision`.
        scale: u8,
    },
    /// `varchar`, `varchar(n)`, `char(n)`, `string`
    Varchar,
    /// `varbinary`, `binary`
    Varbinary,
    /// `date`
    Date,
    /// `timestamp`, `timestamp(p)`
    Timestamp {
        /// Digits of the second's fraction, 0 to 9.
        precision: u8,
    },
    /// `json`
    Json,
    /// Any other type, written as the text that TD gives for it
    Other,
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
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
}

/// A column of a job result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in the file: as in the result, made unique where names repeat.
    pub name: String,
    /// Its type as TD wrote it.
    pub type_name: String,
    /// The type understood.
    pub data_type: DataType,
}

/// The columns of a job result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultSchema {
    columns: Vec<Column>,
    notes: Vec<String>,
}

impl ResultSchema {
    /// Reads the text of `hive_result_schema`: `[["cnt", "bigint"], …]`.
    ///
    /// # Errors
    /// [`Error::Schema`](crate::Error::Schema) when it is something else.
    pub fn parse(_hive_result_schema: &str) -> Result<Self> {
        Ok(Self {
            columns: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// The columns, in the order of a row's values.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// What the file will show otherwise than the result, one sentence each: renamed columns, types written as text.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The columns as Arrow fields.
    pub fn arrow_schema(&self, _options: &EncodeOptions) -> SchemaRef {
        arrow::datatypes::Schema::empty().into()
    }
}
