use proptest::prelude::*;

use super::*;
use crate::splitter::{SplitOptions, Splitter};
use crate::testing::{V, a, any_value, gzip, m, rows, s};

const SECRET: &str = "a secret of masking";

fn column(kind: &str, method: Option<&str>) -> MaskedColumn {
    MaskedColumn {
        kind: kind.into(),
        method: method.map(|text| text.parse().unwrap()),
    }
}

fn mask(kind: &str, method: &str, value: V) -> Vec<u8> {
    let columns = [column("long", None), column(kind, Some(method))];
    let mut masker = Masker::try_new(&columns, Some(SECRET), 0).unwrap();
    masker.mask(&rows([[V::Int(7), value]])).unwrap().to_vec()
}

fn text(value: &str) -> V {
    V::Str(Key::new(SECRET).unwrap().text(value.as_bytes()).to_vec())
}

fn integer(value: i128) -> V {
    V::Int(Key::new(SECRET).unwrap().integer(value))
}

#[test]
fn each_method_masks_each_type() {
    for (kind, method, value, masked) in [
        ("string", "hash", s("alice"), text("alice")),
        ("long", "hash", V::Int(42), integer(42)),
        ("int", "email", V::Int(-1), integer(-1)),
        ("double", "hash", V::Int(42), V::Nil),
        ("double", "hash", V::F64(1.5), V::Nil),
        ("string", "hash", V::Int(42), text("42")),
        ("date", "hash", s("2026-05-17"), text("2026-05-17")),
        (
            "varbinary",
            "hash",
            V::Bin(b"alice".to_vec()),
            text("alice"),
        ),
        ("boolean", "hash", V::Bool(true), V::Nil),
        ("string", "partial", s("0901234567"), s("******4567")),
        (
            "varbinary",
            "partial:1",
            V::Bin(b"abcd".to_vec()),
            V::Bin(b"***d".to_vec()),
        ),
        ("date", "partial", s("2026-05-17"), V::Nil),
        ("long", "partial:2", V::Int(123_456), V::Int(56)),
        ("string", "redact", s("A 1"), s("x 0")),
        ("double", "redact", V::F64(1.5), V::Int(0)),
        ("boolean", "zero", V::Bool(true), V::Bool(false)),
        ("string", "zero", s("alice"), s("")),
        ("string", "null", s("alice"), V::Nil),
        ("array<string>", "null", a([s("alice")]), V::Nil),
        ("long", "date", V::Int(1_747_483_200), V::Int(1_747_440_000)),
        (
            "string",
            "date:month",
            s("2026-05-17 01:02"),
            s("2026-05-01 00:00"),
        ),
        ("string", "date", s("17 May"), V::Nil),
        ("string", "date", V::F64(1.5), V::Nil),
        ("string", "redact", V::Ext(1, vec![1]), V::Nil),
        ("string", "hash", V::Nil, V::Nil),
    ] {
        let expected = rows([[V::Int(7), masked]]);
        assert!(
            // Integers have a fixed width after masking.
            same(&mask(kind, method, value.clone()), &expected),
            "{method} of {value:?}"
        );
    }
}

/// Whether two rows have the same values, in any encoding.
fn same(first: &[u8], second: &[u8]) -> bool {
    let digest = |bytes: &[u8]| {
        let mut digest = crate::digest::Digest::default();
        digest.push(bytes).unwrap();
        digest.hex()
    };
    digest(first) == digest(second)
}

#[test]
fn nested_values_and_keys_are_masked() {
    let value = m([(s("alice"), a([V::Int(1), V::Nil])), (s("bob"), a([]))]);
    let masked = m([
        (text("alice"), a([integer(1), V::Nil])),
        (text("bob"), a([])),
    ]);
    let kind = "map<string,array<long>>";
    assert!(same(
        &mask(kind, "hash", value),
        &rows([[V::Int(7), masked]])
    ));
    let row = a([s("alice"), V::F64(0.5), V::Int(3)]);
    let masked = a([text("alice"), V::Nil, V::Nil]);
    let kind = "row(a varchar, b double, c double)";
    assert!(same(&mask(kind, "hash", row), &rows([[V::Int(7), masked]])));
}

#[test]
fn keys_that_become_equal_keep_the_first_entry() {
    let value = m([
        (s("ann"), V::Int(1)),
        (s("bob"), V::Int(2)),
        (s("x"), V::Int(3)),
    ]);
    let masked = m([(s("xxx"), V::Int(0)), (s("x"), V::Int(0))]);
    let kind = "map<string,long>";
    assert!(same(
        &mask(kind, "redact", value.clone()),
        &rows([[V::Int(7), masked]])
    ));
    // A key cannot be NULL.
    assert!(same(
        &mask(kind, "date", value),
        &rows([[V::Int(7), m([])]])
    ));
}

