//! The order of float columns that readers of the last years know.
//!
//! parquet 60 declares the order `IEEE_754_TOTAL_ORDER` for float columns, which many readers refuse with the whole file:
//! Polars up to 1.42, DataFusion up to 50, parquet-wasm up to 0.7. Here the footer declares the older `TYPE_ORDER`, and the
//! statistics follow its rules: no NaN, no count of NaNs, -0.0 as the minimum and +0.0 as the maximum if it is zero.

use std::ops::Neg;

use parquet::{
    basic::Type,
    data_type::AsBytes,
    file::{
        FOOTER_SIZE,
        metadata::{ColumnIndexBuilder, LevelHistogram},
        page_index::column_index::{ColumnIndexMetaData, PrimitiveColumnIndex},
        statistics::{Statistics, ValueStatistics},
    },
};

use crate::{Error, Result};

/// An order in Thrift's compact protocol: a union with one field, which is an empty struct.
const TYPE_ORDER: [u8; ORDER_BYTES] = [0x1c, 0, 0];
const TOTAL_ORDER: [u8; ORDER_BYTES] = [0x2c, 0, 0];
const ORDER_BYTES: usize = 3;

/// The header of field 7 (`column_orders`), a list, after field 6.
const LIST_FIELD: u8 = 0x19;
/// The type of the list's elements.
const STRUCT: u8 = 0x0c;
/// Lists of at least this length have their length after the header.
const LONG_LIST: usize = 15;

trait Float: Copy + Default + PartialEq + Neg<Output = Self> + Into<f64> + AsBytes {}
impl<T: Copy + Default + PartialEq + Neg<Output = T> + Into<f64> + AsBytes> Float for T {}

/// Statistics of a column chunk, in the type-defined order.
pub fn statistics(statistics: &Statistics) -> Statistics {
    match statistics {
        Statistics::Float(values) => Statistics::Float(type_ordered(values)),
        Statistics::Double(values) => Statistics::Double(type_ordered(values)),
        Statistics::Boolean(_)
        | Statistics::Int32(_)
        | Statistics::Int64(_)
        | Statistics::Int96(_)
        | Statistics::ByteArray(_)
        | Statistics::FixedLenByteArray(_) => statistics.clone(),
    }
}

fn type_ordered<T: Float>(values: &ValueStatistics<T>) -> ValueStatistics<T> {
    let (min, max) = values
        .min_opt()
        .zip(values.max_opt())
        .and_then(|(&min, &max)| bounds(min, max))
        .unzip();
    ValueStatistics::new(
        min,
        max,
        values.distinct_count(),
        values.null_count_opt(),
        false,
    )
}

/// The bounds of values in the type-defined order. The writer ignores NaN unless there are only NaNs, which have no bounds.
fn bounds<T: Float>(min: T, max: T) -> Option<(T, T)> {
    if min.into().is_nan() || max.into().is_nan() {
        return None;
    }
    let zero = T::default();
    Some((
        if min == zero { -zero } else { min },
        if max == zero { zero } else { max },
    ))
}

/// The index of a column's pages, in the type-defined order. There is none if a page has only NaNs: such a page has no
/// bounds, and each page of an index must have some unless all of its values are NULL.
///
/// # Errors
/// [`Error::Parquet`] if the index cannot be built.
pub fn column_index(index: &ColumnIndexMetaData) -> Result<Option<ColumnIndexMetaData>> {
    match index {
        ColumnIndexMetaData::FLOAT(pages) => rebuild(index, pages, Type::FLOAT),
        ColumnIndexMetaData::DOUBLE(pages) => rebuild(index, pages, Type::DOUBLE),
        ColumnIndexMetaData::BOOLEAN(_)
        | ColumnIndexMetaData::INT32(_)
        | ColumnIndexMetaData::INT64(_)
        | ColumnIndexMetaData::INT96(_)
        | ColumnIndexMetaData::BYTE_ARRAY(_)
        | ColumnIndexMetaData::FIXED_LEN_BYTE_ARRAY(_) => Ok(Some(index.clone())),
    }
}

fn rebuild<T: Float>(
    index: &ColumnIndexMetaData,
    pages: &PrimitiveColumnIndex<T>,
    data_type: Type,
) -> Result<Option<ColumnIndexMetaData>> {
    let mut builder = ColumnIndexBuilder::new(data_type);
    // Values that ascend in the total order ascend in the type-defined order, where both zeros are equal.
    if let Some(order) = index.get_boundary_order() {
        builder.set_boundary_order(order);
    }
    let mins_and_maxes = pages.min_values_iter().zip(pages.max_values_iter());
    for (page, min_and_max) in mins_and_maxes.enumerate() {
        let (min, max) = match min_and_max {
            (Some(&min), Some(&max)) => match bounds(min, max) {
                Some((min, max)) => (min.as_bytes().to_vec(), max.as_bytes().to_vec()),
                None => return Ok(None),
            },
            _ => (Vec::new(), Vec::new()),
        };
        let nulls = index.null_count(page).unwrap_or(0);
        builder.append(index.is_null_page(page), min, max, nulls, None);
        builder.append_histograms(
            &histogram(index.repetition_level_histogram(page)),
            &histogram(index.definition_level_histogram(page)),
        );
    }
    Ok(Some(builder.build()?))
}

