#!/usr/bin/env bash
# Speaks $TEXT, setting up whatever is not there yet. SET=minimal fetches the fast session alone; ARGS are passed on
# to `sostenuto say`.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/bootstrap.sh
cargo build --release --locked --quiet
sostenuto() { cargo run --release --locked --quiet -- "$@"; }
sostenuto assets fetch --set "${SET:-full}"
read -r -a more <<<"${ARGS:-}"
sostenuto say "${TEXT:-The rain in Spain stays mainly in the plain.}" "${more[@]}"
