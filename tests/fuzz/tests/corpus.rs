//! The fuzz targets over what is kept of fuzzing: seeds, inputs that once broke a promise, and mutations of both.
//!
//! More of it: `PETIT_FUZZ_MUTATIONS=100000 cargo test -p petit-fuzz --release`, or `npm run fuzz`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod mutations;

use std::{
    env, fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

use mutations::Mutations;
use peak_alloc::PeakAlloc;
use petit_fuzz::{TARGETS, Target};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Mutations of each target's inputs when nobody says otherwise.
const MUTATIONS: usize = 5_000;

/// Bytes that a target may take for any input at all: the buffers of a compressor, of a page of each column.
const BASE_BYTES: usize = 4 << 20;
/// Bytes that it may take for each byte of input: deflate packs a thousand into one, and several copies may be held.
const BYTES_PER_BYTE: usize = 7_000;

/// One test for all: what is measured is the memory of the whole process.
#[test]
fn no_input_breaks_a_promise() {
    let count = env::var("PETIT_FUZZ_MUTATIONS").map_or(MUTATIONS, |text| text.parse().unwrap());
    for (name, target) in TARGETS {
        let seeds = inputs(name, "corpus");
        assert!(!seeds.is_empty(), "{name} has no seeds");
        let kept: Vec<_> = seeds.into_iter().chain(inputs(name, "crashers")).collect();
        let largest = kept
            .iter()
            .map(|(path, input)| run(target, path, input))
            .max();
        let mutations = Mutations::new(kept.iter().map(|(_, input)| &input[..]).collect());
        let most = mutations
            .take(count)
            .enumerate()
            .map(|(number, input)| {
                run(
                    target,
                    Path::new(&format!("{name}, mutation {number}")),
                    &input,
                )
            })
            .max();
        println!(
            "{name}: {} kept, {count} mutations; at most {largest:?}, {most:?} bytes",
            kept.len()
        );
    }
}

/// PackedBytes a target; gives the most memory that it held at a time.
fn run(target: Target, whence: &Path, input: &[u8]) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    if catch_unwind(|| target(input)).is_err() {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crasher");
        fs::write(&kept, input).unwrap();
        panic!(
            "{} broke a promise, see above; the input is {}",
            whence.display(),
            kept.display()
        );
    }
    let taken = MEMORY.peak_usage().saturating_sub(before);
    let allowed = BASE_BYTES + BYTES_PER_BYTE * input.len();
    assert!(
        taken <= allowed,
        "{}: {taken} bytes of memory for {} of input",
        whence.display(),
        input.len()
    );
    taken
}

/// The files kept for a target, in an order that is always the same.
fn inputs(target: &str, kind: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(kind)
        .join(target);
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}
