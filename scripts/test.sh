#!/usr/bin/env bash
# Runs every test, setting up whatever is not there yet. `test.sh espeak` runs those of stage 1 with espeak-ng instead;
# what it builds is under GPL-3.0.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = espeak ]; then
    scripts/bootstrap.sh espeak
    cargo test -p sostenuto-g2p --features espeak --locked
    exit
fi
scripts/bootstrap.sh
cargo build --workspace --tests --bins --locked
cargo run --locked --quiet -- assets fetch --set full
cargo test --workspace --locked --no-fail-fast
