//! Every type, fed with every kind of value.

use arrow_array::{Array, ArrayRef, cast::AsArray};
use arrow_cast::display::array_value_to_string;
use proptest::prelude::*;

use super::*;
use crate::testing::{V, a, any_value, m, rows, s};

fn decoder(types: &[&str], invalid_utf8: InvalidUtf8) -> BatchDecoder {
    let names = ["c", "d", "e"].into_iter().zip(types);
    let schema = serde_json::to_string(&names.collect::<Vec<_>>()).unwrap();
    let options = EncodeOptions {
        invalid_utf8,
        show_values: true,
        ..EncodeOptions::default()
    };
    BatchDecoder::new(&ResultSchema::parse(&schema).unwrap(), &options)
}

fn array(type_name: &str, values: impl IntoIterator<Item = V>) -> Result<ArrayRef> {
    let rows = rows(values.into_iter().map(|value| [value]));
    let batch = decoder(&[type_name], InvalidUtf8::Error).decode(&rows, 0)?;
    Ok(batch.column(0).clone())
}

/// One value as Arrow shows it.
fn shown(type_name: &str, value: V) -> String {
    let array = array(type_name, [value]).unwrap();
    array_value_to_string(&array, 0).unwrap()
}

/// The refusal of one value: its code, and all of the message behind the row's number.
fn refused(type_name: &str, value: V) -> (&'static str, String) {
    let error = array(type_name, [V::Nil, value]).unwrap_err();
    let message = error.to_string();
    let (place, reason) = message.split_once(": ").unwrap();
    assert!(place.ends_with("row 1"), "{message}");
    (error.code(), reason.to_owned())
}

#[test]
fn errors_show_types_and_no_values() {
    let schema = ResultSchema::parse(r#"[["c","row(x integer)"],["d","varbinary"],["e","real"]]"#);
    let schema = schema.unwrap();
    let secret = || s("secret");
    let cases = [
        (
            [a([secret()]), V::Nil, V::Nil],
            "column \"c.x\", row 5: expected integer, found text",
        ),
        (
            [a([V::Int(1 << 40)]), V::Nil, V::Nil],
            "column \"c.x\", row 5: an integer does not fit integer",
        ),
        (
            [m([(secret(), V::Nil)]), V::Nil, V::Nil],
            "column \"c\", row 5: the row has no field for text",
        ),
        (
            [V::Nil, secret(), V::Nil],
            "column \"d\", row 5: text is not base64",
        ),
        (
            [V::Nil, V::Nil, V::F64(0.1)],
            "column \"e\", row 5: a float does not fit real",
        ),
    ];
    for (row, message) in cases {
        let mut decoder = BatchDecoder::new(&schema, &EncodeOptions::default());
        let error = decoder.decode(&rows([row]), 5).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.report().message, message);
    }
}

fn code(type_name: &str, value: V) -> &'static str {
    refused(type_name, value).0
}

#[test]
fn integers_out_of_range_are_rejected() {
    for (type_name, min, max) in [
        ("tinyint", i64::from(i8::MIN), i64::from(i8::MAX)),
        ("smallint", i16::MIN.into(), i16::MAX.into()),
        ("integer", i32::MIN.into(), i32::MAX.into()),
    ] {
        assert_eq!(shown(type_name, V::Int(min)), min.to_string());
        assert_eq!(shown(type_name, V::Int(max)), max.to_string());
        assert_eq!(code(type_name, V::Int(min - 1)), "out_of_range");
        assert_eq!(code(type_name, V::Int(max + 1)), "out_of_range");
    }
    for value in [i64::MIN, -1, 0, (1 << 53) + 1, i64::MAX] {
        assert_eq!(shown("bigint", V::Int(value)), value.to_string());
    }
    assert_eq!(
        refused("bigint", V::BigInt(u64::MAX)),
        (
            "out_of_range",
            "the integer 18446744073709551615 does not fit bigint".into()
        )
    );
    assert_eq!(
        refused("bigint", s("1")),
        (
            "type_mismatch",
            "expected bigint, found the text \"1\"".into()
        )
    );
    assert_eq!(code("integer", V::F64(1.0)), "type_mismatch");
    assert_eq!(code("integer", V::Bool(true)), "type_mismatch");
    assert_eq!(code("integer", V::Ext(1, vec![0])), "type_mismatch");
}

