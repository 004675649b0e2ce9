//! The TD emulator's codec.
//!
//! `td-emulator-codec import|result|text` reads an order as JSON from stdin. The first two write a report as JSON to
//! stdout, the last the text itself. It knows nothing of the petit crate, so that the two can prove each other.

mod cells;
mod column;
mod escape;
mod gzip;
mod import;
mod msgpack;
mod result;
mod text;

use std::error::Error;
use std::io::{BufWriter, Write, stdin, stdout};
use std::process::ExitCode;

use serde::Serialize;

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    match run(&command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("td-emulator-codec {command}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    match command {
        "import" => report(&import::run(&serde_json::from_reader(stdin())?)?),
        "result" => report(&result::run(&serde_json::from_reader(stdin())?)?),
        "text" => text::run(
            &serde_json::from_reader(stdin())?,
            &mut BufWriter::new(stdout().lock()),
        ),
        _ => Err("usage: td-emulator-codec import|result|text < order.json".into()),
    }
}

fn report(report: &impl Serialize) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut out = stdout().lock();
    serde_json::to_writer(&mut out, report)?;
    out.flush()?;
    Ok(())
}
