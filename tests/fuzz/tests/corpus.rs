//! Runs the fuzz targets over seeds, over inputs that once broke a promise, and over mutations of both.
//!
//! For more mutations: `PETIT_FUZZ_MUTATIONS=100000 cargo test -p petit-fuzz --release`, or `npm run fuzz`.
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

/// Default number of mutations per target.
const MUTATIONS: usize = 500;

/// Memory that a target may use for every input, in bytes: the buffers of a compressor, and of a page of each column.
const BASE_BYTES: usize = 4 << 20;
/// Memory that it may use per byte of input, in bytes: deflate compresses up to a thousand to one, and there may be several
/// copies.
const BYTES_PER_BYTE: usize = 7_000;

/// A single test, because it measures the memory of the whole process.
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

/// Runs a target; returns its peak memory in bytes.
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

/// The input files of a target, in a stable order.
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
