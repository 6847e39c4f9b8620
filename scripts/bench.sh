#!/usr/bin/env bash
# Measures what the README tells: both sessions in turn, on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/bootstrap.sh
cargo run --release --locked --quiet -- assets fetch --set full
cargo run --release --locked --quiet -p sostenuto-benches --bin speaking
