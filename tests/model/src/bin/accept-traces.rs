//! Reads traces from standard input, one JSON object a line, and prints those that are no paths of the model.
#![allow(clippy::print_stdout)]

use std::io::{self, BufRead};
use std::process::ExitCode;

use petit_model::accept::{Trace, accept};

fn main() -> io::Result<ExitCode> {
    let (mut accepted, mut rejected) = (0, 0);
    for line in io::stdin().lock().lines() {
        let trace: Trace = serde_json::from_str(&line?)?;
        match accept(&trace) {
            Ok(()) => accepted += 1,
            Err(why) => {
                rejected += 1;
                println!("seed {}: {why}", trace.seed);
            }
        }
    }
    println!("{accepted} accepted, {rejected} rejected");
    Ok(ExitCode::from(u8::from(rejected > 0)))
}
