//! A job result to a Parquet file, through the public API, read back by the parquet crate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap
)]

#[path = "../testing.rs"]
mod testing;

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, RecordBatch,
    cast::AsArray,
    types::{Decimal128Type, Float64Type, Int32Type, Int64Type},
};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{DataType as ArrowType, TimeUnit};
use arrow_select::concat::concat_batches;
use bytes::Bytes;
use parquet::{
    arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    basic::{ColumnOrder, LogicalType, Repetition, SortOrder},
    file::{
        metadata::{PageIndexPolicy, ParquetMetaData},
        page_index::column_index::ColumnIndexMetaData,
        statistics::Statistics,
    },
};
use petit_codec::{
    Error,
    parquet_options::{Compression, EncodeOptions, InvalidUtf8},
    row_group::{FILE_MAGIC, RowGroupEncoder},
    schema::ResultSchema,
    splitter::{SplitOptions, Splitter},
    stitch::Stitcher,
};
use testing::{CHUNK_SIZES, V, a, gzip, m, rows, s};

const SMALL: SplitOptions = SplitOptions {
    batch_rows: 3,
    batch_bytes: 1 << 20,
    group_rows: 7,
    group_bytes: 4 << 20,
};

struct Export<'a> {
    schema: &'a ResultSchema,
    options: EncodeOptions,
    split: SplitOptions,
    chunk: usize,
}

impl Export<'_> {
    fn run(&self, stream: &[u8]) -> Result<Vec<u8>, Error> {
        let metadata = vec![("td.job_id".to_owned(), "42".to_owned())];
        let mut stitcher = Stitcher::try_new(self.schema, &self.options, metadata)?;
        let mut splitter = Splitter::try_new(self.split)?;
        let mut file = FILE_MAGIC.to_vec();
        let mut encoder = None;
        for chunk in stream.chunks(self.chunk.min(stream.len().max(1))) {
            splitter.push(chunk);
            self.drain(&mut splitter, &mut encoder, &mut stitcher, &mut file)?;
        }
        splitter.finish();
        self.drain(&mut splitter, &mut encoder, &mut stitcher, &mut file)?;
        assert!(encoder.is_none());
        file.extend(stitcher.finish()?);
        Ok(file)
    }

    fn drain(
        &self,
        splitter: &mut Splitter,
        encoder: &mut Option<RowGroupEncoder>,
        stitcher: &mut Stitcher,
        file: &mut Vec<u8>,
    ) -> Result<(), Error> {
        while let Some(batch) = splitter.next()? {
            let mut open = match encoder.take() {
                Some(open) => open,
                None => RowGroupEncoder::try_new(self.schema, &self.options, batch.first_row)?,
            };
            open.push(&batch.rows)?;
            if batch.ends_group {
                let group = open.finish()?;
                stitcher.append(group.footer().to_vec(), group.data_length)?;
                file.extend(group.data());
            } else {
                *encoder = Some(open);
            }
        }
        Ok(())
    }
}

fn schema(columns: &[(&str, &str)]) -> ResultSchema {
    ResultSchema::parse(&serde_json::to_string(columns).unwrap()).unwrap()
}

fn export(columns: &[(&str, &str)], stream: &[u8]) -> Vec<u8> {
    let schema = schema(columns);
    let files = CHUNK_SIZES.map(|chunk| {
        let export = Export {
            schema: &schema,
            options: EncodeOptions::default(),
            split: SMALL,
            chunk,
        };
        export.run(stream).unwrap()
    });
    assert!(
        files.iter().all(|file| *file == files[0]),
        "chunk sizes make a difference"
    );
    files[0].clone()
}

fn read(file: Vec<u8>) -> (RecordBatch, Arc<ParquetMetaData>) {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let builder =
        ParquetRecordBatchReaderBuilder::try_new_with_options(Bytes::from(file), options).unwrap();
    let (schema, metadata) = (builder.schema().clone(), builder.metadata().clone());
    let batches: Vec<_> = builder.build().unwrap().collect::<Result<_, _>>().unwrap();
    (concat_batches(&schema, &batches).unwrap(), metadata)
}

