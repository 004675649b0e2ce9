//! Targets whose input is a job result: gzip, MessagePack, rows.

use std::io::{Read, Write};

use flate2::{
    Compression as Level, Crc, Decompress, FlushDecompress, Status, read::GzDecoder,
    write::GzEncoder,
};
use petit_codec::{
    Result,
    gzip::{Inflater, MEMBER_HEADER},
    parquet_options::{Compression, EncodeOptions, InvalidUtf8},
    part::{PART_HEADER, Part, SegmentOptions, SegmentWriter},
    row_group::{FILE_MAGIC, RowGroupEncoder},
    schema::ResultSchema,
    small_result::{read_count, sample_records},
    splitter::{RowBatch, SplitOptions, Splitter},
    stitch::Stitcher,
};

use crate::check_error;

const BOUNDS: SplitOptions = SplitOptions {
    batch_rows: 3,
    batch_bytes: 4 << 10,
    group_rows: 7,
    group_bytes: 64 << 10,
};

/// Schemas with all types, at the top level and nested. The first byte of an input selects one.
const SCHEMAS: [&str; 8] = [
    r#"[["a","boolean"],["b","tinyint"],["c","smallint"],["d","integer"],["e","bigint"]]"#,
    r#"[["a","real"],["b","double"],["c","decimal(5,2)"],["d","decimal(38,10)"]]"#,
    r#"[["a","varchar"],["b","varbinary"],["c","json"],["d","uuid"]]"#,
    r#"[["a","date"],["b","timestamp"],["c","timestamp(6)"],["d","timestamp(9)"]]"#,
    r#"[["a","array(bigint)"],["b","array(array(varchar))"]]"#,
    r#"[["a","map(varchar, bigint)"],["b","map(bigint, array(double))"]]"#,
    r#"[["a","row(x bigint, y varchar, z row(u boolean, w array(varchar)))"]]"#,
    r#"[["a","json"]]"#,
];

/// Any bytes as a job result. The first byte is the size of the chunks, which must not change the result.
pub fn splitter(input: &[u8]) {
    let Some((&size, stream)) = input.split_first() else {
        return;
    };
    let whole = split(stream, stream.len());
    let cut = split(stream, usize::from(size));
    match (&whole, &cut) {
        (Ok(whole), Ok(cut)) => assert!(whole == cut, "chunks changed the batches"),
        // The first of two errors may depend on the chunks.
        (Err(whole), Err(cut)) => [whole, cut].map(check_error).into_iter().collect(),
        _ => panic!("chunks changed the outcome: {whole:?} and {cut:?}"),
    }
}

/// Any bytes as a deflate stream, which is decompressed as by zlib-rs. The first byte is the size of the chunks.
pub fn inflate(input: &[u8]) {
    let Some((&size, stream)) = input.split_first() else {
        return;
    };
    let mut member = MEMBER_HEADER.to_vec();
    let expected = inflate_with_zlib(stream);
    match &expected {
        Some((bytes, used)) => {
            let mut crc = Crc::new();
            crc.update(bytes);
            member.extend(stream.iter().take(*used));
            member.extend(crc.sum().to_le_bytes());
            member.extend(crc.amount().to_le_bytes());
        }
        None => member.extend(stream),
    }
    let found = gunzip(&member, size.into());
    let expected = expected.map(|(bytes, _)| bytes);
    assert!(found == expected, "not what zlib-rs decompresses");
}

/// The decompressed bytes of a whole stream, and its length.
fn inflate_with_zlib(stream: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut zlib = Decompress::new(false);
    let mut bytes = Vec::new();
    loop {
        bytes.reserve(4096);
        let used = usize::try_from(zlib.total_in()).ok()?;
        let before = (used, bytes.len());
        let status = zlib.decompress_vec(stream.get(used..)?, &mut bytes, FlushDecompress::None);
        let used = usize::try_from(zlib.total_in()).ok()?;
        match status.ok()? {
            Status::StreamEnd => return Some((bytes, used)),
            Status::Ok | Status::BufError if (used, bytes.len()) == before => return None,
            Status::Ok | Status::BufError => {}
        }
    }
}

/// The decompressed bytes of a whole gzip member.
fn gunzip(member: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut inflater = Inflater::new();
    let mut bytes = Vec::new();
    for chunk in member.chunks(size.max(1)) {
        let mut rest = chunk;
        loop {
            let before = bytes.len();
            bytes.reserve(1000);
            let used = inflater.inflate(rest, &mut bytes).ok()?;
            rest = rest.get(used..)?;
            if used == 0 && bytes.len() == before {
                break;
            }
        }
    }
    inflater.is_complete().then_some(bytes)
}

