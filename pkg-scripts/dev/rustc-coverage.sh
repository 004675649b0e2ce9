#!/bin/sh
# Cargo's RUSTC_WORKSPACE_WRAPPER for tests: instruments the crates of this repository only, so that the Rust dependencies
# are the same artifacts as in every other development build.
exec "$@" -C instrument-coverage