#[test]
fn cuts_of_the_bytes_do_not_matter() {
    let values = [
        "alice",
        "",
        "bob",
        "a long text that is longer than its neighbours",
    ];
    let all = rows(values.iter().map(|value| [V::Int(1), s(value)]));
    let masked = |chunk_len: usize, batch_rows| {
        let bounds = SplitOptions {
            batch_rows,
            batch_bytes: 1 << 20,
            group_rows: 1 << 20,
            group_bytes: 1 << 20,
        };
        let mut splitter = Splitter::try_new(bounds).unwrap();
        let columns = [
            column("long", Some("hash")),
            column("string", Some("email")),
        ];
        let mut masker = Masker::try_new(&columns, Some(SECRET), 0).unwrap();
        let mut out: Vec<u8> = Vec::new();
        let mut take = |splitter: &mut Splitter| {
            while let Some(batch) = splitter.next().unwrap() {
                out.extend(masker.mask(&batch.rows).unwrap());
            }
        };
        for chunk in gzip(&all).chunks(chunk_len) {
            splitter.push(chunk);
            take(&mut splitter);
        }
        splitter.finish();
        take(&mut splitter);
        out
    };
    let whole = masked(usize::MAX, 100);
    assert_eq!(
        whole.windows(5).filter(|bytes| bytes == b"alice").count(),
        0
    );
    for chunk_len in [1, 3, 7] {
        for batch_rows in [1, 2, 100] {
            assert_eq!(
                masked(chunk_len, batch_rows),
                whole,
                "{chunk_len} {batch_rows}"
            );
        }
    }
}

#[test]
fn dropped_columns_are_in_no_row() {
    let columns = [
        column("string", Some("drop")),
        column("long", None),
        column("string", Some("drop")),
    ];
    let mut masker = Masker::try_new(&columns, None, 0).unwrap();
    let masked = masker.mask(&rows([
        [s("alice"), V::Int(1), s("a")],
        [s("bob"), V::Int(2), s("b")],
    ]));
    assert_eq!(masked.unwrap(), rows([[V::Int(1)], [V::Int(2)]]));
}

#[test]
fn columns_without_a_rule_keep_their_bytes() {
    let mut masker = Masker::try_new(&[column("long", None)], None, 0).unwrap();
    let row = [0x91, 0xd3, 0, 0, 0, 0, 0, 0, 0, 5];
    assert_eq!(masker.mask(&row).unwrap(), row);
}

#[test]
fn deep_values_become_null() {
    let deep = (0..70).fold(s("alice"), |value, _| a([value]));
    let masked = mask("string", "redact", deep);
    assert_eq!(masked.last(), Some(&0xc0));
}

#[test]
fn a_hash_needs_a_secret() {
    let error = Masker::try_new(&[column("string", Some("email"))], None, 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a rule of masking needs a secret, and there is none"
    );
}

#[test]
fn malformed_rows_are_refused_with_their_number() {
    let mut masker = Masker::try_new(&[column("string", Some("null"))], None, 70).unwrap();
    masker.mask(&rows([[V::Nil]])).unwrap();
    let error = masker.mask(&[0x91, 0xa5, b'x']).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 71: invalid MessagePack: the bytes end inside a value"
    );
}

#[test]
fn masked_types_follow_the_method() {
    for (kind, method, after) in [
        ("int", Some("hash"), "long"),
        ("varchar(3)", Some("hash"), "varchar(3)"),
        ("date", Some("null"), "date"),
        ("int", None, "int"),
    ] {
        assert_eq!(column(kind, method).masked_type().unwrap(), after);
    }
}

/// Whether `value` or a value inside it is this text.
fn has_text(value: &[u8], secret: &[u8]) -> bool {
    value.windows(secret.len()).any(|window| window == secret)
}

/// Wraps a secret so that it is nested in arrays, and in values and keys of maps.
fn around_secret() -> impl Strategy<Value = V> {
    let secret = Just(V::Str(b"taro.yamada".to_vec()));
    secret.prop_recursive(6, 32, 4, |inner| {
        (inner, any_value(), 0..4).prop_map(|(inner, other, shape)| match shape {
            0 => a([other, inner]),
            1 => m([(s("k"), inner)]),
            2 => m([(inner, other)]),
            _ => a([inner]),
        })
    })
}

proptest! {
    #[test]
    fn a_secret_is_masked_wherever_it_is(
        value in around_secret(),
        method in prop::sample::select(vec!["hash", "email", "email:hash", "partial", "redact", "null", "zero", "date"]),
        kind in prop::sample::select(vec!["string", "long", "json", "map<string,string>", "array<array<string>>"]),
    ) {
        let masked = mask(kind, method, value);
        prop_assert!(!has_text(&masked, b"taro"), "{:?}", masked);
    }

    #[test]
    fn masked_rows_are_rows(
        values in prop::collection::vec(any_value(), 1..8),
        method in prop::sample::select(vec!["hash", "email", "partial:1", "redact", "null", "zero", "date:month"]),
    ) {
        let mut masker = Masker::try_new(&[column("string", Some(method))], Some(SECRET), 0).unwrap();
        let masked = masker.mask(&rows(values.iter().map(|value| [value.clone()]))).unwrap();
        let mut reader = Reader::new(masked);
        for _ in &values {
            row_len(&mut reader, 1, 0).unwrap();
            reader.skip().unwrap();
        }
        prop_assert!(reader.is_empty());
    }
}