fn histogram(counts: Option<&[i64]>) -> Option<LevelHistogram> {
    counts.map(|counts| LevelHistogram::from(counts.to_vec()))
}

/// Declares the type-defined order for all `leaves` columns of a footer. The parquet crate derives the orders from the
/// types and offers no choice. They are the last field of the metadata, and all orders have the same length.
///
/// # Errors
/// [`Error::Parquet`] if the footer does not end with the orders of its columns.
pub fn declare_type_order(footer: &mut [u8], leaves: usize) -> Result<()> {
    let stop = footer.len().checked_sub(FOOTER_SIZE + 1);
    let orders = stop
        .filter(|&stop| footer.get(stop) == Some(&0))
        .and_then(|stop| stop.checked_sub(leaves.checked_mul(ORDER_BYTES)?));
    let Some((before, orders)) = orders.and_then(|start| footer.split_at_mut_checked(start)) else {
        return Err(unexpected_footer());
    };
    if !before.ends_with(&list_header(leaves)) {
        return Err(unexpected_footer());
    }
    for order in orders.chunks_exact_mut(ORDER_BYTES).take(leaves) {
        if order != TYPE_ORDER && order != TOTAL_ORDER {
            return Err(unexpected_footer());
        }
        order.copy_from_slice(&TYPE_ORDER);
    }
    Ok(())
}

/// The bytes of a list of `len` structs up to its first element.
fn list_header(mut len: usize) -> Vec<u8> {
    let low_bits = |len: usize| u8::try_from(len & 0x7f).unwrap_or_default();
    if len < LONG_LIST {
        return vec![LIST_FIELD, low_bits(len) << 4 | STRUCT];
    }
    let mut header = vec![LIST_FIELD, 0xf0 | STRUCT];
    while len > 0x7f {
        header.push(0x80 | low_bits(len));
        len >>= 7;
    }
    header.push(low_bits(len));
    header
}

fn unexpected_footer() -> Error {
    Error::Parquet {
        reason: "the footer does not end with column orders".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_no_nan_and_include_both_zeros() {
        let bits = |min: f64, max: f64| bounds(min, max).map(|(a, b)| [a.to_bits(), b.to_bits()]);
        let of = |min: f64, max: f64| Some([min.to_bits(), max.to_bits()]);
        assert_eq!(bits(0.0, 0.0), of(-0.0, 0.0));
        assert_eq!(bits(-0.0, -0.0), of(-0.0, 0.0));
        assert_eq!(bits(0.0, 1.0), of(-0.0, 1.0));
        assert_eq!(bits(-1.0, -0.0), of(-1.0, 0.0));
        assert_eq!(
            bits(f64::NEG_INFINITY, f64::INFINITY),
            of(f64::NEG_INFINITY, f64::INFINITY)
        );
        assert_eq!(bits(f64::NAN, f64::NAN), None);
        assert_eq!(bounds(f32::NAN, f32::NAN), None);
    }

    #[test]
    fn statistics_of_floats_have_no_count_of_nans() {
        let values = ValueStatistics::new(Some(0.0_f32), Some(2.0), None, Some(3), false)
            .with_nan_count(Some(1));
        let Statistics::Float(values) = statistics(&Statistics::Float(values)) else {
            panic!("other statistics");
        };
        assert_eq!(values.nan_count_opt(), None);
        assert_eq!(values.null_count_opt(), Some(3));
        assert_eq!(
            values.min_opt().map(|min| min.to_bits()),
            Some((-0.0_f32).to_bits())
        );
        assert_eq!(values.max_opt(), Some(&2.0));
    }

    /// A footer whose metadata is only the orders.
    fn footer(orders: &[[u8; ORDER_BYTES]]) -> Vec<u8> {
        let header = list_header(orders.len());
        [&header, &orders.concat(), &[0][..], &[0; FOOTER_SIZE]].concat()
    }

    #[test]
    fn all_columns_get_the_type_order() {
        for columns in [1, 14, 15, 127, 128, 16_384] {
            let mut orders = vec![TYPE_ORDER; columns];
            orders[columns / 2] = TOTAL_ORDER;
            let mut changed = footer(&orders);
            declare_type_order(&mut changed, columns).unwrap();
            assert_eq!(changed, footer(&vec![TYPE_ORDER; columns]), "{columns}");
        }
    }

    #[test]
    fn other_footers_are_refused_and_not_changed_silently() {
        let refused = |footer: Vec<u8>, leaves: usize| {
            let error = declare_type_order(&mut footer.clone(), leaves).unwrap_err();
            assert_eq!(error.code(), "parquet");
        };
        refused(vec![], 1);
        refused(vec![0; 9], 1);
        refused(footer(&[TYPE_ORDER]), 2);
        refused(footer(&[TYPE_ORDER, TYPE_ORDER]), 1);
        refused(footer(&[[0x4c, 0, 0]]), 1);
        refused([footer(&[TYPE_ORDER]), vec![0]].concat(), 1);
    }
}