/// Any bytes as the rows of a job result in valid gzip, to a Parquet file. The first byte selects schema and options.
pub fn rows(input: &[u8]) {
    let Some((&pick, rows)) = input.split_first() else {
        return;
    };
    let schema = SCHEMAS.get(usize::from(pick & 7)).copied();
    let options = EncodeOptions {
        compression: Compression::None,
        invalid_utf8: match pick >> 3 & 3 {
            0 => InvalidUtf8::Error,
            1 => InvalidUtf8::Replace,
            _ => InvalidUtf8::Binary,
        },
        show_values: pick & 0x20 != 0,
        ..EncodeOptions::default()
    };
    let schema = schema.map(ResultSchema::parse);
    let Some(Ok(schema)) = schema else {
        panic!("a schema of this file is wrong: {schema:?}");
    };
    match split(&gzip(rows), usize::MAX) {
        Ok(batches) => {
            let joined: Vec<u8> = batches
                .iter()
                .flat_map(|batch| batch.rows.clone())
                .collect();
            assert!(joined == rows, "the batches are not the rows");
            if let Err(error) = encode(&schema, &options, &batches) {
                check_error(&error);
            }
        }
        Err(error) => check_error(&error),
    }
    // The encoder alone, with rows that were not validated by the splitter.
    let raw = RowBatch {
        rows: rows.to_vec(),
        row_count: 1,
        first_row: 0,
        ends_group: true,
    };
    if let Err(error) = encode(&schema, &options, &[raw]) {
        check_error(&error);
    }
}

/// Any bytes as rows, to a bulk import part. The first byte is the number of columns.
pub fn segments(input: &[u8]) {
    let Some((&columns, rows)) = input.split_first() else {
        return;
    };
    let keys = (0..columns % 20).map(|column| format!("key {column}"));
    if let Err(error) = write_part(keys.collect(), rows) {
        check_error(&error);
    }
}

/// Any bytes as a small result, both unchanged and in valid gzip.
pub fn small(input: &[u8]) {
    for gzipped in [input, &gzip(input)] {
        if let Err(error) = read_count(gzipped) {
            check_error(&error);
        }
        let records = sample_records(gzipped, 3);
        assert!(records.len() <= 3);
        records
            .iter()
            .for_each(|record| crate::check_message(record));
    }
}

fn split(stream: &[u8], size: usize) -> Result<Vec<RowBatch>> {
    let mut splitter = Splitter::try_new(BOUNDS)?;
    let mut batches: Vec<RowBatch> = Vec::new();
    for chunk in stream.chunks(size.max(1)) {
        splitter.push(chunk);
        while let Some(batch) = splitter.next()? {
            batches.push(batch);
        }
    }
    splitter.finish();
    while let Some(batch) = splitter.next()? {
        batches.push(batch);
    }
    let mut next = 0;
    for batch in &batches {
        assert!(batch.row_count > 0 && batch.row_count <= BOUNDS.batch_rows);
        assert_eq!(batch.first_row, next);
        next += u64::from(batch.row_count);
    }
    Ok(batches)
}

fn encode(schema: &ResultSchema, options: &EncodeOptions, batches: &[RowBatch]) -> Result<()> {
    let mut stitcher = Stitcher::try_new(schema, options, Vec::new())?;
    let mut file = FILE_MAGIC.to_vec();
    let mut rows = 0;
    for group in batches.chunk_by(|batch, _| !batch.ends_group) {
        let first_row = group.first().map_or(0, |batch| batch.first_row);
        let mut encoder = RowGroupEncoder::try_new(schema, options, first_row)?;
        for batch in group {
            encoder.push(&batch.rows)?;
        }
        let encoded = encoder.finish()?;
        rows += encoded.row_count;
        file.extend(encoded.data());
        stitcher.append(encoded.footer().to_vec(), encoded.data_length)?;
    }
    assert_eq!(stitcher.row_count(), rows);
    file.extend(stitcher.finish()?);
    assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
    Ok(())
}

fn write_part(keys: Vec<String>, rows: &[u8]) -> Result<()> {
    let options = SegmentOptions {
        level: 1,
        first_row: 0,
    };
    let mut writer = SegmentWriter::try_new(keys, options)?;
    writer.push(rows)?;
    let segment = writer.finish()?;
    let mut part = Part::default();
    part.append(segment.crc, segment.byte_length);
    let gzipped = [&PART_HEADER[..], &segment.deflated, &part.finish()].concat();
    let mut records = Vec::new();
    let read = GzDecoder::new(&gzipped[..]).read_to_end(&mut records);
    assert!(read.is_ok(), "the part is no gzip: {read:?}");
    assert_eq!(records.len() as u64, segment.byte_length);
    Ok(())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}
