#!/usr/bin/env bash
# Checks the models of what playback's threads, and those of the generator's team, say to each other without a lock, in
# every order that the memory model allows with up to so many preemptions (3 unless given). Takes seconds, once built.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/bootstrap.sh
export LOOM_MAX_PREEMPTIONS=${1:-3}
export RUSTFLAGS="${RUSTFLAGS:-} --cfg loom"
# A folder of its own: with the flag everything is built anew. What is not looked at is built quickly.
build=(--lib --locked --config 'profile.dev.package."*".opt-level=0'
    --config 'profile.dev.package.sostenuto-inference.opt-level=1' --target-dir "${CARGO_TARGET_DIR:-target}/loom")
cargo test -p sostenuto-playback "${build[@]}" models::
cargo test -p sostenuto-inference "${build[@]}" generator::models::
