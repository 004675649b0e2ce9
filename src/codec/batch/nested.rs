//! Columns of arrays, maps and rows.

use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, MapArray, StructArray};
use arrow_buffer::{NullBufferBuilder, OffsetBuffer};
use arrow_schema::{ArrowError, Field, FieldRef, Fields};

use super::{
    column_builder::ColumnBuilder, json::null_key, offsets::Offsets, value_error::ValueError,
};
use crate::msgpack::{Reader, Value};

/// A column of arrays.
#[derive(Debug)]
pub struct ListColumn {
    field: FieldRef,
    element: Box<dyn ColumnBuilder>,
    offsets: Offsets,
    nulls: NullBufferBuilder,
}

impl ListColumn {
    /// An empty column of arrays, whose elements `element` builds.
    pub fn new(field: Field, element: Box<dyn ColumnBuilder>) -> Self {
        Self {
            field: Arc::new(field),
            element,
            offsets: Offsets::new(),
            nulls: NullBufferBuilder::new(0),
        }
    }
}

impl ColumnBuilder for ListColumn {
    fn append(&mut self, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>> {
        match reader.value()? {
            Value::Nil => self.append_null(),
            Value::Array(len) => {
                for _ in 0..len {
                    self.element
                        .append(reader)
                        .map_err(|error| error.inside("[]"))?;
                }
                self.offsets.push_len(len)?;
                self.nulls.append_non_null();
            }
            other => return Err(ValueError::type_mismatch(&other, "array")),
        }
        Ok(())
    }

    fn append_null(&mut self) {
        self.offsets.push_empty();
        self.nulls.append_null();
    }

    fn finish(&mut self) -> Result<ArrayRef, Box<ValueError>> {
        let offsets = self.offsets.take();
        let elements = self
            .element
            .finish()
            .map_err(|error| with_parent_index(error, &offsets).inside("[]"))?;
        let array = ListArray::try_new(self.field.clone(), offsets, elements, self.nulls.finish());
        Ok(Arc::new(array.map_err(arrow_error)?))
    }
}

/// A column of maps.
#[derive(Debug)]
pub struct MapColumn {
    field: FieldRef,
    entries: Fields,
    key: Box<dyn ColumnBuilder>,
    value: Box<dyn ColumnBuilder>,
    offsets: Offsets,
    nulls: NullBufferBuilder,
}

impl MapColumn {
    /// An empty column of maps, whose keys and values `key` and `value` build.
    pub fn new(
        (field, entries): (Field, Fields),
        key: Box<dyn ColumnBuilder>,
        value: Box<dyn ColumnBuilder>,
    ) -> Self {
        Self {
            field: Arc::new(field),
            entries,
            key,
            value,
            offsets: Offsets::new(),
            nulls: NullBufferBuilder::new(0),
        }
    }

    fn append_entry(&mut self, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>> {
        if reader.is_nil() {
            return Err(null_key());
        }
        self.key
            .append(reader)
            .map_err(|error| error.inside("[key]"))?;
        self.value
            .append(reader)
            .map_err(|error| error.inside("[value]"))
    }
}

impl ColumnBuilder for MapColumn {
    fn append(&mut self, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>> {
        match reader.value()? {
            Value::Nil => self.append_null(),
            Value::Map(len) => {
                for _ in 0..len {
                    self.append_entry(reader)?;
                }
                self.offsets.push_len(len)?;
                self.nulls.append_non_null();
            }
            other => return Err(ValueError::type_mismatch(&other, "map")),
        }
        Ok(())
    }

    fn append_null(&mut self) {
        self.offsets.push_empty();
        self.nulls.append_null();
    }

    fn finish(&mut self) -> Result<ArrayRef, Box<ValueError>> {
        let offsets = self.offsets.take();
        let keys = self
            .key
            .finish()
            .map_err(|error| with_parent_index(error, &offsets).inside("[key]"))?;
        let values = self
            .value
            .finish()
            .map_err(|error| with_parent_index(error, &offsets).inside("[value]"))?;
        let entries = StructArray::try_new(self.entries.clone(), vec![keys, values], None)
            .map_err(arrow_error)?;
        let field = self.field.clone();
        let array = MapArray::try_new(field, offsets, entries, self.nulls.finish(), false);
        Ok(Arc::new(array.map_err(arrow_error)?))
    }
}

/// A column of rows. In the input, a row is an array of the field values, or a map from field name to value.
#[derive(Debug)]
pub struct RowColumn {
    fields: Fields,
    columns: Vec<Box<dyn ColumnBuilder>>,
    nulls: NullBufferBuilder,
}

impl RowColumn {
    /// An empty column of rows of `fields`, which `columns` build.
    pub fn new(fields: Fields, columns: Vec<Box<dyn ColumnBuilder>>) -> Self {
        Self {
            fields,
            columns,
            nulls: NullBufferBuilder::new(0),
        }
    }