#[test]
fn doubles_take_what_they_hold_exactly() {
    let nan = f64::from_bits(0xfff0_0000_0000_1234);
    let values = [
        nan,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        f64::MIN_POSITIVE,
        0.1,
    ];
    let array = array("double", values.map(V::F64)).unwrap();
    let array = array.as_primitive::<Float64Type>();
    let bits = array.values().iter().map(|value| value.to_bits());
    assert_eq!(bits.collect::<Vec<_>>(), values.map(f64::to_bits));

    assert_eq!(shown("double", V::F32(0.5)), "0.5");
    assert_eq!(shown("double", V::Int(1 << 53)), "9007199254740992.0");
    assert_eq!(
        shown("double", V::Int(-(1 << 53) - 2)),
        "-9007199254740994.0"
    );
    assert_eq!(shown("double", V::Int(0)), "0.0");
    assert_eq!(shown("double", V::Int(i64::MIN)), "-9.223372036854776e18");
    assert_eq!(shown("double", V::BigInt(1 << 63)), "9.223372036854776e18");
    assert_eq!(code("double", V::Int((1 << 53) + 1)), "out_of_range");
    assert_eq!(code("double", V::Int(i64::MAX)), "out_of_range");
    assert_eq!(code("double", V::BigInt(u64::MAX)), "out_of_range");
    assert_eq!(code("double", s("1.5")), "type_mismatch");
}

#[test]
fn reals_take_what_they_hold_exactly() {
    assert_eq!(shown("real", V::F32(0.1)), "0.1");
    assert_eq!(shown("float", V::F64(f64::from(0.1_f32))), "0.1");
    assert_eq!(shown("real", V::F64(f64::NEG_INFINITY)), "-inf");
    assert_eq!(shown("real", V::F64(-0.0)), "-0.0");
    assert_eq!(shown("real", V::Int(1 << 24)), "16777216.0");
    let array = array("real", [V::F64(f64::NAN), V::F32(f32::NAN)]).unwrap();
    assert!(
        array
            .as_primitive::<Float32Type>()
            .values()
            .iter()
            .all(|value| value.is_nan())
    );
    assert_eq!(
        refused("real", V::F64(0.1)),
        ("out_of_range", "the float 0.1 does not fit real".into())
    );
    assert_eq!(code("real", V::F64(1e300)), "out_of_range");
    assert_eq!(code("real", V::Int((1 << 24) + 1)), "out_of_range");
    assert_eq!(code("real", V::Bool(true)), "type_mismatch");
}

#[test]
fn booleans_are_nothing_else() {
    assert_eq!(shown("boolean", V::Bool(true)), "true");
    for value in [V::Int(1), s("true"), V::F64(1.0)] {
        assert_eq!(code("boolean", value), "type_mismatch");
    }
}

#[test]
fn text_stays_as_it_is() {
    for text in ["", "a", "🦀", "\u{2028}", "\0", &"x".repeat(1 << 20)] {
        assert_eq!(shown("varchar", s(text)), text);
        assert_eq!(shown("json", s(text)), text);
        assert_eq!(shown("uuid", s(text)), text);
    }
    assert_eq!(
        refused("varchar", V::Int(1)),
        ("type_mismatch", "expected text, found the integer 1".into())
    );
    assert_eq!(code("varchar", V::Bin(vec![])), "type_mismatch");
}