/// A column's values as Arrow shows them.
fn shown(batch: &RecordBatch, column: usize) -> Vec<String> {
    let array: &ArrayRef = batch.column(column);
    (0..array.len())
        .map(|row| match array.is_null(row) {
            true => "NULL".to_owned(),
            false => array_value_to_string(array, row).unwrap(),
        })
        .collect()
}

#[test]
fn every_type_and_edge_value_comes_back() {
    let columns = [
        ("time", "bigint"),
        ("flag", "boolean"),
        ("tiny", "tinyint"),
        ("small", "smallint"),
        ("int", "integer"),
        ("real", "real"),
        ("double", "double"),
        ("price", "decimal(20,4)"),
        ("text", "varchar(3)"),
        ("bytes", "varbinary"),
        ("day", "date"),
        ("at", "timestamp(6)"),
        ("doc", "json"),
        ("id", "uuid"),
        ("tags", "array(array(varchar))"),
        ("props", "map(varchar, bigint)"),
        ("rec", "row(a bigint, b array(varchar))"),
    ];
    let big = "🦀".repeat(1 << 18);
    let nan = f64::from_bits(0x7ff8_0000_0000_1234);
    let values = [
        [
            V::Int(i64::MIN),
            V::Bool(true),
            V::Int(-128),
            V::Int(-32_768),
            V::Int(i32::MIN.into()),
            V::F32(0.1),
            V::F64(nan),
            s("-9999999999999999.9999"),
            s(""),
            V::Bin(vec![0, 255]),
            s("0001-01-01"),
            s("1969-12-31 23:59:59.999999"),
            s("{\"a\": 1.0}"),
            s("x"),
            a([]),
            m([]),
            a([V::Int(1), a([s("x"), V::Nil])]),
        ],
        [
            V::Int(i64::MAX),
            V::Bool(false),
            V::Int(127),
            V::Int(32_767),
            V::Int(i32::MAX.into()),
            V::F64(-0.0),
            V::F64(-0.0),
            V::Int(1),
            s("a\u{2028}🦀"),
            s("AP8="),
            s("9999-12-31"),
            s("2024-02-29 00:00:00"),
            a([V::Int((1 << 53) + 1), V::BigInt(u64::MAX)]),
            s("y"),
            a([a([]), V::Nil, a([s("x"), V::Nil, s("")])]),
            m([(s("k"), V::Nil), (s(""), V::Int(-1))]),
            m([(s("b"), a([]))]),
        ],
        [
            V::Int((1 << 53) + 1),
            V::Nil,
            V::Nil,
            V::Nil,
            V::Nil,
            V::F64(f64::INFINITY),
            V::F64(f64::NEG_INFINITY),
            V::F64(0.1),
            s(&big),
            V::Bin(vec![]),
            s("2024-02-29"),
            V::Nil,
            m([(s("k"), V::Nil)]),
            V::Nil,
            a([a([s(&big)])]),
            m([(s("é"), V::Int(0))]),
            a([V::Nil, V::Nil]),
        ],
    ];
    // Columns that are NULL for the first batches and a whole row group keep their types.
    let nulls: [V; 17] = std::array::from_fn(|column| if column == 0 { V::Int(0) } else { V::Nil });
    let mut all = vec![nulls; 8];
    all.extend(values);
    let (batch, metadata) = read(export(&columns, &gzip(&rows(all))));

    assert_eq!(batch.num_rows(), 11);
    assert_eq!(metadata.num_row_groups(), 2);
    let ints = batch.column(0).as_primitive::<Int64Type>();
    assert_eq!(ints.values()[8..], [i64::MIN, i64::MAX, (1 << 53) + 1]);
    let doubles = batch.column(6).as_primitive::<Float64Type>();
    let bits: Vec<_> = doubles.values()[8..]
        .iter()
        .map(|value| value.to_bits())
        .collect();
    assert_eq!(bits, [nan, -0.0, f64::NEG_INFINITY].map(f64::to_bits));

    let expected: [(usize, [&str; 3]); 14] = [
        (1, ["true", "false", "NULL"]),
        (2, ["-128", "127", "NULL"]),
        (3, ["-32768", "32767", "NULL"]),
        (4, ["-2147483648", "2147483647", "NULL"]),
        (5, ["0.1", "-0.0", "inf"]),
        (7, ["-9999999999999999.9999", "1.0000", "0.1000"]),
        (8, ["", "a\u{2028}🦀", &big]),
        (9, ["00ff", "00ff", ""]),
        (10, ["0001-01-01", "9999-12-31", "2024-02-29"]),
        (
            11,
            ["1969-12-31T23:59:59.999999", "2024-02-29T00:00:00", "NULL"],
        ),
        (
            12,
            [
                "{\"a\": 1.0}",
                "[9007199254740993,18446744073709551615]",
                "{\"k\":null}",
            ],
        ),
        (13, ["x", "y", "NULL"]),
        (15, ["{}", "{k: , : -1}", "{é: 0}"]),
        (16, ["{a: 1, b: [x, ]}", "{a: , b: []}", "{a: , b: }"]),
    ];
    for (column, values) in expected {
        let shown = shown(&batch, column);
        assert!(shown[..8].iter().all(|value| value == "NULL"), "{column}");
        assert_eq!(shown[8..], values, "{column}");
    }
    assert_eq!(shown(&batch, 14)[8..10], ["[]", "[[], , [x, , ]]"]);
    assert_eq!(shown(&batch, 14)[10].len(), big.len() + 4);
}

