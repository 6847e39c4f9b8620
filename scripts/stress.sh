#!/usr/bin/env bash
# Proves the stress harness, and this machine by it: builds with a planted bug must fail, and a minute of speech under
# faults must keep what holds on any machine. The suite on the virtual clock is among the tests of `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/bootstrap.sh
# With the features that `make test` built with, so that only what the bugs are planted in is built again.
cargo test --workspace --features sostenuto-tests/sabotage --test sabotage --locked
cargo build --release --locked --quiet
sostenuto() { cargo run --release --locked --quiet -- "$@"; }
sostenuto assets fetch --set full
sostenuto stress real-minute --real --profile invariants --json target/stress.json --html target/stress.html