#[test]
fn invalid_utf8_is_rejected_with_its_place() {
    let bad = || V::Str(b"caf\xe9".to_vec());
    assert_eq!(
        refused("varchar", bad()),
        (
            "invalid_utf8",
            "the text \"caf\u{fffd}\" is not UTF-8".into()
        )
    );
    // Two halves of a character make a whole one only when joined.
    let halves = ["varchar", "varchar"];
    let rows = rows([
        [V::Str(b"\xc3".to_vec()), V::Nil],
        [V::Str(b"\xa9".to_vec()), V::Nil],
    ]);
    let error = decoder(&halves, InvalidUtf8::Error)
        .decode(&rows, 10)
        .unwrap_err();
    assert!(
        error.to_string().starts_with("column \"c\", row 10: "),
        "{error}"
    );
}

#[test]
fn nested_faults_found_at_the_end_have_their_row_and_path() {
    let bad = || V::Str(vec![0xff]);
    for (type_name, good, value, path) in [
        (
            "array(varchar)",
            a([s("x"), s("y")]),
            a([s("x"), bad()]),
            "c[]",
        ),
        (
            "map(varchar, bigint)",
            m([]),
            m([(bad(), V::Nil)]),
            "c[key]",
        ),
        (
            "map(bigint, varchar)",
            m([(V::Int(1), s("x"))]),
            m([(V::Int(1), bad())]),
            "c[value]",
        ),
        (
            "row(x varchar, y varchar)",
            a([s(""), s("")]),
            a([s(""), bad()]),
            "c.y",
        ),
        (
            "array(row(x array(varchar)))",
            a([V::Nil, a([a([s("x")])])]),
            a([a([V::Nil]), a([a([s(""), s(""), bad()])])]),
            "c[].x[]",
        ),
    ] {
        let values = [good.clone(), a([]), V::Nil, good, value, V::Nil];
        let values = values.map(|value| match value {
            V::Array(values) if values.is_empty() && !type_name.starts_with("array") => V::Nil,
            value => value,
        });
        let error = array(type_name, values).unwrap_err();
        let place = format!("column {path:?}, row 4: ");
        assert!(
            error.to_string().starts_with(&place),
            "{type_name}: {error}"
        );
        assert_eq!(error.code(), "invalid_utf8");
    }
}