    fn append_values(&mut self, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>> {
        for (field, column) in self.fields.iter().zip(&mut self.columns) {
            column
                .append(reader)
                .map_err(|error| error.inside(&format!(".{}", field.name())))?;
        }
        Ok(())
    }

    /// Fields may be in any order. Missing fields are NULL.
    fn append_named(&mut self, len: u32, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>> {
        let mut missing = vec![true; self.columns.len()];
        for _ in 0..len {
            let key = reader.value()?;
            let (field, column, missing) = self
                .fields
                .iter()
                .zip(&mut self.columns)
                .zip(&mut missing)
                .find(|((field, _), _)| key == Value::Str(field.name().as_bytes()))
                .map(|((field, column), missing)| (field, column, missing))
                .ok_or_else(|| {
                    ValueError::mismatch_of(&key, |key| format!("the row has no field for {key}"))
                })?;
            if !std::mem::take(missing) {
                return Err(ValueError::mismatch(format!(
                    "the field {:?} is duplicated",
                    field.name()
                )));
            }
            column
                .append(reader)
                .map_err(|error| error.inside(&format!(".{}", field.name())))?;
        }
        for (column, _) in self
            .columns
            .iter_mut()
            .zip(missing)
            .filter(|(_, missing)| *missing)
        {
            column.append_null();
        }
        Ok(())
    }
}

impl ColumnBuilder for RowColumn {
    fn append(&mut self, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>> {
        match reader.value()? {
            Value::Nil => {
                self.append_null();
                return Ok(());
            }
            Value::Array(len) if len as usize == self.columns.len() => {
                self.append_values(reader)?
            }
            Value::Map(len) => self.append_named(len, reader)?,
            other => {
                let expected = format!("a row of {} fields", self.columns.len());
                return Err(ValueError::type_mismatch(&other, &expected));
            }
        }
        self.nulls.append_non_null();
        Ok(())
    }

    fn append_null(&mut self) {
        for column in &mut self.columns {
            column.append_null();
        }
        self.nulls.append_null();
    }

    fn finish(&mut self) -> Result<ArrayRef, Box<ValueError>> {
        let mut arrays = Vec::with_capacity(self.columns.len());
        for (field, column) in self.fields.iter().zip(&mut self.columns) {
            let array = column.finish();
            arrays.push(array.map_err(|error| error.inside(&format!(".{}", field.name())))?);
        }
        let array = StructArray::try_new(self.fields.clone(), arrays, self.nulls.finish());
        Ok(Arc::new(array.map_err(arrow_error)?))
    }
}

/// Replaces the index of the value by that of the array or map that contains it.
fn with_parent_index(mut error: Box<ValueError>, offsets: &OffsetBuffer<i32>) -> Box<ValueError> {
    let started = offsets.partition_point(|&offset| {
        usize::try_from(offset).is_ok_and(|offset| offset <= error.index)
    });
    error.index = started.saturating_sub(1);
    error
}

fn arrow_error(error: ArrowError) -> Box<ValueError> {
    ValueError::mismatch(error.to_string())
}
