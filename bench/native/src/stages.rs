//! The stages of petit's codec, one at a time.

use std::hint::black_box;

use petit_codec::{
    Error, Result,
    gzip::Inflater,
    mask::{MaskedColumn, Masker, Method},
    parquet_options::EncodeOptions,
    part::{SegmentOptions, SegmentWriter},
    row_group::{EncodedRowGroup, RowGroupEncoder},
    schema::ResultSchema,
    splitter::{RowBatch, SplitOptions, Splitter},
    stitch::Stitcher,
};

/// Size of a chunk of a download, in bytes.
const CHUNK_BYTES: usize = 64 << 10;
/// Size of a decompressed chunk, in bytes.
const INFLATED_BYTES: usize = 256 << 10;

/// The bounds of an export.
pub const EXPORT: SplitOptions = SplitOptions {
    batch_rows: 10_000,
    batch_bytes: 4 << 20,
    group_rows: 1_000_000,
    group_bytes: 8 << 20,
};

/// The same with small row groups, so that few rows make several of them.
const SMALL: SplitOptions = SplitOptions {
    group_rows: 5000,
    ..EXPORT
};

/// Decompresses a job result; returns the number of bytes.
fn gunzip(gzipped: &[u8]) -> Result<usize> {
    let mut inflater = Inflater::new();
    let mut output = Vec::with_capacity(INFLATED_BYTES);
    let (mut rest, mut len) = (gzipped, 0);
    loop {
        output.clear();
        let used = inflater.inflate(rest, &mut output)?;
        len += black_box(&output).len();
        rest = rest.get(used..).unwrap_or_default();
        if used == 0 && output.is_empty() {
            return Ok(len);
        }
    }
}

/// Splits a job result into batches.
fn split(gzipped: &[u8], take: &mut impl FnMut(RowBatch)) -> Result<()> {
    let mut splitter = Splitter::try_new(SMALL)?;
    for chunk in gzipped.chunks(CHUNK_BYTES) {
        splitter.push(chunk);
        while let Some(batch) = splitter.next()? {
            take(batch);
        }
    }
    splitter.finish();
    while let Some(batch) = splitter.next()? {
        take(batch);
    }
    Ok(())
}

/// Encodes batches as row groups.
fn encode(schema: &ResultSchema, groups: &[Vec<RowBatch>]) -> Result<Vec<EncodedRowGroup>> {
    let mut options = EncodeOptions::default();
    let mut files = Vec::new();
    for batches in groups {
        let first_row = batches.first().map_or(0, |batch| batch.first_row);
        let mut encoder = RowGroupEncoder::try_new(schema, &options, first_row)?;
        for batch in batches {
            encoder.push(&batch.rows)?;
        }
        let encoded = encoder.finish()?;
        options.plain_columns.extend(&encoded.overflowed);
        options.delta_columns.extend(&encoded.delta_pays);
        files.push(encoded);
    }
    Ok(files)
}

/// Joins row groups to one file; returns the length of its footer.
fn stitch(schema: &ResultSchema, groups: &[EncodedRowGroup]) -> Result<usize> {
    let mut stitcher = Stitcher::try_new(schema, &EncodeOptions::default(), vec![])?;
    for group in groups {
        stitcher.append(group.footer().to_vec(), group.data_length)?;
    }
    Ok(stitcher.finish()?.len())
}

/// Converts rows to segments of bulk import parts; returns the number of compressed bytes.
fn transcode(schema: &ResultSchema, groups: &[Vec<RowBatch>]) -> Result<usize> {
    let keys = schema.columns().iter().map(|column| column.name.clone());
    let keys: Vec<_> = keys.collect();
    let mut len = 0;
    for batches in groups {
        let options = SegmentOptions {
            level: 1,
            first_row: batches.first().map_or(0, |batch| batch.first_row),
        };
        let mut writer = SegmentWriter::try_new(keys.clone(), options)?;
        for batch in batches {
            writer.push(&batch.rows)?;
        }
        len += black_box(writer.finish()?).deflated.len();
    }
    Ok(len)
}

/// Masks rows, of which a rule hashes the first column of text; returns the number of bytes.
fn mask(schema: &ResultSchema, groups: &[Vec<RowBatch>]) -> Result<usize> {
    let of_text = |kind: &str| kind.starts_with("varchar");
    let mut listed = schema.columns().iter();
    let masked = listed.position(|column| of_text(&column.type_name));
    let columns = schema.columns().iter().enumerate();
    let columns = columns.map(|(index, column)| MaskedColumn {
        kind: column.type_name.clone(),
        method: (Some(index) == masked).then_some(Method::Hash),
    });
    let columns: Vec<_> = columns.collect();
    let mut len = 0;
    for batches in groups {
        let first_row = batches.first().map_or(0, |batch| batch.first_row);
        let mut masker = Masker::try_new(&columns, Some("a secret of masking"), first_row)?;
        for batch in batches {
            len += black_box(masker.mask(&batch.rows)?).len();
        }
    }
    Ok(len)
}

/// The batches of a job result, by row group.
fn groups_of(gzipped: &[u8]) -> Result<Vec<Vec<RowBatch>>> {
    let mut groups = vec![Vec::new()];
    split(gzipped, &mut |batch| {
        let ends_group = batch.ends_group;
        if let Some(group) = groups.last_mut() {
            group.push(batch);
        }
        if ends_group {
            groups.push(Vec::new());
        }
    })?;
    groups.retain(|group| !group.is_empty());
    Ok(groups)
}

/// Runs one stage over a job result.
pub fn run(stage: &str, schema: &str, gzipped: &[u8]) -> Result<()> {
    let schema = ResultSchema::parse(schema)?;
    match stage {
        "gunzip" => drop(watched(|| gunzip(gzipped))?),
        "split" => watched(|| split(gzipped, &mut |batch| drop(black_box(batch))))?,
        "encode" => {
            let groups = groups_of(gzipped)?;
            watched(|| encode(&schema, &groups))?;
        }
        "stitch" => {
            let encoded = encode(&schema, &groups_of(gzipped)?)?;
            watched(|| stitch(&schema, &encoded))?;
        }
        "mask" => {
            let groups = groups_of(gzipped)?;
            watched(|| mask(&schema, &groups))?;
        }
        "transcode" => {
            let groups = groups_of(gzipped)?;
            watched(|| transcode(&schema, &groups))?;
        }
        other => {
            return Err(Error::InvalidOption {
                reason: format!("unknown stage {other:?}"),
            });
        }
    }
    Ok(())
}

/// The work that a profiler counts. It finds this function by its name.
#[inline(never)]
fn watched<T>(work: impl FnOnce() -> T) -> T {
    black_box(work())
}
