//! A query's rows, from Parquet to a job result: gzip of MessagePack.
//!
//! Like TD's parallel writers it makes many gzip members, one for each 65,536 rows or 16 MiB, and one for no rows.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use serde::{Deserialize, Serialize};

use crate::cells::Cells;
use crate::gzip;
use crate::msgpack::{write_array, write_map, write_text};

const MEMBER_ROWS: usize = 65_536;
const MEMBER_BYTES: usize = 16 * 1024 * 1024;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What to spool.
#[derive(Debug, Deserialize)]
pub struct Order {
    /// Parquet files, one after another.
    inputs: Vec<PathBuf>,
    /// The result to write.
    output: PathBuf,
    /// With keys, rows become maps under these keys; without, arrays.
    keys: Option<Vec<String>>,
    /// gzip level, 0 to 9.
    level: u32,
    /// Row groups encoded at the same time.
    threads: usize,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Report {
    rows: usize,
    /// The result's length.
    bytes: u64,
    /// What it holds, before gzip.
    raw_bytes: u64,
}

struct Members {
    bytes: Vec<u8>,
    rows: usize,
    raw_bytes: usize,
}

/// Spools a result.
pub fn run(order: &Order) -> Outcome<Report> {
    let mut inputs = Vec::new();
    let mut row_groups = Vec::new();
    for (place, path) in order.inputs.iter().enumerate() {
        let file = File::open(path)?;
        let metadata = ArrowReaderMetadata::load(
            &file,
            ArrowReaderOptions::new().with_skip_arrow_metadata(true),
        )?;
        row_groups.extend((0..metadata.metadata().num_row_groups()).map(|group| (place, group)));
        inputs.push((path, metadata));
    }
    let mut output = BufWriter::new(File::create(&order.output)?);
    let mut report = Report {
        rows: 0,
        bytes: 0,
        raw_bytes: 0,
    };
    let next = AtomicUsize::new(0);
    let threads = order.threads.max(1);
    let (sender, receiver) = sync_channel::<(usize, Outcome<Members>)>(threads);
    std::thread::scope(|scope| -> Outcome<()> {
        for _ in 0..threads {
            let sender = sender.clone();
            scope.spawn({
                let (inputs, row_groups, next) = (&inputs, &row_groups, &next);
                move || {
                    loop {
                        let turn = next.fetch_add(1, Ordering::Relaxed);
                        let Some((place, group)) = row_groups.get(turn) else {
                            return;
                        };
                        let Some((path, metadata)) = inputs.get(*place) else {
                            return;
                        };
                        let members = encode(order, path, metadata, *group);
                        if sender.send((turn, members)).is_err() {
                            return;
                        }
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut turn = 0;
        for (place, members) in receiver {
            early.insert(place, members?);
            while let Some(members) = early.remove(&turn) {
                output.write_all(&members.bytes)?;
                report.rows += members.rows;
                report.bytes += members.bytes.len() as u64;
                report.raw_bytes += members.raw_bytes as u64;
                turn += 1;
            }
        }
        Ok(())
    })?;
    if report.rows == 0 {
        let nothing = gzip::member(&[], order.level)?;
        output.write_all(&nothing)?;
        report.bytes = nothing.len() as u64;
    }
    output.flush()?;
    Ok(report)
}

fn encode(
    order: &Order,
    path: &Path,
    metadata: &ArrowReaderMetadata,
    group: usize,
) -> Outcome<Members> {
    let row_group = metadata.metadata().row_group(group);
    // A file of its own: clones would share their place in it with the other threads.
    let file = File::open(path)?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
        .with_row_groups(vec![group])
        .with_batch_size(batch_rows(
            row_group.total_byte_size(),
            row_group.num_rows(),
        ))
        .build()?;
    let keys = order.keys.as_deref().map(text_keys);
    let mut members = Members {
        bytes: Vec::new(),
        rows: 0,
        raw_bytes: 0,
    };
    let mut raw = Vec::new();
    let mut rows = 0;
    for batch in reader {
        let batch = batch?;
        write_rows(&batch, keys.as_deref(), &mut raw)?;
        rows += batch.num_rows();
        if rows >= MEMBER_ROWS || raw.len() >= MEMBER_BYTES {
            members.add(&mut raw, &mut rows, order.level)?;
        }
    }
    if rows > 0 {
        members.add(&mut raw, &mut rows, order.level)?;
    }
    Ok(members)
}

impl Members {
    fn add(&mut self, raw: &mut Vec<u8>, rows: &mut usize, level: u32) -> Outcome<()> {
        self.bytes.extend(gzip::member(raw, level)?);
        self.raw_bytes += raw.len();
        self.rows += *rows;
        raw.clear();
        *rows = 0;
        Ok(())
    }
}

/// Rows to decode at a time, so that a batch of long strings stays bounded.
fn batch_rows(bytes: i64, rows: i64) -> usize {
    let row_bytes = usize::try_from(bytes / rows.max(1)).unwrap_or(0).max(1);
    (2 * MEMBER_BYTES / row_bytes).clamp(1, MEMBER_ROWS)
}

fn text_keys(keys: &[String]) -> Vec<Vec<u8>> {
    let text = |key: &String| {
        let mut bytes = Vec::new();
        write_text(&mut bytes, &crate::escape::unescape(key.as_bytes()));
        bytes
    };
    keys.iter().map(text).collect()
}

fn write_rows(batch: &RecordBatch, keys: Option<&[Vec<u8>]>, out: &mut Vec<u8>) -> Outcome<()> {
    let columns: Vec<Cells<'_>> = batch
        .columns()
        .iter()
        .map(|column| Cells::try_new(column.as_ref()))
        .collect::<Result<_, _>>()?;
    for row in 0..batch.num_rows() {
        if let Some(keys) = keys {
            write_map(out, columns.len());
            for (key, column) in keys.iter().zip(&columns) {
                out.extend_from_slice(key);
                column.write(row, out);
            }
        } else {
            write_array(out, columns.len());
            columns.iter().for_each(|column| column.write(row, out));
        }
    }
    Ok(())
}
