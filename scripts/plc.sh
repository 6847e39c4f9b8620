#!/usr/bin/env bash
# Judges how well the renderer hides gaps, against plain silence, and keeps the table in benches/plc/results.md.
# PYTHON is an interpreter with speechmos, numpy, soundfile and librosa; `python3` unless given.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cargo run --release --locked --quiet -- assets fetch --set minimal
files=()
if compgen -G "../shared/data/audio/*.flac" >/dev/null; then
    "$python" benches/plc/judge.py --unpack "$folder/speech" ../shared/data/audio/*.flac
    files=("$folder"/speech/*.wav)
fi
cargo run --release --locked --quiet -p sostenuto-benches --bin concealment -- --to "$folder/takes" "${files[@]}"
"$python" benches/plc/judge.py "$folder/takes" --results benches/plc/results.md
