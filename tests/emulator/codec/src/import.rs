//! Bulk import parts to Parquet files.
//!
//! A part is gzip of MessagePack maps laid end to end. A record is valid when it is a map with text keys and an integer
//! `time`; others are counted and kept aside, and their part stays valid. A part that is no gzip, or no MessagePack, is
//! an error part and gives no rows.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde::{Deserialize, Serialize};

use crate::column::{Column, Stored};
use crate::escape::escape;
use crate::gzip;
use crate::msgpack::{Fault, Reader, Value};

/// Rows of one Parquet row group: what DuckDB likes to read at a time.
const ROW_GROUP_ROWS: usize = 122_880;
/// A file ends when its records took this many bytes of MessagePack: it bounds memory.
const FILE_BYTES: usize = 128 * 1024 * 1024;

/// What to import.
#[derive(Debug, Deserialize)]
pub struct Order {
    /// The parts' files.
    parts: Vec<PathBuf>,
    /// New Parquet files are named by this and a number.
    output_prefix: String,
    /// Where refused records go: one gzip file of them laid end to end.
    errors: PathBuf,
    /// Parts read at the same time.
    threads: usize,
}

/// What came of it.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    valid_records: u64,
    error_records: u64,
    valid_parts: u64,
    error_parts: u64,
    /// Why parts were refused, by place in the order's list.
    part_errors: Vec<(usize, String)>,
    files: Vec<Written>,
}

/// One Parquet file.
#[derive(Debug, Serialize)]
pub struct Written {
    path: String,
    rows: usize,
    bytes: u64,
    columns: Vec<WrittenColumn>,
}

/// One of its columns.
#[derive(Debug, Serialize)]
pub struct WrittenColumn {
    /// The record key; escaped where it is no UTF-8.
    key: String,
    /// The column's name in the file: keys may differ in case only, which DuckDB does not tell apart.
    column: String,
    stored: Stored,
}

/// Imports all parts.
pub fn run(order: &Order) -> io::Result<Report> {
    let next = AtomicUsize::new(0);
    let parts = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..order.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = order.parts.get(place) else {
                        return;
                    };
                    let prefix = format!("{}{place}", order.output_prefix);
                    let part = import_part(path, &prefix);
                    parts
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push((place, part));
                }
            });
        }
    });
    let mut parts = parts
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    parts.sort_by_key(|(place, _)| *place);
    let mut report = Report::default();
    let mut errors = Vec::new();
    for (place, part) in parts {
        match part {
            Ok(part) => {
                report.valid_parts += 1;
                report.valid_records += part.files.iter().map(|file| file.rows as u64).sum::<u64>();
                report.error_records += part.error_records;
                report.files.extend(part.files);
                errors.extend(part.errors);
            }
            Err(reason) => {
                report.error_parts += 1;
                report.part_errors.push((place, reason.to_string()));
            }
        }
    }
    fs::write(&order.errors, gzip::member(&errors, 1)?)?;
    Ok(report)
}

#[derive(Default)]
struct Part {
    error_records: u64,
    errors: Vec<u8>,
    files: Vec<Written>,
}

fn import_part(path: &Path, prefix: &str) -> io::Result<Part> {
    let mut part = Part::default();
    let mut records = Records::default();
    let read = gzip::feed(path, |bytes| {
        let used = records.take(bytes, &mut part)?;
        if records.bytes >= FILE_BYTES {
            part.write(std::mem::take(&mut records), prefix)?;
        }
        Ok(used)
    });
    if let Err(reason) = read.and_then(|()| part.write(records, prefix)) {
        for file in &part.files {
            fs::remove_file(&file.path)?;
        }
        return Err(reason);
    }
    Ok(part)
}

impl Part {
    fn write(&mut self, records: Records, prefix: &str) -> io::Result<()> {
        if records.rows > 0 {
            let path = format!("{prefix}-{}.parquet", self.files.len());
            self.files
                .push(records.write(path).map_err(io::Error::other)?);
        }
        Ok(())
    }
}