#[test]
fn text_that_is_not_utf8_may_be_replaced() {
    let values = [
        V::Str(b"caf\xe9".to_vec()),
        V::Nil,
        s("fine"),
        V::Str(b"\xff\xff".to_vec()),
    ];
    let rows = rows(values.map(|value| [value.clone(), a([value])]));
    let batch = decoder(&["varchar", "array(varchar)"], InvalidUtf8::Replace)
        .decode(&rows, 0)
        .unwrap();
    let texts = batch
        .column(0)
        .as_string::<i32>()
        .iter()
        .collect::<Vec<_>>();
    let expected = [
        Some("caf\u{fffd}"),
        None,
        Some("fine"),
        Some("\u{fffd}\u{fffd}"),
    ];
    assert_eq!(texts, expected);
    let elements = batch.column(1).as_list::<i32>().values().clone();
    assert_eq!(
        elements.as_string::<i32>().iter().collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn text_may_be_binary() {
    let rows = rows([[V::Str(vec![0xff]), a([s("x")]), s("{}")]]);
    let batch = decoder(&["varchar", "array(varchar)", "json"], InvalidUtf8::Binary)
        .decode(&rows, 0)
        .unwrap();
    assert_eq!(batch.column(0).as_binary::<i32>().value(0), [0xff]);
    assert_eq!(
        batch
            .column(1)
            .as_list::<i32>()
            .values()
            .as_binary::<i32>()
            .value(0),
        b"x"
    );
    assert_eq!(batch.column(2).as_binary::<i32>().value(0), b"{}");
}

#[test]
fn bytes_are_binary_or_base64() {
    assert_eq!(shown("varbinary", V::Bin(vec![0, 0xff])), "00ff");
    assert_eq!(shown("varbinary", s("AP8=")), "00ff");
    assert_eq!(shown("varbinary", s("")), "");
    let (code, reason) = refused("varbinary", s("AP8"));
    assert_eq!(code, "type_mismatch");
    assert_eq!(reason, "the text \"AP8\" is not base64");
    assert_eq!(refused("varbinary", V::Int(1)).0, "type_mismatch");
}

#[test]
fn decimals_are_exact() {
    for (value, text) in [
        (s("12.50"), "12.50"),
        (s("-12.5"), "-12.50"),
        (s("+7"), "7.00"),
        (s(".5"), "0.50"),
        (s("5."), "5.00"),
        (s("0012.500"), "12.50"),
        (s("1.25E+3"), "1250.00"),
        (s("1250e-3"), "1.25"),
        (s("-0.00"), "0.00"),
        (s("0e999999"), "0.00"),
        (s("99999999.99"), "99999999.99"),
        (V::Int(-3), "-3.00"),
        (V::F64(0.07), "0.07"),
        (V::F32(0.07), "0.07"),
        (V::F64(1e7), "10000000.00"),
    ] {
        assert_eq!(shown("decimal(10,2)", value.clone()), text, "{value:?}");
    }
    let widest = "9".repeat(38);
    assert_eq!(shown("decimal(38,0)", s(&widest)), widest);
    assert_eq!(
        shown("decimal(38,38)", s(&format!("-.{widest}"))),
        format!("-0.{widest}")
    );
    assert_eq!(
        shown("decimal(20,0)", V::BigInt(u64::MAX)),
        u64::MAX.to_string()
    );
    assert_eq!(
        refused("decimal(10,2)", s("1.005")),
        (
            "out_of_range",
            "the text \"1.005\" does not fit decimal(10,2)".into()
        )
    );
    for value in [
        "100000000",
        "1e8",
        "1e-3",
        "1e999999",
        &"9".repeat(60),
        "0.001",
    ] {
        assert_eq!(code("decimal(10,2)", s(value)), "out_of_range", "{value}");
    }
    assert_eq!(code("decimal(10,2)", V::F64(0.005)), "out_of_range");
    for value in [
        "",
        "-",
        ".",
        "1.2.3",
        "1e",
        "1e1.5",
        "x",
        "1 ",
        "NaN",
        "1e99999999999",
    ] {
        assert_eq!(code("decimal(10,2)", s(value)), "type_mismatch", "{value}");
    }
    for value in [
        V::F64(f64::NAN),
        V::F64(f64::INFINITY),
        V::Bool(true),
        a([]),
    ] {
        assert_eq!(code("decimal(10,2)", value), "type_mismatch");
    }
}

#[test]
fn dates_are_days() {
    for text in [
        "1970-01-01",
        "1969-12-31",
        "2000-02-29",
        "0000-03-01",
        "9999-12-31",
    ] {
        assert_eq!(shown("date", s(text)), text);
    }
    let days = array("date", ["+12345-01-01", "-0001-12-31"].map(s)).unwrap();
    assert_eq!(
        days.as_primitive::<Date32Type>().values().to_vec(),
        [3_789_391, -719_529]
    );
    for text in [
        "",
        "1970",
        "1970-1-1",
        "1970-13-01",
        "1970-00-01",
        "1970-01-00",
        "1970-04-31",
        "1900-02-29",
        "1970-01-01 ",
        "70-01-01",
        "1970-01-0x",
        "1234567890-01-01",
        "1970/01/01",
    ] {
        assert_eq!(code("date", s(text)), "type_mismatch", "{text}");
    }
    assert_eq!(code("date", s("99999999-01-01")), "out_of_range");
    assert_eq!(code("date", V::Int(0)), "type_mismatch");
}

#[test]
fn timestamps_have_the_unit_of_their_precision() {
    for (type_name, text, shows) in [
        (
            "timestamp",
            "2024-02-29 23:59:59.123",
            "2024-02-29T23:59:59.123",
        ),
        (
            "timestamp",
            "1969-12-31 23:59:59.999",
            "1969-12-31T23:59:59.999",
        ),
        ("timestamp", "2024-01-01T00:00:00", "2024-01-01T00:00:00"),
        ("timestamp(0)", "2024-01-01 00:00:00", "2024-01-01T00:00:00"),
        (
            "timestamp",
            "2024-01-01 00:00:00.1",
            "2024-01-01T00:00:00.100",
        ),
        (
            "timestamp",
            "2024-01-01 00:00:00.123000",
            "2024-01-01T00:00:00.123",
        ),
        (
            "timestamp(6)",
            "2024-01-01 00:00:00.123456",
            "2024-01-01T00:00:00.123456",
        ),
        (
            "timestamp(9)",
            "2024-01-01 00:00:00.123456789",
            "2024-01-01T00:00:00.123456789",
        ),
    ] {
        assert_eq!(shown(type_name, s(text)), shows, "{type_name} {text}");
    }
    assert_eq!(
        refused("timestamp", s("2024-01-01 00:00:00.1234")),
        (
            "out_of_range",
            "the text \"2024-01-01 00:00:00.1234\" does not fit timestamp(3)".into()
        )
    );
    assert_eq!(
        code("timestamp(9)", s("2300-01-01 00:00:00")),
        "out_of_range"
    );
    let first = array("timestamp(9)", [s("1677-09-21 00:12:43.145224192")]).unwrap();
    assert_eq!(
        first.as_primitive::<TimestampNanosecondType>().value(0),
        i64::MIN
    );
    for text in [
        "2024-01-01",
        "2024-01-01 ",
        "2024-01-01 24:00:00",
        "2024-01-01 00:60:00",
        "2024-01-01 00:00:60",
        "2024-01-01 00:00:00.",
        "2024-01-01 00:00:00.1x",
        "2024-01-01 00:00:00 UTC",
        "2024-01-01 0:00:00",
        "2024-01-01 00-00-00",
        "2024-01-01 00:00-00",
        "x",
    ] {
        assert_eq!(code("timestamp", s(text)), "type_mismatch", "{text}");
    }
    assert_eq!(code("timestamp", V::Int(0)), "type_mismatch");
}

#[test]
fn unix_seconds_become_timestamps_in_utc() {
    let options = EncodeOptions {
        timestamp_columns: vec!["Time".into()],
        ..EncodeOptions::default()
    };
    let schema = ResultSchema::of_file(r#"[["time","bigint"]]"#, &options).unwrap();
    let decode = |value: V| {
        let rows = rows([[V::Nil], [value]]);
        let batch = BatchDecoder::new(&schema, &options).decode(&rows, 7)?;
        assert!(batch.column(0).is_null(0));
        let times = batch.column(0).as_primitive::<TimestampMillisecondType>();
        Ok(times.value(1))
    };
    for seconds in [0, -1, 1_767_225_599, -62_135_596_800, 253_402_300_799] {
        assert_eq!(decode(V::Int(seconds)), Ok(seconds * 1000));
    }
    for (value, code, reason) in [
        (
            V::Int(253_402_300_800),
            "out_of_range",
            "an integer does not fit",
        ),
        (
            V::Int(-62_135_596_801),
            "out_of_range",
            "an integer does not fit",
        ),
        (V::Int(i64::MAX), "out_of_range", "an integer does not fit"),
        (
            V::F64(1.0),
            "type_mismatch",
            "expected an integer of Unix seconds, found a float",
        ),
        (
            s("2026-01-01"),
            "type_mismatch",
            "expected an integer of Unix seconds, found text",
        ),
    ] {
        let error: Error = decode(value).unwrap_err();
        assert_eq!(error.code(), code);
        let message = error.to_string();
        assert!(message.starts_with("column \"time\", row 8: "), "{message}");
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn only_columns_of_integers_become_timestamps() {
    let of = |name: &str| {
        let options = EncodeOptions {
            timestamp_columns: vec![name.into()],
            ..EncodeOptions::default()
        };
        ResultSchema::of_file(r#"[["a","integer"],["b","double"]]"#, &options)
    };
    let types: Vec<_> = of("a").unwrap().describe(&EncodeOptions::default()).columns;
    assert_eq!(types[0].arrow_type, "Timestamp(ms, \"UTC\")");
    assert_eq!(types[0].td_type, "integer");
    for (name, end) in [
        ("b", "in Unix seconds"),
        ("c", "which is to become a timestamp"),
    ] {
        let error = of(name).unwrap_err();
        assert_eq!(error.code(), "invalid_option");
        assert!(error.to_string().ends_with(end), "{error}");
    }
}

#[test]
fn json_shows_any_value_as_text() {
    for (value, text) in [
        (V::Bool(false), "false"),
        (V::Int(i64::MIN), "-9223372036854775808"),
        (V::BigInt(u64::MAX), "18446744073709551615"),
        (V::F64(0.1), "0.1"),
        (V::F64(1e300), "1e300"),
        (V::F64(-0.0), "-0.0"),
        (V::F32(0.1), "0.1"),
        (V::Bin(vec![0, 0xff]), "\"AP8=\""),
        (a([]), "[]"),
        (a([V::Nil, V::Int(1), a([s("x")])]), "[null,1,[\"x\"]]"),
        (m([]), "{}"),
        (
            m([
                (s("a"), m([(s("b"), V::Nil)])),
                (V::Int(1), V::Bool(true)),
                (V::Bin(vec![1]), V::Int(2)),
            ]),
            "{\"a\":{\"b\":null},\"1\":true,\"AQ==\":2}",
        ),
        (m([(a([s("k")]), V::Int(1))]), "{\"[\\\"k\\\"]\":1}"),
        (
            a([s("\"\\\n\r\t\u{1}\u{7f}é🦀")]),
            "[\"\\\"\\\\\\n\\r\\t\\u0001\u{7f}é🦀\"]",
        ),
    ] {
        assert_eq!(shown("json", value.clone()), text, "{value:?}");
        let parsed: serde_json::Result<serde_json::Value> = serde_json::from_str(text);
        assert!(parsed.is_ok(), "{text}");
    }
    assert_eq!(code("json", V::F64(f64::NAN)), "out_of_range");
    assert_eq!(code("json", a([V::F32(f32::INFINITY)])), "out_of_range");
    assert_eq!(code("json", V::Ext(1, vec![])), "type_mismatch");
    assert_eq!(
        refused("json", m([(V::Nil, V::Nil)])).1,
        "a map has a NULL key"
    );
    assert_eq!(code("json", a([V::Str(vec![0xff])])), "invalid_utf8");
}

#[test]
fn json_has_a_limit_of_depth() {
    let nested = |levels: usize| [vec![0x91; levels], vec![0xc0]].concat();
    let decode = |levels: usize| {
        let row = [vec![0x91], nested(levels)].concat();
        decoder(&["json"], InvalidUtf8::Error).decode(&row, 0)
    };
    assert!(decode(64).is_ok());
    assert_eq!(decode(65).unwrap_err().code(), "out_of_range");
    assert_eq!(decode(1_000_000).unwrap_err().code(), "out_of_range");
}

#[test]
fn json_has_a_limit_of_keys_within_keys() {
    let decode = |levels: usize| {
        let innermost = m([(s("\""), V::Nil)]);
        let nested = (0..levels).fold(innermost, |key, _| m([(key, V::Nil)]));
        decoder(&["json"], InvalidUtf8::Error).decode(&rows([[nested]]), 0)
    };
    assert!(decode(4).is_ok());
    assert_eq!(decode(5).unwrap_err().code(), "out_of_range");
}

#[test]
fn arrays_hold_values_and_nulls() {
    let nested = a([a([V::Int(1), V::Nil]), V::Nil, a([])]);
    assert_eq!(shown("array(array(bigint))", nested), "[[1, ], , []]");
    assert_eq!(
        shown("array<int>", V::Array(vec![V::Int(7); 100]))
            .matches('7')
            .count(),
        100
    );
    assert_eq!(code("array(bigint)", m([])), "type_mismatch");
    let error = array("array(bigint)", [a([V::Int(1)]), a([V::Int(1), s("x")])]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"c[]\", row 1: expected bigint, found the text \"x\""
    );
}

#[test]
fn maps_hold_pairs_without_null_keys() {
    let map = m([(s("a"), V::Int(1)), (s("b"), V::Nil)]);
    assert_eq!(shown("map(varchar, bigint)", map), "{a: 1, b: }");
    assert_eq!(code("map(varchar, bigint)", a([])), "type_mismatch");
    assert_eq!(
        refused("map(varchar, bigint)", m([(V::Nil, V::Nil)])).1,
        "a map has a NULL key"
    );
    let error = array("map(bigint, bigint)", [m([(V::Int(1), s("x"))])]).unwrap_err();
    assert!(
        error.to_string().starts_with("column \"c[value]\", row 0"),
        "{error}"
    );
    let error = array("map(bigint, bigint)", [m([(s("x"), V::Nil)])]).unwrap_err();
    assert!(
        error.to_string().starts_with("column \"c[key]\", row 0"),
        "{error}"
    );
}

#[test]
fn rows_come_as_arrays_or_maps() {
    let type_name = "row(x bigint, y array(varchar), z row(w bigint))";
    let all = "{x: 1, y: [a], z: {w: 2}}";
    assert_eq!(
        shown(type_name, a([V::Int(1), a([s("a")]), a([V::Int(2)])])),
        all
    );
    let named = m([
        (s("z"), m([(s("w"), V::Int(2))])),
        (s("x"), V::Int(1)),
        (s("y"), a([s("a")])),
    ]);
    assert_eq!(shown(type_name, named), all);
    assert_eq!(
        shown(type_name, m([(s("x"), V::Int(1))])),
        "{x: 1, y: , z: }"
    );

    let values = [V::Nil, a([V::Nil, V::Nil, V::Nil]), m([])];
    let array = array(type_name, values).unwrap();
    assert!(array.is_null(0) && array.is_valid(1) && array.is_valid(2));

    assert_eq!(
        refused(type_name, a([V::Int(1)])).1,
        "expected a row of 3 fields, found an array of 1"
    );
    assert_eq!(
        refused(type_name, m([(s("q"), V::Nil)])).1,
        "the row has no field for the text \"q\""
    );
    let twice = m([(s("x"), V::Nil), (s("x"), V::Nil)]);
    assert_eq!(refused(type_name, twice).1, "the field \"x\" is duplicated");
    assert_eq!(code(type_name, s("x")), "type_mismatch");
    let error = super::tests::array(type_name, [m([(s("z"), a([s("x")]))])]).unwrap_err();
    assert!(
        error.to_string().starts_with("column \"c.z.w\", row 0"),
        "{error}"
    );
    let error = super::tests::array(type_name, [a([s("x"), V::Nil, V::Nil])]).unwrap_err();
    assert!(
        error.to_string().starts_with("column \"c.x\", row 0"),
        "{error}"
    );
}

#[test]
fn nulls_may_be_anywhere_and_everywhere() {
    for type_name in [
        "boolean",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "decimal(9,3)",
        "varchar",
        "json",
        "uuid",
        "varbinary",
        "date",
        "timestamp",
        "timestamp(6)",
        "timestamp(9)",
        "array(bigint)",
        "map(bigint, varchar)",
        "row(a bigint, b row(c boolean, d map(bigint, json), e date, f varbinary))",
    ] {
        let nulls = array(type_name, [V::Nil, V::Nil]).unwrap();
        assert_eq!((nulls.len(), nulls.null_count()), (2, 2), "{type_name}");
        assert_eq!(array(type_name, []).unwrap().len(), 0, "{type_name}");
    }
}

#[test]
fn a_decoder_starts_anew_with_each_batch() {
    let mut decoder = decoder(&["varchar", "array(bigint)"], InvalidUtf8::Error);
    for (text, number) in [("one", 1), ("two", 2)] {
        let rows = rows([[s(text), a([V::Int(number)])], [V::Nil, V::Nil]]);
        let batch = decoder.decode(&rows, 0).unwrap();
        assert_eq!(batch.num_rows(), 2);
        assert_eq!(batch.column(0).as_string::<i32>().value(0), text);
        assert_eq!(
            batch
                .column(1)
                .as_list::<i32>()
                .values()
                .as_primitive::<Int64Type>()
                .value(0),
            number
        );
    }
    assert_eq!(decoder.decode(&[], 0).unwrap().num_rows(), 0);
}

#[test]
fn invalid_rows_are_rejected_with_their_number() {
    let decode = |rows: &[u8]| {
        let error = decoder(&["bigint", "json"], InvalidUtf8::Error)
            .decode(rows, 40)
            .unwrap_err();
        assert_eq!(error.code(), "malformed_msgpack");
        error.to_string()
    };
    let good = rows([[V::Int(1), V::Nil]]);
    let after = |bytes: &[u8]| decode(&[&good, bytes].concat());
    let start = "row 41: invalid MessagePack: ";
    for (bytes, reason) in [
        (vec![0x91, 1], "it has 1 values, but there are 2 columns"),
        (
            vec![0x93, 1, 1, 1],
            "it has 3 values, but there are 2 columns",
        ),
        (
            vec![0x82, 1, 1, 1, 1],
            "a row must be an array, not a map of 2",
        ),
        (vec![0xc1], "0xc1 is not a MessagePack type"),
        (
            vec![0x92, 1],
            "the bytes end inside a value, in column \"d\"",
        ),
        (
            vec![0x92, 1, 0xdd, 0xff, 0xff, 0xff, 0xff, 1],
            "the bytes end inside a value, in column \"d\"",
        ),
        (
            vec![0x92, 0xc1],
            "0xc1 is not a MessagePack type, in column \"c\"",
        ),
    ] {
        assert_eq!(after(&bytes), format!("{start}{reason}"));
    }
}

proptest! {
    #[test]
    fn arbitrary_rows_never_panic(
        values in prop::collection::vec(any_value(), 0..4),
        junk in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let types = ["json", "array(map(varchar, row(a double, b array(json))))", "varbinary"];
        for value in values {
            let rows = rows([[value.clone(), V::Nil, V::Nil]]);
            let _ = decoder(&types, InvalidUtf8::Replace).decode(&rows, 0);
            let rows = super::tests::rows([[V::Nil, a([value.clone()]), value]]);
            let _ = decoder(&types, InvalidUtf8::Error).decode(&rows, 0);
        }
        let _ = decoder(&types, InvalidUtf8::Error).decode(&[&[0x93], junk.as_slice()].concat(), 0);
    }

    #[test]
    fn json_text_is_json(value in any_value()) {
        let rows = rows([[value]]);
        if let Ok(batch) = decoder(&["json"], InvalidUtf8::Replace).decode(&rows, 0) {
            let column = batch.column(0);
            if column.is_valid(0) && rows[1] & 0xe0 != 0xa0 && rows[1] != 0xd9 && rows[1] != 0xda {
                let text = column.as_string::<i32>().value(0);
                let parsed: serde_json::Result<serde_json::Value> = serde_json::from_str(text);
                prop_assert!(parsed.is_ok(), "{}", text);
            }
        }
    }

    #[test]
    fn dates_follow_the_calendar(days in -800_000_i64..3_000_000) {
        let text = date_by_walking(days);
        prop_assert_eq!(array("date", [s(&text)]).unwrap().as_primitive::<Date32Type>().value(0), i32::try_from(days).unwrap());
    }
}

/// The date `days` after 1970-01-01, found by walking year by year.
fn date_by_walking(days: i64) -> String {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (mut year, mut rest) = (1970, days);
    while rest < 0 {
        year -= 1;
        rest += if leap(year) { 366 } else { 365 };
    }
    while rest >= if leap(year) { 366 } else { 365 } {
        rest -= if leap(year) { 366 } else { 365 };
        year += 1;
    }
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for len in months {
        if rest < len {
            break;
        }
        rest -= len;
        month += 1;
    }
    let sign = if year < 0 { "-" } else { "" };
    format!("{sign}{:04}-{month:02}-{:02}", year.abs(), rest + 1)
}