/// The order, the chunk's bounds and the pages' bounds of a double column, and how many NaNs the file counts.
fn float_statistics(values: &[f64]) -> (ColumnOrder, Option<[u64; 2]>, Option<Vec<[u64; 2]>>) {
    let rows = rows(values.iter().map(|&value| [V::F64(value)]));
    let (_, metadata) = read(export(&[("value", "double")], &gzip(&rows)));
    let Some(Statistics::Double(statistics)) = metadata.row_group(0).column(0).statistics() else {
        panic!("no statistics");
    };
    assert_eq!(statistics.nan_count_opt(), None);
    let bounds = statistics.min_opt().zip(statistics.max_opt());
    let pages = metadata.page_index().unwrap();
    let pages = pages.column_index(0, 0).map(|index| {
        assert_eq!(index.nan_counts(), None);
        let ColumnIndexMetaData::DOUBLE(pages) = index else {
            panic!("another index");
        };
        let bounds = pages.min_values().iter().zip(pages.max_values());
        bounds
            .map(|(min, max)| [min, max].map(|value| value.to_bits()))
            .collect()
    });
    (
        metadata.file_metadata().column_order(0),
        bounds.map(|(min, max)| [min, max].map(|value| value.to_bits())),
        pages,
    )
}

#[test]
fn float_columns_have_the_type_order_and_its_statistics() {
    let order = ColumnOrder::TYPE_DEFINED_ORDER(SortOrder::SIGNED);
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let cases: [(&[f64], Option<[f64; 2]>); 8] = [
        (&[1.0, -2.5], Some([-2.5, 1.0])),
        (&[nan, 1.0, -nan, 2.0], Some([1.0, 2.0])),
        (&[nan, -nan], None),
        (&[0.0], Some([-0.0, 0.0])),
        (&[-0.0], Some([-0.0, 0.0])),
        (&[0.0, 3.0, nan], Some([-0.0, 3.0])),
        (&[-3.0, -0.0], Some([-3.0, 0.0])),
        (&[inf, -inf, nan], Some([-inf, inf])),
    ];
    for (values, bounds) in cases {
        let bounds = bounds.map(|bounds| bounds.map(f64::to_bits));
        let pages = bounds.map(|bounds| vec![bounds]);
        assert_eq!(
            float_statistics(values),
            (order, bounds, pages),
            "{values:?}"
        );
    }
}

