//! petit's codec as a native program on one thread:
//!
//! `petit-native export RESULT.msgpack.gz SCHEMA OUTPUT.parquet [ENCODINGS]` converts a job result as `petit td2parquet` does;
//! `petit-native generate ROWS FOLDER` generates job results of several kinds, which are the same on each run;
//! `petit-native stage NAME RECIPE FOLDER` runs one stage over one of them, for a profiler.

mod data;
mod stages;

use std::{
    error::Error,
    fs::{self, File},
    io::{Read, Write},
    path::Path,
    process::ExitCode,
};

use petit_codec::{
    parquet_options::{EncodeOptions, Encodings},
    row_group::{FILE_MAGIC, RowGroupEncoder},
    schema::ResultSchema,
    splitter::{RowBatch, Splitter},
    stitch::Stitcher,
};

/// Size of a read, in bytes.
const CHUNK_BYTES: usize = 256 << 10;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let ran = match *arguments {
        ["export", input, schema, output] => export(input, schema, output, "compatible"),
        ["export", input, schema, output, encodings] => export(input, schema, output, encodings),
        ["generate", rows, folder] => generate(rows, Path::new(folder)),
        ["stage", name, recipe, folder] => stage(name, recipe, Path::new(folder)),
        _ => Err("usage: petit-native export INPUT SCHEMA OUTPUT [ENCODINGS] | generate ROWS FOLDER | stage NAME RECIPE FOLDER".into()),
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("petit-native: {error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(rows: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let rows = rows.parse()?;
    for (name, recipe) in data::RECIPES {
        let result = recipe(rows)?;
        fs::write(folder.join(name).with_extension("json"), result.schema)?;
        fs::write(folder.join(name).with_extension("gz"), result.gzipped)?;
    }
    Ok(())
}

fn stage(name: &str, recipe: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let schema = fs::read_to_string(folder.join(recipe).with_extension("json"))?;
    let gzipped = fs::read(folder.join(recipe).with_extension("gz"))?;
    Ok(stages::run(name, &schema, &gzipped)?)
}

/// Converts a job result to a Parquet file, one row group at a time.
fn export(input: &str, schema: &str, output: &str, encodings: &str) -> Result<(), Box<dyn Error>> {
    let mut input = File::open(input)?;
    let schema = ResultSchema::parse(schema)?;
    let options = EncodeOptions {
        encodings: match encodings {
            "delta" => Encodings::Delta,
            "modern" => Encodings::Modern,
            _ => Encodings::Compatible,
        },
        ..EncodeOptions::default()
    };
    let mut export = Export {
        stitcher: Stitcher::try_new(&schema, &options, vec![])?,
        schema,
        options,
        encoder: None,
        output: File::create(output)?,
    };
    export.output.write_all(&FILE_MAGIC)?;
    let mut splitter = Splitter::try_new(stages::EXPORT)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let len = input.read(&mut chunk)?;
        if len == 0 {
            splitter.finish();
        }
        splitter.push(chunk.get(..len).unwrap_or_default());
        while let Some(batch) = splitter.next()? {
            export.push(&batch)?;
        }
        if len == 0 {
            return export.finish();
        }
    }
}

struct Export {
    schema: ResultSchema,
    options: EncodeOptions,
    encoder: Option<RowGroupEncoder>,
    stitcher: Stitcher,
    output: File,
}

impl Export {
    fn push(&mut self, batch: &RowBatch) -> Result<(), Box<dyn Error>> {
        let mut encoder = match self.encoder.take() {
            Some(open) => open,
            None => RowGroupEncoder::try_new(&self.schema, &self.options, batch.first_row)?,
        };
        encoder.push(&batch.rows)?;
        if batch.ends_group {
            let encoded = encoder.finish()?;
            self.stitcher
                .append(encoded.footer().to_vec(), encoded.data_length)?;
            self.output.write_all(encoded.data())?;
            self.options.plain_columns.extend(encoded.overflowed);
            self.options.delta_columns.extend(encoded.delta_pays);
        } else {
            self.encoder = Some(encoder);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), Box<dyn Error>> {
        self.output.write_all(&self.stitcher.finish()?)?;
        Ok(())
    }
}
