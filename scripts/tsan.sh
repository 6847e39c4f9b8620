#!/usr/bin/env bash
# ThreadSanitizer over playback's tests and over the corridor with sessions that can be read back. What else is given goes
# to the tests of the corridor, as the names of those to run; `playback` alone leaves the corridor out.
# It runs on the stable toolchain: the flag that lets an unstable option through is meant for it, and nothing built so is
# ever shipped. The standard library is not instrumented, hence scripts/tsan.supp.
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc -vV | sed -n 's/^host: //p')
export RUSTC_BOOTSTRAP=1
export RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer"
export TSAN_OPTIONS="suppressions=$PWD/scripts/tsan.supp halt_on_error=0 exitcode=66 history_size=4"
# Property tests ask for as many cases as a race needs to show, and no more: everything is ten times slower here.
export PROPTEST_CASES=${PROPTEST_CASES:-4}
# Folders of their own: what is built without the sanitizer stays warm.
target=${CARGO_TARGET_DIR:-target}/tsan

# What is only linked is built quickly; what is looked at is as fast as ever.
cheap=(--config 'profile.dev.package."*".opt-level=1')
cargo test "${cheap[@]}" -p sostenuto-playback --lib --target "$host" --target-dir "$target" --locked
[ "${1:-}" = playback ] && exit
filters=("$@")
if [ "${#filters[@]}" -eq 0 ]; then
    filters=(recycled stalled stops_from storm thread_of_its_own nothing_for_a_while several_threads)
fi
cargo test "${cheap[@]}" -p sostenuto-tests --test corridor --test endings --target "$host" --target-dir "$target" --locked -- \
    "${filters[@]}"