#[test]
fn the_footer_has_types_and_origin() {
    let columns = [
        ("at", "timestamp"),
        ("doc", "varchar"),
        ("tags", "array(bigint)"),
        ("props", "map(varchar, double)"),
        ("price", "decimal(9,2)"),
    ];
    let row = [
        s("2024-01-01 00:00:00.000"),
        s("x"),
        a([V::Int(1)]),
        m([(s("k"), V::F64(1.0))]),
        s("1.5"),
    ];
    let (batch, metadata) = read(export(&columns, &gzip(&rows([row]))));

    assert_eq!(
        *batch.schema().field(0).data_type(),
        ArrowType::Timestamp(TimeUnit::Millisecond, None)
    );
    assert_eq!(
        batch.column(4).as_primitive::<Decimal128Type>().value(0),
        150
    );
    let file = metadata.file_metadata();
    assert!(file.created_by().unwrap().starts_with("petit version "));
    let keys: Vec<_> = file
        .key_value_metadata()
        .unwrap()
        .iter()
        .map(|pair| pair.key.as_str())
        .collect();
    assert_eq!(keys, ["td.job_id", "pandas", "ARROW:schema"]);
    let leaves: Vec<_> = file
        .schema_descr()
        .columns()
        .iter()
        .map(|leaf| leaf.path().string())
        .collect();
    assert_eq!(
        leaves,
        [
            "at",
            "doc",
            "tags.list.element",
            "props.key_value.key",
            "props.key_value.value",
            "price"
        ]
    );
    let key = file.schema_descr().column(3);
    assert_eq!(
        key.self_type().get_basic_info().repetition(),
        Repetition::REQUIRED
    );
    let timestamp = file.schema_descr().column(0);
    let Some(LogicalType::Timestamp(timestamp)) = timestamp.logical_type_ref() else {
        panic!("not a timestamp");
    };
    assert!(!timestamp.is_adjusted_to_u_t_c);
}

#[test]
fn every_codec_is_read_back() {
    let schema = schema(&[("id", "bigint"), ("text", "varchar")]);
    let values: Vec<_> = (0..500)
        .map(|id| [V::Int(id), s(&format!("text {}", id % 10))])
        .collect();
    let stream = gzip(&rows(values));
    for (compression, in_file) in [
        (Compression::Zstd, "ZSTD"),
        (Compression::Snappy, "SNAPPY"),
        (Compression::Gzip, "GZIP"),
        (Compression::Lz4, "LZ4_RAW"),
        (Compression::None, "UNCOMPRESSED"),
    ] {
        let export = Export {
            schema: &schema,
            options: EncodeOptions {
                compression,
                plain_columns: vec![0],
                ..EncodeOptions::default()
            },
            split: SplitOptions {
                group_rows: 300,
                ..SMALL
            },
            chunk: 1000,
        };
        let (batch, metadata) = read(export.run(&stream).unwrap());
        assert_eq!(batch.num_rows(), 500);
        assert_eq!(shown(&batch, 1)[499], "text 9");
        assert_eq!(batch.column(0).as_primitive::<Int64Type>().value(499), 499);
        assert_eq!(metadata.num_row_groups(), 2);
        for (index, group) in metadata.row_groups().iter().enumerate() {
            for column in group.columns() {
                let name = format!("{:?}", column.compression());
                assert!(name.starts_with(in_file), "{name}");
            }
            assert!(group.column(0).dictionary_page_offset().is_none());
            assert!(group.column(1).dictionary_page_offset().is_some());
            let statistics = group.column(0).statistics().unwrap();
            let first = (index as i64 * 300).to_le_bytes();
            assert_eq!(statistics.min_bytes_opt(), Some(first.as_slice()));
            assert_eq!(statistics.null_count_opt(), Some(0));
            let pages = metadata.page_index().unwrap();
            assert!(pages.column_index(index, 0).is_some());
            let first_page = pages.offset_index(index, 0).unwrap().page_locations[0].offset;
            assert_eq!(first_page, group.column(0).data_page_offset());
        }
    }
}

#[test]
fn no_rows_make_a_valid_file() {
    for stream in [gzip(b""), vec![]] {
        let (batch, metadata) = read_without_index(export(
            &[("time", "bigint"), ("tags", "array(varchar)")],
            &stream,
        ));
        assert_eq!((batch.num_rows(), batch.num_columns()), (0, 2));
        assert_eq!(metadata.file_metadata().num_rows(), 0);
    }
}