/// Records on their way into one file.
#[derive(Default)]
struct Records {
    rows: usize,
    bytes: usize,
    columns: Vec<(Vec<u8>, Column)>,
    places: HashMap<Vec<u8>, usize>,
}

impl Records {
    /// Takes the whole records at the front of `bytes` and says how many bytes they are.
    fn take(&mut self, bytes: &[u8], part: &mut Part) -> io::Result<usize> {
        let mut reader = Reader::new(bytes);
        let mut values: Vec<Option<&[u8]>> = vec![None; self.columns.len()];
        loop {
            let before = reader;
            match self.record(&mut reader, &mut values) {
                Ok(true) => {}
                Ok(false) => {
                    values.fill(None);
                    let length = before.rest().len() - reader.rest().len();
                    part.error_records += 1;
                    part.errors.extend(before.rest().iter().take(length));
                }
                Err(Fault::End) => {
                    let used = bytes.len() - before.rest().len();
                    self.bytes += used;
                    return Ok(used);
                }
                Err(Fault::Invalid) => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "not MessagePack",
                    ));
                }
            }
        }
    }

    /// Reads one record; false when it is whole but no good. `values` has a place for each column, all none.
    fn record<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        values: &mut Vec<Option<&'a [u8]>>,
    ) -> Result<bool, Fault> {
        let whole = *reader;
        let Value::Map(pairs) = reader.read()? else {
            *reader = whole;
            reader.skip()?;
            return Ok(false);
        };
        let mut good = true;
        let mut has_time = false;
        for pair in 0..pairs {
            let key = *reader;
            let Value::Text(key) = reader.read()? else {
                *reader = key;
                reader.skip()?;
                reader.skip()?;
                good = false;
                continue;
            };
            let value = match reader.skip() {
                Ok(value) => value,
                Err(fault) => {
                    values.fill(None);
                    return Err(fault);
                }
            };
            if key == b"time" {
                has_time = matches!(Reader::new(value).read(), Ok(Value::Int(_)));
            }
            let place = self.place(key, pair as usize);
            if values.len() <= place {
                values.resize(place + 1, None);
            }
            if let Some(slot) = values.get_mut(place) {
                *slot = Some(value);
            }
        }
        if !good || !has_time {
            return Ok(false);
        }
        for ((_, column), value) in self.columns.iter_mut().zip(values.iter_mut()) {
            match value.take() {
                Some(bytes) => column.push(&mut Reader::new(bytes))?,
                None => column.push_null(),
            }
        }
        self.rows += 1;
        Ok(true)
    }

    /// The column of `key`. Records mostly have their keys in the same order, so the guess is mostly right.
    #[inline]
    fn place(&mut self, key: &[u8], guess: usize) -> usize {
        if self.columns.get(guess).is_some_and(|(name, _)| name == key) {
            return guess;
        }
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let place = self.columns.len();
        self.columns
            .push((key.to_vec(), Column::with_nulls(self.rows)));
        self.places.insert(key.to_vec(), place);
        place
    }

    fn write(self, path: String) -> Result<Written, Box<dyn std::error::Error + Send + Sync>> {
        let mut columns = Vec::new();
        let mut fields = Vec::new();
        let mut arrays = Vec::new();
        let mut time = None;
        for (place, (key, values)) in self.columns.into_iter().enumerate() {
            let (stored, array) = values.finish()?;
            let Some(array) = array else { continue };
            let column = format!("c{place}");
            if key == b"time" {
                time = Some(column.clone());
            }
            let mut escaped = Vec::new();
            escape(&mut escaped, &key);
            fields.push(Field::new(&column, array.data_type().clone(), true));
            arrays.push(array);
            columns.push(WrittenColumn {
                key: String::from_utf8(escaped)?,
                column,
                stored,
            });
        }
        let batch = RecordBatch::try_new(Schema::new(fields).into(), arrays)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::UNCOMPRESSED)
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_column_statistics_enabled(
                ColumnPath::from(time.unwrap_or_default()),
                EnabledStatistics::Chunk,
            )
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let mut writer =
            ArrowWriter::try_new(File::create(&path)?, batch.schema(), Some(properties))?;
        writer.write(&batch)?;
        writer.close()?;
        let bytes = fs::metadata(&path)?.len();
        Ok(Written {
            path,
            rows: self.rows,
            bytes,
            columns,
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crate::msgpack::{write_float, write_int, write_map, write_nil, write_text};

    use super::*;

    /// A record `{"time": time, "n": n}`.
    fn good(time: i64, n: i64) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_map(&mut bytes, 2);
        write_text(&mut bytes, b"time");
        write_int(&mut bytes, time);
        write_text(&mut bytes, b"n");
        write_int(&mut bytes, n);
        bytes
    }

    fn bad() -> Vec<Vec<u8>> {
        let mut nil_key = Vec::new();
        write_map(&mut nil_key, 1);
        write_nil(&mut nil_key);
        write_text(&mut nil_key, b"invalid data");
        let mut no_time = Vec::new();
        write_map(&mut no_time, 1);
        write_text(&mut no_time, b"n");
        write_int(&mut no_time, 1);
        let mut float_time = Vec::new();
        write_map(&mut float_time, 1);
        write_text(&mut float_time, b"time");
        write_float(&mut float_time, 1.5);
        vec![nil_key, no_time, float_time, vec![42]]
    }

    fn take(bytes: &[u8], chunk: usize) -> (Records, Part) {
        let mut records = Records::default();
        let mut part = Part::default();
        let mut pending = Vec::new();
        for piece in bytes.chunks(chunk) {
            pending.extend_from_slice(piece);
            let used = records.take(&pending, &mut part).unwrap();
            pending.drain(..used);
        }
        assert!(pending.is_empty());
        (records, part)
    }

    #[test]
    fn good_and_bad_records_are_told_apart_whatever_the_chunks() {
        let mut bytes = good(1, 10);
        bad().into_iter().for_each(|record| bytes.extend(record));
        bytes.extend(good(2, 20));
        for chunk in [1, 2, 3, 7, bytes.len()] {
            let (records, part) = take(&bytes, chunk);
            assert_eq!(
                (records.rows, part.error_records),
                (2, 4),
                "chunks of {chunk}"
            );
            assert_eq!(part.errors, bad().concat());
        }
    }

    #[test]
    fn a_key_that_comes_late_is_null_before() {
        let mut late = Vec::new();
        write_map(&mut late, 2);
        write_text(&mut late, b"late");
        write_int(&mut late, 5);
        write_text(&mut late, b"time");
        write_int(&mut late, 3);
        let bytes = [good(1, 10), late].concat();
        let (records, _) = take(&bytes, bytes.len());
        for (_, column) in records.columns {
            assert_eq!(column.finish().unwrap().1.unwrap().len(), 2);
        }
    }

    #[test]
    fn parts_that_are_no_gzip_or_torn_are_error_parts() {
        let folder = std::env::temp_dir().join(format!("td-emulator-codec-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let torn = good(1, 2);
        let contents = [
            gzip::member(&good(1, 2), 1).unwrap(),
            b"not gzip".to_vec(),
            gzip::member(torn.get(..torn.len() - 1).unwrap(), 1).unwrap(),
        ];
        let mut parts = Vec::new();
        for (place, content) in contents.iter().enumerate() {
            let path = folder.join(format!("part{place}"));
            fs::write(&path, content).unwrap();
            parts.push(path);
        }
        let order = Order {
            parts,
            output_prefix: folder.join("out").display().to_string(),
            errors: folder.join("errors.gz"),
            threads: 2,
        };
        let report = run(&order).unwrap();
        assert_eq!(
            (report.valid_parts, report.error_parts, report.valid_records),
            (1, 2, 1)
        );
        assert_eq!(report.files.len(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
