#!/usr/bin/env bash
# Runs every test, setting up whatever is not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/bootstrap.sh
cargo build --workspace --tests --bins --locked
cargo run --locked --quiet -- assets fetch --set full
cargo test --workspace --locked --no-fail-fast