fn read_without_index(file: Vec<u8>) -> (RecordBatch, Arc<ParquetMetaData>) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file)).unwrap();
    let (schema, metadata) = (builder.schema().clone(), builder.metadata().clone());
    let batches: Vec<_> = builder.build().unwrap().collect::<Result<_, _>>().unwrap();
    (concat_batches(&schema, &batches).unwrap(), metadata)
}

#[test]
fn three_hundred_columns_with_odd_and_repeated_names() {
    let names: Vec<String> = (0..300)
        .map(|number| match number % 3 {
            0 => "same".to_owned(),
            1 => format!("dotted.name \"{number}\" 🦀"),
            _ => format!("c{number}"),
        })
        .collect();
    let columns: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), "integer"))
        .collect();
    let values: Vec<V> = (0..300).map(V::Int).collect();
    let mut bytes = Vec::new();
    for _ in 0..10 {
        a(values.clone()).write(&mut bytes);
    }
    let (batch, _) = read(export(&columns, &gzip(&bytes)));
    assert_eq!((batch.num_rows(), batch.num_columns()), (10, 300));
    assert_eq!(batch.schema().field(3).name(), "same_2");
    assert_eq!(batch.schema().field(1).name(), "dotted.name \"1\" 🦀");
    for (column, array) in batch.columns().iter().enumerate() {
        assert_eq!(array.as_primitive::<Int32Type>().value(9), column as i32);
    }
}

#[test]
fn invalid_utf8_is_rejected_replaced_or_binary() {
    let schema = schema(&[("text", "varchar")]);
    let mut values = vec![[s("fine")]; 9];
    values.push([V::Str(vec![b'a', 0xff])]);
    let stream = gzip(&rows(values));
    let run = |invalid_utf8| {
        let export = Export {
            schema: &schema,
            options: EncodeOptions {
                invalid_utf8,
                ..EncodeOptions::default()
            },
            split: SMALL,
            chunk: 7,
        };
        export.run(&stream)
    };
    let error = run(InvalidUtf8::Error).unwrap_err();
    assert_eq!(error.code(), "invalid_utf8");
    assert_eq!(
        error.to_string(),
        "column \"text\", row 9: text is not UTF-8"
    );
    let (batch, _) = read(run(InvalidUtf8::Replace).unwrap());
    assert_eq!(shown(&batch, 0)[8..], ["fine", "a\u{fffd}"]);
    let (batch, _) = read(run(InvalidUtf8::Binary).unwrap());
    assert_eq!(batch.column(0).as_binary::<i32>().value(9), [b'a', 0xff]);
}

#[test]
fn maps_may_have_keys_of_any_type() {
    let columns = [
        ("m", "map(row(a bigint), array(varchar))"),
        ("n", "map(double, map(date, bigint))"),
    ];
    let row = [
        m([(a([V::Int(1)]), a([s("x")]))]),
        m([(V::F64(0.5), m([(s("2024-01-01"), V::Int(1))]))]),
    ];
    let (batch, _) = read(export(&columns, &gzip(&rows([row]))));
    assert_eq!(shown(&batch, 0), ["{{a: 1}: [x]}"]);
    assert_eq!(shown(&batch, 1), ["{0.5: {2024-01-01: 1}}"]);
}

#[test]
fn types_may_nest_to_the_limit() {
    let levels = 28;
    for (open, close) in [("array(", ")"), ("row(a ", ")"), ("map(bigint, ", ")")] {
        let type_name = format!("{}bigint{}", open.repeat(levels), close.repeat(levels));
        let value = (0..levels).fold(V::Int(7), |value, _| match open {
            "map(bigint, " => m([(V::Int(0), value)]),
            _ => a([value]),
        });
        let (batch, _) = read(export(&[("deep", &type_name)], &gzip(&rows([[value]]))));
        assert!(shown(&batch, 0)[0].contains('7'), "{type_name}");
    }
}
