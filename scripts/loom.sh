#!/usr/bin/env bash
# Checks the models of what playback's threads say to each other without a lock, in every order that the memory model
# allows with up to so many preemptions (3 unless given). Takes seconds, once built.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/bootstrap.sh
export LOOM_MAX_PREEMPTIONS=${1:-3}
# A folder of its own: with the flag everything is built anew.
RUSTFLAGS="${RUSTFLAGS:-} --cfg loom" cargo test -p sostenuto-playback --lib --locked \
    --config 'profile.dev.package."*".opt-level=0' \
    --target-dir "${CARGO_TARGET_DIR:-target}/loom" models::
