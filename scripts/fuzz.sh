#!/usr/bin/env bash
# Fuzzes text processing for so many seconds (30 unless given); what else is given goes to libFuzzer. Needs a C++ compiler, for libFuzzer.
# What it finds interesting stays in fuzz/corpus, and what breaks, in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-30}
shift || true

scripts/bootstrap.sh fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
# The instrumentation that libFuzzer is guided by. It is given to the target only, not to build scripts and macros,
# which is what --target is for.
flags=(-Cpasses=sancov-module --cfg fuzzing)
for option in level=4 inline-8bit-counters pc-table trace-compares; do
    flags+=("-Cllvm-args=-sanitizer-coverage-$option")
done
RUSTFLAGS="${flags[*]}" cargo build --manifest-path fuzz/Cargo.toml --release --target "$host" --bin any_text
mkdir -p fuzz/corpus fuzz/artifacts
exec "fuzz/target/$host/release/any_text" fuzz/corpus fuzz/seeds -artifact_prefix=fuzz/artifacts/ \
    -dict=fuzz/text.dict -max_len=10000 -len_control=0 -timeout=20 -rss_limit_mb=4096 -max_total_time="$seconds" -print_final_stats=1 "$@"
